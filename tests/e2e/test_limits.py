"""The organisation's limits, at their real size and in real time: never over, also across a kill."""

import unittest

from harness import Case, wait_for

LIMITED = {"polling.first_delay": "2s", "polling.interval": "1s"}


class Limits(Case):
    def test_300_documents_at_200_a_minute(self):
        sandbox = self.sandbox("--latency-median", "2s")
        self.write_pdfs(300)
        self.finish(self.start("run", self.input, sandbox=sandbox, options=LIMITED), 0)
        stats = sandbox.stats()
        self.assertEqual((stats["posts_429"], stats["gets_429"]), (0, 0))
        self.assertLessEqual(stats["max_posts_60s"], 200)
        self.assertLessEqual(stats["max_gets_60s"], 1200)
        self.assertEqual((stats["accepted"], self.summary()["stored"]), (300, 300))
        self.assertEqual(self.summary()["http_429"], 0)

    def test_300_documents_across_a_kill(self):
        sandbox = self.sandbox("--latency-median", "2s")
        self.write_pdfs(300)
        process = self.start("run", self.input, sandbox=sandbox, options=LIMITED)
        wait_for(lambda: sandbox.stats()["accepted"] >= 150, "150 accepted")
        process.kill()
        process.communicate()
        self.finish(self.start("run", self.input, sandbox=sandbox, options=LIMITED), 0)
        stats = sandbox.stats()
        self.assertEqual((stats["posts_429"], stats["gets_429"]), (0, 0))
        self.assertLessEqual(stats["max_posts_60s"], 200)
        self.assertLessEqual(stats["max_gets_60s"], 1200)
        summary = self.summary()
        self.assertEqual(summary["stored"], 300)
        self.assertLessEqual(stats["accepted"] - 300, summary["resent"])


if __name__ == "__main__":
    unittest.main()

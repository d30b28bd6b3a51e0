"""The organisation's limits, at their real size and in real time: never over, also across a kill."""

import re
import unittest

from harness import Case, wait_for

LIMITED = {"polling.first_delay": "2s", "polling.interval": "1s"}


def switches(process):
    """How often the main thread went to sleep so far."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as f:
        return int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", f.read())[1])


class Limits(Case):
    def test_300_documents_at_200_a_minute(self):
        sandbox = self.sandbox("--latency-median", "2s")
        self.write_pdfs(300)
        process = self.start("run", self.input, sandbox=sandbox, options=LIMITED)
        wait_for(lambda: sandbox.stats()["results_served"] == 200, "200 results")
        began = switches(process)
        wait_for(lambda: sandbox.stats()["accepted"] > 200, "the next window")
        self.assertLess(switches(process) - began, 60, "it doesn't wait quietly")
        self.finish(process, 0)
        stats = sandbox.stats()
        self.assertEqual((stats["posts_429"], stats["gets_429"]), (0, 0))
        self.assertEqual(stats["max_posts_60s"], 200)
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

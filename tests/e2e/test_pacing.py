"""What one program takes of the limits, and what it takes on: half of them where two share, and no more jobs than the
GETs can follow."""

import os
import unittest

from harness import Case, pdf

POSTS, GETS = 20, 240


class Share(Case):
    def test_two_halves(self):
        """On two machines (two limits.state), of one limit: never refused, and all of it used."""
        sandbox = self.sandbox(
            "--post-per-minute", str(POSTS), "--get-per-minute", str(GETS), "--latency-median", "1s"
        )
        runs = []
        for machine in range(2):
            folder = os.path.join(self.directory, f"in-{machine}")
            os.mkdir(folder)
            for i in range(POSTS // 2 + 5):
                with open(os.path.join(folder, f"{i:02}.pdf"), "wb") as f:
                    f.write(pdf(machine * 1000 + i))
            options = {
                "output.directory": os.path.join(self.directory, f"out-{machine}"),
                "limits.state": os.path.join(self.directory, f"state-{machine}"),
                "limits.post_per_minute": str(POSTS),
                "limits.get_per_minute": str(GETS),
                "limits.share": "50%",
            }
            runs.append(self.start("run", folder, sandbox=sandbox, options=options))
        for run in runs:
            self.finish(run, 0)
        stats = sandbox.stats()
        self.assertEqual((stats["posts_429"], stats["gets_429"]), (0, 0))
        self.assertEqual(stats["accepted"], POSTS + 10)
        self.assertEqual(stats["max_posts_60s"], POSTS)


class JobCapacity(Case):
    def test_uploads_stop_at_what_the_gets_can_follow(self):
        """Two GETs a minute fetch twenty results in half an hour, with three GETs for each."""
        sandbox = self.fast_sandbox("--latency-median", "1h", "--latency-sigma", "0")
        self.write_pdfs(30)
        options = {
            "limits.post_per_minute": "0",
            "limits.get_per_minute": "2",
            "output.directory": self.output,
        }
        run = self.start("run", self.input, sandbox=sandbox, options=options)
        for line in run.stderr:
            if b"run.progress" in line and b"uploading 0," in line:
                break
        self.assertIn(b"waits for documents that Mindee is reading", line)
        self.assertEqual(sandbox.stats()["posts"], 20)
        run.terminate()
        self.finish(run, 5)
        self.assertEqual(sandbox.stats()["posts"], 20)


if __name__ == "__main__":
    unittest.main()

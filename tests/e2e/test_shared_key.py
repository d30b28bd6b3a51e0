"""Somebody else uses the key, on a machine we know nothing of: we are refused, give way, and come through, and no
document fails, is lost or paid twice. With MB_E2E_LONG=1 two whole runs compete (ten minutes)."""

import http.client
import os
import unittest

from harness import KEY, Case, pdf, wait_for

POSTS = 20
BODY = b'--b\r\nContent-Disposition: form-data; name="model_id"\r\n\r\nnone\r\n--b--\r\n'


def post(sandbox):
    """An upload that comes to nothing (422), but counts."""
    connection = http.client.HTTPConnection(sandbox.host, sandbox.port, timeout=30)
    headers = {"Authorization": KEY, "Content-Type": "multipart/form-data; boundary=b"}
    connection.request("POST", "/v2/products/extraction/enqueue", BODY, headers)
    status = connection.getresponse().status
    connection.close()
    return status


class SharedKey(Case):
    def test_uploads_give_way_and_keep_their_order(self):
        sandbox = self.sandbox("--post-per-minute", str(POSTS), "--latency-median", "100ms")
        self.assertNotIn(429, [post(sandbox) for _ in range(POSTS - 4)])
        self.write_pdfs(8)
        options = {
            "limits.post_per_minute": str(POSTS),
            "limits.uploads": "1",
            "retry.first_delay": "10ms",
            "retry.max_delay": "100ms",
            "retry.max_attempts": "1",
        }
        _, _, err = self.finish(self.start("run", self.input, sandbox=sandbox, options=options), 0)
        stats, summary = sandbox.stats(), self.summary()
        self.assertEqual((summary["stored"], stats["accepted"]), (8, 8))
        self.assertEqual(summary["http_429"], stats["posts_429"])
        # once, then evenly at half the limit for the rest of that minute at most
        self.assertGreaterEqual(stats["posts_429"], 1)
        self.assertLessEqual(stats["posts_429"], POSTS // 2)
        self.assertIn(f"limit.refused kind=post rate_per_minute={POSTS // 2}", err)
        # what was refused went first
        names = [job["filename"] for job in sandbox.jobs()]
        self.assertEqual(names, sorted(names))

    def test_gets_give_way(self):
        sandbox = self.sandbox("--get-per-minute", "20", "--latency-median", "3s", "--latency-sigma", "0")
        self.write_pdfs(6)
        options = {"polling.first_delay": "100ms", "polling.interval": "100ms"}
        _, _, err = self.finish(self.start("run", self.input, sandbox=sandbox, options=options), 0)
        stats = sandbox.stats()
        self.assertEqual(self.summary()["stored"], 6)
        self.assertGreaterEqual(stats["gets_429"], 1)
        self.assertEqual((stats["posts"], stats["results_served"]), (6, 6))
        self.assertIn("limit.refused kind=get rate_per_minute=600", err)

    @unittest.skipUnless(os.environ.get("MB_E2E_LONG"), "ten minutes: MB_E2E_LONG=1")
    def test_two_runs_on_two_machines(self):
        sandbox = self.sandbox("--latency-median", "2s")
        runs = []
        for machine in range(2):
            folder = os.path.join(self.directory, f"in-{machine}")
            os.mkdir(folder)
            for i in range(500):
                with open(os.path.join(folder, f"{i:03}.pdf"), "wb") as f:
                    f.write(pdf(machine * 1000 + i))
            options = {
                "output.directory": os.path.join(self.directory, f"out-{machine}"),
                "limits.state": os.path.join(self.directory, f"state-{machine}"),
            }
            runs.append(self.start("run", folder, sandbox=sandbox, options=options))
        wait_for(lambda: sandbox.stats()["posts_429"] > 0, "a 429")
        for run in runs:
            run.communicate(timeout=1800)
            self.assertEqual(run.returncode, 0)
        stats = sandbox.stats()
        print(stats)
        self.assertEqual((stats["accepted"], stats["results_served"]), (1000, 1000))
        self.assertEqual(stats["double_charged"], 0)
        self.assertLessEqual(stats["posts_429"], 300)


if __name__ == "__main__":
    unittest.main()

"""Somebody else uses the key, on a machine we know nothing of: we are refused, give way, and come through, and no
document fails, is lost or paid twice. With MB_E2E_LONG=1 two whole runs compete (ten minutes)."""

import http.client
import os
import unittest

from harness import KEY, Case, pdf, wait_for
from liar import CLOSE, Liar, problem

LIMIT = 20
BODY = b'--b\r\nContent-Disposition: form-data; name="model_id"\r\n\r\nnone\r\n--b--\r\n'


def use_up(sandbox, count, method, path, body=None):
    """Requests that come to nothing, but count."""
    headers = {"Authorization": KEY, "Content-Type": "multipart/form-data; boundary=b"}
    for _ in range(count):
        connection = http.client.HTTPConnection(sandbox.host, sandbox.port, timeout=30)
        connection.request(method, path, body, headers)
        assert connection.getresponse().status in (404, 422)
        connection.close()


class SharedKey(Case):
    def start_beside(self, kind, sandbox, documents, **more):
        """A run whose limit is LIMIT of that kind; its files, outputs and memory have that name."""
        folder = os.path.join(self.directory, kind)
        first = not os.path.exists(folder)
        os.makedirs(folder, exist_ok=True)
        for i in range(documents if first else 0):
            with open(os.path.join(folder, f"{i:02}.pdf"), "wb") as f:
                f.write(pdf(i))
        options = {
            "output.directory": os.path.join(self.directory, f"{kind}-out"),
            "limits.state": os.path.join(self.directory, f"{kind}-state"),
            f"limits.{kind}_per_minute": str(LIMIT),
            "limits.uploads": "1",
            "retry.first_delay": "10ms",
            "retry.max_delay": "100ms",
            "retry.max_attempts": "1",
            **more,
        }
        return self.start("run", folder, sandbox=sandbox, options=options)

    def test_gives_way_and_comes_through(self):
        """All but 4 of this minute's requests are gone already, and we don't know."""
        latency = ("--latency-median", "100ms", "--latency-sigma", "0")
        posts = self.sandbox("--post-per-minute", str(LIMIT), *latency)
        use_up(posts, LIMIT - 4, "POST", "/v2/products/extraction/enqueue", BODY)
        gets = self.sandbox("--get-per-minute", str(LIMIT), *latency)
        use_up(gets, LIMIT - 4, "GET", "/v2/jobs/00000000-0000-4000-8000-000000000000")
        # all are known before the first one goes: their order is that of their names
        self.finish(self.start_beside("post", posts, 8, **{"limits.max_credits": "0"}), 5)
        runs = {
            "post": (posts, self.start_beside("post", posts, 8)),
            "get": (gets, self.start_beside("get", gets, 4)),
        }
        for kind, (sandbox, run) in runs.items():
            _, _, err = self.finish(run, 0)
            stats, documents = sandbox.stats(), {"post": 8, "get": 4}[kind]
            self.assertEqual((stats["accepted"], stats["results_served"]), (documents, documents))
            # at once, then evenly at half the limit for the rest of that minute at most
            self.assertGreaterEqual(stats[f"{kind}s_429"], 1)
            self.assertLessEqual(stats[f"{kind}s_429"], LIMIT // 2 + 1)
            what = {"post": "uploads", "get": "questions about results"}[kind]
            self.assertIn(f"we are too fast: {what} (times ", err)
        # what was refused went first
        names = [job["filename"] for job in posts.jobs()]
        self.assertEqual(names, sorted(names))

    def test_a_refused_get_goes_before_those_that_wait(self):
        """While all GETs are held the others' polls fall due; then one leaves every two seconds."""
        liar, polled = Liar(), []
        self.addCleanup(liar.stop)
        self.write_pdfs(6)

        def refuse_the_first(request):
            if request.kind != "poll":
                return None
            polled.append(request.path)
            if len(polled) > 1:
                return None
            return iter([problem(429, headers=[("Retry-After", "2")]), CLOSE])

        liar.before = refuse_the_first
        options = {
            "limits.get_per_minute": "60",
            "polling.planner": "fixed",
            "polling.first_delay": "20ms",
            "polling.interval": "20ms",
            "retry.first_delay": "10ms",
        }
        self.finish(self.start("run", self.input, sandbox=liar, options=options), 0)
        self.assertEqual(self.summary()["stored"], 6)
        again = polled.index(polled[0], 1)
        self.assertGreaterEqual(len(polled) - 1 - again, 2, "after those that fell due later")

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

"""A server that lies: each lie is that document's failure at most, the others are stored, and the run ends by itself.

The key goes to no other origin, whatever a job, a redirect or a result says: a second port listens for it.
"""

import itertools
import json
import os
import time
import unittest

from harness import KEY, PATIENCE, Case, pdf, wait_for
from liar import CLOSE, RESET, Liar, Trap, answer, problem

DEEP = b"[" * 100_000 + b"]" * 100_000
OTHER_JOB = "99999999-9999-4999-8999-999999999999"


class Lies(Case):
    """Documents a-*.pdf and z-*.pdf are served honestly; each lie has a document of its own between them."""

    OPTIONS = {
        "retry.in_doubt": "hold",
        "retry.first_delay": "5ms",
        "retry.max_delay": "40ms",
        "retry.max_attempts": "3",
        "api.timeout": "1s",
        "polling.give_up_after": "1s",
        "log.level": "debug",
    }

    def setUp(self):
        super().setUp()
        self.liar, self.trap = Liar(), Trap()
        self.addCleanup(self.liar.stop)
        self.addCleanup(self.trap.stop)
        self.number = itertools.count(100)
        for i, name in enumerate(("a-1.pdf", "a-2.pdf", "a-3.pdf", "z-1.pdf", "z-2.pdf")):
            self.write(name, pdf(i))

    def lie(self, name, **hooks):
        name = f"lie-{name}.pdf"
        self.write(name, pdf(next(self.number)))
        self.liar.lie(name, **hooks)
        return name

    def run_lies(self, expected, options=None, stops=0):
        """Runs the batch, at most STOPS times more after it stopped (exit 4); what isn't stored, by name."""
        log = os.path.join(self.directory, "log")
        merged = dict(self.FAST, **self.OPTIONS, **{"log.file": log})
        merged.update(options or {})
        for left in range(stops, -1, -1):
            process = self.start("run", self.input, sandbox=self.liar, options=merged)
            code, out, self.err = self.finish(process)
            if code != 4 or left == 0:
                break
        if expected is not None:
            self.assertEqual(code, expected, f"stdout: {out}\nstderr: {self.err}")
        with open(log, encoding="utf-8") as f:
            self.log = f.read()
        self.assertEqual(self.trap.heard, [], "another origin was asked")
        for request in self.liar.heard():
            self.assertEqual(request.headers.get("authorization"), KEY)
        self.assertNotIn("Sanitizer", self.err)
        self.rows = {os.path.basename(row["path"]): row for row in self.failures()}
        stored = {name.decode()[:-5] for name in self.results()}
        for name in ("a-1.pdf", "a-2.pdf", "a-3.pdf", "z-1.pdf", "z-2.pdf"):
            self.assertIn(name, stored, f"{self.rows}\n{self.err}{self.log}")
        self.stored = stored
        self.numbers = self.summary()
        self.assertEqual(self.numbers["stored"], len(stored))
        self.assertLessEqual(set(os.listdir(self.directory)), {"invoices", "out", "state", "log"})
        self.no_key_anywhere()
        return self.rows

    def no_key_anywhere(self):
        self.assertNotIn(KEY, self.log)
        for folder, _, names in os.walk(self.output):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    self.assertNotIn(KEY.encode(), f.read(), name)

    def states(self, names, state):
        for name in names:
            is_in = self.rows.get(name, {"state": "stored"})["state"]
            is_in = "processing" if is_in == "ready" else is_in
            self.assertEqual(is_in, state, f"{name}: {self.rows.get(name)}")

    def stored_json(self, name):
        return json.loads(self.results()[name.encode() + b".json"])


class Answers(Lies):
    def test_uploads_answered_with_lies_stay_in_doubt(self):
        def body(what, **more):
            return lambda r, honest: answer(202, what, **more)

        def job(**changes):
            return lambda r, honest: answer(202, {"job": {**r.job, **changes}})

        def cut(r, honest):
            return [honest[:-20], CLOSE]

        lies = {
            "no-id": lambda r, h: answer(202, {"job": {k: v for k, v in r.job.items() if k != "id"}}),
            "null-id": job(id=None),
            "number-id": job(id=17),
            "empty-id": job(id=""),
            "slash-id": job(id="../../v2/secret"),
            "quote-id": job(id='a"b'),
            "newline-id": job(id="a\r\nX-Evil: 1"),
            "nul-id": job(id="abc\0def"),
            "long-id": job(id="a" * 100_000),
            "job-is-list": body({"job": []}),
            "job-is-missing": body({}),
            "list": body([]),
            "empty": body(b""),
            "html": body(b"<html>Accepted</html>", content_type="text/html"),
            "not-json": body(b'{"job": {"id": \x01\xff'),
            "deep": body(DEEP),
            "deep-inside": lambda r, h: answer(202, b'{"job":{"id":"' + r.job["id"].encode() + b'","x":' + DEEP + b"}}"),
            "two-values": lambda r, h: answer(202, h.split(b"\r\n\r\n", 1)[1] * 2),
            "no-body": lambda r, h: answer(204, b""),
            "redirect": lambda r, h: answer(302, {"job": r.job}, [("Location", self.trap.url + "/v2/x")]),
            "redirect-307": lambda r, h: answer(307, b"", [("Location", self.trap.url + "/v2/x")]),
            "redirect-308-here": lambda r, h: answer(308, b"", [("Location", self.liar.url + r.path)]),
            "redirect-many": lambda r, h: answer(300, b"", [("Location", self.trap.url)]),
            "close": lambda r, h: CLOSE,
            "reset": lambda r, h: RESET,
            "cut": cut,
            "shorter": lambda r, h: [answer(202, {"job": r.job}, [("Content-Length", "40")]), CLOSE],
            "longer": lambda r, h: [answer(202, {"job": r.job}, [("Content-Length", "4000")]), CLOSE],
            "length-nonsense": lambda r, h: [answer(202, {"job": r.job}, [("Content-Length", "-5")]), CLOSE],
            "chunk-cut": lambda r, h: [
                b"HTTP/1.1 202 A\r\nTransfer-Encoding: chunked\r\n\r\n200\r\n{\"job\": {", CLOSE],
            "chunk-nonsense": lambda r, h: [
                b"HTTP/1.1 202 A\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFFFF\r\n{}", CLOSE],
            "http-0.9": lambda r, h: [b"{\"job\": {}}\n", CLOSE],
            "http-9": lambda r, h: [h.replace(b"HTTP/1.1", b"HTTP/9.7"), CLOSE],
            "garbage": lambda r, h: [bytes(range(256)) * 40, CLOSE],
            "only-continue": lambda r, h: [b"HTTP/1.1 100 Continue\r\n\r\n", CLOSE],
            "status-line-cut": lambda r, h: [b"HTTP/1.1 20", CLOSE],
            "status-000": lambda r, h: [b"HTTP/1.1 000 No\r\nContent-Length: 0\r\n\r\n", CLOSE],
            "headers-cut": lambda r, h: [b"HTTP/1.1 202 Accepted\r\nContent-Type: app", CLOSE],
            "many-headers": lambda r, h: itertools.chain(
                [b"HTTP/1.1 202 Accepted\r\n"], (b"X-%d: y\r\n" % i for i in range(1_000_000))),
            "long-header": lambda r, h: itertools.chain(
                [b"HTTP/1.1 202 Accepted\r\nX: "], (b"y" * 10000 for _ in range(100_000))),
            "continues": lambda r, h: (b"HTTP/1.1 100 Continue\r\nX-Y: z\r\n\r\n" for _ in range(1_000_000)),
            "large": lambda r, h: itertools.chain(
                [b"HTTP/1.1 202 A\r\nContent-Length: 1000000000\r\n\r\n"], (b"x" * 65536 for _ in range(16000))),
            "gateway": lambda r, h: answer(502, b"<html>Bad gateway</html>", content_type="text/html"),
            "unknown-500": lambda r, h: answer(500, b"oops", content_type="text/plain"),
            "problem-without-code": lambda r, h: answer(500, {"status": 500, "title": "t"}),
        }
        names = {self.lie(name, post=hook) for name, hook in lies.items()}
        rows = self.run_lies(1, stops=len(lies))
        self.states(names, "in_doubt")
        self.assertEqual(set(rows), names)
        for name in names:
            self.assertEqual(len(self.liar.heard("post", name)), 1, f"{name} was sent again")
        self.assertEqual(self.numbers["in_doubt"], len(names))
        self.assertEqual(self.numbers["resent"], 0)

    def test_odd_acceptances_count_all_the_same(self):
        def job(**changes):
            return lambda r, honest: answer(202, {"job": {**r.job, **changes}})

        names = {
            self.lie("status-200", post=lambda r, h: answer(200, {"job": r.job})),
            self.lie("text", post=lambda r, h: answer(202, {"job": r.job}, content_type="text/plain")),
            self.lie("no-type", post=lambda r, h: answer(202, {"job": r.job}, content_type="")),
            self.lie("id-alone", post=lambda r, h: answer(202, {"job": {"id": r.job["id"]}})),
            self.lie("mistyped", post=job(
                status=[], alias=5, created_at={}, completed_at=-5, result_url=7, webhooks="x", error=3)),
            self.lie("other-alias", post=job(alias="mb-somebody-else", filename="../../etc/passwd")),
            self.lie("poll-elsewhere", post=job(polling_url=self.trap.url + "/v2/jobs/x")),
            self.lie("result-elsewhere", post=job(result_url=self.trap.url + "/v2/x")),
            self.lie("twice", post=lambda r, h: answer(
                202, ('{"job":{"id":"%s","id":"evil/../","status":"Processing"},"job":{"id":"x"}}'
                      % r.job["id"]).encode())),
            self.lie("large-note", post=job(note="x" * 900_000)),
            self.lie("continues-first", post=lambda r, h: b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + h),
        }
        self.run_lies(0)
        self.states(names, "stored")

    def test_refusals_fail_their_document_alone(self):
        nasty = "\x1b[2J\x07\0 \u202e %s%n ../../x \r\nforged line"
        names = {
            self.lie("plain", post=lambda r, h: problem(422, "422-001", "no good")),
            self.lie("no-problem", post=lambda r, h: answer(400, b"<html>", content_type="text/html")),
            self.lie("deep", post=lambda r, h: answer(422, DEEP)),
            self.lie("nasty", post=lambda r, h: problem(
                422, nasty, nasty, [{"pointer": nasty, "detail": nasty}])),
            self.lie("echo", post=lambda r, h: problem(
                422, r.headers["authorization"], f"the key {r.headers['authorization']} is nice")),
            self.lie("echo-json", post=lambda r, h: problem(
                422, "1", r.headers["authorization"][:-3] + "\\u0037\\u0038\\u0039")),
            self.lie("mistyped", post=lambda r, h: answer(422, {
                "status": "422", "title": 5, "detail": [], "code": {}, "errors": {"a": 1}})),
            self.lie("418", post=lambda r, h: answer(418, b"")),
            self.lie("416", post=lambda r, h: answer(416, b"x" * 500_000)),
        }
        self.run_lies(1)
        self.states(names, "failed")
        for text in [self.err, self.log] + [row["detail"] + row["code"] for row in self.rows.values()]:
            self.assertNotRegex(text, "[\x1b\x07\0]")
        self.assertNotIn("\nforged line", self.err + self.log)
        for name in names:
            self.assertEqual(len(self.liar.heard("post", name)), 1, name)

    def test_the_last_document_in_doubt_is_sent_again(self):
        """With nothing else left to do."""
        told = []

        def post(r, honest):
            told.append(r.name)
            return CLOSE if len(told) < 3 else None

        for name in os.listdir(self.input):
            os.remove(os.path.join(self.input, name))
        name = self.lie("last", post=post)
        merged = {**self.FAST, **self.OPTIONS, "retry.in_doubt": "resend"}
        self.finish(self.start("run", self.input, sandbox=self.liar, options=merged), 0)
        self.assertEqual(told, [name] * 3)
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["resent"]), (1, 2))

    def test_an_upload_answered_early(self):
        """Before its body was read: 429 and 503 go out again, and nothing is paid twice."""
        first = {}

        def before(request):
            if request.method != "POST" or int(request.headers["content-length"]) < 500_000:
                return None
            size = int(request.headers["content-length"])
            if first.setdefault(size, 0) >= 1:
                return None
            first[size] += 1
            status = {0: 429, 1: 503}[size % 2]
            return itertools.chain([problem(status, f"{status}-001", "not now")], [CLOSE])

        self.liar.before = before
        for i in range(2):
            self.write(f"large-{i}.pdf", pdf(50 + i) + b"%" * (5_000_000 + i))
        self.run_lies(None, {"retry.in_doubt": "resend"})
        self.assertEqual(self.numbers["stored"], 7, self.rows)
        sent = [r.name for r in self.liar.heard("post") if r.name]
        self.assertEqual(self.numbers["resent"], len(sent) - len(set(sent)))

    def test_retry_after_that_is_nonsense(self):
        once = set()

        def limited(value):
            def post(r, honest):
                if r.name in once:
                    return None
                once.add(r.name)
                return problem(429, headers=[("Retry-After", value)])
            return post

        values = ("-5", "soon", "1e3", "0", "", "0x10", "Thu, 01 Jan 1970 00:00:00 GMT", "1 2", "\t0 \t",
                  "Mon, 99 Foo 2026 77:00:00 GMT", "9" * 4000)
        names = {self.lie(f"wait-{i}", post=limited(v)) for i, v in enumerate(values)}
        self.run_lies(0, {"api.timeout": "20s"})
        self.states(names, "stored")


class Jobs(Lies):
    def polled(self, **changes):
        return lambda r, honest: answer(200, {"job": self.liar.processed(r.job, **changes)})

    def test_result_urls_of_another_origin(self):
        trap = self.trap
        urls = {
            "elsewhere": f"{trap.url}/v2/x",
            "no-scheme": f"//127.0.0.1:{trap.port}/v2/x",
            "user": f"http://127.0.0.1:{self.liar.port}@127.0.0.1:{trap.port}/v2/x",
            "password": f"http://127.0.0.1:{self.liar.port}:x@127.0.0.1:{trap.port}/",
            "backslash": f"http:\\\\127.0.0.1:{trap.port}\\x",
            "backslash-user": f"http://127.0.0.1:{trap.port}\\@127.0.0.1:{self.liar.port}/",
            "https": f"https://127.0.0.1:{self.liar.port}/x",
            "name": f"http://localhost:{self.liar.port}/x",
            "short": f"http://127.1:{self.liar.port}/x",
            "number": f"http://2130706433:{self.liar.port}/x",
            "longer-port": f"http://127.0.0.1:{self.liar.port}0/x",
            "suffix": f"http://127.0.0.1.example.com:{self.liar.port}/x",
            "file": "file:///etc/passwd",
            "script": "javascript:alert(1)",
            "gopher": f"gopher://127.0.0.1:{trap.port}/_x",
            "space": f"http://127.0.0.1:{trap.port} /x",
            "newline": f"{self.liar.url}/x\r\nHost: evil\r\n\r\nGET /y",
            "nul": f"{self.liar.url}/x\0.example.com",
            "tab": f"ht\ttp://127.0.0.1:{trap.port}/x",
            "relative": "v2/results/x",
            "dots": "../x",
            "empty-host": "http:///x",
            "long": f"{self.liar.url}/" + "x" * 400_000,
            "unicode": f"http://127。0。0。1:{trap.port}/x",
        }
        names = {self.lie(n, poll=self.polled(result_url=url)) for n, url in urls.items()}
        self.run_lies(1)
        self.states(names, "failed")
        for name in names:
            self.assertEqual(len(self.liar.heard("post", name)), 1, name)
            self.assertTrue(self.rows[name]["job_id"], name)
        self.assertEqual({r.path for r in self.liar.heard("result") if r.name is None}, set())

    def test_redirects_of_polls(self):
        def elsewhere(status, location=None, body=None, **changes):
            def poll(r, honest):
                job = self.liar.processed(r.job, **changes)
                return answer(status, {"job": job} if body is None else body,
                              [("Location", location or self.trap.url + "/x")])
            return poll

        stored = {self.lie("302-as-documented", poll=lambda r, h: answer(
            302, {"job": self.liar.processed(r.job)}, [("Location", self.liar.processed(r.job)["result_url"])]))}
        foreign = {
            self.lie("302-location-counts", poll=elsewhere(302, result_url=None)),
            self.lie("302-both", poll=elsewhere(302, result_url=self.trap.url + "/y")),
        }
        open_ends = {
            self.lie(str(status), poll=elsewhere(status)) for status in (301, 303, 307, 308)
        } | {
            self.lie("302-empty", poll=elsewhere(302, body=b"")),
            self.lie("302-no-location", poll=lambda r, h: answer(302, {"job": self.liar.processed(r.job, result_url=None)})),
        }
        self.run_lies(5)
        self.states(stored, "stored")
        self.states(foreign, "failed")
        self.states(open_ends, "processing")
        self.assertIn("polling.give_up_after", self.err)

    def test_polls_that_say_nothing_end_at_give_up(self):
        def again(what, status=200, **more):
            return lambda r, h: answer(status, what(r) if callable(what) else what, **more)

        lies = {
            "other-job": again(lambda r: {"job": self.liar.processed(r.job, id=OTHER_JOB)}),
            "no-id": again(lambda r: {"job": {k: v for k, v in self.liar.processed(r.job).items() if k != "id"}}),
            "number-id": again(lambda r: {"job": self.liar.processed(r.job, id=1)}),
            "status-unknown": again(lambda r: {"job": self.liar.processed(r.job, status="Exploded")}),
            "status-number": again(lambda r: {"job": self.liar.processed(r.job, status=200)}),
            "status-missing": again(lambda r: {"job": {"id": r.job["id"]}}),
            "result-url-missing": again(lambda r: {"job": self.liar.processed(r.job, result_url=None)}),
            "result-url-number": again(lambda r: {"job": self.liar.processed(r.job, result_url=5)}),
            "deep": again(DEEP),
            "html": again(b"<html>", content_type="text/html"),
            "empty": again(b""),
            "500": again(b"oops", 500),
            "teapot": again(b"", 418),
            "accepted": again({"inference": {}}, 202),
            "cut": lambda r, h: [h[:-30], CLOSE],
            "close": lambda r, h: CLOSE,
            "reset": lambda r, h: RESET,
            "large": lambda r, h: itertools.chain(
                [b"HTTP/1.1 200 A\r\nContent-Length: 1000000000\r\n\r\n"], (b" " * 65536 for _ in range(16000))),
            "0.9": lambda r, h: [b"hello\n", CLOSE],
        }
        names = {self.lie(name, poll=hook) for name, hook in lies.items()}
        self.run_lies(5)
        self.states(names, "processing")
        for name in names:
            self.assertEqual(len(self.liar.heard("post", name)), 1, name)
        for name in names:  # the service mended, the same command goes on, and pays nothing
            self.liar.lie(name)
        self.run_lies(0)
        self.states(names, "stored")
        for name in names:
            self.assertEqual(len(self.liar.heard("post", name)), 1, name)

    def test_numbers_that_are_none(self):
        def raw(**values):
            def poll(r, honest):
                text = json.dumps({"job": self.liar.processed(r.job, **dict.fromkeys(values, "@"))})
                for value in values.values():
                    text = text.replace('"@"', value, 1)
                return answer(200, text.encode())
            return poll

        stored = {
            self.lie("past", poll=self.polled(completed_at="1970-01-01T00:00:00Z")),
            self.lie("future", poll=self.polled(completed_at="9999-12-31T23:59:59.999Z")),
            self.lie("no-date", poll=self.polled(created_at="yesterday", completed_at="99999999999999999999")),
            self.lie("hooks", poll=self.polled(webhooks=[
                {"id": "x", "status": "Processed", "error": None, "attempts_count": 3}] * 500)),
        }
        self.lie("nan", poll=raw(created_at="NaN"))
        stored.add(self.lie("huge", poll=raw(completed_at="1e999999")))
        stored.add(self.lie("attempts", poll=raw(webhooks='[{"id":"x","attempts_count":1e308}]')))
        stored.update(
            self.lie(f"webhooks-{i}", poll=self.polled(webhooks=webhooks))
            for i, webhooks in enumerate([
                None, 7, "none", {}, [None, 1, "x", []], [{}], [{"id": None}],
                [{"id": "x", "status": "Retrying"}], [{"id": "x", "status": 5, "error": "no"}],
                [{"id": "x", "attempts_count": "3"}], [{"id": "x", "attempts_count": -1.5}]]))
        stored.update(
            self.lie(f"odd-{key}", poll=self.polled(**{key: 17}))
            for key in ("alias", "created_at", "completed_at", "error", "model_id", "filename", "polling_url"))
        self.run_lies(None)
        self.states(stored, "stored")
        self.assertEqual(self.numbers["failed"] + self.numbers["lost"] + self.numbers["in_doubt"], 0)

    def test_jobs_that_failed_in_odd_words(self):
        def failed(**changes):
            return lambda r, h: answer(200, {"job": {**r.job, "status": "Failed", **changes}})

        echo = lambda r, h: failed(error={"status": 422, "code": "x", "detail": r.headers["authorization"]})(r, h)
        names = {
            self.lie("null", poll=failed(error=None)),
            self.lie("empty", poll=failed(error={})),
            self.lie("numbers", poll=failed(error={"status": 422, "code": 5, "detail": 6, "errors": 7})),
            self.lie("echo", poll=echo),
            self.lie("with-result", poll=failed(
                error={"status": 422, "code": "x", "detail": "y"}, result_url=self.trap.url)),
        }
        self.run_lies(1)
        self.states(names, "failed")


class Results(Lies):
    def test_results_that_are_none(self):
        def result(what, status=200, **more):
            return lambda r, h: answer(status, what(r) if callable(what) else what, **more)

        lies = {
            "empty": result(b""),
            "html": result(b"<html>", content_type="text/html"),
            "list": result([]),
            "no-inference": result({"result": {}}),
            "inference-null": result({"inference": None}),
            "no-result": result({"inference": {"id": "x"}}),
            "result-list": result({"inference": {"result": []}}),
            "deep": result(DEEP),
            "deep-inside": result(b'{"inference":{"result":{"fields":' + DEEP + b"}}}"),
            "deep-objects": result(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
            "nan": result(b'{"inference":{"result":{"fields":{"total":{"value":NaN}}}}}'),
            "bad-utf8": result(b'{"inference":{"result":{"fields":{"a\xff":{}}}}}'),
            "trailing": result(lambda r: json.dumps({"inference": self.liar.inference(r.job)}).encode() + b"{}"),
            "control": result(b'{"inference":{"result":{"a":"\x01"}}}'),
            "other-job": result(lambda r: {"inference": self.liar.inference(r.job, job={"id": OTHER_JOB})}),
            "no-content": result(b"", 204),
            "gigabyte": lambda r, h: itertools.chain(
                [b"HTTP/1.1 200 A\r\nContent-Length: 1000000000\r\n\r\n"], (b" " * 65536 for _ in range(16000))),
            "endless-chunks": lambda r, h: itertools.chain(
                [b"HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\n"],
                (b"10000\r\n" + b" " * 65536 + b"\r\n" for _ in itertools.repeat(0))),
        }
        names = {self.lie(name, result=hook) for name, hook in lies.items()}
        # wait4 tells the program's own peak of memory
        merged = dict(self.FAST, **self.OPTIONS, **{"log.file": os.path.join(self.directory, "log")})
        process = self.start("run", self.input, sandbox=self.liar, options=merged)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 1)
        self.rows = {os.path.basename(row["path"]): row for row in self.failures()}
        self.states(names, "failed")
        self.assertEqual(set(self.rows), names)
        self.assertEqual(self.trap.heard, [])
        for name in names:
            self.assertEqual(len(self.liar.heard("post", name)), 1, name)
            self.assertTrue(self.rows[name]["job_id"])
        if b"__asan_init" not in open(process.args[0], "rb").read():
            self.assertLess(usage.ru_maxrss, 400 * 1024, "kilobytes")

    def test_odd_results_are_kept_byte_for_byte(self):
        bodies = {
            "names": lambda r: {"inference": self.liar.inference(r.job, file={
                "name": "../../../../etc/passwd\0.pdf", "alias": "x\0y", "page_count": 1})},
            "pages-negative": lambda r: {"inference": self.liar.inference(r.job, file={"page_count": -5})},
            "pages-text": lambda r: {"inference": self.liar.inference(r.job, file={"page_count": "many"})},
            "pages-list": lambda r: {"inference": self.liar.inference(r.job, file=[])},
            "no-job": lambda r: {"inference": {"result": {}}},
            "twice": lambda r: b'{"inference":{"result":{},"result":[]},"inference":5}',
            "surrogate": lambda r: b'{"inference":{"result":{"a":"\\ud800 \\u0000"}}}',
            "numbers": lambda r: b'{"inference":{"result":{"a":1e999,"b":-0,"c":0.1000000000000000000000001}}}',
            "pages-huge": lambda r: b'{"inference":{"result":{},"file":{"page_count":1e308}}}',
            "pages-long": lambda r: b'{"inference":{"result":{},"file":{"page_count":' + b"9" * 500 + b"}}}",
            "spaces": lambda r: b' \n{"inference":\t{"result":{}}}\r\n ',
        }
        said = {}

        def hook(make):
            def result(r, honest):
                body = make(r)
                body = body if isinstance(body, bytes) else json.dumps(body).encode()
                said[r.name] = body
                return answer(200, body, content_type="image/png")
            return result

        names = {self.lie(name, result=hook(make)) for name, make in bodies.items()}
        self.run_lies(0)
        self.states(names, "stored")
        results = self.results()
        for name in names:
            self.assertEqual(results[name.encode() + b".json"], said[name], name)
        self.assertEqual(self.numbers["credits"], len(names) + 5)

    def test_results_that_cannot_be_had_stay_open(self):
        lies = {
            f"redirect-{status}": lambda r, h, status=status: answer(
                status, b"", [("Location", self.trap.url + "/x")]) for status in (301, 302, 303, 307, 308)
        }
        lies |= {
            "redirect-here": lambda r, h: answer(302, b"", [("Location", self.liar.url + r.path)]),
            "500": lambda r, h: answer(500, b"oops"),
            "cut": lambda r, h: [h[:-20], CLOSE],
            "chunk-cut": lambda r, h: [
                b"HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\n200\r\n{\"inference\": {", CLOSE],
            "close": lambda r, h: CLOSE,
            "reset": lambda r, h: RESET,
            "headers": lambda r, h: itertools.chain(
                [b"HTTP/1.1 200 A\r\n"], (b"X-%d: y\r\n" % i for i in range(1_000_000))),
        }
        names = {self.lie(name, result=hook) for name, hook in lies.items()}
        self.run_lies(5)
        self.states(names, "processing")
        for name in names:
            self.liar.lie(name)
        self.run_lies(0)
        self.states(names, "stored")
        for name in names:
            self.assertEqual(len(self.liar.heard("post", name)), 1, name)

    def test_somebody_elses_result_is_not_taken(self):
        """Two documents whose jobs are exchanged."""
        ids = {}

        def swap(r, honest):
            ids[r.name] = r.job["id"]
            return None

        def other(r, honest):
            wait_for(lambda: len(ids) == 2, "both uploads")
            (theirs,) = [i for n, i in ids.items() if n != r.name]
            return answer(200, {"job": self.liar.processed(
                r.job, result_url=f"{self.liar.url}/v2/products/extraction/results/{theirs}")})

        names = [self.lie("swap-1", post=swap, poll=other), self.lie("swap-2", post=swap, poll=other)]
        self.run_lies(1)
        self.states(names, "failed")

    def test_a_result_gone_twice_is_lost_with_its_job(self):
        name = self.lie("gone", result=lambda r, h: problem(404))
        self.run_lies(1)
        self.states([name], "lost")
        self.assertEqual(self.rows[name]["job_id"], self.liar.heard("post", name)[0].job["id"])
        posts = len(self.liar.heard("post"))
        self.run_lies(1)
        self.assertEqual(len(self.liar.heard("post")), posts, "sent again in silence")
        self.assertEqual(self.numbers["run"]["requests"], {"post": 0, "get": 0})


class Endless(Lies):
    """One byte now and then is no silence; the run ends all the same."""

    def drip(self, head, byte=b" "):
        def hook(r, honest):
            def pieces():
                yield head
                while not self.liar.stopping.wait(0.05):
                    yield byte
            return pieces()
        return hook

    def ends(self, hooks, state, expected):
        name = self.lie("drip", **hooks)
        started = time.monotonic()
        rows = self.run_lies(expected)
        self.assertLess(time.monotonic() - started, PATIENCE)
        self.states([name], state)
        self.assertEqual(len(self.liar.heard("post", name)), 1)
        return rows

    def test_a_result_that_never_ends(self):
        self.ends({"result": self.drip(b"HTTP/1.1 200 A\r\nContent-Length: 100000\r\n\r\n")}, "processing", 5)

    def test_a_poll_that_never_ends(self):
        self.ends({"poll": self.drip(b"HTTP/1.1 200 A\r\nContent-Length: 100000\r\n\r\n")}, "processing", 5)

    def test_headers_that_never_end(self):
        self.ends({"result": self.drip(b"HTTP/1.1 200 A\r\nX: ", b"x")}, "processing", 5)

    def test_an_acceptance_that_never_ends(self):
        self.ends({"post": self.drip(b"HTTP/1.1 202 A\r\nContent-Length: 100000\r\n\r\n")}, "in_doubt", 1)

    def test_interim_answers_that_never_end(self):
        self.ends({"post": self.drip(b"", b"HTTP/1.1 102 Processing\r\n\r\n")}, "in_doubt", 1)


class Reused(Lies):
    """A server that reads a request on a reused connection and closes without a word: libcurl would send it again by
    itself, five times."""

    def close_reused(self, kinds):
        count = itertools.count()

        def hook(r, honest):
            return CLOSE if r.number > 1 and r.kind in kinds and next(count) % 2 == 0 else None

        for i in range(60):
            self.write(f"doc-{i:03}.pdf", pdf(1000 + i))
            self.liar.lie(f"doc-{i:03}.pdf", post=hook, poll=hook, result=hook)

    def test_no_upload_goes_out_twice(self):
        self.close_reused({"post"})
        self.run_lies(None, {"limits.uploads": "4"})
        posts = self.liar.heard("post")
        self.assertGreater(self.numbers["in_doubt"], 5)
        self.assertEqual(len(posts), 65)
        self.assertEqual(len({p.digest for p in posts}), 65)
        self.assertEqual(self.numbers["stored"] + self.numbers["in_doubt"], 65)
        self.assertEqual(self.numbers["requests"]["post"], 65)

    def test_every_resend_is_counted(self):
        self.close_reused({"post"})
        self.run_lies(0, {"limits.uploads": "4", "retry.in_doubt": "resend", "retry.max_resends": "30"})
        posts = self.liar.heard("post")
        self.assertGreater(self.numbers["resent"], 5)
        self.assertEqual(len(posts) - 65, self.numbers["resent"])
        self.assertEqual(self.numbers["requests"]["post"], len(posts))
        aliases = [p.alias for p in posts]
        self.assertEqual(len(aliases), len(set(aliases)), "each attempt has an alias of its own")

    def test_every_get_is_counted(self):
        self.close_reused({"poll", "result"})
        self.run_lies(0, {"polling.give_up_after": "1m"})
        gets = self.liar.heard("poll") + self.liar.heard("result")
        self.assertEqual(self.numbers["requests"]["get"], len(gets))
        self.assertEqual(len(self.liar.heard("post")), 65)


if __name__ == "__main__":
    unittest.main()

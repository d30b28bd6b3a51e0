"""http.listen and metrics.file: what whoever watches over the program reads, and who may."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import unittest

from harness import MODEL, PATIENCE, Case, free_port, pdf, wait_for

STATES = ("queued", "processing", "stored", "failed", "rejected", "lost", "in_doubt", "dismissed")


def samples(text):
    """{name{labels}: value}, the labels as they are written."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name] = float(value)
    return found


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class MonitorCase(Case):
    port = None
    context = None

    def connection(self):
        if self.context:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=self.context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(self, path, method="GET", headers=None, body=None):
        """The answer and its text; None: nobody answers."""
        connection = self.connection()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer, answer.read().decode()
        except (ConnectionError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def text(self, path, **more):
        answer, text = self.ask(path, **more)
        self.assertEqual(answer.status, 200, text)
        return text

    def samples(self):
        return samples(self.text("/metrics"))

    def options(self, **more):
        return {**self.FAST, "review.enabled": "no", "report.enabled": "no", **more}

    def serve(self, sandbox, until=True, **more):
        """A service that takes files as they come, on a port of its own."""
        self.port = self.port or free_port()
        options = self.options(**{"http.listen": f"127.0.0.1:{self.port}", "input.directory": self.input,
                                  "watch.enabled": "yes", "watch.quiet": "0s", "watch.rescan": "1s", **more})
        process = self.start("serve", sandbox=sandbox, options=options)
        if until:
            wait_for(lambda: process.poll() is not None or self.ask("/healthz"), "an answer")
            self.assertIsNone(process.poll())
        return process

    def status(self):
        done = subprocess.run(self.command("status", words=["--json"]), capture_output=True, check=True)
        return json.loads(done.stdout)

    def refuses(self, *words, **options):
        process = self.start("serve", options=self.options(**{
            "input.directory": self.input, "watch.enabled": "yes", "api.base_url": "http://127.0.0.1:9", **options}))
        _, said = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 2, said)
        for word in words:
            self.assertIn(word, said.decode())


class NumbersOfARun(MonitorCase):
    def test_they_are_the_ledgers_and_mindees_own(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(20)
        self.write("again.pdf", pdf(3))
        self.write("empty.pdf", b"")
        file = os.path.join(self.directory, "mindee.prom")
        process = self.start("run", self.input, sandbox=sandbox, options=self.options(**{"metrics.file": file}))
        process.communicate(timeout=PATIENCE)
        with open(file, encoding="utf-8") as f:
            text = f.read()
        self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
        self.assertEqual([n for n in os.listdir(self.directory) if "tmp" in n], [])
        got, status, stats = samples(text), self.status(), sandbox.stats()
        for state in STATES:
            self.assertEqual(got[f'mindee_batch_documents{{batch="",state="{state}"}}'], status[state], state)
        self.assertEqual(sum(got[f'mindee_batch_documents{{batch="",state="{s}"}}'] for s in STATES), status["documents"])
        self.assertEqual(got['mindee_batch_files{batch=""}'], status["files"])
        self.assertEqual(got['mindee_batch_credits_total{batch=""}'], stats["charged_pages"])
        self.assertEqual(got['mindee_batch_requests_total{kind="submit",outcome="2xx"}'], stats["accepted"])
        self.assertEqual(got['mindee_batch_requests_total{kind="fetch",outcome="2xx"}'], stats["results_served"])
        asked = sum(v for k, v in got.items() if re.match(r'mindee_batch_requests_total\{kind="(poll|fetch|models)"', k))
        self.assertEqual(asked, stats["gets"])
        self.assertEqual(got['mindee_batch_request_duration_seconds_count{kind="submit"}'], stats["posts"])
        self.assertEqual(got['mindee_batch_job_duration_seconds_count{batch=""}'], 20)
        sizes = sum(len(pdf(i)) for i in range(20))
        self.assertTrue(sizes <= got["mindee_batch_upload_bytes_total"] <= sizes * 1.1)
        self.assertEqual(got['mindee_batch_source_items_total{source="directory",outcome="duplicate"}'], 1)
        self.assertEqual(got['mindee_batch_document_steps_total{batch="",event="reject"}'], 1)
        self.assertEqual(got['mindee_batch_document_steps_total{batch="",event="result"}'], 20)
        self.assertEqual(got['mindee_batch_paused{batch="",reason="stopping"}'], 0)
        self.check_with_promtool(text)

    def check_with_promtool(self, text):
        if not shutil.which("promtool"):
            self.skipTest("the rest: there is no promtool (Debian's prometheus)")
        done = subprocess.run(["promtool", "check", "metrics"], input=text.encode(), capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, b""))

    def test_refusals_are_counted_by_what_refused(self):
        sandbox = self.fast_sandbox("--post-per-minute", "5")
        self.write_pdfs(8)
        file = os.path.join(self.directory, "mindee.prom")
        options = self.options(**{"metrics.file": file, "limits.canary": "0"})
        process = self.start("run", self.input, sandbox=sandbox, options=options)
        wait_for(lambda: sandbox.stats()["posts_429"], "a refusal")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        with open(file, encoding="utf-8") as f:
            got = samples(f.read())
        stats = sandbox.stats()
        self.assertEqual(got['mindee_batch_requests_total{kind="submit",outcome="429"}'], stats["posts_429"])
        self.assertEqual(got['mindee_batch_limit_refusals_total{kind="post"}'], stats["posts_429"])
        self.assertEqual(got['mindee_batch_limit_refusals_total{kind="get"}'], 0)

    def test_each_batch_of_a_file_has_its_own(self):
        sandbox = self.fast_sandbox()
        file, ini = (os.path.join(self.directory, name) for name in ("mindee.prom", "mindee-batch.ini"))
        text = f"[metrics]\nfile = {file}\n"
        for name, count in (("one", 2), ("two", 3)):
            os.mkdir(os.path.join(self.input, name))
            for i in range(count):
                self.write(f"{name}/{i}.pdf", pdf(count * 10 + i))
            text += f"[batch.{name}]\ndirectory = {self.input}/{name}\noutput = {self.directory}/{name}\n"
        with open(ini, "w", encoding="utf-8") as f:
            f.write(text)
        process = self.start("run", sandbox=sandbox, words=["-c", ini], options=self.options(**{"output.directory": None}))
        process.communicate(timeout=PATIENCE)
        with open(file, encoding="utf-8") as f:
            got = samples(f.read())
        self.assertEqual(got['mindee_batch_documents{batch="one",state="stored"}'], 2)
        self.assertEqual(got['mindee_batch_documents{batch="two",state="stored"}'], 3)
        self.assertEqual(got['mindee_batch_requests_total{kind="submit",outcome="2xx"}'], 5)


class Served(MonitorCase):
    def test_health_and_both_kinds_of_text(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(5)
        process = self.serve(sandbox)
        wait_for(lambda: self.samples().get('mindee_batch_documents{batch="",state="stored"}') == 5, "five stored")
        answer, text = self.ask("/readyz")
        self.assertEqual((answer.status, json.loads(text)), (200, {"ready": True, "reasons": []}))
        self.assertEqual(self.ask("/healthz")[0].status, 200)
        answer, text = self.ask("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
        self.assertIn("application/openmetrics-text", answer.headers["Content-Type"])
        self.assertTrue(text.endswith("\n# EOF\n"))
        self.parse_open_metrics(text)
        answer, text = self.ask("/metrics", method="HEAD")
        self.assertEqual((answer.status, text), (200, ""))
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        for directive in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'"):
            self.assertIn(directive, answer.headers["Content-Security-Policy"])
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0)
        self.assertIsNone(self.ask("/healthz"))

    def parse_open_metrics(self, text):
        try:
            from prometheus_client.openmetrics.parser import text_string_to_metric_families
        except ImportError:
            return
        names = [family.name for family in text_string_to_metric_families(text)]
        self.assertIn("mindee_batch_documents", names)
        self.assertEqual(len(names), len(set(names)))

    def test_a_service_that_cant_begin_isnt_ready(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        process = self.serve(sandbox)
        wait_for(lambda: self.samples().get('mindee_batch_documents{batch="",state="stored"}') == 1, "one stored")
        sandbox.process.send_signal(signal.SIGSTOP)
        try:
            self.write_pdfs(2, first=1)
            wait_for(lambda: self.samples()['mindee_batch_documents{batch="",state="processing"}'] > 0, "an upload")
            process.send_signal(signal.SIGTERM)  # it ends when the uploads do
            answer, text = wait_for(lambda: (a := self.ask("/readyz")) and a[0].status == 503 and a, "not ready")
            self.assertEqual(json.loads(text)["reasons"], ["the program is being stopped"])
            self.assertEqual(self.ask("/healthz")[0].status, 200)
        finally:
            sandbox.process.send_signal(signal.SIGCONT)
        process.communicate(timeout=PATIENCE)


class Api(MonitorCase):
    def test_it_says_what_the_commands_say(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(7)
        names = ['"><script>alert(1).pdf', "<img src=x onerror=alert(1)>.pdf", b"caf\xe9.pdf", "empty.pdf"]
        for i, name in enumerate(names):
            self.write(name, b"" if name == "empty.pdf" else pdf(100 + i))
        self.write("again.pdf", pdf(0))
        self.serve(sandbox)
        # /metrics tells what is in memory, both of these what is recorded: a little later.
        wait_for(lambda: json.loads(self.text("/api/v1/status")).get("stored") == 10, "ten stored")

        def numbers():
            status = self.status()
            listed = {(row["document"], row["state"]) for row in status.pop("list")}
            return listed if json.loads(self.text("/api/v1/status")) == status else None

        listed = wait_for(numbers, "the same numbers")
        live = json.loads(self.text("/api/v1/status?live=1"))["live"]
        self.assertEqual(live["batches"][0]["stored"], 10)
        failures = wait_for(lambda: json.loads(self.text("/api/v1/status?live=1"))["live"]["batches"][0]["failures"])
        self.assertEqual([(f["code"], f["count"]) for f in failures], [("empty", 1)])
        rows, after = [], 0
        while after is not None:
            page = json.loads(self.text(f"/api/v1/documents?limit=3&after={after}"))
            self.assertLessEqual(len(page["documents"]), 3)
            rows += page["documents"]
            after = page["next"]
        self.assertEqual([r["document"] for r in rows], sorted(r["document"] for r in rows))
        self.assertEqual({(r["document"], r["state"]) for r in rows}, listed)
        rejected = json.loads(self.text("/api/v1/documents?state=rejected"))["documents"]
        self.assertEqual([(os.path.basename(r["path"]), r["code"]) for r in rejected], [("empty.pdf", "empty")])
        found = json.loads(self.text("/api/v1/documents?text=%3CSCRIPT"))["documents"]
        self.assertEqual([os.path.basename(r["path"]) for r in found], [names[0]])
        found = json.loads(self.text("/api/v1/documents?text=onerror"))["documents"]
        self.assertEqual([os.path.basename(r["path"]) for r in found], [names[1]])
        number = found[0]["document"]
        told = subprocess.run(self.command("explain", os.path.join(self.input, names[1]), words=["--json"]),
                              capture_output=True, check=True)
        self.assertEqual(json.loads(self.text(f"/api/v1/documents/{number}")), json.loads(told.stdout))
        self.assertEqual([e["event"] for e in json.loads(told.stdout)["history"]][-1], "result")
        for path, code in (("documents/999", 404), ("documents/x", 404), ("documents?state=odd", 400), ("nothing", 404),
                           ("documents?after=-1", 400), ("documents?limit=0", 400), ("documents?limit=1001", 400),
                           ("documents?batch=odd", 404)):
            self.assertEqual(self.ask("/api/v1/" + path)[0].status, code, path)

    def test_several_batches(self):
        sandbox = self.fast_sandbox()
        self.port = free_port()
        ini, text = os.path.join(self.directory, "mindee-batch.ini"), ""
        for name in ("one", "two"):
            self.write(f"{name}/{name}.pdf", pdf(len(text)))
            text += f"[batch.{name}]\ndirectory = {self.input}/{name}\noutput = {self.directory}/{name}\nwatch = yes\n"
        with open(ini, "w", encoding="utf-8") as f:
            f.write(text)
        words = ["-c", ini]
        options = self.options(**{"output.directory": None, "http.listen": f"127.0.0.1:{self.port}", "watch.quiet": "0s"})
        self.start("serve", sandbox=sandbox, words=words, options=options)
        wait_for(lambda: self.ask("/healthz"), "an answer")
        for name in ("one", "two"):
            wait_for(lambda name=name: self.samples().get(f'mindee_batch_documents{{batch="{name}",state="stored"}}') == 1)
        command = self.command("status", words=[*words, "--json"], options={"output.directory": None})

        def same():
            status = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            for one in status["batches"].values():
                one.pop("list")
            return json.loads(self.text("/api/v1/status")) == status

        wait_for(same, "the same numbers")
        page = json.loads(self.text("/api/v1/documents?batch=two"))
        self.assertEqual([os.path.basename(r["path"]) for r in page["documents"]], ["two.pdf"])


class Refused(MonitorCase):
    def test_strangers_and_odd_requests(self):
        process = self.serve(self.fast_sandbox())
        for host in ("evil", "evil.example", "", "127.0.0.1.evil.example"):
            self.assertEqual(self.ask("/metrics", headers={"Host": host})[0].status, 421, host)
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
            self.assertEqual(self.ask("/metrics", method=method)[0].status, 405, method)
        for path in ("/../etc/passwd", "/%2e%2e/etc/passwd", "/api", "/metrics/", "//metrics", "/index.html"):
            self.assertEqual(self.ask(path)[0].status, 404, path)
        answer = self.ask("/metrics", headers={"X-Long": "x" * 100000})
        self.assertTrue(answer is None or answer[0].status in (400, 413, 431), answer)
        self.assertEqual(self.ask("/healthz")[0].status, 200)
        self.assertIsNone(process.poll())

    def test_a_crowd_that_waits_keeps_nobody_out(self):
        self.serve(self.fast_sandbox())
        crowd = []
        for _ in range(60):
            s = socket.create_connection(("127.0.0.1", self.port), timeout=30)
            self.addCleanup(s.close)
            s.sendall(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
            crowd.append(s)
        wait_for(lambda: (a := self.ask("/healthz")) and a[0].status == 200, "an answer")
        crowd[-1].settimeout(PATIENCE)
        try:
            self.assertEqual(crowd[-1].recv(1), b"")  # nobody is waited for for ever
        except ConnectionError:
            pass

    def test_what_cant_be_served_safely_isnt_begun(self):
        token = os.path.join(self.directory, "token")
        with open(token, "w", encoding="utf-8") as f:
            f.write("a token that nobody knows\n")
        os.chmod(token, 0o644)
        self.refuses("http.listen", "http.tls_cert", **{"http.listen": "0.0.0.0:0"})
        self.refuses("http.tls_key", **{"http.listen": "127.0.0.1:0", "http.tls_cert": token})
        self.refuses("http.token_file", "chmod 600", **{"http.listen": "127.0.0.1:0", "http.token_file": token})
        self.refuses("http.listen", **{"http.listen": "127.0.0.1:99999"})
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.refuses("http.listen", str(port), "in use", **{"http.listen": f"127.0.0.1:{port}"})
            process = self.start("run", self.input, options=self.options(**{
                "api.base_url": "http://127.0.0.1:9", "http.listen": f"127.0.0.1:{port}"}))
            _, said = process.communicate(timeout=PATIENCE)
            self.assertEqual(process.returncode, 2)
            self.assertIn("http.listen", said.decode())

    def test_a_run_goes_on_where_the_file_cant_be_written(self):
        self.write_pdfs(2)
        process = self.start("run", self.input, sandbox=self.fast_sandbox(), options=self.options(**{
            "metrics.file": os.path.join(self.directory, "nowhere", "mindee.prom")}))
        _, said = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(said.decode().count("[metrics.unwritten]"), 1)


class Token(MonitorCase):
    def make_token(self, text):
        path = os.path.join(self.directory, "token")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
            f.write(text + "\nanother line\n")
        return path

    def test_who_knows_it_gets_in(self):
        process = self.serve(self.fast_sandbox(), **{"http.token_file": self.make_token("open+sesame & more")})
        self.assertEqual(self.ask("/metrics")[0].status, 401)
        self.assertEqual(self.ask("/healthz")[0].status, 200)
        right = {"Authorization": "Bearer open+sesame & more"}
        self.assertEqual(self.ask("/metrics", headers=right)[0].status, 200)
        answer, _ = self.ask("/", headers={"Accept": "text/html"})
        self.assertEqual((answer.status, answer.headers["Location"]), (303, "/login"))
        self.assertIn("<form", self.text("/login"))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer, text = self.ask("/login", "POST", form, "token=wrong")
        self.assertEqual((answer.status, answer.headers["Set-Cookie"]), (401, None))
        foreign = {**form, "Origin": "http://evil.example"}
        self.assertEqual(self.ask("/login", "POST", foreign, "token=open%2Bsesame+%26+more")[0].status, 403)
        answer, _ = self.ask("/login", "POST", form, "token=open%2Bsesame+%26+more")
        self.assertEqual(answer.status, 303)
        cookie = answer.headers["Set-Cookie"]
        self.assertIn("HttpOnly", cookie)
        self.assertIn("SameSite=Strict", cookie)
        self.assertNotIn("sesame", cookie)
        cookie = {"Cookie": cookie.split(";")[0]}
        self.assertEqual(self.ask("/metrics", headers=cookie)[0].status, 200)
        self.make_token("another one")
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.ask("/metrics", headers=right)[0].status == 401, "the new token")
        self.assertEqual(self.ask("/metrics", headers=cookie)[0].status, 401)
        self.assertEqual(self.ask("/metrics", headers={"Authorization": "Bearer another one"})[0].status, 200)

    @unittest.skipUnless(shutil.which("openssl"), "no openssl")
    def test_tls_and_its_names(self):
        cert, key = (os.path.join(self.directory, name) for name in ("cert.pem", "key.pem"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=watch.example.com", "-addext", "subjectAltName=DNS:watch.example.com,IP:127.0.0.1",
             "-keyout", key, "-out", cert], check=True, capture_output=True)
        os.chmod(key, 0o600)
        self.refuses("http.token_file", **{"http.listen": "0.0.0.0:0", "http.tls_cert": cert, "http.tls_key": key})
        self.context = ssl.create_default_context(cafile=cert)
        self.port = free_port()
        self.serve(self.fast_sandbox(), **{
            "http.listen": f"0.0.0.0:{self.port}", "http.tls_cert": cert, "http.tls_key": key,
            "http.token_file": self.make_token("sesame")})
        self.assertEqual(self.ask("/metrics")[0].status, 401)
        right = {"Authorization": "Bearer sesame"}
        self.assertEqual(self.ask("/metrics", headers=right)[0].status, 200)
        self.assertEqual(self.ask("/metrics", headers={**right, "Host": "watch.example.com"})[0].status, 200)
        self.assertEqual(self.ask("/metrics", headers={**right, "Host": "evil.example"})[0].status, 421)
        answer, _ = self.ask("/login", "POST", {}, "token=sesame")
        self.assertIn("Secure", answer.headers["Set-Cookie"])


class Socket(MonitorCase):
    def connection(self):
        return UnixConnection(self.path)

    def test_it_is_the_owners_alone(self):
        self.path = os.path.join(self.directory, "watch.socket")
        with socket.socket(socket.AF_UNIX) as left:  # by a process that was killed
            left.bind(self.path)
        process = self.serve(self.fast_sandbox(), until=False, **{"http.listen": self.path})
        wait_for(lambda: os.path.exists(self.path) and self.answers(), "an answer")
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)
        self.assertIn("mindee_batch_build_info", self.text("/metrics"))
        self.refuses("http.listen", "in use", **{"http.listen": self.path, "output.directory": self.output + "2"})
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        self.assertFalse(os.path.exists(self.path))

    def answers(self):
        try:
            return self.ask("/healthz")
        except OSError:
            return None


if __name__ == "__main__":
    unittest.main()

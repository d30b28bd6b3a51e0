"""HTTP/2: what the server says that it didn't look at was not sent; what it doesn't say so of is in doubt."""

import os
import re
import shutil
import subprocess
import socket
import sys
import unittest

from harness import Case, free_port, wait_for
from test_webhooks import Authority

FRONT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "h2_front.py")


def interpreter():
    """One that has the module h2 (Debian: python3-h2); None: there is none."""
    for path in (sys.executable, "/usr/bin/python3"):
        if os.path.exists(path) and subprocess.run([path, "-c", "import h2"], capture_output=True).returncode == 0:
            return path
    return None


PYTHON = interpreter()


@unittest.skipUnless(PYTHON, "no python3-h2")
@unittest.skipUnless(shutil.which("openssl"), "no openssl")
class Http2(Case):
    def front(self, *rules):
        """The sandbox, and an HTTP/2 server with those rules in front of it."""
        self.service = self.fast_sandbox()
        authority = Authority(os.path.join(self.directory, f"ca{len(os.listdir(self.directory))}"))
        self.ca = authority.ca
        process = subprocess.Popen(
            [PYTHON, "-B", FRONT, *authority.issue("front"), self.service.host, str(self.service.port), *rules],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        line = process.stdout.readline()
        self.url = re.fullmatch(r"listening on (https://[\d.:]+)\n", line)[1]
        return self

    def go(self, documents, *rules, expected=0, size=0, **options):
        """A run over so many documents, with its own pauses; what it said."""
        self.output = os.path.join(self.directory, f"out{len(os.listdir(self.directory))}")
        self.write_pdfs(documents)
        for name in os.listdir(self.input) if size else ():
            with open(os.path.join(self.input, name), "ab") as f:
                f.write(b"x" * size)
        self.front(*rules)
        slow = {"retry.first_delay": "500ms", "retry.max_delay": "90s", "polling.first_delay": "50ms"}
        return self.run_batch(sandbox=self, expected=expected, options={
            **slow, "api.http_version": "2", "api.ca_file": self.ca, "limits.canary": "0", **options})[2]

    def sent_once(self, documents, err):
        summary, stats = self.summary(), self.service.stats()
        self.assertEqual((summary["stored"], summary["resent"], summary["in_doubt"]), (documents, 0, 0), err)
        self.assertEqual(stats["accepted"], documents)
        self.assertNotIn("service.down", err, "what is turned away says nothing against the server")

    def test_in_good_weather(self):
        err = self.go(30)
        self.sent_once(30, err)
        self.assertEqual(self.summary()["requests"]["post"], 30)

    def test_a_refused_stream_was_not_sent(self):
        for rule in ("refuse=/4", "refuse-body=/4", "refuse-body=1,2,3,4,5,6,7,8,9,10,11,12"):
            with self.subTest(rule):
                err = self.go(30, rule, **{"retry.in_doubt": "hold"})
                self.sent_once(30, err)
                self.assertGreater(self.summary()["requests"]["post"], 30)

    def test_of_large_ones_too(self):
        err = self.go(12, "refuse=/3", "refuse-body=/5", size=600_000, **{"retry.in_doubt": "hold"})
        self.sent_once(12, err)

    def test_nor_was_what_a_goaway_does_not_count_in(self):
        for rule in ("goaway=3,17,30", "goaway=/9", "goaway-slow=3,17,30"):
            with self.subTest(rule):
                err = self.go(40, rule, **{"retry.in_doubt": "hold"})
                self.sent_once(40, err)

    def test_the_rest_is_in_doubt(self):
        """Cut off without such a word, or with one that counts it in."""
        for rule in ("cut=5", "cut-goaway=5"):
            with self.subTest(rule):
                self.go(12, rule, expected=1, **{"retry.in_doubt": "hold"})
                summary, stats = self.summary(), self.service.stats()
                self.assertEqual(stats["accepted"], 12)
                self.assertGreaterEqual(summary["in_doubt"], 1)
                self.assertEqual(summary["stored"] + summary["in_doubt"], 12)
                self.assertEqual(summary["resent"], 0)




@unittest.skipUnless(shutil.which("nghttpx"), "no nghttpx (Debian: nghttp2-proxy)")
@unittest.skipUnless(shutil.which("openssl"), "no openssl")
class BehindNghttpx(Case):
    """A front that many people run, in place of one made for this."""

    def test_a_batch(self):
        service = self.fast_sandbox()
        authority = Authority(os.path.join(self.directory, "ca"))
        certificate, key = authority.issue("front")
        port, log = free_port(), os.path.join(self.directory, "front.log")
        process = subprocess.Popen(
            ["nghttpx", f"--frontend=127.0.0.1,{port}", f"--backend={service.host},{service.port}", "--workers=1",
             "--single-process", f"--accesslog-file={log}", "--errorlog-file=/dev/null", "--conf=/dev/null", key, certificate],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.end, process)

        def listens():
            with socket.socket() as s:
                return s.connect_ex(("127.0.0.1", port)) == 0

        wait_for(listens, "nghttpx")
        self.write_pdfs(60)
        service.url = f"https://127.0.0.1:{port}"
        self.run_batch(sandbox=service, options={"api.http_version": "2", "api.ca_file": authority.ca})
        self.assertEqual((self.summary()["stored"], service.stats()["accepted"]), (60, 60))
        with open(log, encoding="utf-8") as f:
            spoken = {re.search(r'HTTP/[\d.]+', line)[0] for line in f if '"POST' in line or '"GET' in line}
        self.assertEqual(spoken, {"HTTP/2"})


if __name__ == "__main__":
    unittest.main()

"""Notices of trouble: what is told while a batch goes on, grouped, once, and with the numbers."""

import errno
import json
import os
import shutil
import signal
import subprocess
import unittest

from harness import build_shim, free_port, pdf, wait_for
from test_notify import NotifyCase


def setUpModule():
    global SHIM
    SHIM = build_shim("share_shim.c", "-ldl")


class Trouble(NotifyCase):
    shim = {}

    def environment(self, *arguments, **keywords):
        return {**super().environment(*arguments, **keywords), **self.shim}

    def serve(self, sandbox, **options):
        settings = {**self.FAST, "input.directory": self.input, "watch.enabled": "yes", "watch.quiet": "300ms",
                    "watch.rescan": "1s"}
        settings.update({name.replace("__", "."): value for name, value in options.items()})
        return self.start("serve", sandbox=sandbox, options=settings)

    def stop(self, process, expected):
        process.send_signal(signal.SIGTERM)
        return self.finish(process, expected)

    @staticmethod
    def told(sink):
        return [json.loads(body) for _, body in sink.taken]

    def troubles(self, sink):
        return [t for t in self.told(sink) if t["event"] == "trouble"]

    def check_text(self, notice):
        self.assertLessEqual(len(notice["text"].encode()), 200, notice["text"])
        self.assertNotIn("\n", notice["text"])

    def write_three_bad_ones(self):
        self.write_pdfs(2)
        self.write("empty.pdf", b"")
        self.write("letter.txt", b"Dear Sir,\n")
        self.write("picture.bmp", b"BM not a picture")

    def test_a_watched_folder_in_which_three_of_five_fail(self):
        sandbox, sink = self.fast_sandbox(), self.sink()
        process = self.serve(sandbox, notify__url=sink.url)
        self.write_three_bad_ones()
        wait_for(lambda: self.troubles(sink), "the notice")
        notice = self.troubles(sink)[0]
        self.check_text(notice)
        self.assertIn("3 of 5 documents aren't stored", notice["text"])
        self.assertEqual({f["name"] for f in notice["failures"]}, {"empty.pdf", "letter.txt", "picture.bmp"})
        for failure in notice["failures"]:
            self.assertIn(failure["name"], notice["text"])
            self.assertTrue(failure["detail"] and failure["code"])
        self.assertEqual([t["kind"] for t in notice["troubles"]], ["failures"])
        self.assertEqual((notice["stored"], notice["rejected"], notice["failures_new"]), (2, 3, 3))
        self.stop(process, 1)
        self.assertEqual(len(self.troubles(sink)), 1)
        # Neither a restart nor the same failures are news; another one waits for notify.every.
        process = self.serve(sandbox, notify__url=sink.url, notify__when="trouble")
        self.write("more.pdf", pdf(9))
        wait_for(lambda: len(self.results()) == 3, "the result")
        self.write("late.txt", b"and another thing\n")
        wait_for(lambda: len(self.failures()) == 4 if os.path.exists(self.output + "/failures.csv") else 0, "it")
        self.stop(process, 1)
        later = self.told(sink)[-1]
        self.assertEqual(len(self.troubles(sink)) + (later["event"] != "trouble"), 2)
        self.assertEqual([f["name"] for f in later["failures"]], ["late.txt"])

    def test_what_comes_within_notify_every_is_grouped(self):
        sandbox, sink = self.fast_sandbox(), self.sink()
        process = self.serve(sandbox, notify__url=sink.url, notify__every="8s")
        self.write("a.txt", b"a")
        wait_for(lambda: self.troubles(sink), "the first notice")
        for name in ("b", "c"):
            self.write(f"{name}.txt", name.encode() * 9)
            wait_for(lambda: self.ledger_rows("SELECT count(*) FROM document")[0][0] == ord(name) - 96, name)
        wait_for(lambda: len(self.troubles(sink)) == 2, "the second notice")
        first, second = self.troubles(sink)
        self.assertEqual([f["name"] for f in first["failures"]], ["a.txt"])
        self.assertEqual([f["name"] for f in second["failures"]], ["b.txt", "c.txt"])
        self.stop(process, 1)
        self.assertEqual(len(self.troubles(sink)), 2)

    def test_the_end_at_exit_1_is_a_run_that_ended(self):
        """As of `run`: failures alone need no more attention than their exit code says, and are counted once."""
        sandbox, sink = self.fast_sandbox(), self.sink()
        process = self.serve(sandbox, notify__url=sink.url, notify__every="1h")
        self.write("a.txt", b"a")
        wait_for(lambda: self.troubles(sink), "the first notice")
        self.assertIn("a.txt (no type that Mindee takes)", self.troubles(sink)[0]["troubles"][0]["text"])
        self.write("b.txt", b"bb")
        wait_for(lambda: self.ledger_rows("SELECT count(*) FROM document")[0][0] == 2, "the second")
        self.stop(process, 1)
        self.assertEqual(len(self.told(sink)), 2)
        end = self.told(sink)[1]
        self.assertEqual((end["event"], end["exit"], end["rejected"]), ("run_ended", 1, 2))
        self.assertEqual([f["name"] for f in end["failures"]], ["b.txt"])
        self.assertIn("2 rejected", end["text"])
        self.assertNotIn("stored: ", end["text"])
        self.assertNotIn("isn't stored", end["text"])

    def test_killed_before_the_rest_it_is_told_by_the_next_start(self):
        sandbox, sink = self.fast_sandbox(), self.sink()
        process = self.serve(sandbox, notify__url=sink.url, watch__quiet="2s")
        self.write("a.pdf", pdf(1))
        wait_for(lambda: self.results(), "the first")
        self.write("b.txt", b"b")
        wait_for(lambda: self.ledger_rows("SELECT count(*) FROM document")[0][0] == 2, "the second")
        process.kill()
        process.wait()
        had = len(self.troubles(sink))
        process = self.serve(sandbox, notify__url=sink.url)
        wait_for(lambda: self.troubles(sink), "the notice")
        self.stop(process, 1)
        self.assertEqual(len(self.troubles(sink)), 1, had)

    def test_silence_is_told_and_that_it_is_over(self):
        sink, held = self.sink(), self.hold_port()
        port = held.getsockname()[1]
        self.write_pdfs(2)
        url = f"http://127.0.0.1:{port}"
        process = self.serve(None, notify__url=sink.url, api__base_url=url, api__patience="1s")
        wait_for(lambda: self.troubles(sink), "the notice")
        notice = self.troubles(sink)[0]
        self.check_text(notice)
        self.assertEqual([t["kind"] for t in notice["troubles"]], ["silence"])
        self.assertIn(f"no answer from {url} for 1", notice["text"])
        self.assertIn("2 documents wait", notice["text"])
        self.assertIsNone(process.poll())
        held.close()
        sandbox = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "30ms",
                               "--port", str(port))
        wait_for(lambda: len(self.results()) == 2, "the results")
        wait_for(lambda: len(self.troubles(sink)) == 2, "the good news")
        back = self.troubles(sink)[1]
        self.check_text(back)
        self.assertEqual([t["kind"] for t in back["troubles"]], ["back"])
        self.assertIn("answers again", back["text"])
        self.stop(process, 0)
        self.assertEqual(sandbox.stats()["posts"], 2)

    def test_patience_and_a_proxy_end_a_run_and_are_told(self):
        sink = self.sink()
        self.write_pdfs(1)
        options = {"notify.url": sink.url, "notify.when": "trouble", "api.patience": "1s",
                   "api.base_url": f"http://127.0.0.1:{self.refusing_port()}"}
        self.run_batch(sandbox=None, expected=5, options=options)
        notice = self.told(sink)[0]
        self.check_text(notice)
        self.assertEqual((notice["event"], notice["exit"]), ("needs_attention", 5))
        self.assertIn("no answer from", notice["reason"])

    def test_handovers_that_are_stuck(self):
        sandbox, sink = self.fast_sandbox(), self.sink()
        self.write_pdfs(3)
        fails = self.sink(*[500] * 100)
        options = {"notify.url": sink.url, "notify.when": "trouble", "on_stored.url": fails.url,
                   "on_stored.timeout": "500ms"}
        _, out, err = self.run_batch(sandbox=sandbox, options=options)
        self.assertRegex(out, r"not handed over +3")
        self.assertIn("3 results not handed over by on_stored.url: http_500", err.splitlines()[-3:][0] + err)
        self.assertEqual(self.summary()["handover_left"], 3)
        self.assertEqual(self.summary()["run"]["handover_left"], 3)
        notice = self.told(sink)[0]
        self.check_text(notice)
        self.assertEqual((notice["event"], notice["exit"], notice["handover_left"]), ("needs_attention", 0, 3))
        self.assertEqual([t["kind"] for t in notice["troubles"]], ["handovers"])
        _, out, _ = self.finish(self.start("status", sandbox=sandbox, options={}, words=("--json",)), 0)
        self.assertEqual(json.loads(out)["handover_left"], 3)
        fails.plan.clear()
        self.run_batch(sandbox=sandbox, options=options)
        self.assertEqual(self.summary()["handover_left"], 0)
        self.assertEqual(len(self.told(sink)), 1)

    def test_without_on_stored_nothing_is_left(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(2)
        fails = self.sink(*[500] * 100)
        self.run_batch(sandbox=sandbox, options={"on_stored.url": fails.url, "on_stored.timeout": "200ms"})
        self.assertEqual(self.summary()["handover_left"], 2)
        self.run_batch(sandbox=sandbox)
        self.assertEqual(self.summary()["handover_left"], 0)

    def test_a_certificate_that_ends_in_five_days(self):
        if not shutil.which("openssl"):
            self.skipTest("needs openssl")
        cert, key = os.path.join(self.directory, "cert.pem"), os.path.join(self.directory, "key.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
             "5", "-subj", "/CN=localhost", "-keyout", key, "-out", cert], check=True, capture_output=True,
        )
        os.chmod(key, 0o600)
        hook = "22222222-2222-4222-8222-00000000e002"
        sandbox = self.fast_sandbox("--webhook", f"{hook}=http://127.0.0.1:9/webhook,secret")
        sink = self.sink()
        options = {"webhook.listen": f"127.0.0.1:{free_port()}", "webhook.secret": "secret", "webhook.tls_cert": cert,
                   "webhook.tls_key": key, "request.webhook_ids": hook, "webhook.fallback_after": "0",
                   "notify.url": sink.url}
        process = self.serve(sandbox, **{name.replace(".", "__"): value for name, value in options.items()})
        wait_for(lambda: self.troubles(sink), "the notice")
        notice = self.troubles(sink)[0]
        self.check_text(notice)
        self.assertEqual([t["kind"] for t in notice["troubles"]], ["certificate"])
        self.assertIn(cert, notice["text"])
        self.assertRegex(notice["text"], r"ends on \d{4}-\d\d-\d\d, in [45] days")
        self.stop(process, 0)
        process = self.serve(sandbox, **{name.replace(".", "__"): value for name, value in options.items()})
        self.write_pdfs(1)
        wait_for(lambda: self.results(), "the result")
        self.stop(process, 0)
        self.assertEqual(len(self.troubles(sink)), 1, "twice within a day")

    def test_files_that_cannot_be_read(self):
        sandbox, sink = self.fast_sandbox(), self.sink()
        self.write_pdfs(1)
        self.write("bad.pdf", pdf(7))
        self.shim = {"LD_PRELOAD": SHIM, "SHIM_UNDER": self.input, "SHIM_ERROR": str(errno.EIO), "SHIM_CALLS": "r",
                     "SHIM_SKIP": "0", "SHIM_MS": "0", "SHIM_ONLY": "bad.pdf"}
        process = self.serve(sandbox, notify__url=sink.url, input__patience="1s")
        wait_for(lambda: self.troubles(sink), "the notice")
        notice = self.troubles(sink)[0]
        self.check_text(notice)
        self.assertIn("unread", [t["kind"] for t in notice["troubles"]])
        self.assertEqual(notice["unread"], 1)
        self.stop(process, None)


if __name__ == "__main__":
    unittest.main()

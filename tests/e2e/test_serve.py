"""`serve` as a service manager sees it: ready, alive, stopping, and what it leaves."""

import os
import signal
import socket
import threading
import unittest

from harness import Case, free_port, pdf, wait_for

SECRET = "a signing secret"
HOOK = "22222222-2222-4222-8222-00000000e001"


class Manager:
    """The socket that systemd would listen on, and always does: whoever speaks to it waits where ten messages do. Each
    message is taken apart into its lines."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.heard = []
        self.thread = threading.Thread(target=self.hear, daemon=True)
        self.thread.start()

    def hear(self):
        while message := self.socket.recv(4096):
            self.heard += message.decode().split("\n")

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.path)
        self.thread.join()
        self.socket.close()

    def wait_for(self, beginning, times=1):
        wait_for(lambda: self.count(beginning) >= times, f"{beginning}; heard: {self.heard}")
        return next(line for line in self.heard if line.startswith(beginning))

    def count(self, beginning):
        return sum(line.startswith(beginning) for line in self.heard)


class Serve(Case):
    def setUp(self):
        super().setUp()
        self.manager = Manager(self.directory)
        self.addCleanup(self.manager.close)
        self.secrets = os.path.join(self.directory, "secrets")
        with open(self.secrets, "w", encoding="utf-8") as f:
            os.fchmod(f.fileno(), 0o600)
            f.write(SECRET + "\n")
        self.port = free_port()

    def sandbox(self, *options):
        hook = f"{HOOK}=http://127.0.0.1:{self.port}/webhook,{SECRET}"
        return super().sandbox("--webhook", hook, *options)

    def environment(self, key=None):
        environment = super().environment() if key is None else super().environment(key)
        environment["NOTIFY_SOCKET"] = self.manager.path
        environment["WATCHDOG_USEC"] = "200000"
        environment.pop("WATCHDOG_PID", None)
        return environment

    def serve(self, sandbox, **options):
        settings = {
            **self.FAST,
            "input.directory": self.input,
            "webhook.listen": f"127.0.0.1:{self.port}",
            "webhook.secret_file": self.secrets,
            "request.webhook_ids": HOOK,
        }
        settings.update({name.replace("__", "."): value for name, value in options.items()})
        return self.start("serve", sandbox=sandbox, options=settings)

    def all_stored(self, sandbox, count):
        wait_for(lambda: len(self.results_there()) == count, f"{count} results")
        self.assertEqual(sandbox.stats()["accepted"], count)

    def results_there(self):
        return self.results() if os.path.isdir(os.path.join(self.output, "results")) else {}

    def test_it_is_ready_and_alive_stays_and_ends_with_0_when_stopped(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(5)
        process = self.serve(sandbox)
        self.manager.wait_for("READY=1")
        self.assertEqual(self.manager.heard[0], "READY=1", "nothing is said before it is ready")
        self.all_stored(sandbox, 5)
        already = self.manager.count("WATCHDOG=1")
        self.manager.wait_for("WATCHDOG=1", already + 5)
        self.assertIsNone(process.poll(), "it ended with the batch")
        self.assertEqual(self.manager.count("STOPPING=1"), 0)
        process.send_signal(signal.SIGTERM)
        self.manager.wait_for("STOPPING=1")
        self.finish(process, expected=0)
        self.assertEqual(self.manager.count("READY=1"), 1)
        self.assertEqual(self.manager.count("STOPPING=1"), 1)
        self.assertEqual(self.summary()["stored"], 5)

    def test_the_status_line_has_the_numbers_and_the_summary_is_there_while_it_stays(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(3)
        self.write("notes.txt", b"not a document\n")
        process = self.serve(sandbox)
        told = "STATUS=3 of 4 documents stored, 0 failed, 1 rejected, 0 in doubt; 0 uploading, 0 processing, 0 to go"
        self.manager.wait_for(told)
        wait_for(lambda: os.path.exists(os.path.join(self.output, "failures.csv")), "failures.csv")
        self.assertEqual(self.summary()["stored"], 3)
        self.assertEqual([row["state"] for row in self.failures()], ["rejected"])
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        self.finish(process, expected=1)

    def test_what_is_still_processed_makes_it_end_with_5_and_run_goes_on(self):
        sandbox = self.sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "1h"
        )
        self.write("slow.pdf", pdf(1))
        process = self.serve(sandbox)
        wait_for(lambda: sandbox.stats()["accepted"] == 1, "the upload")
        process.send_signal(signal.SIGTERM)
        _, _, err = self.finish(process, expected=5)
        self.assertIn("run the same command again", err)
        self.assertEqual(self.summary()["processing"], 1)

    def test_a_hangup_does_not_end_it(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        process = self.serve(sandbox)
        self.manager.wait_for("READY=1")
        process.send_signal(signal.SIGHUP)
        already = self.manager.count("WATCHDOG=1")
        self.manager.wait_for("WATCHDOG=1", already + 5)
        self.all_stored(sandbox, 1)
        process.send_signal(signal.SIGTERM)
        _, _, err = self.finish(process, expected=0)
        self.assertIn("run.reload", err)

    def test_it_is_not_ready_when_it_cannot_begin(self):
        sandbox = self.fast_sandbox()
        blocked = os.path.join(self.directory, "a-file")
        with open(blocked, "wb"):
            pass
        process = self.serve(sandbox, output__directory=os.path.join(blocked, "out"))
        _, _, err = self.finish(process, expected=2)
        self.assertIn("output.directory", err)
        self.assertEqual(self.manager.heard, [])

    def test_a_key_that_is_refused_ends_it(self):
        sandbox = self.fast_sandbox("--revoke-key-after", "1")
        self.write_pdfs(5)
        process = self.serve(sandbox)
        self.finish(process, expected=4)
        self.manager.wait_for("STOPPING=1")

    def test_without_a_receiver_there_is_nothing_to_stay_for(self):
        sandbox = self.fast_sandbox()
        _, _, err = self.finish(self.serve(sandbox, webhook__listen="off"), expected=2)
        self.assertIn("webhook.listen is off", err)
        _, _, err = self.finish(self.serve(sandbox, input__directory=None), expected=2)
        self.assertIn("input.directory", err)
        self.assertEqual(sandbox.stats()["posts"], 0)


if __name__ == "__main__":
    unittest.main()

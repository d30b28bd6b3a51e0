"""retry and dismiss beside a service, in each of its states: taken at once, done, and told."""

import json
import os
import signal
import threading
import unittest

from harness import pdf, wait_for
from test_between_runs import BetweenCase, stranger


class Service(BetweenCase):
    """Its scheduled run is over: a document failed, another was rejected."""

    def alone(self, command, *words, sandbox=None, paths=(), expected=0):
        """With the ledger's directory, and the key of a retry; where to send stands in for Mindee."""
        key = {} if command == "retry" else {"key": None}
        options = {"api.model_id": None, **self.FAST}
        process = self.start(command, *paths, sandbox=sandbox, options=options, words=words, **key)
        return self.finish(process, expected)

    def numbers(self, *names):
        code, out, _ = self.finish(self.start("status", words=("--json",)))
        return tuple(json.loads(out)[name] for name in names) if code == 0 else None

    def setUp(self):
        super().setUp()
        self.failing = self.late_sandbox("--fail-rate", "1", "--latency-median", "30ms")
        self.write_pdfs(1)
        self.write("note.txt", b"words")
        self.process = self.missed_run(self.failing)
        self.assertEqual(self.numbers("failed", "rejected"), (1, 1), self.log())
        self.good = self.fast_sandbox("--seed", "9")

    def retry_and_dismiss(self):
        _, out, _ = self.alone("dismiss", "--rejected", "--note", "no invoice")
        self.assertIn("1 document is dismissed", out)
        self.assertEqual(self.numbers("rejected", "dismissed"), (0, 1))
        self.alone("retry", "--failed", sandbox=self.good)
        self.assertEqual(self.numbers("failed", "stored", "dismissed"), (0, 1, 1))
        self.assertEqual(self.good.stats()["posts"], 1)
        self.assertEqual(self.failures(), [])
        self.assertIsNone(self.process.poll())

    def test_between_its_runs(self):
        self.assertFalse(os.path.exists(os.path.join(self.output, ".control")))
        self.retry_and_dismiss()
        self.stop(self.process)

    def test_while_it_takes_webhooks(self):
        """They come without a pause, and keep the ledger open: it makes way. None is lost: 503 has it come again."""
        over, answers = threading.Event(), set()

        def deliver():
            number = 0
            while not over.is_set():
                number += 1
                answers.add(self.deliver(stranger(number)))

        thread = threading.Thread(target=deliver)
        thread.start()
        try:
            wait_for(lambda: os.path.exists(os.path.join(self.output, ".control")), "a run that receives")
            self.retry_and_dismiss()
        finally:
            over.set()
            thread.join()
        self.assertLessEqual(answers, {200, 503})
        self.assertIn("webhook.makes_way", self.log())
        wait_for(lambda: self.deliver(stranger(0)) == 200, "the ledger, free again")
        self.stop(self.process)

    def test_while_a_scheduled_run_is_on(self):
        self.stop(self.process)
        with self.database() as db, db:
            db.execute("DELETE FROM period")
        self.write("late.pdf", pdf(50))
        slow = self.late_sandbox("--latency-median", "600s", "--latency-sigma", "0")
        self.process = self.serve_hooked(slow)
        wait_for(lambda: self.numbers("processing") == (1,), "its document")
        self.alone("dismiss", "--rejected")
        self.assertEqual(self.numbers("dismissed", "failed"), (1, 1))
        _, out, _ = self.alone("retry", "--failed")
        self.assertIn("taken up again: 1", out)
        wait_for(lambda: self.numbers("failed", "processing") == (0, 2), "the retry")
        self.stop(self.process, expected=5)

    def test_while_it_ends(self):
        """Exit 3, the holder, and the way out."""
        self.stop(self.process)
        with self.database() as db, db:
            db.execute("DELETE FROM period")
        self.write("late.pdf", pdf(50))
        stalls = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--fault", "post:slow=1,60s")
        self.process = self.serve_hooked(stalls)
        wait_for(lambda: self.numbers("processing") == (1,), "its upload")
        self.process.send_signal(signal.SIGTERM)
        wait_for(lambda: "serve.stop" in self.log(), "its end's beginning")
        _, _, err = self.alone("dismiss", "--rejected", expected=3)
        self.assertRegex(err, rf"process {self.process.pid} .*run the same command again when it has ended")
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


if __name__ == "__main__":
    unittest.main()

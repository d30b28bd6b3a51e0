"""Webhooks that come to `serve` while no scheduled run is on: taken at once, whatever the moment."""

import json
import os
import signal
import threading
import time
import unittest

from harness import wait_for
from test_periods import ScheduleCase
from test_webhooks import HookCase


def stranger(number):
    return b'{"inference": {"id": "%032x", "job": {"id": "00000000-0000-4000-8000-%012x"}}}' % (number, number)


class BetweenCase(HookCase, ScheduleCase):
    """Each delivery is tried once: what isn't taken at the first time is lost."""

    def late_sandbox(self, *options):
        return self.sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "3s", "--latency-sigma", "0.1",
            "--webhook", f"{self.HOOK}={self.url},{self.SECRETS[0]}", "--webhook-retries", "0", *options)

    HOOK = "aaaaaaaa-1111-4111-8111-0000000e0001"

    def held(self, **more):
        """Options under which a run ends before a webhook can have come."""
        return self.hooked(**{"retry.in_doubt": "hold", "retry.in_doubt_wait": "200ms", **more})

    def serve_hooked(self, sandbox, **more):
        return self.serve(sandbox, **self.held(**more))

    def missed_run(self, sandbox, ended=None, **more):
        """A service whose run of today was due, and is over by the time this returns."""
        process = self.serve_hooked(sandbox, **more)
        wait_for(self.rule_is_known, "the rule's first sight")
        self.stop(process)
        with self.database() as db, db:
            db.execute("UPDATE schedule_rule SET since = ?", (int(self.due.timestamp() * 1000) - 3600_000,))
        process = self.serve_hooked(sandbox, **more)
        wait_for(ended or self.done, "the run")
        wait_for(lambda: os.path.exists(os.path.join(self.output, "summary.json")), "its numbers")
        return process


class Taken(BetweenCase):
    DOCUMENTS = 12

    def all_in_doubt(self, *options, **more):
        sandbox = self.late_sandbox("--fault", "post:reset-after=1", *options)
        self.write_pdfs(self.DOCUMENTS)
        process = self.missed_run(sandbox, **{"limits.uploads": "32", "limits.canary": "32", **more})
        self.assertEqual(self.summary()["in_doubt"], self.DOCUMENTS, self.log())
        self.assertEqual(self.results(), {})
        return sandbox, process

    def check_all_stored_once(self, sandbox):
        self.assertEqual(len(self.results()), self.DOCUMENTS)
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["in_doubt"], summary["resent"]), (self.DOCUMENTS, 0, 0))
        wait_for(lambda: self.failures() == [], "an empty list of failures")
        self.assertEqual(sandbox.stats()["posts"], self.DOCUMENTS)
        hooks = self.settled(sandbox)
        self.assertEqual((hooks["delivered"], hooks["failed"]), (self.DOCUMENTS, 0))
        self.check_verify(0)
        self.check_nothing_secret_or_forged()

    def test_doubt_is_settled_after_the_run(self):
        hands = os.path.join(self.directory, "hands")
        sandbox, process = self.all_in_doubt(
            **{"on_stored.command": f"/bin/sh -c 'cat >> {hands} && echo >> {hands}'"})
        ended = self.summary()["run"]["finished_at"]
        wait_for(lambda: len(self.results()) == self.DOCUMENTS, "the results")
        wait_for(lambda: self.summary()["stored"] == self.DOCUMENTS, "the numbers")
        self.check_all_stored_once(sandbox)
        self.assertEqual(self.summary()["run"]["finished_at"], ended, "taking webhooks is no run")
        self.assertEqual(sandbox.stats()["gets"], 1, "the check of the endpoints alone")

        def handed_over():
            with open(hands, encoding="utf-8") as f:
                return sum("inference" in line for line in f)

        wait_for(lambda: handed_over() == self.DOCUMENTS, "every result, handed over")
        # the ledger is free again soon: whoever writes to it finds it so
        wait_for(lambda: self.finish(self.start("verify", words=("--repair",)))[0] != 3, "a free ledger")
        self.assertIsNone(process.poll())
        self.stop(process)

    def test_and_after_a_restart(self):
        sandbox, process = self.all_in_doubt()
        process.kill()
        process.wait()
        process = self.serve_hooked(sandbox, **{"limits.uploads": "32", "limits.canary": "32"})
        wait_for(lambda: self.summary()["stored"] == self.DOCUMENTS, "the numbers")
        self.check_all_stored_once(sandbox)
        self.stop(process)

    def test_with_the_inputs_away(self):
        sandbox, process = self.all_in_doubt()
        os.rename(self.input, self.input + ".away")
        wait_for(lambda: self.summary()["stored"] == self.DOCUMENTS, "the numbers")
        os.rename(self.input + ".away", self.input)
        self.check_all_stored_once(sandbox)
        self.stop(process)

    def test_a_failure_of_a_known_job_has_it_asked_for(self):
        sandbox = self.late_sandbox("--fail-rate", "1", "--seed", "3")
        self.write_pdfs(4)
        process = self.missed_run(
            sandbox, ended=lambda: "period.goes_on" in self.log(),
            **{"polling.give_up_after": "300ms", "retry.max_attempts": "1", "webhook.fallback_after": "100ms"})
        self.assertEqual(self.summary()["processing"], 4)
        wait_for(lambda: self.summary()["failed"] == 4, "the numbers")
        self.assertEqual(sandbox.stats()["posts"], 4)
        wait_for(lambda: {row["state"] for row in self.failures()} == {"failed"}, "the list of failures")
        self.stop(process, expected=0)


class Moments(BetweenCase):
    def test_no_delivery_is_refused_whatever_the_moment(self):
        """One after the other, from the service's first breath on: while its run begins, is on, ends, and after it."""
        sandbox = self.late_sandbox()
        self.write_pdfs(3)
        self.stop(self.missed_run(sandbox))
        for again in range(3):
            with self.database() as db, db:
                db.execute("DELETE FROM period")
            self.write_pdfs(2, first=10 * (again + 1))
            process = self.serve_hooked(sandbox)
            stop, answers = threading.Event(), []

            def deliver():
                while not stop.is_set():
                    answers.append(self.deliver(stranger(len(answers) + 100000 * again)))

            threads = [threading.Thread(target=deliver) for _ in range(2)]
            for thread in threads:
                thread.start()
            try:
                wait_for(self.done, "the run")
                time.sleep(1)
            finally:
                stop.set()
                for thread in threads:
                    thread.join()
            self.assertEqual(set(answers), {200}, self.log())
            self.assertGreater(len(answers), 10)
            self.stop(process)

    def test_a_forged_one_opens_nothing(self):
        sandbox = self.late_sandbox()
        process = self.missed_run(sandbox)
        for secret in ("not the secret", None):
            self.assertEqual(self.deliver(stranger(1), secret=secret), 401)
        self.assertNotIn("webhook.opens", self.log())
        self.assertEqual(self.deliver(stranger(1)), 200)
        self.assertEqual(self.log().count("webhook.opens"), 1)
        self.stop(process)

    def test_while_a_run_by_hand_has_the_ledger_it_comes_again(self):
        sandbox = self.late_sandbox()
        self.write_pdfs(1)
        process = self.missed_run(sandbox)
        self.write_pdfs(1, first=7)
        other = self.start("run", self.input, sandbox=self.sandbox("--latency-median", "1h"), options=self.FAST)
        wait_for(self.busy, "the other run")
        self.assertEqual(self.deliver(stranger(1)), 503)
        self.assertIn("webhook.refused", self.log())
        other.send_signal(signal.SIGTERM)
        self.finish(other)
        wait_for(lambda: self.deliver(stranger(1)) == 200, "the ledger, free again")
        self.stop(process)

    def busy(self):
        code, out, _ = self.finish(self.start("status", words=("--json",)))
        return code == 0 and json.loads(out)["queued"] + json.loads(out)["processing"] > 0


if __name__ == "__main__":
    unittest.main()

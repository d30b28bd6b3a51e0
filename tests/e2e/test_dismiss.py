"""dismiss: documents that a person settles by hand, and how they come back."""

import json
import os
import unittest

from harness import Case, pdf, wait_for
from test_webhooks import HookCase


class Dismissing(Case):
    def dismiss(self, *arguments, expected=0, note=None):
        """Needs the output directory alone: no model, no key."""
        words = [a for a in arguments if a.startswith("--")] + (["--note", note] if note else [])
        paths = [a for a in arguments if not a.startswith("--")]
        process = self.start("dismiss", *paths, words=words, key=None, options={"api.model_id": None})
        return self.finish(process, expected)

    def retry(self, *arguments, sandbox, expected=0):
        words = [a for a in arguments if a.startswith("--")]
        paths = [a for a in arguments if not a.startswith("--")]
        return self.finish(self.start("retry", *paths, sandbox=sandbox, options=self.FAST, words=words), expected)

    def explain(self, path):
        return self.finish(self.start("explain", path), 0)[1]

    def status(self):
        return json.loads(self.finish(self.start("status", words=["--json"]), 0)[1])

    def path(self, name):
        return os.path.join(self.input, name)


class Dismiss(Dismissing):
    def test_what_was_rejected_and_is_settled_makes_no_exit_1(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(2)
        self.write("note.txt", b"words")
        self.run_batch(sandbox=sandbox, expected=1)
        self.assertEqual([row["state"] for row in self.failures()], ["rejected"])
        self.dismiss("--rejected", note="a letter, no invoice")
        summary = self.summary()
        self.assertEqual((summary["dismissed"], summary["rejected"], summary["stored"]), (1, 0, 2))
        self.assertEqual(self.failures(), [])
        self.run_batch(sandbox=sandbox, expected=0)
        self.assertEqual(self.summary()["dismissed"], 1)
        self.assertEqual(self.failures(), [])
        self.finish(self.start("verify", self.input), 0)
        told = self.explain(self.path("note.txt"))
        self.assertIn("rejected, dismissed", told)
        self.assertIn("somebody settled it by hand (a letter, no invoice)", told)
        status = self.status()
        self.assertEqual(status["dismissed"], 1)
        (row,) = [r for r in status["list"] if r["path"] == self.path("note.txt")]
        self.assertEqual(row["state"], "rejected")
        self.assertRegex(row["dismissed"], r"^\d{4}-.*Z$")
        self.assertRegex(self.finish(self.start("status"), 0)[1], r"dismissed +0 +1 ")
        planned = self.finish(self.start("plan", self.input), 0)[1]
        self.assertRegex(planned, r"\ndismissed +1   settled by hand: not sent, until `retry FILE`\n")
        self.assertNotIn("rejected", planned)
        self.write("note.txt", b"other words")  # another file: nobody settled that
        planned = self.finish(self.start("plan", self.input), 0)[1]
        self.assertRegex(planned, r"\nrejected +1   listed below\n")
        self.assertNotIn("dismissed", planned)

    def test_a_retry_by_path_takes_it_up_again_and_one_by_state_does_not(self):
        sandbox = self.fast_sandbox("--fail-rate", "1")
        self.write_pdfs(3)
        self.run_batch(sandbox=sandbox, expected=1)
        self.dismiss("--failed")
        good = self.fast_sandbox()
        self.retry("--failed", sandbox=good, expected=0)
        self.assertEqual(good.stats()["posts"], 0)
        self.assertEqual(self.summary()["dismissed"], 3)
        self.retry(self.path("invoice-00001.pdf"), sandbox=good)
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["dismissed"], summary["failed"]), (1, 2, 0))
        self.assertEqual(good.stats()["posts"], 1)
        self.retry(self.path("invoice-00002.pdf"), sandbox=sandbox, expected=1)
        summary = self.summary()
        self.assertEqual((summary["failed"], summary["dismissed"]), (1, 1))

    def test_a_rejected_file_is_sent_when_it_is_asked_for(self):
        """Settled as a file that nobody could read; what is there now is read when a person says so."""
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        self.write("late.pdf", b"")
        self.run_batch(sandbox=sandbox, expected=1)
        self.dismiss(self.path("late.pdf"))
        self.run_batch(sandbox=sandbox, expected=0)
        self.retry(self.path("late.pdf"), sandbox=sandbox, expected=1)  # it is as empty as it was
        self.assertEqual(self.summary()["rejected"], 1)
        self.dismiss(self.path("late.pdf"))
        self.write("late.pdf", pdf(77))
        self.retry(self.path("late.pdf"), sandbox=sandbox, expected=0)
        self.assertEqual(self.summary()["stored"], 2)

    def test_in_doubt_and_settled_is_sent_by_no_run(self):
        sandbox = self.fast_sandbox("--fault", "post:reset-after=1")
        self.write_pdfs(3)
        self.run_batch(sandbox=sandbox, expected=1, options={"retry.in_doubt": "hold"})
        self.assertEqual(self.summary()["in_doubt"], 3)
        self.dismiss("--in-doubt")
        good = self.fast_sandbox()
        self.run_batch(sandbox=good, options={"retry.in_doubt": "resend"})
        summary = self.summary()
        self.assertEqual((summary["dismissed"], summary["in_doubt"], summary["credits_at_risk"]), (3, 0, 3))
        self.assertEqual(good.stats()["posts"], 0)
        self.retry(self.path("invoice-00000.pdf"), sandbox=good)
        summary = self.summary()
        self.assertEqual((summary["dismissed"], summary["stored"], summary["resent"]), (2, 1, 1))

    def test_what_was_on_the_wire_when_the_run_was_killed(self):
        """Whether Mindee has it nobody knows: it is in doubt, before any other run says so, and sent by none."""
        sandbox = self.fast_sandbox("--fault", "post:slow=1,60s")
        self.write_pdfs(2)
        process = self.start("run", self.input, sandbox=sandbox, options=self.FAST)
        wait_for(lambda: sandbox.stats()["posts"] == 2, "both uploads")
        process.kill()
        process.communicate()
        _, out, _ = self.dismiss(self.path("invoice-00000.pdf"), note="keyed in")
        self.assertIn("1 document is dismissed", out)
        numbers = self.status()
        self.assertEqual((numbers["dismissed"], numbers["in_doubt"], numbers["processing"]), (1, 1, 0))
        self.assertEqual([row["state"] for row in self.failures()], ["in_doubt"])
        _, out, _ = self.dismiss("--in-doubt")
        self.assertIn("1 document is dismissed", out)
        good = self.fast_sandbox()
        self.run_batch(sandbox=good)
        self.assertEqual(good.stats()["posts"], 0)
        self.assertEqual((self.summary()["dismissed"], self.summary()["credits_at_risk"]), (2, 2))
        self.assertIn("keyed in", self.explain(self.path("invoice-00000.pdf")))
        self.finish(self.start("verify", self.input), 0)

    def test_what_cannot_be_dismissed_is_named_and_then_nothing_is(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        self.write("note.txt", b"words")
        self.run_batch(sandbox=sandbox, expected=1)
        stored = self.path("invoice-00000.pdf")
        _, _, err = self.dismiss("--rejected", stored, expected=2)
        self.assertIn(f"{stored} is stored", err)
        _, _, err = self.dismiss(self.path("nowhere.pdf"), expected=2)
        self.assertIn("is not in the ledger", err)
        self.dismiss(expected=2)
        self.assertEqual(self.summary()["dismissed"], 0)
        self.output = os.path.join(self.directory, "mistyped")
        for command, words in (("dismiss", ["--rejected"]), ("retry", ["--failed"]), ("verify", []), ("explain", [])):
            paths = [stored] if command == "explain" else []
            _, _, err = self.finish(self.start(command, *paths, words=words), 2)
            self.assertIn("name the output directory of a run", err, command)
            self.assertFalse(os.path.exists(self.output))

    def test_its_help_fits_a_screen(self):
        out = self.finish(self.start("dismiss", words=["--help"]), 0)[1]
        lines = out.splitlines()
        self.assertLessEqual(len(lines), 24)
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertIn("--note TEXT", out)
        self.assertNotIn("look at the files again", out)  # which retry does
        self.assertIn("look at the files again", self.finish(self.start("retry", words=["--help"]), 0)[1])


class After(Dismissing, HookCase):
    def test_a_result_that_comes_after_all_counts(self):
        """In doubt, settled by hand; and then its webhook brings the result."""
        sandbox = self.hook_sandbox("--fault", "post:reset-after=1", "--latency-median", "4s", "--latency-sigma", "0",
                                    "--webhook-retries", "60", "--webhook-pause", "200ms")
        hold = {"retry.in_doubt": "hold"}
        self.write_pdfs(1)
        self.run_hooked(sandbox, 1, **{"retry.in_doubt_wait": "100ms", **hold})
        self.dismiss("--in-doubt", note="paid by telephone")
        self.assertEqual(self.summary()["dismissed"], 1)
        self.write_pdfs(1, first=1)  # what the run waits for
        self.run_hooked(sandbox, 0, **{"retry.in_doubt_wait": "60s", **hold})
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["dismissed"], summary["resent"]), (2, 0, 0))
        self.assertEqual(sandbox.stats()["posts"], 2)
        told = self.explain(self.path("invoice-00000.pdf"))
        self.assertIn("paid by telephone", told)
        self.assertNotIn(", dismissed", told)


if __name__ == "__main__":
    unittest.main()

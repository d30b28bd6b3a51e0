"""What the options of input leave out: plan, run, verify, status and summary.json say how many, and plan says why."""

import os
import signal
import unittest

from comings import Comings
from harness import pdf, wait_for

LETTING_IN = {"input.include": "*.pdf"}


class LeftOut(Comings):
    def setUp(self):
        super().setUp()
        self.service = self.fast_sandbox()
        self.put("invoices", "good.pdf", data=pdf(0))
        self.put("invoices", "UPPER.PDF", data=pdf(1))
        self.put("invoices", "sub", "deep.pdf", data=pdf(2))

    def leave_some_out(self):
        """Six: a directory counts as one, whatever is in it."""
        self.put("invoices", "notes.txt", data=b"words")
        self.put("invoices", "sub", "more.txt", data=b"words")
        self.put("invoices", ".hidden.pdf", data=pdf(3))
        self.put("invoices", "@eaDir", "thumbnail.pdf", data=pdf(4))
        self.put("invoices", "@eaDir", "another.pdf", data=pdf(5))
        os.symlink("good.pdf", os.path.join(self.input, "link.pdf"))
        os.symlink("sub", os.path.join(self.input, "to-sub"))

    def numbers(self, count, files=3):
        for of in (self.summary(), self.status()):
            self.assertEqual((of["left_out"], of["run"]["left_out"], of["files"]), (count, count, files))

    def test_nothing_is(self):
        plan = self.words("plan", self.input)
        self.assertNotIn("left out", plan)
        self.assertNotIn("left out", self.go(self.service))
        self.numbers(0)
        self.assertNotIn("left out", self.words("verify", self.input))

    def test_plan_run_verify_and_status_say_how_many(self):
        self.leave_some_out()
        plan = self.words("plan", self.input, options=LETTING_IN)
        self.assertRegex(plan, r"files +3\b")
        self.assertRegex(plan, r"left out +6\b")
        for name, why in (("notes.txt", "not in input.include"), ("sub/more.txt", "not in input.include"),
                          (".hidden.pdf", "input.exclude"), ("@eaDir", "input.exclude"),
                          ("link.pdf", "a symbolic link, input.follow_symlinks = no"),
                          ("to-sub", "a symbolic link, input.follow_symlinks = no")):
            self.assertIn(f"{os.path.join(self.input, name)}: {why}\n", plan)
        self.assertRegex(self.go(self.service, input__include="*.pdf"), r"left out +6\b")
        self.numbers(6)
        self.assertEqual(self.service.stats()["posts"], 3)
        self.assertRegex(self.words("verify", self.input, options=LETTING_IN), r"inputs left out +6\b")
        self.assertRegex(self.words("status"), r"left out +6\b")

    def test_as_the_last_walk_saw_it(self):
        self.leave_some_out()
        self.go(self.service, input__include="*.pdf")
        self.go(self.service, input__recursive="no", input__include="*.pdf")
        self.numbers(6)  # sub instead of what is in it
        for name in ("link.pdf", "to-sub", ".hidden.pdf", "notes.txt"):
            os.unlink(os.path.join(self.input, name))
        self.go(self.service, input__include="*.pdf")
        self.numbers(2)
        self.assertEqual(self.service.stats()["posts"], 3)

    def test_all_of_it(self):
        self.leave_some_out()
        out = self.go(self.service, input__include="*.tiff")
        self.assertRegex(out, r"left out +9\b")
        self.numbers(9, files=0)

    def test_a_folder_that_is_watched(self):
        self.leave_some_out()
        process = self.start("serve", sandbox=self.service, options={
            **self.FAST, **LETTING_IN, "input.directory": self.input, "watch.enabled": "yes", "watch.quiet": "20ms",
            "watch.rescan": "1s"})
        wait_for(lambda: os.path.exists(os.path.join(self.output, "ledger.db")), "a ledger")

        def left_out(count):
            wait_for(lambda: self.number("left_out") == count, f"{count} left out")

        left_out(6)
        self.put("invoices", "late.txt", data=b"words")
        left_out(7)
        os.unlink(os.path.join(self.input, "late.txt"))
        os.unlink(os.path.join(self.input, "notes.txt"))
        left_out(5)
        wait_for(lambda: self.number("stored") == 3, "the results")
        process.send_signal(signal.SIGTERM)
        self.finish(process, 0)
        self.numbers(5)

    def number(self, name):
        try:
            return self.status()[name]
        except (AssertionError, ValueError):
            return None  # it is just being made


if __name__ == "__main__":
    unittest.main()

"""What was never sent and isn't there any more leaves the counts, failures.csv and the exit code; what was sent never
does."""

import os
import unittest

from comings import Comings, sha
from harness import pdf

TEXT = b"no document\n"


class Gone(Comings):
    def setUp(self):
        super().setUp()
        self.service = self.fast_sandbox()
        self.put("invoices", "good.pdf", data=pdf(0))

    def rejected(self, *names):
        for name in names:
            self.put("invoices", name, data=TEXT + name.encode())
        self.go(self.service, expected=1)
        self.numbers(files=1 + len(names), documents=1 + len(names), stored=1, rejected=len(names))
        self.assertEqual(len(self.failures()), len(names))

    def settled(self, files=1, stored=1, **options):
        self.go(self.service, **options)
        self.numbers(files=files, documents=files, stored=stored, rejected=0, unread=0)
        self.assertEqual(self.failures(), [])
        numbers = self.status()
        self.assertEqual((numbers["files"], len(numbers["list"]) >= files), (files, True))
        self.words("verify", self.input, options={k.replace("__", "."): v for k, v in options.items()})

    def test_deleted(self):
        self.rejected("notes.txt", "sub/other.txt")
        os.unlink(os.path.join(self.input, "notes.txt"))
        self.go(self.service, expected=1)
        self.numbers(files=2, rejected=1)
        os.unlink(os.path.join(self.input, "sub", "other.txt"))
        os.rmdir(os.path.join(self.input, "sub"))
        self.settled()

    def test_excluded(self):
        self.rejected("notes.txt", "sub/other.txt")
        self.settled(input__exclude=".*,*.txt")
        self.go(self.service, expected=1)  # and let in again
        self.numbers(files=3, rejected=2)
        self.settled(input__include="*.pdf")

    def test_a_directory_excluded(self):
        self.rejected("sub/other.txt")
        self.settled(input__exclude=".*,sub")

    def test_not_recursive_any_more(self):
        self.rejected("sub/other.txt")
        self.settled(input__recursive="no")

    def test_converted(self):
        self.rejected("notes.txt")
        os.unlink(os.path.join(self.input, "notes.txt"))
        self.put("invoices", "notes.pdf", data=pdf(1))
        self.settled(files=2, stored=2)
        self.assert_stands({"good.pdf": pdf(0), "notes.pdf": pdf(1)})

    def test_mended_in_its_place(self):
        self.rejected("scan.pdf")
        self.put("invoices", "scan.pdf", data=pdf(1))
        self.settled(files=2, stored=2)
        self.assert_stands({"good.pdf": pdf(0), "scan.pdf": pdf(1)})

    def test_renamed(self):
        self.rejected("notes.txt")
        os.rename(os.path.join(self.input, "notes.txt"), os.path.join(self.input, "other.txt"))
        self.go(self.service, expected=1)
        self.numbers(files=2, documents=2, rejected=1)
        self.assertEqual([os.path.basename(row["path"]) for row in self.failures()], ["other.txt"])

    def test_back_again_with_the_same_bytes(self):
        """It is counted again."""
        self.rejected("notes.txt")
        os.unlink(os.path.join(self.input, "notes.txt"))
        self.settled()
        self.rejected("notes.txt")
        os.unlink(os.path.join(self.input, "notes.txt"))
        self.settled()

    def test_back_again_where_another_has_come(self):
        self.rejected("a.pdf")
        self.put("invoices", "a.pdf", data=pdf(1))
        self.settled(files=2, stored=2)
        self.put("invoices", "a.pdf", data=TEXT + b"a.pdf")
        self.go(self.service, expected=1)
        self.numbers(files=3, documents=3, stored=2, rejected=1)

    def test_one_of_two_of_the_same_bytes(self):
        self.put("invoices", "a.txt", data=TEXT)
        self.put("invoices", "b.txt", data=TEXT)
        self.go(self.service, expected=1)
        os.unlink(os.path.join(self.input, "a.txt"))
        self.go(self.service, expected=1)
        self.assertEqual([os.path.basename(row["path"]) for row in self.failures()], ["b.txt"])
        os.unlink(os.path.join(self.input, "b.txt"))
        self.settled()

    def test_queued_and_never_sent(self):
        """Mindee refuses the first; then the rest is taken away."""
        refusing = self.fast_sandbox("--fault", "post:401=1")
        self.put("invoices", "more.pdf", data=pdf(1))
        self.go(refusing, expected=4, limits__uploads="1")
        self.assertEqual(refusing.stats()["posts"], 1)
        self.numbers(files=2, documents=2, queued=2)
        os.unlink(os.path.join(self.input, "more.pdf"))
        self.settled()

    def test_queued_and_replaced(self):
        """What was never sent gives its name up, whatever it was."""
        refusing = self.fast_sandbox("--fault", "post:401=1")
        self.put("invoices", "more.pdf", data=pdf(1))
        self.go(refusing, expected=4, limits__uploads="1")
        self.put("invoices", "more.pdf", data=pdf(2))
        self.settled(files=2, stored=2)
        self.assert_stands({"good.pdf": pdf(0), "more.pdf": pdf(2)})
        self.assertEqual(self.service.stats()["accepted"], 2)

    def test_only_the_path_that_was_walked(self):
        """Another PATH's files aren't looked for: they stay in the counts."""
        other = os.path.join(self.directory, "other")
        self.rejected("notes.txt")
        self.put("other", "b.pdf", data=pdf(1))
        os.unlink(os.path.join(self.input, "notes.txt"))
        self.go(self.service, other, expected=1)
        self.numbers(files=3, stored=2, rejected=1)
        self.settled(files=2, stored=2)

    def test_a_path_that_is_not_there_is_not_an_empty_one(self):
        self.rejected("notes.txt")
        os.rename(self.input, self.input + ".unmounted")
        self.go(self.service, expected=2)
        os.rename(self.input + ".unmounted", self.input)
        numbers = self.status()
        self.assertEqual((numbers["files"], numbers["rejected"]), (2, 1))

    def test_rejected_ones_that_we_moved_are_not_gone(self):
        place = os.path.join(self.directory, "rejected")
        self.put("invoices", "notes.txt", data=TEXT)
        for _ in range(2):
            self.go(self.service, expected=1, input__move_rejected=place)
            self.numbers(files=2, rejected=1)
            self.assertEqual([row["path"] for row in self.failures()], [os.path.join(place, "notes.txt")])

    def test_a_file_as_a_path(self):
        path = self.put("single", "notes.txt", data=TEXT)
        self.go(self.service, path, self.input, expected=1)
        os.unlink(path)
        self.put("single", "notes.txt", data=pdf(1))
        self.go(self.service, path, self.input)
        self.numbers(files=2, documents=2, stored=2, rejected=0)


class Sent(Comings):
    def test_stored_and_deleted(self):
        sandbox = self.fast_sandbox()
        path = self.put("invoices", "a.pdf", data=pdf(0))
        self.put("invoices", "b.pdf", data=pdf(0))
        self.go(sandbox)
        os.unlink(path)
        self.put("invoices", "c.pdf", data=pdf(1))
        self.go(sandbox)
        self.numbers(files=3, documents=2, stored=2, duplicates=1, credits=2)
        self.go(sandbox, input__exclude=".*,*.pdf")
        self.numbers(files=3, documents=2, stored=2, duplicates=1, credits=2)
        self.assertEqual(len(self.results()), 3)

    def test_failed_and_deleted(self):
        failing = self.fast_sandbox("--fail-rate", "1")
        path = self.put("invoices", "a.pdf", data=pdf(0))
        self.go(failing, expected=1, retry__max_attempts="1")
        os.unlink(path)
        for _ in range(2):
            self.go(failing, expected=1, retry__max_attempts="1")
            self.numbers(files=1, documents=1, failed=1)
            self.assertEqual([row["path"] for row in self.failures()], [path])
        self.assertIn(sha(pdf(0)), self.words("explain", path))

    def test_in_doubt_and_deleted(self):
        broken = self.fast_sandbox("--fault", "post:close-after=1")
        path = self.put("invoices", "a.pdf", data=pdf(0))
        self.go(broken, expected=1, retry__in_doubt="hold")
        os.unlink(path)
        self.go(broken, expected=1, retry__in_doubt="hold")
        self.numbers(files=1, documents=1, in_doubt=1)
        self.assertEqual([row["state"] for row in self.failures()], ["in_doubt"])


if __name__ == "__main__":
    unittest.main()

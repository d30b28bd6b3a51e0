"""Strangers plant symbolic links where the program writes and deletes: none is followed, nothing of theirs goes."""

import os
import unittest

from harness import Case, pdf


class Links(Case):
    def setUp(self):
        super().setUp()
        self.stored = os.path.join(self.directory, "stored")
        self.elsewhere = os.path.join(self.directory, "elsewhere")
        os.mkdir(self.elsewhere)
        for name in ("0", "1", "17", "letter.txt", "a.pdf.json", "summary.json.1.tmp"):
            with open(os.path.join(self.elsewhere, name), "w", encoding="utf-8") as f:
                f.write("theirs")
        self.theirs = self.files(self.elsewhere)

    @staticmethod
    def files(root):
        found = {}
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as f:
                    found[os.path.relpath(path, root)] = f.read()
        return found

    def untouched(self):
        self.assertEqual(self.files(self.elsewhere), self.theirs)

    def plant(self, *where):
        path = os.path.join(*where)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(self.elsewhere, path)
        return path

    def test_partial_is_a_link(self):
        sandbox = self.fast_sandbox()
        self.write("a.pdf", pdf(1))
        link = self.plant(self.output, ".partial")
        _, _, err = self.run_batch(sandbox=sandbox, expected=2)
        self.assertIn(".partial: there is a symbolic link", err)
        self.assertEqual(sandbox.stats()["posts"], 0)
        self.untouched()
        os.unlink(link)
        self.run_batch(sandbox=sandbox)
        self.untouched()

    def test_what_isnt_ours_in_partial_stays(self):
        sandbox = self.fast_sandbox()
        self.write("a.pdf", pdf(1))
        partial = os.path.join(self.output, ".partial")
        os.makedirs(partial)
        for name in ("letter.txt", "12"):
            with open(os.path.join(partial, name), "w", encoding="utf-8") as f:
                f.write("theirs")
        self.run_batch(sandbox=sandbox)
        self.assertEqual(os.listdir(partial), ["letter.txt"])

    def test_results_is_a_link(self):
        sandbox = self.fast_sandbox()
        self.write("a.pdf", pdf(1))
        self.plant(self.output, "results")
        _, _, err = self.run_batch(sandbox=sandbox, expected=2)
        self.assertIn("results: there is a symbolic link", err)
        self.untouched()

    def test_below_results(self):
        sandbox = self.fast_sandbox()
        self.write("sub/a.pdf", pdf(1))
        self.write("b.pdf", pdf(2))
        link = self.plant(self.output, "results", "sub")
        self.run_batch(sandbox=sandbox, expected=5)
        self.untouched()
        self.assertEqual(sandbox.stats()["accepted"], 2)
        os.unlink(link)
        self.run_batch(sandbox=sandbox)
        self.assertEqual(set(self.results()), {b"sub/a.pdf.json", b"b.pdf.json"})
        self.assertEqual(sandbox.stats()["accepted"], 2)
        self.untouched()

    def test_below_a_move_directory(self):
        sandbox = self.fast_sandbox()
        self.write("sub/a.pdf", pdf(1))
        self.write("b.pdf", pdf(2))
        link = self.plant(self.stored, "sub")
        _, _, err = self.run_batch(sandbox=sandbox, options={"input.move_stored": self.stored})
        self.assertIn("symbolic link", err)
        self.untouched()
        self.assertEqual(set(self.files(self.input)), {"sub/a.pdf"})
        os.unlink(link)
        self.run_batch(sandbox=sandbox, options={"input.move_stored": self.stored})
        self.assertEqual(set(self.files(self.stored)), {"sub/a.pdf", "b.pdf"})
        self.untouched()


if __name__ == "__main__":
    unittest.main()

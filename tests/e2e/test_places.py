"""What stands under a name and isn't ours is never replaced; a name that can't be a file's gets another; a result that
is gone is written again. Nothing is ever overwritten by another file's."""

import contextlib
import hashlib
import os
import sqlite3
import unittest

from comings import Comings, sha
from harness import pdf, wait_for
from liar import Liar, answer

MINE = b"a stranger's own\n"


class Strangers(Comings):
    def setUp(self):
        super().setUp()
        self.service = self.fast_sandbox()

    def stranger(self, *below, data=MINE):
        return self.put(*below, data=data)

    def assert_stands(self, expected, strangers=()):
        results = os.path.join(self.output, "results")
        for name in strangers:
            path = os.path.join(results, name)
            with open(path, "rb") as f:
                self.assertEqual(f.read(), MINE, name)
            os.unlink(path)
        super().assert_stands(expected)
        for name in strangers:
            self.stranger("out", "results", name)

    def test_in_the_place_of_a_result(self):
        self.stranger("out", "results", "a.pdf.json")
        self.stranger("out", "results", "a (2).pdf.json")
        path = self.put("invoices", "a.pdf", data=pdf(0))
        self.go(self.service)
        self.assert_stands({"a (3).pdf": pdf(0)}, ["a.pdf.json", "a (2).pdf.json"])
        self.sends_nothing()
        self.assert_stands({"a (3).pdf": pdf(0)}, ["a.pdf.json", "a (2).pdf.json"])
        for name in ("a.pdf.json", "a (2).pdf.json"):
            os.unlink(os.path.join(self.output, "results", name))
        self.sends_nothing()
        self.assert_stands({"a (3).pdf": pdf(0)})  # once is for good
        self.assert_explained(path, pdf(0))
        self.sound()

    def test_an_empty_stranger_too(self):
        place = self.stranger("out", "results", "a.pdf.json", data=b"")
        self.put("invoices", "a.pdf", data=pdf(0))
        self.go(self.service)
        self.assertEqual(os.path.getsize(place), 0)
        os.unlink(place)
        self.assert_stands({"a (2).pdf": pdf(0)})

    def test_the_very_bytes_are_ours(self):
        """As after a crash between the rename and its record: no number is needed."""
        liar, job_id = Liar(), "00000000-0000-4000-8000-000000000001"
        self.addCleanup(liar.stop)

        def always_the_same(request, honest):
            job = liar.jobs.pop(request.job["id"])
            job.update(id=job_id, alias="a.pdf", polling_url=f"{liar.url}/v2/jobs/{job_id}")
            liar.jobs[job_id] = job
            return answer(202, {"job": job})

        liar.lie("a.pdf", post=always_the_same)
        self.put("invoices", "a.pdf", data=pdf(0))
        self.go(liar)
        before = self.results()
        for name in os.listdir(self.output):
            if name.startswith("ledger."):
                os.unlink(os.path.join(self.output, name))
        self.go(liar)
        self.assertEqual(len(liar.heard("post")), 2)
        self.assertEqual(self.results(), before)

    def test_where_a_name_goes_over(self):
        self.put("invoices", "a.pdf", data=pdf(0))
        self.go(self.service)
        self.stranger("out", "results", "a.pdf (replaced).json")
        self.put("invoices", "a.pdf", data=pdf(1))
        self.go(self.service)
        self.assert_stands({"a.pdf": pdf(1), "a.pdf (replaced 2)": pdf(0)}, ["a.pdf (replaced).json"])

    def test_in_the_place_of_the_next_coming(self):
        self.put("invoices", "a.pdf", data=pdf(0))
        self.move(self.service)
        self.stranger("out", "results", "a (2).pdf.json")
        self.put("invoices", "a.pdf", data=pdf(1))
        self.move(self.service)
        stands = self.results()
        self.assertEqual(stands[b"a (2).pdf.json"], MINE)
        os.unlink(os.path.join(self.output, "results", "a (2).pdf.json"))
        self.assert_stands({"a.pdf": pdf(0), "a (3).pdf": pdf(1)})

    def test_in_the_move_directory(self):
        """It is moved beside it; its result keeps its name."""
        place = self.stranger("done", "a.pdf")
        path = self.put("invoices", "a.pdf", data=pdf(0))
        self.move(self.service)
        with open(place, "rb") as f:
            self.assertEqual(f.read(), MINE)
        self.assertEqual(self.tree(self.away), {"a.pdf": MINE, "a (2).pdf": pdf(0)})
        self.assert_stands({"a.pdf": pdf(0)})
        self.assert_explained(path, pdf(0))
        self.assert_explained(os.path.join(self.away, "a (2).pdf"), pdf(0))
        for number, name in ((1, "a (3).pdf"), (2, "a (4).pdf")):
            self.put("invoices", "a.pdf", data=pdf(number))
            self.move(self.service)
            self.assert_explained(os.path.join(self.away, name), pdf(number))
        self.assert_stands({"a.pdf": pdf(0), "a (3).pdf": pdf(1), "a (4).pdf": pdf(2)})
        self.assertEqual(self.tree(self.away), {"a.pdf": MINE, "a (2).pdf": pdf(0), "a (3).pdf": pdf(1),
                                                "a (4).pdf": pdf(2)})
        self.sound(options=self.moving)

    def test_a_name_that_another_file_has_is_no_place_either(self):
        """done/a.pdf is a stranger's: a.pdf doesn't take the place that `a (2).pdf` will have."""
        self.stranger("done", "a.pdf")
        self.put("invoices", "a.pdf", data=pdf(0))
        self.put("invoices", "a (2).pdf", data=pdf(1))
        self.move(self.service)
        self.assertEqual(self.tree(self.away), {"a.pdf": MINE, "a (3).pdf": pdf(0), "a (2).pdf": pdf(1)})
        self.assert_stands({"a.pdf": pdf(0), "a (2).pdf": pdf(1)})


class Places(Comings):
    def setUp(self):
        super().setUp()
        self.service = self.fast_sandbox()

    def settled(self, files):
        self.numbers(files=files, documents=files, stored=files)
        self.assertEqual(len(self.results()), files)
        self.assertEqual(self.failures(), [])
        before = self.stands()
        self.sound()
        self.sends_nothing()
        self.assertEqual(self.stands(), before)

    def test_a_file_beside_a_directory_of_its_results_name(self):
        paths = [self.put("invoices", name, data=pdf(i)) for i, name in
                 enumerate(("a.pdf", "a.pdf.json/x.pdf", "a.pdf.json/y/z.pdf", "b.pdf"))]
        self.go(self.service)
        self.settled(4)
        for number, path in enumerate(paths):
            self.assert_explained(path, pdf(number))
        for number in (10, 11):  # whichever comes later
            self.put("invoices", "a.pdf" if number == 10 else "a.pdf.json/w.pdf", data=pdf(number))
            self.go(self.service)
        self.numbers(files=6, documents=6, stored=6)
        self.assertEqual(len(self.results()), 6)

    def test_the_directory_comes_later(self):
        self.put("invoices", "fax", data=pdf(0))
        self.go(self.service)
        path = self.put("invoices", "fax.json/x.pdf", data=pdf(1))
        self.go(self.service)
        self.assert_stands({"fax": pdf(0), "fax (2).json/x.pdf": pdf(1)})
        self.put("invoices", "fax.json/y.pdf", data=pdf(2))
        self.go(self.service)
        self.assert_stands({"fax": pdf(0), "fax (2).json/x.pdf": pdf(1), "fax (2).json/y.pdf": pdf(2)})
        self.assert_explained(path, pdf(1))
        self.settled(3)

    def test_the_file_comes_later(self):
        self.put("invoices", "fax.json/x.pdf", data=pdf(1))
        self.go(self.service)
        self.put("invoices", "fax", data=pdf(0))
        self.go(self.service)
        self.assert_stands({"fax.json/x.pdf": pdf(1), "fax (2)": pdf(0)})
        self.settled(2)

    def test_a_stranger_where_a_directory_should_be(self):
        self.put("out", "results", "sub", data=MINE)
        self.put("invoices", "sub/a.pdf", data=pdf(0))
        self.go(self.service)
        with open(os.path.join(self.output, "results", "sub"), "rb") as f:
            self.assertEqual(f.read(), MINE)
        os.unlink(os.path.join(self.output, "results", "sub"))
        self.assert_stands({"sub (2)/a.pdf": pdf(0)})

    def test_names_as_long_as_can_be(self):
        """Cut last of all, with digits of their SHA-256; those that differ at the end alone stay apart."""
        names = ["x" * 247 + f"{i:04}.pdf" for i in range(3)] + ["y" * 255, "é" * 125 + ".pdf", "z" * 250, "z" * 251]
        paths = [self.put_long(name, pdf(i)) for i, name in enumerate(names)]
        taken = os.path.join(self.directory, "taken")
        hook = f"""/bin/sh -c 'sha256sum < "$MINDEE_BATCH_RESULT_FILE" >> {taken}'"""
        self.go(self.service, on_stored__command=hook)
        self.settled(len(names))
        for number, path in enumerate(paths):
            self.assert_explained(path, pdf(number))
        with open(taken, encoding="ascii") as f:
            handed = sorted(line.split()[0] for line in f)
        self.assertEqual(handed, sorted(hashlib.sha256(data).hexdigest() for data in self.results().values()))
        for name in self.results():
            if len(name) > 200:
                self.assertRegex(name.decode(), r"~[0-9a-f]{16}|^z{250}\.json$")

    def put_long(self, name, data):
        path = os.path.join(self.input, name)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def test_long_names_that_come_again(self):
        name = "x" * 251 + ".pdf"
        for number in range(3):
            path = self.put_long(name, pdf(number))
            self.move(self.service)
        self.assertEqual(sorted(self.tree(self.away).values()), sorted(pdf(i) for i in range(3)))
        self.assertEqual(sorted(self.stands().values()), sorted(sha(pdf(i)) for i in range(3)))
        self.assert_explained(path, pdf(2), pdf(1), pdf(0))
        self.sound(options=self.moving)
        path = self.put_long(name, pdf(5))
        self.go(self.service)
        self.put_long(name, pdf(6))
        self.go(self.service)
        self.assertEqual(sorted(self.stands().values()), sorted(sha(pdf(i)) for i in (0, 1, 2, 5, 6)))


class WrittenAgain(Comings):
    def setUp(self):
        super().setUp()
        self.service = self.fast_sandbox()

    def result(self, name):
        return os.path.join(self.output, "results", name)

    def unpublished(self):
        """How many results the ledger doesn't know to be written and flushed."""
        with contextlib.closing(sqlite3.connect(os.path.join(self.output, "ledger.db.files"))) as db:
            return db.execute("SELECT count(*) FROM unprojected").fetchone()[0]

    def test_one_that_is_gone(self):
        self.write_pdfs(3)
        self.go(self.service)
        before = self.results()
        os.unlink(self.result("invoice-00001.pdf.json"))
        self.sends_nothing()
        self.assertEqual(self.results(), before)

    def test_after_an_unclean_end(self):
        """Emptied, as by a power cut, cut off, or gone: written again, and not asked for again."""
        liar = Liar()
        self.addCleanup(liar.stop)
        liar.lie("never.pdf", poll=lambda request, honest: answer(200, {"job": request.job}))
        names = ["emptied.pdf", "cut.pdf", "gone.pdf", "whole.pdf"]
        for number, name in enumerate([*names, "never.pdf"]):
            self.put("invoices", name, data=pdf(number))
        process = self.start("run", self.input, sandbox=liar, options=self.FAST)
        wait_for(lambda: len(self.results()) == len(names) and not self.unpublished(), "the results")
        process.kill()
        process.communicate()
        before = self.results()
        for name, size in (("emptied.pdf", 0), ("cut.pdf", 100)):
            os.truncate(self.result(f"{name}.json"), size)
        os.unlink(self.result("gone.pdf.json"))
        liar.lie("never.pdf")
        self.go(liar)
        results = self.results()
        self.assertIn(b"never.pdf.json", results)
        self.assertEqual({name: results.get(name) for name in before}, before)
        self.assertEqual([len(liar.heard("result", name)) for name in names], [1] * len(names))
        self.words("verify", self.input)

    def test_mended_by_hand(self):
        self.write_pdfs(3)
        self.go(self.service)
        before = self.results()
        for number, data in ((0, b""), (1, b"{}")):
            with open(self.result(f"invoice-{number:05}.pdf.json"), "wb") as f:
                f.write(data)
        with open(self.result("invoice-00002.pdf.json"), "r+b") as f:
            f.write(b"[")  # as long as before
        self.words("verify", self.input, expected=1)
        self.words("verify", self.input, words=["--repair"], expected=None)
        self.words("verify", self.input)
        self.assertEqual(self.results(), before)


if __name__ == "__main__":
    unittest.main()

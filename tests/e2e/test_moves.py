"""Inputs are moved when their documents are done: where to, what isn't, and that they are found there afterwards."""

import json
import os
import shutil
import tempfile
import unittest

from harness import Case, pdf


class Moves(Case):
    def setUp(self):
        super().setUp()
        self.places = {s: os.path.join(self.directory, s) for s in ("stored", "failed", "rejected")}
        self.options = {f"input.move_{s}": path for s, path in self.places.items()}

    def run_moving(self, sandbox, expected=0, **options):
        merged = {**self.options, **{k.replace("__", "."): v for k, v in options.items()}}
        return self.run_batch(sandbox=sandbox, expected=expected, options=merged)

    @staticmethod
    def files(root):
        found = {}
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as f:
                    found[os.path.relpath(path, root)] = f.read()
        return found

    def listed(self):
        """path -> where the ledger says it is now (None: where it was)."""
        process = self.start("status", words=["--json"])
        _, out, _ = self.finish(process, expected=0)
        return {row["path"]: row.get("moved_to") for row in json.loads(out)["list"]}

    def verify(self, expected):
        process = self.start("verify", self.input, options=self.options)
        return self.finish(process, expected)[1]

    def test_each_to_its_place_and_found_there(self):
        sandbox = self.fast_sandbox()
        self.write("a.pdf", pdf(1))
        self.write("sub/deep/b.pdf", pdf(2))
        self.write("twin of b.pdf", pdf(2))
        self.write("notes.txt", b"no document\n")
        self.run_moving(sandbox, expected=1)
        self.assertEqual(self.files(self.input), {})
        self.assertEqual(
            self.files(self.places["stored"]),
            {"a.pdf": pdf(1), "sub/deep/b.pdf": pdf(2), "twin of b.pdf": pdf(2)},
        )
        self.assertEqual(self.files(self.places["rejected"]), {"notes.txt": b"no document\n"})
        self.assertEqual(set(self.results()), {b"a.pdf.json", b"sub/deep/b.pdf.json", b"twin of b.pdf.json"})
        listed = self.listed()
        for path, place in listed.items():
            state = "rejected" if path.endswith("txt") else "stored"
            self.assertEqual(place, path.replace(self.input, self.places[state]))
        self.assertIn("inputs where they were moved          4", self.verify(expected=1))
        for path in (os.path.join(self.input, "a.pdf"), os.path.join(self.places["stored"], "a.pdf")):
            _, out, _ = self.finish(self.start("explain", path), expected=0)
            self.assertIn(f"moved   to {self.places['stored']}/a.pdf\n", out)
        posts = sandbox.stats()["posts"]
        self.run_moving(sandbox, expected=1)
        self.assertEqual(sandbox.stats()["posts"], posts)
        self.assertEqual(self.listed(), listed)

    def test_nothing_is_overwritten(self):
        sandbox = self.fast_sandbox()
        os.makedirs(os.path.join(self.places["stored"], "sub"))
        taken = {"a.pdf": b"mine", "sub/a.pdf": b"mine too", "a (2).pdf": b"and this"}
        for name, data in taken.items():
            with open(os.path.join(self.places["stored"], name), "wb") as f:
                f.write(data)
        self.write("a.pdf", pdf(1))
        self.write("sub/a.pdf", pdf(2))
        self.run_moving(sandbox)
        expected = {**taken, "a (3).pdf": pdf(1), "sub/a (2).pdf": pdf(2)}
        self.assertEqual(self.files(self.places["stored"]), expected)

    def test_below_the_input_and_on_another_file_system(self):
        sandbox = self.fast_sandbox()
        apart = tempfile.mkdtemp(prefix="mb-moves-", dir="/dev/shm") if os.access("/dev/shm", os.W_OK) else None
        if not apart or os.stat(apart).st_dev == os.stat(self.directory).st_dev:
            self.skipTest("/dev/shm is no other file system")
        self.addCleanup(shutil.rmtree, apart, ignore_errors=True)
        self.write_pdfs(50)
        self.write("notes.txt", b"no document\n")
        done = os.path.join(self.input, "done")
        self.run_moving(sandbox, expected=1, input__move_stored=done, input__move_rejected=apart)
        self.assertEqual(self.files(apart), {"notes.txt": b"no document\n"})
        self.assertEqual(self.files(done), {f"invoice-{i:05}.pdf": pdf(i) for i in range(50)})
        self.run_moving(sandbox, expected=1, input__move_stored=done, input__move_rejected=apart)
        self.assertEqual(sandbox.stats()["accepted"], 50, "what was moved was walked")

        # a batch whose inputs are there may bring them all over there
        self.output += "-2"
        self.input = done
        self.run_moving(sandbox, input__move_stored=apart, input__move_rejected=None)
        self.assertEqual(len(self.files(apart)), 51)
        self.assertEqual(self.files(done), {})
        self.assertEqual([n for n in os.listdir(apart) if n.startswith(".")], [])

    def test_failed_ones_and_a_retry_from_there(self):
        sandbox = self.fast_sandbox("--fail-rate", "1")
        self.write_pdfs(6)
        self.run_moving(sandbox, expected=1, retry__max_attempts="1")
        self.assertEqual(len(self.files(self.places["failed"])), 6)
        self.assertEqual(self.files(self.input), {})
        good = self.fast_sandbox()
        one = os.path.join(self.places["failed"], "invoice-00003.pdf")
        for paths, words in (((one,), ()), ((), ("--failed",))):
            process = self.start(
                "retry", *paths, sandbox=good, options={**self.FAST, **self.options}, words=words
            )
            self.finish(process)
        self.assertEqual(good.stats()["accepted"], 6)
        self.assertEqual(self.files(self.places["failed"]), {})
        self.assertEqual(self.files(self.places["stored"]), {f"invoice-{i:05}.pdf": pdf(i) for i in range(6)})
        self.verify(expected=0)

    def test_refused_from_the_first_to_the_last(self):
        """Too few for the canary to call it the run's fault: they failed on their own, and are moved."""
        sandbox = self.fast_sandbox("--fault", "post:422=1")
        self.write_pdfs(2)
        self.run_moving(sandbox, expected=1)
        self.assertEqual(len(self.files(self.places["failed"])), 2)

    def test_refused_for_the_runs_own_fault(self):
        sandbox = self.fast_sandbox("--fault", "post:422=1")
        self.write_pdfs(20)
        self.run_moving(sandbox, expected=4)
        self.assertEqual(len(self.files(self.input)), 20)
        self.assertEqual(self.files(self.places["failed"]), {})

    def test_rejected_and_mended_where_it_was_moved_to(self):
        sandbox = self.fast_sandbox()
        self.write("a.pdf", b"")
        self.run_moving(sandbox, expected=1)
        place = os.path.join(self.places["rejected"], "a.pdf")
        with open(place, "wb") as f:
            f.write(pdf(1))
        options = {**self.FAST, **self.options}
        self.finish(self.start("retry", sandbox=sandbox, options=options, words=["--rejected"]), expected=0)
        self.assertEqual(self.files(self.places["stored"]), {"a.pdf": pdf(1)})
        self.assertEqual(self.files(self.places["rejected"]), {})

    def test_a_document_replaced_after_it_was_sent_stays(self):
        sandbox = self.fast_sandbox()
        path = self.write("a.pdf", pdf(1))
        self.run_batch(sandbox=sandbox)
        with open(path, "wb") as f:
            f.write(pdf(2))
        self.options["input.include"] = "*.none"  # so that this run doesn't take the new one
        self.run_moving(sandbox)
        self.assertEqual(self.files(self.input), {"a.pdf": pdf(2)})
        self.assertEqual(self.listed(), {os.path.join(self.input, "a.pdf"): None})
        del self.options["input.include"]
        self.run_moving(sandbox)
        self.assertEqual(self.files(self.places["stored"]), {"a.pdf": pdf(2)})

    def test_what_cannot_be_moved_stays_and_the_next_run_moves_it(self):
        sandbox = self.fast_sandbox()
        self.write("sub/a.pdf", pdf(1))
        self.write("b.pdf", pdf(2))
        os.mkdir(self.places["stored"])
        blocked = os.path.join(self.places["stored"], "sub")
        with open(blocked, "wb"):
            pass
        _, _, err = self.run_moving(sandbox)
        self.assertEqual(err.count("file.not_moved"), 1)
        self.assertIn("the next run moves it", err)
        self.assertEqual(self.files(self.input), {"sub/a.pdf": pdf(1)})
        os.unlink(blocked)
        self.run_moving(sandbox)
        self.assertEqual(self.files(self.places["stored"]), {"sub/a.pdf": pdf(1), "b.pdf": pdf(2)})

    def test_a_directory_that_cannot_be_made(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        with open(self.places["stored"], "wb"):
            pass
        _, _, err = self.run_moving(sandbox, expected=2)
        self.assertIn("input.move_stored", err)
        self.assertIn(self.places["stored"], err)
        self.assertEqual(sandbox.stats()["posts"], 0)

    def test_inputs_of_earlier_runs_are_moved_too(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1200)
        self.run_batch(sandbox=sandbox)
        self.run_moving(sandbox)
        self.assertEqual(len(self.files(self.places["stored"])), 1200)
        self.assertEqual(self.files(self.input), {})
        self.assertEqual(sandbox.stats()["accepted"], 1200)


if __name__ == "__main__":
    unittest.main()

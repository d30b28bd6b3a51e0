"""verify, explain, retry: the commands for afterwards."""

import json
import os
import shutil
import signal
import unittest

from harness import Case, MODEL, pdf, wait_for


class Verify(Case):
    def verify(self, *paths, expected, words=()):
        _, out, err = self.finish(self.start("verify", *(paths or (self.input,)), words=words), expected)
        return out + err

    def test_a_finished_batch_is_sound(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(10)
        self.run_batch(sandbox=sandbox)
        out = self.verify(expected=0)
        self.assertRegex(out, r"results with intact hash +10\n")
        self.assertRegex(out, r"inputs looked at +10\n")
        self.assertRegex(out, r"numbers add up +yes\n")

    def test_result_files_are_compared_and_repaired(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(4)
        self.run_batch(sandbox=sandbox)
        whole = self.results()
        results = os.path.join(self.output, "results")
        os.remove(os.path.join(results, "invoice-00000.pdf.json"))
        with open(os.path.join(results, "invoice-00001.pdf.json"), "ab") as f:
            f.write(b" ")
        with open(os.path.join(results, "stray.json"), "wb"):
            pass
        out = self.verify(expected=1)
        self.assertIn("is missing", out)
        self.assertIn("differs", out)
        self.assertIn("belong to no document", out)
        os.remove(os.path.join(results, "stray.json"))
        self.verify(expected=0, words=["--repair"])
        self.assertEqual(self.results(), whole)

    def test_new_and_changed_inputs_are_named(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(3)
        self.run_batch(sandbox=sandbox)
        self.write("invoice-00000.pdf", pdf(77))
        self.write("new.pdf", pdf(78))
        out = self.verify(expected=5)
        self.assertRegex(out, r"invoice-00000\.pdf: changed")
        self.assertRegex(out, r"new\.pdf: not in the ledger")

    def test_failures_show(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(3)
        self.write("note.txt", b"words")
        self.run_batch(sandbox=sandbox, expected=1)
        self.assertRegex(self.verify(expected=1), r"files without a result +1 ")


class Explain(Case):
    def test_a_documents_history(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(2)
        self.write("note.txt", b"words")
        self.run_batch(sandbox=sandbox, expected=1)
        path = os.path.join(self.input, "invoice-00001.pdf")
        _, out, _ = self.finish(self.start("explain", path), 0)
        (job,) = [j["id"] for j in sandbox.jobs() if j["filename"] == "invoice-00001.pdf"]
        for words in ("stored", job, "results/invoice-00001.pdf.json", "Mindee took it", "1 page charged", "mb-"):
            self.assertIn(words, out)
        _, out, _ = self.finish(self.start("explain", os.path.join(self.input, "note.txt")), 0)
        self.assertIn("rejected", out)
        os.remove(path)
        _, out, _ = self.finish(self.start("explain", path), 0)
        self.assertIn(job, out)
        self.finish(self.start("explain", os.path.join(self.input, "unknown.pdf")), 2)
        shutil.rmtree(self.input)
        _, out, _ = self.finish(self.start("explain", path), 0)
        self.assertIn(job, out)


class Retry(Case):
    def retry(self, *arguments, sandbox, expected=0):
        words = [a for a in arguments if a.startswith("--")]
        paths = [a for a in arguments if not a.startswith("--")]
        process = self.start("retry", *paths, sandbox=sandbox, options=self.FAST, words=words)
        return self.finish(process, expected)

    def test_failed_documents_are_sent_again(self):
        sandbox = self.fast_sandbox("--fail-rate", "0.3", "--seed", "3")
        self.write_pdfs(40)
        self.run_batch(sandbox=sandbox, expected=1, options={"retry.max_attempts": "2"})
        failed = self.summary()["failed"]
        self.assertGreater(failed, 0)
        good = self.fast_sandbox()
        self.retry("--failed", sandbox=good)
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["failed"]), (40, 0))
        self.assertEqual(good.stats()["accepted"], failed)

    def test_one_path_alone(self):
        sandbox = self.fast_sandbox("--fail-rate", "1")
        self.write_pdfs(3)
        self.run_batch(sandbox=sandbox, expected=1)
        good = self.fast_sandbox()
        self.retry(os.path.join(self.input, "invoice-00002.pdf"), sandbox=good, expected=1)
        self.assertEqual(set(self.results()), {b"invoice-00002.pdf.json"})
        self.assertEqual(good.stats()["accepted"], 1)

    def test_a_lost_document_is_asked_for_before_it_is_paid_again(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(3)
        self.run_batch(sandbox=self.fast_sandbox("--delete-when-fetched", "--retention", "1s"),
                       options={"polling.first_delay": "3s"}, expected=1)
        self.assertEqual(self.summary()["lost"], 3)
        self.assertTrue(all(row["job_id"] for row in self.failures()))
        self.run_batch(sandbox=sandbox, expected=1)
        self.assertEqual(sandbox.stats()["accepted"], 0)
        self.retry("--lost", sandbox=sandbox)
        self.assertGreater(sandbox.stats()["gets"], 3)
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["resent"]), (3, 3))

    def processing(self):
        _, out, _ = self.finish(self.start("status", words=["--json"]), 0)
        return json.loads(out)["processing"]

    def test_an_interrupted_retry_is_kept(self):
        """What was asked for is in the ledger until it is done, whichever command goes on with it."""
        self.write_pdfs(3)
        self.run_batch(sandbox=self.fast_sandbox("--delete-when-fetched", "--retention", "1s"),
                       options={"polling.first_delay": "3s"}, expected=1)
        self.assertEqual(self.summary()["lost"], 3)
        silent = self.fast_sandbox()
        silent.process.send_signal(signal.SIGSTOP)
        self.addCleanup(silent.process.send_signal, signal.SIGCONT)
        process = self.start("retry", sandbox=silent, options=self.FAST, words=["--lost"])
        wait_for(lambda: self.processing() == 3, "the jobs are asked for")
        process.kill()
        process.wait()
        good = self.fast_sandbox()
        self.run_batch(sandbox=good)
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["resent"]), (3, 3))
        self.assertEqual(good.stats()["accepted"], 3)
        self.run_batch(sandbox=good)
        self.assertEqual(good.stats()["accepted"], 3)

    def test_a_rejected_file_that_reads_fine_now(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        self.write("late.pdf", b"")
        self.run_batch(sandbox=sandbox, expected=1)
        self.write("late.pdf", pdf(9))
        self.retry("--rejected", sandbox=sandbox)
        self.assertEqual(len(self.results()), 2)

    def test_held_documents_are_sent_on_demand(self):
        sandbox = self.fast_sandbox("--fault", "post:reset-after=1")
        self.write_pdfs(3)
        self.run_batch(sandbox=sandbox, expected=1, options={"retry.in_doubt": "hold"})
        self.assertEqual(self.summary()["in_doubt"], 3)
        good = self.fast_sandbox()
        self.retry("--in-doubt", sandbox=good)
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["resent"]), (3, 3))

    def test_the_ledgers_directory_and_a_key_are_enough(self):
        sandbox = self.fast_sandbox("--fail-rate", "1")
        self.write_pdfs(2)
        own = {"request.raw_text": "yes", "request.text_context": "a till's slip, \"as it is\""}
        self.run_batch(sandbox=sandbox, expected=1, options=own)
        good = self.fast_sandbox()
        alone = {**self.FAST, "api.model_id": None}
        _, out, err = self.finish(self.start("retry", sandbox=good, options=alone, words=["--failed"]), 0)
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["documents"]), (2, 2), out + err)
        for job in good.jobs():
            self.assertEqual(job["model_id"], MODEL)
        # with the same options: the run that sent them first has nothing to do
        self.run_batch(sandbox=good, options=own)
        self.assertEqual(good.stats()["posts"], 2)
        _, out, _ = self.finish(self.start("retry", options=alone, key=None, words=["--failed"]), 0)
        self.assertIn("there is nothing to retry", out)

    def test_each_with_its_own_model(self):
        sandbox = self.fast_sandbox("--fail-rate", "1")
        receipts, types = "22222222-2222-4222-8222-0000000e0002", "33333333-3333-4333-8333-0000000c0003"
        models = {"a.pdf": MODEL, "b.pdf": receipts, "c.pdf": types}
        for name, model in models.items():
            path = self.write(f"{name[0]}/{name}", pdf(ord(name[0])))
            product = "classification" if model == types else "extraction"
            self.run_batch(os.path.dirname(path), sandbox=sandbox, expected=1,
                           options={"api.model_id": model, "api.product": product})
        good = self.fast_sandbox()
        self.finish(
            self.start("retry", sandbox=good, options={**self.FAST, "api.model_id": receipts}, words=["--failed"]), 0)
        self.assertEqual({job["filename"]: job["model_id"] for job in good.jobs()}, models)
        self.assertEqual(self.summary()["stored"], 3)

    def test_no_ledger_is_made(self):
        self.output = os.path.join(self.directory, "mistyped")
        for words in ["--failed"], [self.input]:
            self.finish(self.start("retry", options=self.FAST, words=words), 2)
        self.assertFalse(os.path.exists(self.output))

    def test_what_is_wrong_with_the_words(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        self.run_batch(sandbox=sandbox)
        self.retry(sandbox=sandbox, expected=2)
        self.retry(os.path.join(self.input, "unknown.pdf"), sandbox=sandbox, expected=2)


if __name__ == "__main__":
    unittest.main()

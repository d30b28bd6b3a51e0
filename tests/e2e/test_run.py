"""A directory through Mindee: results, duplicates, names, rejects, what happens the second time."""

import json
import os
import threading
import unittest

from harness import KEY, MODEL, SHARED, Case, pdf


class Run(Case):
    def test_each_document_gets_its_result_byte_for_byte(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(40)
        self.write("2026-08/deep/er/late.pdf", pdf(1000))
        self.run_batch(sandbox=sandbox)
        results = self.results()
        names = {b"invoice-%05d.pdf.json" % i for i in range(40)} | {b"2026-08/deep/er/late.pdf.json"}
        self.assertEqual(set(results), names)
        by_inference = {json.loads(r)["inference"]["id"]: r for r in results.values()}
        self.assertEqual(len(by_inference), 41)
        for inference, ours in by_inference.items():
            status, theirs = sandbox.get(
                f"/v2/products/extraction/results/{inference}", {"Authorization": KEY}
            )
            self.assertEqual((status, theirs), (200, ours))
        summary = self.summary()
        self.assertEqual(summary["stored"], 41)
        self.assertEqual(summary["credits"], 41)
        self.assertEqual(summary["requests"]["post"], 41)
        self.assertEqual(self.failures(), [])

    def test_running_a_finished_batch_again_sends_nothing(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(20)
        self.run_batch(sandbox=sandbox)
        before = sandbox.stats()
        self.run_batch(sandbox=sandbox)
        after = sandbox.stats()
        self.assertEqual((after["posts"], after["gets"]), (before["posts"], before["gets"]))
        summary = self.summary()
        self.assertEqual(summary["run"]["requests"], {"post": 0, "get": 0})
        self.assertEqual(summary["stored"], 20)

    def test_a_result_file_that_is_gone_or_new_names_come_from_the_ledger(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(3)
        self.run_batch(sandbox=sandbox)
        posts = sandbox.stats()["posts"]
        self.write("copy-of-1.pdf", pdf(1))
        self.run_batch(sandbox=sandbox)
        results = self.results()
        self.assertEqual(results[b"copy-of-1.pdf.json"], results[b"invoice-00001.pdf.json"])
        self.assertEqual(sandbox.stats()["posts"], posts)
        self.assertEqual(self.summary()["duplicates"], 1)

    def test_same_bytes_are_sent_once(self):
        sandbox = self.fast_sandbox()
        for i in range(5):
            self.write(f"copies/{i}.pdf", pdf(7))
        self.write("other.pdf", pdf(8))
        self.run_batch(sandbox=sandbox)
        self.assertEqual(sandbox.stats()["accepted"], 2)
        results = self.results()
        self.assertEqual(len(results), 6)
        self.assertEqual(len({results[b"copies/%d.pdf.json" % i] for i in range(5)}), 1)
        summary = self.summary()
        self.assertEqual((summary["files"], summary["documents"], summary["duplicates"]), (6, 2, 4))

    def test_new_content_at_a_path_is_a_new_document(self):
        sandbox = self.fast_sandbox()
        self.write("a.pdf", pdf(1))
        self.run_batch(sandbox=sandbox)
        first = self.results()[b"a.pdf.json"]
        self.write("a.pdf", pdf(2))
        self.run_batch(sandbox=sandbox)
        self.assertNotEqual(self.results()[b"a.pdf.json"], first)
        self.assertEqual(sandbox.stats()["accepted"], 2)
        self.summary()

    def test_a_result_stays_when_its_file_is_replaced(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(2)
        self.run_batch(sandbox=sandbox)
        self.write("invoice-00000.pdf", b"words now")
        self.run_batch(sandbox=sandbox, expected=1)
        self.assertEqual(set(self.results()), {b"invoice-00001.pdf.json", b"invoice-00000.pdf (replaced).json"})
        self.finish(self.start("verify", self.input), 1)

    def test_plan_knows_content_that_was_sent(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(2)
        self.run_batch(sandbox=sandbox)
        self.write("under-another-name.pdf", pdf(0))
        _, out, _ = self.finish(self.start("plan", self.input, sandbox=sandbox), 0)
        self.assertRegex(out, r"credits +0 ")

    def test_files_touched_while_they_are_sent(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(300)
        done = threading.Event()

        def touch():
            while not done.is_set():
                for i in range(0, 300, 7):
                    os.utime(os.path.join(self.input, f"invoice-{i:05}.pdf"))

        toucher = threading.Thread(target=touch)
        toucher.start()
        try:
            self.run_batch(sandbox=sandbox, expected=None)
        finally:
            done.set()
            toucher.join()
        self.run_batch(sandbox=sandbox)
        self.assertEqual(self.summary()["stored"], 300)

    def test_any_name_the_system_allows(self):
        sandbox = self.fast_sandbox()
        names = [
            b"new\nline.pdf",
            b"tab\tand quote\".pdf",
            b"bad utf8 \xff\xfe.pdf",
            "Müller & Söhne – Rechnung №7.pdf".encode(),
            b"=cmd|' /C calc'!A0.pdf",
            b"-rf.pdf",
            b"x" * 255,
            b"back\\slash;semi,colon.pdf",
        ]
        for i, name in enumerate(names):
            self.write(name, pdf(i))
        self.run_batch(sandbox=sandbox)
        results = self.results()
        for name in names[:-2] + names[-1:]:
            self.assertIn(name + b".json", results)
        (cut,) = [n for n in results if n.startswith(b"x" * 100)]
        self.assertEqual(len(cut), 255)
        self.assertRegex(cut, rb"^x+~[0-9a-f]{16}\.json$")
        _, out, _ = self.finish(self.start("status", words=["--json"]), 0)
        listed = {f["path"]: f for f in json.loads(out)["list"]}
        self.assertEqual(len(listed), len(names))
        self.assertTrue(any("bad utf8 \\xFF\\xFE.pdf" in path for path in listed))
        (long,) = [f for p, f in listed.items() if p.endswith("x" * 255)]
        self.assertEqual(long["result"], "results/" + cut.decode())

    def test_what_mindee_does_not_take_is_rejected_and_the_rest_goes_on(self):
        sandbox = self.fast_sandbox()
        self.write("good.pdf", pdf(1))
        self.write("wrong-extension.txt", pdf(2))
        self.write("note.pdf", b"just some text\n" * 100)
        self.write("empty.pdf", b"")
        self.write("archive.zip", b"PK\x03\x04" + bytes(100))
        self.write(".hidden.pdf", pdf(3))
        os.mkfifo(os.path.join(self.input, "pipe.pdf"))
        with open(os.path.join(self.input, "huge.pdf"), "wb") as f:
            f.truncate(101 * 1000 * 1000)
        self.run_batch(sandbox=sandbox, expected=1)
        self.assertEqual(set(self.results()), {b"good.pdf.json", b"wrong-extension.txt.json"})
        sent = {job["filename"] for job in sandbox.jobs()}
        self.assertEqual(sent, {"good.pdf", "wrong-extension.txt.pdf"} if
                         "wrong-extension.txt.pdf" in sent else {"good.pdf", "wrong-extension.pdf"})
        rejected = {os.path.basename(f["path"]): f for f in self.failures()}
        self.assertEqual(
            {name: row["state"] for name, row in rejected.items()},
            dict.fromkeys(["note.pdf", "empty.pdf", "archive.zip", "pipe.pdf", "huge.pdf"], "rejected"),
        )
        self.assertTrue(all(row["code"] and row["detail"] for row in rejected.values()))
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["rejected"]), (2, 5))

    def test_the_output_directory_is_not_where_the_documents_are(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(2)
        before = sorted(os.listdir(self.input))
        self.output = self.input
        _, _, err = self.run_batch(sandbox=sandbox, expected=2)
        self.assertIn("name another output.directory", err)
        self.assertEqual(sorted(os.listdir(self.input)), before)
        self.output = os.path.join(self.input, "out")  # below them it is passed over
        self.run_batch(sandbox=sandbox)
        self.run_batch(sandbox=sandbox)
        self.assertEqual((self.summary()["stored"], self.summary()["files"]), (2, 2))

    def test_several_paths_each_under_its_own_name(self):
        sandbox = self.fast_sandbox()
        for company in ("north", "south"):
            os.makedirs(os.path.join(self.directory, company))
            with open(os.path.join(self.directory, company, "1.pdf"), "wb") as f:
                f.write(pdf(len(company) if company == "north" else 99))
        single = self.write("single.pdf", pdf(3))
        self.run_batch(
            os.path.join(self.directory, "north"),
            os.path.join(self.directory, "south"),
            os.fsdecode(single),
            sandbox=sandbox,
        )
        self.assertEqual(
            set(self.results()), {b"north/1.pdf.json", b"south/1.pdf.json", b"single.pdf.json"}
        )

    def test_every_product(self):
        sandbox = self.fast_sandbox()
        models = {
            "classification": "33333333-3333-4333-8333-0000000c0003",
            "crop": "44444444-4444-4444-8444-0000000c0004",
            "split": "55555555-5555-4555-8555-000000050005",
            "ocr": "66666666-6666-4666-8666-0000000c0006",
        }
        keys = {"classification": "classification", "crop": "crops", "split": "splits", "ocr": "pages"}
        self.write_pdfs(2)
        for product, model in models.items():
            self.output = os.path.join(self.directory, "out-" + product)
            self.run_batch(
                sandbox=sandbox, options={"api.product": product, "api.model_id": model}
            )
            for result in self.results().values():
                self.assertIn(keys[product], json.loads(result)["inference"]["result"])

    def test_options_are_sent_and_hold_for_what_comes_from_now_on(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(2)
        self.run_batch(sandbox=sandbox, options={"request.raw_text": "yes"})
        for result in self.results().values():
            self.assertIs(json.loads(result)["inference"]["active_options"]["raw_text"], True)
        _, _, err = self.run_batch(sandbox=sandbox, options={"request.raw_text": "no"})
        self.assertIn("these stay as they are: sent with other request options before", err)
        self.assertEqual(sandbox.stats()["accepted"], 2)
        self.run_batch(
            sandbox=sandbox,
            options={"request.raw_text": "no", "output.directory": self.output + "-2"},
        )
        self.assertEqual(sandbox.stats()["accepted"], 4)

    def test_failed_jobs_fail_their_documents_alone(self):
        sandbox = self.fast_sandbox("--fail-rate", "0.2", "--seed", "5")
        self.write_pdfs(60)
        code, _, _ = self.run_batch(sandbox=sandbox, expected=None)
        summary = self.summary()
        self.assertEqual(code, 1 if summary["failed"] else 0)
        self.assertGreater(summary["failed"], 0)
        self.assertEqual(summary["failed"] + summary["stored"], 60)
        self.assertEqual(len(self.failures()), summary["failed"])
        self.assertTrue(all(row["job_id"] and row["detail"] for row in self.failures()))
        self.assertEqual(summary["credits"], summary["stored"])

    def test_delete_when_fetched(self):
        sandbox = self.fast_sandbox("--delete-when-fetched")
        self.write_pdfs(50)
        self.run_batch(sandbox=sandbox)
        self.assertEqual(self.summary()["stored"], 50)

    def test_a_budget_of_credits_holds(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(30)
        self.run_batch(sandbox=sandbox, options={"limits.max_credits": "12"}, expected=5)
        self.assertEqual(sandbox.stats()["charged_pages"], 12)
        self.assertEqual((self.summary()["stored"], self.summary()["queued"]), (12, 18))
        self.run_batch(sandbox=sandbox)
        self.assertEqual(self.summary()["stored"], 30)

    @unittest.skipUnless(os.path.isdir(os.path.join(SHARED, "inputs")), "no shared inputs here")
    def test_real_documents(self):
        sandbox = self.fast_sandbox()
        inputs = os.path.join(SHARED, "inputs")
        self.run_batch(inputs, sandbox=sandbox, expected=1)
        results = {name.decode() for name in self.results()}
        accepted = {f"accepted/{n}.json" for n in os.listdir(os.path.join(inputs, "accepted"))}
        self.assertEqual(results, accepted | {"odd/blank_page.pdf.json", "odd/receipt.jpga.json"})
        (row,) = self.failures()
        self.assertEqual((os.path.basename(row["path"]), row["state"]), ("receipt.txt", "rejected"))

    def test_modes_keep_other_people_out(self):
        sandbox = self.fast_sandbox()
        self.write("sub/a.pdf", pdf(1))
        old = os.umask(0)
        try:
            self.run_batch(sandbox=sandbox)
        finally:
            os.umask(old)
        for folder, folders, files in os.walk(self.output):
            self.assertEqual(os.stat(folder).st_mode & 0o777, 0o700, folder)
            for name in files:
                path = os.path.join(folder, name)
                self.assertEqual(os.stat(path).st_mode & 0o777, 0o600, path)


class Plan(Case):
    def test_plan_counts_and_sends_nothing(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(3)
        self.write("copy.pdf", pdf(0))
        self.write("note.txt", b"words")
        _, out, _ = self.finish(self.start("plan", self.input, sandbox=sandbox, key=None), 0)
        self.assertRegex(out, r"PDF +3 +3 ")
        self.assertRegex(out, r"credits +3 ")
        self.assertRegex(out, r"duplicates +1 ")
        self.assertIn("note.txt", out)
        stats = sandbox.stats()
        self.assertEqual((stats["posts"], stats["gets"]), (0, 0))
        self.assertFalse(os.path.exists(self.output))

    def test_plan_after_a_run_has_nothing_to_send(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(3)
        self.run_batch(sandbox=sandbox)
        _, out, _ = self.finish(self.start("plan", self.input, sandbox=sandbox), 0)
        self.assertRegex(out, r"sent before +3 ")
        self.assertRegex(out, r"credits +0 ")


if __name__ == "__main__":
    unittest.main()

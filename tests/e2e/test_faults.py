"""Interrupted, killed, refused, misused: each ends in one clear sentence, and the same command goes on."""

import json
import os
import re
import shutil
import signal
import subprocess
import unittest

from harness import BINARY, KEY, MODEL, Case, pdf, wait_for


class Interrupted(Case):
    def test_kill_in_the_middle_and_run_again(self):
        sandbox = self.sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "200ms"
        )
        self.write_pdfs(300)
        options = dict(self.FAST, **{"limits.uploads": "8"})
        for share in (40, 120, 200):
            process = self.start("run", self.input, sandbox=sandbox, options=options)
            wait_for(lambda: sandbox.stats()["accepted"] >= share, f"{share} accepted")
            process.kill()
            process.communicate()
        self.run_batch(sandbox=sandbox, options=options)
        summary = self.summary()
        self.assertEqual(summary["stored"], 300)
        self.assertEqual(len(self.results()), 300)
        stats = sandbox.stats()
        twice = stats["accepted"] - 300
        self.assertLessEqual(twice, summary["resent"])
        self.assertLessEqual(summary["resent"], 3 * 8)

    def test_hold_never_sends_twice(self):
        sandbox = self.sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "200ms"
        )
        self.write_pdfs(200)
        options = dict(self.FAST, **{"limits.uploads": "8", "retry.in_doubt": "hold"})
        process = self.start("run", self.input, sandbox=sandbox, options=options)
        wait_for(lambda: sandbox.stats()["accepted"] >= 50, "50 accepted")
        process.kill()
        process.communicate()
        code, _, _ = self.run_batch(sandbox=sandbox, options=options, expected=None)
        summary = self.summary()
        self.assertEqual(summary["stored"] + summary["in_doubt"], 200)
        self.assertEqual(code, 1 if summary["in_doubt"] else 0)
        self.assertEqual(summary["resent"], 0)
        digests = [job["sha256"] for job in sandbox.jobs()]
        self.assertEqual(len(digests), len(set(digests)))

    def test_the_first_result_is_there_while_the_batch_runs(self):
        sandbox = self.sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "300ms"
        )
        self.write_pdfs(400)
        options = dict(self.FAST, **{"limits.uploads": "2"})
        process = self.start("run", self.input, sandbox=sandbox, options=options)
        wait_for(self.results, "a first result")
        self.assertIsNone(process.poll(), "the batch was over by then")
        _, out, _ = self.finish(self.start("status", words=["--json"]), 0)
        status = json.loads(out)
        self.assertIs(status["running"], True)
        self.assertLess(status["stored"], 400)
        self.finish(process, 0)

    def test_one_run_at_a_time(self):
        sandbox = self.sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "2s"
        )
        self.write_pdfs(20)
        first = self.start("run", self.input, sandbox=sandbox, options=self.FAST)
        wait_for(lambda: sandbox.stats()["accepted"] > 0, "an upload")
        _, _, err = self.run_batch(sandbox=sandbox, expected=3)
        self.assertIn(str(first.pid), err)
        self.finish(first, 0)

    def test_interrupt_finishes_what_is_being_sent(self):
        sandbox = self.sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "300ms"
        )
        self.write_pdfs(500)
        options = dict(self.FAST, **{"limits.uploads": "4"})
        process = self.start("run", self.input, sandbox=sandbox, options=options)
        wait_for(lambda: sandbox.stats()["accepted"] >= 30, "30 accepted")
        process.send_signal(signal.SIGINT)
        _, out, err = self.finish(process, 5)
        self.assertIn("run the same command again", err)
        summary = self.summary()
        self.assertEqual(summary["in_doubt"], 0)
        self.assertEqual(sandbox.stats()["accepted"], summary["stored"] + summary["processing"])
        self.run_batch(sandbox=sandbox, options=options)
        self.assertEqual(self.summary()["stored"], 500)
        self.assertEqual(sandbox.stats()["accepted"], 500)

    def test_a_second_interrupt_does_not_wait_for_answers(self):
        sandbox = self.fast_sandbox("--fault", "job:stall=1")
        self.write_pdfs(3)
        process = self.start("run", self.input, sandbox=sandbox, options=self.FAST)
        wait_for(lambda: sandbox.stats()["gets"] >= 1, "a poll")
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        self.finish(process, 5)  # api.timeout is 120 s: the harness would give up

    def test_a_second_interrupt_stops_at_once(self):
        sandbox = self.sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "300ms"
        )
        self.write_pdfs(300)
        process = self.start("run", self.input, sandbox=sandbox, options=self.FAST)
        wait_for(lambda: sandbox.stats()["accepted"] >= 30, "30 accepted")
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        self.finish(process, 5)
        self.run_batch(sandbox=sandbox)
        summary = self.summary()
        self.assertEqual(summary["stored"], 300)
        self.assertLessEqual(sandbox.stats()["accepted"] - 300, summary["resent"])


class Doubt(Case):
    def test_the_last_documents_in_doubt_are_resent_too(self):
        for seed in range(1, 7):
            with self.subTest(seed=seed):
                sandbox = self.fast_sandbox("--fault", "post:close-after=0.6", "--seed", str(seed))
                self.write_pdfs(1)
                self.output = os.path.join(self.directory, f"out-{seed}")
                self.run_batch(sandbox=sandbox)
                summary = self.summary()
                self.assertEqual(summary["stored"], 1)
                self.assertEqual(sandbox.stats()["accepted"] - 1, summary["resent"])

    def held(self, sandbox, accepted, options, command="run", words=()):
        """One command, whose two documents end held in doubt after so many uploads of both, ever."""
        inputs = (self.input,) if command == "run" else ()
        self.finish(self.start(command, *inputs, sandbox=sandbox, options=options, words=words), 1)
        self.assertEqual((self.summary()["in_doubt"], self.summary()["resent"]), (2, accepted - 2))
        self.assertEqual(sandbox.stats()["accepted"], accepted)

    def test_resends_have_an_end(self):
        """A server that never answers an upload gets each document 1 + retry.max_resends times; then it is held,
        until a person says otherwise: then as often again."""
        for most, expected in ((None, 2), ("0", 0), ("1", 1), ("5", 5)):
            with self.subTest(most=most):
                sandbox = self.fast_sandbox("--fault", "post:close-after=1")
                self.write_pdfs(2)
                self.output = os.path.join(self.directory, f"out-{most}")
                options = dict(self.FAST, **({"retry.max_resends": most} if most else {}))
                once = 2 * (1 + expected)
                self.held(sandbox, once, options)
                self.held(sandbox, once, options)  # another run changes nothing
                self.held(sandbox, 2 * once, options, "retry", ["--in-doubt"])
                self.held(sandbox, 2 * once, options)
                self.finish(self.start("retry", sandbox=self.fast_sandbox(), options=options, words=["--in-doubt"]), 0)
                self.assertEqual(self.summary()["stored"], 2)

    def test_resends_are_counted_across_runs(self):
        """A run that was killed leaves what it sent counted; so does a retry that was."""
        sandbox = self.sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--fault", "post:slow=1,3s"
        )
        self.write_pdfs(1)
        for accepted in (1, 2):
            process = self.start("run", self.input, sandbox=sandbox, options=self.FAST)
            wait_for(lambda: sandbox.stats()["accepted"] >= accepted, f"{accepted} accepted")
            process.kill()
            process.communicate()
        silent = self.fast_sandbox("--fault", "post:close-after=1")
        self.finish(self.start("run", self.input, sandbox=silent, options=self.FAST), 1)
        self.assertEqual((silent.stats()["accepted"], self.summary()["resent"]), (1, 2))
        retry = self.start("retry", sandbox=sandbox, options=self.FAST, words=["--in-doubt"])
        wait_for(lambda: sandbox.stats()["accepted"] >= 3, "3 accepted")
        retry.kill()
        retry.communicate()
        self.finish(self.start("run", self.input, sandbox=silent, options=self.FAST), 1)
        self.assertEqual((silent.stats()["accepted"], self.summary()["resent"]), (3, 5))

    def test_held_after_a_crash_and_asked_for(self):
        sandbox = self.sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--fault", "post:slow=1,3s"
        )
        self.write_pdfs(3)
        options = dict(self.FAST, **{"retry.in_doubt": "hold"})
        process = self.start("run", self.input, sandbox=sandbox, options=options)
        wait_for(lambda: sandbox.stats()["accepted"] >= 3, "3 accepted")
        process.kill()
        process.communicate()
        good = self.fast_sandbox()
        retry = self.start("retry", sandbox=good, options=options, words=["--in-doubt"])
        self.finish(retry, 0)
        self.assertEqual((self.summary()["stored"], self.summary()["resent"]), (3, 3))


class Refused(Case):
    def test_a_bad_key_stops_at_once(self):
        sandbox = self.fast_sandbox("--key", "md_another")
        self.write_pdfs(100)
        _, _, err = self.run_batch(sandbox=sandbox, expected=4)
        self.assertIn("401", err)
        self.assertLessEqual(sandbox.stats()["posts"], 4)
        summary = self.summary()
        self.assertEqual(summary["queued"], summary["documents"])

    def test_a_key_revoked_in_the_middle(self):
        sandbox = self.fast_sandbox("--revoke-key-after", "60")
        self.write_pdfs(100)
        self.run_batch(sandbox=sandbox, expected=4)
        summary = self.summary()
        self.assertEqual(summary["queued"] + summary["processing"] + summary["stored"], 100)
        good = self.fast_sandbox()
        code, _, _ = self.run_batch(sandbox=good, expected=None)
        summary = self.summary()
        # the jobs of the first sandbox are unknown to the second one: lost, and said so; nor is a result fetched
        # from the first one's address
        self.assertEqual(summary["stored"] + summary["lost"] + summary["failed"], 100, summary)
        self.assertEqual(code, 1 if summary["lost"] + summary["failed"] else 0)
        reasons = {row["code"] for row in self.failures() if row["state"] == "failed"}
        self.assertLessEqual(reasons, {"foreign_url"})

    def test_no_credits(self):
        sandbox = self.fast_sandbox("--credits", "25")
        self.write_pdfs(60)
        _, _, err = self.run_batch(sandbox=sandbox, expected=4)
        self.assertIn("402", err)
        summary = self.summary()
        self.assertEqual(summary["queued"] + summary["processing"] + summary["stored"], 60)
        self.assertEqual(summary["failed"], 0)

    def test_a_model_of_another_product_stops_after_a_few(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(60)
        _, _, err = self.run_batch(
            sandbox=sandbox,
            options={"api.model_id": "66666666-6666-4666-8666-0000000c0006"},
            expected=4,
        )
        self.assertIn("api.model_id", err)
        self.assertLessEqual(sandbox.stats()["posts"], 8)
        summary = self.summary()
        self.assertEqual((summary["queued"], summary["failed"]), (summary["documents"], 0))
        self.run_batch(sandbox=sandbox)
        self.assertEqual(self.summary()["stored"], 60)

    def test_an_unknown_model(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(10)
        _, _, err = self.run_batch(
            sandbox=sandbox,
            options={"api.model_id": "99999999-9999-4999-8999-999999999999"},
            expected=4,
        )
        self.assertIn("model", err)
        self.assertEqual(self.summary()["queued"], 10)


class Alone(Case):
    """The program without the one that belongs beside it."""

    def test_without_its_tools(self):
        alone = os.path.join(self.directory, "mindee-batch")
        shutil.copy(BINARY, alone)
        done = subprocess.run([alone, "sandbox", "--help"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("mindee-batch-tools", done.stderr)


class Misused(Case):
    def complaint(self, *arguments, expected=2, key=KEY, **keywords):
        _, out, err = self.finish(self.start(*arguments, key=key, **keywords), expected)
        self.assertRegex(err, "(?m)^mindee-batch: ")
        self.assertNotIn("internal error", err)
        return err

    def test_no_key(self):
        self.write_pdfs(1)
        self.assertIn("api.key", self.complaint("run", self.input, key=None))

    def test_no_model_lists_them(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        err = self.complaint(
            "run", self.input, sandbox=sandbox, options={"api.model_id": None}
        )
        self.assertIn(MODEL, err)

    def test_bad_uuid(self):
        self.assertIn(
            "api.model_id", self.complaint("run", self.input, options={"api.model_id": "invoices"})
        )

    def test_unknown_option_names_the_nearest(self):
        err = self.complaint("run", self.input, options={"limits.upload": "3"})
        self.assertIn("limits.uploads", err)

    def test_every_mistake_of_a_file_is_shown(self):
        ini = os.path.join(self.directory, "bad.ini")
        with open(ini, "w", encoding="utf-8") as f:
            f.write("[limits]\nuploads = many\nsped = 3\n[api]\nmodel_id = x\n")
        err = self.complaint("run", self.input, words=["-c", ini])
        for line in ("bad.ini:2", "bad.ini:3", "bad.ini:5"):
            self.assertIn(line, err)

    def test_no_such_path(self):
        self.assertIn("nowhere", self.complaint("run", os.path.join(self.directory, "nowhere")))

    def test_no_path(self):
        self.assertIn("PATH", self.complaint("run"))

    def test_empty_directory(self):
        sandbox = self.fast_sandbox()
        for command in ("run", "plan"):
            self.assertIn("no files found", self.complaint(command, self.input, sandbox=sandbox, expected=0))

    def test_output_that_cannot_be_written(self):
        self.write_pdfs(1)
        blocked = os.path.join(self.directory, "blocked")
        with open(blocked, "w", encoding="utf-8"):
            pass
        err = self.complaint(
            "run", self.input, options={"output.directory": os.path.join(blocked, "out")}
        )
        self.assertIn("output.directory", err)

    def test_plain_http_is_for_loopback_alone(self):
        err = self.complaint(
            "run", self.input, options={"api.base_url": "http://api.example.com"}
        )
        self.assertIn("https", err)

    def test_two_paths_with_one_name(self):
        """Each has names of its own."""
        paths = [os.path.join(self.directory, parent, "same") for parent in "ab"]
        for number, path in enumerate(paths):
            os.makedirs(path)
            with open(os.path.join(path, "a.pdf"), "wb") as f:
                f.write(pdf(number))
        self.run_batch(*paths, sandbox=self.fast_sandbox())
        self.assertEqual(set(self.results()), {b"same/a.pdf.json", b"same (2)/a.pdf.json"})

    def test_status_without_a_ledger(self):
        self.assertIn("ledger", self.complaint("status"))

    def test_something_else_in_the_ledgers_place(self):
        os.mkdir(self.output)
        path = os.path.join(self.output, "ledger.db")
        with open(path, "wb") as f:
            f.write(b"not a database at all" * 1000)
        self.write_pdfs(1)
        with open(path, "rb") as f:
            before = f.read()
        self.complaint("run", self.input, expected=3)
        with open(path, "rb") as f:
            self.assertEqual(f.read(), before)

    def test_unknown_command(self):
        self.assertIn("run", self.complaint("rn"))

    def said(self, *words):
        done = subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout

    def test_help_fits_a_screen(self):
        listed = re.findall(r"(?m)^  (\w+)  +\S", self.said("--help"))
        self.assertIn("run", listed)
        self.assertEqual(self.said("help"), self.said("--help"))
        pages = [("--help",), ("help", "exit")] + [("help", name) for name in listed]
        for words in pages:
            lines = self.said(*words).splitlines()
            self.assertLessEqual(len(lines), 24, words)
            self.assertLessEqual(max(map(len, lines)), 80, words)
        for name in listed:
            page = self.said(name, "--help")
            self.assertEqual(page, self.said("help", name))
            self.assertRegex(page, rf"\Amindee-batch {name} \[OPTION\]", "how it is called")
            self.assertRegex(page, r"\A.*\n\w.*\.\n", "what it does")
            self.assertRegex(page, r"(?m)^  -{1,2}\w", "its options")
            self.assertIn(f"For example: mindee-batch {name}", page)
            self.assertRegex(page, "mindee-batch help options|--help-all", "where the rest is")
        self.assertIn("--webhook-shuffle", self.said("sandbox", "--help-all"))
        self.assertRegex(self.said("help", "options"), r"(?m)^  limits\.uploads=")
        done = subprocess.run([BINARY, "help", "rn"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn('did you mean "run"?', done.stderr)

    def test_help_exit_says_what_the_codes_are_for(self):
        said = " ".join(self.said("help", "exit").split())
        for words in (" 0 every document is stored or dismissed, or no files were found 1 ",
                      "put back from a backup", "no answer for api.patience"):
            self.assertIn(words, said)

    def test_secrets_on_the_command_line(self):
        for name, way in (("api.key", "api.key_file"), ("webhook.secret", "webhook.secret_file"),
                          ("webhook.query_secret", "INI file")):
            for value in ("md_0123456789", ""):
                err = self.complaint("run", self.input, options={name: value} if name == "api.key" else None,
                                     words=() if name == "api.key" else ("-s", f"{name}={value}"))
                self.assertIn(f"{name} would stand in the process list", err)
                self.assertIn(way, err)
                self.assertNotIn("md_0123456789", err)

    def test_a_file_of_certificates_that_is_none(self):
        self.write("a.pdf", pdf(1))
        for name, data in (("empty", b""), ("der", os.urandom(900)), ("directory", None)):
            path = os.path.join(self.directory, name)
            if data is None:
                os.mkdir(path)
            else:
                with open(path, "wb") as f:
                    f.write(data)
            err = self.complaint("run", self.input, options={"api.ca_file": path})
            self.assertIn(path, err)

    def test_a_document_for_the_configuration(self):
        path = os.fsdecode(self.write("a.pdf", pdf(1) * 50))
        err = self.complaint("run", self.input, words=("-c", path))
        self.assertEqual(len(err.splitlines()), 1, err)
        self.assertIn("INI file", err)

    def test_version(self):
        self.assertRegex(self.said("--version"), r"^mindee-batch \d+\.\d+\.\d+\n$")

    def test_config_masks_the_key(self):
        _, out, _ = self.finish(self.start("config"), 0)
        self.assertRegex(out, r"api\.key\b")
        self.assertIn("MINDEE_V2_API_KEY", out)


if __name__ == "__main__":
    unittest.main()

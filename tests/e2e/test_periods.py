"""`serve` with a schedule: a missed run is made up for, once; periods; another run's ledger; reload."""

import contextlib
import datetime
import json
import os
import signal
import sqlite3
import time
import unittest

from harness import Case, pdf, wait_for


class ScheduleCase(Case):
    """The rule's time is that of a while ago, so that what is due was missed."""

    def setUp(self):
        super().setUp()
        self.due = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=10)
        self.rule = f"daily {self.due:%H:%M}"
        self.period = f"{self.due:%Y-%m-%d}"

    def serve(self, sandbox, **options):
        settings = {**self.FAST, "input.directory": self.input, "schedule.when": self.rule}
        settings["log.file"] = os.path.join(self.directory, "log")
        settings.update({name.replace("__", "."): value for name, value in options.items()})
        begun = self.log().count("serve.ready")
        process = self.start("serve", sandbox=sandbox, options=settings)
        wait_for(lambda: self.log().count("serve.ready") > begun, "the service")
        return process

    def stop(self, process, expected=0):
        process.send_signal(signal.SIGTERM)
        return self.finish(process, expected)

    def database(self):
        return contextlib.closing(sqlite3.connect(os.path.join(self.output, "ledger.db"), timeout=30))

    def rows(self):
        with self.database() as db:
            return db.execute("SELECT period, state, exit_code FROM period ORDER BY due_at").fetchall()

    def done(self):
        return [row for row in self.rows() if row[1] == 1]

    def rule_is_known(self):
        path = os.path.join(self.output, "ledger.db")
        if not os.path.exists(path):
            return False
        with self.database() as db, contextlib.suppress(sqlite3.OperationalError):
            return db.execute("SELECT count(*) FROM schedule_rule").fetchone()[0] > 0
        return False

    def as_if_asked_for(self, sandbox, days):
        """A service that has been asked for this schedule some days ago, and was down since."""
        process = self.serve(sandbox)
        wait_for(self.rule_is_known, "the rule's first sight")
        self.stop(process)
        self.assertEqual(self.rows(), [], "a new rule has missed nothing")
        since = self.due - datetime.timedelta(days=days, hours=1)
        with self.database() as db, db:
            db.execute("UPDATE schedule_rule SET since = ?", (int(since.timestamp() * 1000),))

    def log(self):
        path = os.path.join(self.directory, "log")
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8") as f:
            return f.read()


class Schedule(ScheduleCase):
    def test_what_was_missed_runs_once_for_the_newest(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(4)
        self.as_if_asked_for(sandbox, 2)
        self.assertEqual(sandbox.stats()["posts"], 0)
        process = self.serve(sandbox)
        wait_for(self.done, "the run")
        self.stop(process)
        self.assertEqual([row[1:] for row in self.rows()], [(2, None), (2, None), (1, 0)])
        self.assertEqual(self.rows()[2][0], self.period)
        self.assertEqual(sandbox.stats()["accepted"], 4)
        self.assertEqual(self.summary()["stored"], 4)
        of_period = self.summary()["of_period"]
        self.assertEqual((of_period["name"], of_period["files"]), (self.period, 0), "they came after its cut-off")
        self.assertIsNotNone(of_period["finished_at"])
        begun = self.log().count("run.start")
        process = self.serve(sandbox)  # again, and nothing is due
        self.stop(process)
        self.assertEqual(self.log().count("run.start"), begun)
        self.assertEqual(sandbox.stats()["accepted"], 4)

    def test_longer_ago_than_catch_up_is_missed(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        self.as_if_asked_for(sandbox, 1)
        process = self.serve(sandbox, schedule__catch_up="0")
        wait_for(lambda: len(self.rows()) == 2, "two rows")
        self.stop(process)
        self.assertEqual([row[1] for row in self.rows()], [3, 3])
        self.assertIn(": missed (", self.log())
        self.assertEqual(sandbox.stats()["posts"], 0)

    def test_a_run_that_was_killed_goes_on_under_its_own_row(self):
        sandbox = self.sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "400ms"
        )
        self.write_pdfs(20)
        self.as_if_asked_for(sandbox, 0)
        process = self.serve(sandbox, limits__uploads="1")
        wait_for(lambda: sandbox.stats()["accepted"] >= 3, "some uploads")
        process.kill()
        process.wait()
        self.assertEqual(self.rows(), [(self.period, 0, None)])
        process = self.serve(sandbox)
        wait_for(self.done, "the run's end")
        self.stop(process)
        self.assertIn("goes on yes", self.log())
        self.assertEqual(self.rows(), [(self.period, 1, 0)])
        self.assertEqual(self.summary()["stored"], 20)
        self.assertLessEqual(sandbox.stats()["accepted"], 20 + self.summary()["resent"])

    def test_stopped_in_a_run_it_ends_with_5_and_goes_on(self):
        sandbox = self.sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "1h"
        )
        self.write_pdfs(2)
        self.as_if_asked_for(sandbox, 0)
        process = self.serve(sandbox)
        wait_for(lambda: sandbox.stats()["accepted"] == 2, "the uploads")
        self.stop(process, expected=5)
        self.assertEqual(self.rows(), [(self.period, 0, None)])

    def test_a_ledger_in_use_is_waited_for(self):
        sandbox = self.sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "1h"
        )
        self.write_pdfs(1)
        other = self.start("run", self.input, sandbox=sandbox, options=self.FAST)
        wait_for(lambda: sandbox.stats()["accepted"] == 1, "the upload")
        process = self.serve(sandbox)
        wait_for(lambda: "serve.waits" in self.log(), "the word that it waits")
        self.assertIsNone(process.poll())
        self.stop(process)
        other.send_signal(signal.SIGTERM)
        self.finish(other, expected=5)

    def test_status_by_period(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(2)
        self.run_batch(sandbox=sandbox)  # by hand, of no period
        self.write_pdfs(3, first=10)
        self.write("broken.pdf", b"%PDF-1.4\n/Encrypt")
        self.write("notes.txt", b"not a document\n")
        self.as_if_asked_for(sandbox, 0)
        process = self.serve(sandbox, schedule__late="same")
        wait_for(self.done, "the run")
        self.stop(process, expected=0)
        numbers = self.status("--json", "--period", self.period)
        self.assertEqual(numbers["period"], self.period)
        self.assertEqual(numbers["documents"], numbers["stored"] + numbers["rejected"] + numbers["failed"])
        self.assertEqual(numbers["files"], len(numbers["list"]))
        self.assertEqual(
            sorted(os.path.basename(f["path"]) for f in numbers["list"]),
            sorted(os.path.basename(f["path"]) for f in self.status("--json")["list"]
                   if f["path"] not in {os.path.join(self.input, f"invoice-{i:05}.pdf") for i in range(2)}),
        )
        self.assertEqual([(r["state"], r["exit"]) for r in numbers["scheduled"]], [("done", 1)])
        for name in ("1999-01", "november"):
            for words in (("--period", name), ("--json", "--period", name)):
                _, out, err = self.finish(self.start("status", words=words), expected=2)
                self.assertEqual(out, "")
                self.assertIn(f"no period {name}", err)
                self.assertIn("2026-11", err)
        _, text, _ = self.finish(
            self.start("status", words=("--period", self.period)), expected=0
        )
        self.assertIn("notes.txt", text)
        self.assertIn("done", text)
        self.assertNotIn("requests", text)

    def status(self, *words):
        _, out, _ = self.finish(self.start("status", words=words), expected=0)
        return json.loads(out)

    def test_a_forecast_says_whether_the_run_fits(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(12)
        self.as_if_asked_for(sandbox, 0)
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=30)
        rules = f"{self.rule}, day {soon.day} {soon:%H:%M}"  # and 1 a minute: 12 documents are late
        process = self.serve(
            sandbox, schedule__when=rules, limits__post_per_minute="1", schedule__forecast="0"
        )
        wait_for(lambda: "run.start" in self.log(), "the run")
        self.assertNotIn("schedule.forecast", self.log())
        process.kill()
        process.wait()
        with self.database() as db, db:
            db.execute("DELETE FROM period")
        process = self.serve(sandbox, schedule__when=rules, limits__post_per_minute="1")
        wait_for(lambda: self.log().count("run.start") == 2, "the run")
        line = next(line for line in self.log().splitlines() if "schedule.forecast" in line)
        self.assertIn("pages ", line)
        self.assertIn("in time yes", line)
        process.kill()
        process.wait()
        with self.database() as db, db:
            db.execute("DELETE FROM period")
        self.write_pdfs(40, first=100)
        process = self.serve(sandbox, schedule__when=rules, limits__post_per_minute="1")
        wait_for(lambda: self.log().count("run.start") == 3, "the run")
        self.assertIn("in time no", self.log())
        self.assertIn("but the next run is due at", self.log())
        process.kill()

    def test_the_end_of_a_run_is_told(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(3)
        self.as_if_asked_for(sandbox, 0)
        told = os.path.join(self.directory, "told")
        hands = os.path.join(self.directory, "hands")
        process = self.serve(
            sandbox,
            notify__command=f"/bin/sh -c 'cat > {told}.part && mv {told}.part {told}'",
            on_stored__command=f"/bin/sh -c 'cat >> {hands} && echo >> {hands}'",
        )
        wait_for(lambda: os.path.exists(told), "the notice")
        with open(told, encoding="utf-8") as f:
            notice = json.load(f)
        self.assertEqual(notice["period"], self.period)
        self.assertIn("3", notice["text"])

        def handed_over():
            if not os.path.exists(hands):
                return 0
            with open(hands, encoding="utf-8") as f:
                return sum("inference" in line for line in f)

        wait_for(lambda: handed_over() >= 3, "all results, also after the run")
        self.stop(process)

    def test_a_watched_folder_waits_for_the_run_and_goes_on_after_it(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(2)
        self.as_if_asked_for(sandbox, 0)
        time.sleep(0.2)  # they are at rest
        self.write("half.pdf.part", pdf(7))
        process = self.serve(
            sandbox,
            watch__enabled="yes",
            watch__quiet="100ms",
            watch__rescan="1s",
            schedule__late="same",
        )
        wait_for(self.done, "the run")
        self.write_pdfs(2, first=50)
        wait_for(lambda: len(self.results()) == 4, "what came later")
        wait_for(lambda: self.summary()["stored"] == 4, "the numbers")
        self.stop(process)
        next_day = f"{self.due + datetime.timedelta(days=1):%Y-%m-%d}"
        self.assertEqual(self.status("--json", "--period", self.period)["stored"], 2)
        self.assertEqual(self.status("--json", "--period", next_day)["stored"], 2)

    def test_late_documents_belong_to_the_next_period(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(2)  # now: after the cut-off
        self.as_if_asked_for(sandbox, 0)
        process = self.serve(sandbox)
        wait_for(self.done, "the run")
        self.stop(process)
        next_day = f"{self.due + datetime.timedelta(days=1):%Y-%m-%d}"
        self.assertEqual(self.status("--json", "--period", next_day)["stored"], 2)
        self.assertEqual(self.status("--json", "--period", self.period)["documents"], 0)


if __name__ == "__main__":
    unittest.main()

"""limits.max_credits, limits.max_credits_month and limits.credits_per_page: where a run stops, what it says, what makes
it go on, and what plan and status tell of it."""

import contextlib
import datetime
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import unittest

from harness import BINARY, Case, pdf, wait_for
from test_notify import Sink
from test_periods import ScheduleCase


def pages_pdf(number, pages):
    """A PDF of so many pages, and of other bytes for each number."""
    kids = " ".join(f"{i + 3} 0 R" for i in range(pages))
    page = "/Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]"
    body = "".join(f"{i + 3} 0 obj<<{page}>>endobj\n" for i in range(pages))
    return (f"%PDF-1.4\n%{number}\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
            f"2 0 obj<</Type/Pages/Kids[{kids}]/Count {pages}>>endobj\n{body}"
            "trailer<</Root 1 0 R>>\n%%EOF\n").encode()


class Budgets(Case):
    def go(self, sandbox, expected=0, words=(), **options):
        options = {name.replace("__", "."): value for name, value in options.items()}
        return self.run_batch(sandbox=sandbox, expected=expected, words=words, options=options)

    def told(self, name, *paths, expected=0, words=(), **options):
        options = {name.replace("__", "."): value for name, value in options.items()}
        return self.finish(self.start(name, *paths, words=words, options={**self.FAST, **options}), expected)[1]

    def budget(self, **options):
        return json.loads(self.told("status", words=["--json"], **options))["budget"]

    def stands(self, stored, queued):
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["queued"]), (stored, queued))


class OfACount(Budgets):
    def test_it_is_for_what_comes_together(self):
        """Not for the ledger's life: once nothing is left to send, what comes is counted anew."""
        sandbox = self.fast_sandbox()
        for batch in range(3):
            self.write_pdfs(10, first=10 * batch)
            self.go(sandbox, limits__max_credits="10")
        self.stands(30, 0)
        self.assertEqual(sandbox.stats()["charged_pages"], 30)

    def test_it_stops_and_goes_on_when_somebody_says_so(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(20)
        errors = self.go(sandbox, expected=5, limits__max_credits="6")[2]
        self.assertIn("raise limits.max_credits = 6, or `run --budget-again`; 6 credits are spent", errors)
        self.assertEqual(errors.count("raise limits.max_credits"), 1, "one sentence")
        self.stands(6, 14)
        self.go(sandbox, expected=5, limits__max_credits="6")
        self.assertEqual(sandbox.stats()["charged_pages"], 6, "not by another run")
        self.go(sandbox, expected=5, limits__max_credits="8")
        self.assertEqual(sandbox.stats()["charged_pages"], 8, "raised")
        self.go(sandbox, expected=5, words=["--budget-again"], limits__max_credits="8")
        self.assertEqual(sandbox.stats()["charged_pages"], 16, "as much again")
        self.go(sandbox)
        self.stands(20, 0)

    def test_what_turned_out_to_be_free_doesnt_begin_it_again(self):
        """A stopped run is stopped, whatever room there is."""
        sandbox = self.fast_sandbox()
        self.write("a.pdf", pages_pdf(1, 4))
        self.write("b.pdf", pages_pdf(2, 4))
        errors = self.go(sandbox, expected=5, limits__max_credits="6")[2]
        self.assertIn("the next document costs 4", errors)
        self.write("a1.pdf", pdf(3))  # there would be room for it
        errors = self.go(sandbox, expected=5, limits__max_credits="6")[2]
        self.assertIn("4 credits are spent, and a run was stopped: nothing is sent before that", errors)
        self.assertEqual(sandbox.stats()["charged_pages"], 4)
        for name in ("a.pdf", "a1.pdf", "b.pdf"):
            os.remove(os.path.join(self.input, name))
        self.write("d.pdf", b"")
        self.go(sandbox, expected=1, limits__max_credits="6")
        os.remove(os.path.join(self.input, "d.pdf"))
        self.write("c.pdf", pages_pdf(4, 5))
        self.go(sandbox, limits__max_credits="6")  # nothing was left to send
        self.assertEqual(sandbox.stats()["charged_pages"], 9)

    def test_a_killed_run_counts_on(self):
        sandbox = self.fast_sandbox("--latency-median", "300ms")
        self.write_pdfs(20)
        options = {**self.FAST, "limits.max_credits": "12", "limits.uploads": "2"}
        process = self.start("run", self.input, sandbox=sandbox, options=options)
        wait_for(lambda: sandbox.stats()["accepted"] >= 4, "some to be accepted")
        process.kill()
        self.finish(process)
        self.go(sandbox, expected=5, limits__max_credits="12", limits__uploads="2")
        stats = sandbox.stats()
        self.assertLessEqual(stats["charged_pages"], 12)
        self.assertGreaterEqual(stats["charged_pages"], 10, "in doubt were two at most")
        self.assertEqual(self.budget(limits__max_credits="12")["count"]["spent"], 12)
        self.assertIn("numbers add up                      yes", self.told("verify", self.input, expected=5))

    def test_failed_jobs_cost_nothing(self):
        sandbox = self.fast_sandbox("--fail-rate", "0.5", "--seed", "5")
        self.write_pdfs(20)
        code = self.go(sandbox, limits__max_credits="20", expected=None)[0]
        failed = self.summary()["failed"]
        self.assertGreater(failed, 0)
        self.assertEqual(code, 1)
        self.assertEqual(self.budget()["month"]["spent"], 20 - failed)

    def test_a_retry_counts(self):
        sandbox = self.fast_sandbox("--fail-rate", "0.5", "--seed", "5")
        self.write_pdfs(12)
        self.go(sandbox, expected=1)
        failed = self.summary()["failed"]
        sandbox.stop()
        again = self.fast_sandbox()
        options = {**self.FAST, "limits.max_credits": str(failed - 1)}
        process = self.start("retry", sandbox=again, words=["--failed"], options=options)
        self.finish(process, 5)
        self.assertEqual(again.stats()["charged_pages"], failed - 1)
        self.assertEqual(self.summary()["queued"], 1)


class OfAMonth(Budgets):
    def test_all_counts_of_the_month(self):
        sandbox = self.fast_sandbox()
        for batch in range(2):
            self.write_pdfs(4, first=4 * batch)
            self.go(sandbox, limits__max_credits_month="10")
        self.write_pdfs(4, first=8)
        errors = self.go(sandbox, expected=5, limits__max_credits_month="10")[2]
        now = datetime.datetime.now(datetime.timezone.utc)
        self.assertIn(f"the budget of {now:%Y-%m} is reached: raise limits.max_credits_month = 10, or", errors)
        self.stands(10, 2)
        self.go(sandbox, words=["--budget-again"], limits__max_credits_month="10")
        self.stands(12, 0)
        month = self.budget(limits__max_credits_month="10")["month"]
        self.assertEqual((month["spent"], month["left"], month["stopped"]), (12, 8, False))
        twelve = "12   credits spent, 2 of them since it was allowed again; 8 left of limits.max_credits_month = 10\n"
        self.assertIn(twelve, self.told("status", limits__max_credits_month="10"))
        self.assertIn(twelve, self.told("plan", self.input, limits__max_credits_month="10"))
        self.write_pdfs(9, first=12)
        errors = self.go(sandbox, expected=5, limits__max_credits_month="10")[2]
        self.assertIn(f"20 credits are spent in {now:%Y-%m}, 10 of them since it was allowed again", errors)


class Prices(Budgets):
    def test_a_decimal_is_exact(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(12)
        errors = self.go(sandbox, expected=5, limits__credits_per_page="0.1", limits__max_credits="0.7")[2]
        self.assertIn("raise limits.max_credits = 0.7, or `run --budget-again`; 0.7 credits are", errors)
        self.stands(7, 5)
        self.assertEqual(self.summary()["credits"], 0.7)
        with open(os.path.join(self.output, "summary.json"), encoding="utf-8") as f:
            self.assertIn('"credits":\t0.7,', f.read())
        self.go(sandbox, limits__credits_per_page="2.5")  # what was sent keeps its price
        self.assertEqual(self.summary()["credits"], 0.7 + 12.5)
        self.assertIn("13.2", self.told("status"))
        self.assertEqual(self.budget()["month"]["spent"], 13.2)

    def test_whole_ones_are_as_they_were(self):
        sandbox = self.fast_sandbox()
        self.write("a.pdf", pages_pdf(1, 3))
        self.go(sandbox)
        with open(os.path.join(self.output, "summary.json"), encoding="utf-8") as f:
            self.assertIn('"credits":\t3,', f.read())


class Told(Budgets):
    def test_plan_knows_what_is_spent(self):
        sandbox = self.fast_sandbox()
        for number, pages in enumerate((3, 4, 5)):
            self.write(f"{number}.pdf", pages_pdf(number, pages))
        out = self.told("plan", self.input, limits__max_credits="12")
        self.assertIn("credits spent; 12 left of limits.max_credits = 12", out)
        self.assertIn("Mindee itself doesn't stop", out)
        self.assertNotIn("would stop", out)
        out = self.told("plan", self.input, limits__max_credits="12", limits__credits_per_page="1.5")
        self.assertIn("limits.max_credits = 12 would stop the run before its end: 12 left for 18", out)
        self.go(sandbox, expected=5, limits__max_credits="8")
        out = self.told("plan", self.input, limits__max_credits="8")
        self.assertIn("limits.max_credits = 8 stopped a run: nothing is sent until it is raised", out)
        out = self.told("plan", self.input, limits__max_credits="11")
        self.assertIn("7   credits spent; 4 left of limits.max_credits = 11", out)
        self.assertIn("would stop the run before its end: 4 left for 5", out)
        self.assertNotIn("would stop", self.told("plan", self.input, limits__max_credits="12"))
        out = self.told("plan", self.input, limits__max_credits_month="11")
        self.assertIn("limits.max_credits_month = 11 would stop", out)
        self.go(sandbox, limits__max_credits="12")
        self.write("9.pdf", pages_pdf(9, 12))
        out = self.told("plan", self.input, limits__max_credits="12")
        self.assertIn(" 0   credits spent; 12 left of limits.max_credits = 12", out)
        self.assertIn("12   credits spent; limits.max_credits_month isn't set", out)
        self.assertNotIn("would stop", out)

    def test_plan_without_the_tools(self):
        alone = os.path.join(self.directory, "bin", "mindee-batch")
        os.mkdir(os.path.dirname(alone))
        shutil.copy(BINARY, alone)
        self.write("a.pdf", pages_pdf(1, 40))
        self.write("b.pdf", b"%PDF-1.4\nnot much of one")
        settings = ["-s", f"output.directory={self.output}", "-s", f"limits.state={self.directory}/state"]
        out = subprocess.run([alone, "plan", *settings, self.input], capture_output=True, text=True, check=True).stdout
        self.assertIn("pages unknown            2   documents, each taken as 1 page: mindee-batch-tools isn't there", out)
        self.assertIn("warning: without mindee-batch-tools", out)
        self.assertNotIn("broken", out)
        out = self.told("plan", self.input)
        self.assertIn("pages known             40   of 1 documents", out)
        self.assertIn("pages unknown            1   documents, each taken as 1 page: they can't be parsed here", out)
        self.assertIn("broken PDFs              1", out)
        self.assertNotIn("warning", out)

    def test_unknown_pages_are_put_right(self):
        sandbox = self.fast_sandbox()
        alone = os.path.join(self.directory, "bin", "mindee-batch")
        os.mkdir(os.path.dirname(alone))
        shutil.copy(BINARY, alone)
        for number in range(4):
            self.write(f"{number}.pdf", pages_pdf(number, 5))
        command = self.command("run", self.input, sandbox=sandbox,
                               options={**self.FAST, "limits.max_credits": "10", "limits.uploads": "1"})
        command[0] = alone
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, check=False)
        spent = self.budget()["month"]["spent"]
        self.assertEqual(spent, sandbox.stats()["charged_pages"])
        self.assertEqual(done.returncode, 5 if self.summary()["queued"] else 0, done.stderr)

    def test_status_shows_it(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(5)
        self.go(sandbox, expected=5, limits__max_credits="3")
        out = self.told("status", limits__max_credits="3")
        self.assertIn("3   credits spent; 0 left of limits.max_credits = 3", out)
        count = self.budget(limits__max_credits="3")["count"]
        self.assertEqual(count, {"spent": 3, "most": 3, "left": 0, "stopped": True})
        self.assertFalse(self.budget(limits__max_credits="4")["count"]["stopped"])
        self.assertEqual(self.budget()["count"], {"spent": 3, "most": None, "left": None, "stopped": False})
        stopped = "limits.max_credits = 3 stopped a run"
        last = "nothing is sent until it is raised, or `run --budget-again` is said\n"
        self.assertIn(f"{stopped}: {last}", out)
        self.assertIn(f"{stopped}, and isn't set here: with it {last}", self.told("status"))
        self.assertNotIn("stopped a run", self.told("status", limits__max_credits="4"))
        self.go(sandbox)
        self.assertNotIn("max_credits", self.told("status"))


class Served(ScheduleCase):
    """Runs on their day; each a new rule, whose time is a while ago."""

    def due_run(self, sandbox, number, options):
        """Its rule was asked for a day ago, and a service that begins now finds it missed."""
        due = self.due + datetime.timedelta(minutes=number)
        options = {"schedule__when": f"daily {due:%H:%M}", **options}
        process = self.serve(sandbox, **options)
        wait_for(lambda: self.rule_is_noted(f"{due:%H:%M}"), "the rule's first sight")
        self.stop(process)
        with self.database() as db, db:
            db.execute("UPDATE schedule_rule SET since = since - 86400000")
        return self.serve(sandbox, **options)

    def rule_is_noted(self, time_of_day):
        with contextlib.suppress(sqlite3.OperationalError), self.database() as db:
            return db.execute("SELECT count(*) FROM schedule_rule WHERE instr(rule, ?)", (time_of_day,)).fetchone()[0]
        return False

    def over(self, count):
        """So many runs have ended, one way or the other."""
        return self.log().count("[run.end]") >= count

    def posts(self, sandbox):
        return sandbox.stats()["posts"]

    def states(self):
        return [row[1:] for row in self.rows()]

    def test_a_month_over_three_scheduled_runs(self):
        sandbox = self.fast_sandbox()
        for number in range(3):
            self.write_pdfs(4, first=4 * number)
            process = self.due_run(sandbox, number, {"limits__max_credits_month": "10"})
            wait_for(lambda n=number: self.over(n + 1), f"run {number}")
            if number < 2:
                wait_for(lambda n=number: len(self.done()) == n + 1, "its end")
            self.stop(process)
        self.assertEqual(self.posts(sandbox), 10)
        self.assertEqual(self.states(), [(1, 0), (1, 0), (0, None)], "the third waits for a person")
        self.assertIn("period.held", self.log())
        self.run_batch(sandbox=sandbox, words=["--budget-again"], options={"limits.max_credits_month": "10"})
        self.assertEqual(self.posts(sandbox), 12)

    def test_a_scheduled_run_begins_a_new_count(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(10)
        budget = {"limits__max_credits": "4"}
        for number in range(3):
            process = self.due_run(sandbox, number, budget)
            wait_for(lambda n=number: self.over(n + 1), f"run {number}")
            if number < 2:
                wait_for(lambda n=number: self.log().count("period.held") == n + 1, "that it waits")
            else:
                wait_for(lambda: self.states() == [(1, 5), (1, 5), (1, 0)], "the end of all")
            self.stop(process)
            self.assertEqual(self.posts(sandbox), min(4 * (number + 1), 10))

    def test_the_service_doesnt_go_on_by_itself(self):
        sandbox, sink = self.fast_sandbox(), Sink()
        self.addCleanup(sink.stop)
        self.write_pdfs(6)
        budget = {"limits__max_credits": "4", "notify__url": sink.url, "notify__when": "trouble"}
        process = self.due_run(sandbox, 0, budget)
        wait_for(lambda: len(sink.taken) == 1, "a notice")
        self.stop(process)
        begun = self.log().count("serve.ready")
        process = self.serve(sandbox, schedule__when=f"daily {self.due:%H:%M}", **budget)
        wait_for(lambda: self.log().count("serve.ready") > begun, "the service")
        self.stop(process)
        self.assertEqual((self.posts(sandbox), self.states()), (4, [(0, None)]))
        told = json.loads(sink.taken[0][1])
        self.assertEqual((told["event"], told["exit"]), ("needs_attention", 5))
        self.assertIn("4 credits are spent, the next document costs 1", told["reason"])
        self.assertIn("raise limits.max_credits = 4, or `run --budget-again`", told["text"])
        budget["limits__max_credits"] = "6"  # raised: the next start goes on
        process = self.serve(sandbox, schedule__when=f"daily {self.due:%H:%M}", **budget)
        wait_for(self.done, "the run")
        self.stop(process)
        self.assertEqual((self.posts(sandbox), self.states()), (6, [(1, 0)]))


class Watched(ScheduleCase):
    def configure(self, most):
        with open(self.file, "w", encoding="utf-8") as f:
            f.write(f"[limits]\nmax_credits = {most}\n[input]\ndirectory = {self.input}\n"
                    "[watch]\nenabled = yes\nquiet = 200ms\nrescan = 1s\n"
                    f"[notify]\nurl = {self.sink.url}\nwhen = trouble\n")

    def serve_file(self, sandbox):
        settings = {**self.FAST, "log.file": os.path.join(self.directory, "log")}
        begun = self.log().count("serve.ready")
        process = self.start("serve", sandbox=sandbox, options=settings, words=["-c", self.file])
        wait_for(lambda: self.log().count("serve.ready") > begun, "the service")
        return process

    def setUp(self):
        super().setUp()
        self.file = os.path.join(self.directory, "batch.ini")
        self.sink = Sink()
        self.addCleanup(self.sink.stop)
        self.configure(3)

    def test_a_folder_waits_for_a_person(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(5)
        process = self.serve_file(sandbox)
        wait_for(lambda: len(self.sink.taken) == 1, "a notice")
        told = json.loads(self.sink.taken[0][1])
        self.assertEqual((told["event"], told["stored"], told["queued"]), ("trouble", 3, 2))
        ways = "raise limits.max_credits = 3, then send SIGHUP to the service or restart it; 3 credits are spent"
        self.assertIn(ways, told["text"])
        self.assertNotIn("--budget-again", self.log())
        self.assertIn("until it is raised, and a service told so (SIGHUP, or a restart)\n", self.told_status(""))
        self.write("a-new-one.pdf", pdf(99))
        wait_for(lambda: json.loads(self.told_status())["queued"] == 3, "that it was found")
        self.stop(process, None)
        self.assertIn("interrupted, and the budget is reached: raise limits.max_credits = 3, then", self.log())
        process = self.serve_file(sandbox)
        wait_for(lambda: self.log().count("budget.reached") == 2, "that it knows")
        self.assertEqual(sandbox.stats()["posts"], 3, "neither looking again nor a restart is a person's word")
        self.configure(9)
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: sandbox.stats()["posts"] == 6, "that it goes on")
        wait_for(lambda: json.loads(self.told_status())["stored"] == 6, "all")
        self.stop(process)

    def told_status(self, word="--json"):
        return self.finish(self.start("status", words=word.split(), options=self.FAST), 0)[1]


if __name__ == "__main__":
    unittest.main()

"""Several companies in one file: each its documents, its results, its turn; and the runs to come, as dates."""

import json
import os
import signal
import textwrap
import unittest

from harness import MODEL, Case, pdf, wait_for

OCR_MODEL = "66666666-6666-4666-8666-0000000c0006"  # the sandbox's

FAST = """
[limits]
post_per_minute = 0
get_per_minute = 0
state = state
[polling]
first_delay = 50ms
interval = 50ms
[retry]
first_delay = 20ms
max_delay = 200ms
"""


class Companies(Case):
    """acme has three documents, globex two."""

    def setUp(self):
        super().setUp()
        self.place = lambda *names: os.path.join(self.directory, *names)
        for company, numbers in {"acme": range(3), "globex": range(10, 12)}.items():
            os.makedirs(self.place(company, "in"))
            for number in numbers:
                with open(self.place(company, "in", f"{number}.pdf"), "wb") as f:
                    f.write(pdf(number))

    TWO = f"""
        [api]
        model_id = {MODEL}
        [batch.globex]
        directory = globex/in
        output = globex/out
        product = ocr
        model = {OCR_MODEL}
        [batch.acme]
        directory = acme/in
        output = acme/out
        """

    def configure(self, text=TWO, sandbox=None):
        with open(self.place("a.ini"), "w", encoding="utf-8") as f:
            f.write(FAST + textwrap.dedent(text))
            if sandbox:
                f.write(f"[api]\nbase_url = {sandbox.url}\n")

    def begin(self, command, *arguments, key="md_e2e_secret_key_0123456789"):
        words = [command, "-c", self.place("a.ini"), *arguments]
        bare = {"output.directory": None, "limits.state": None, "api.model_id": None}
        return self.start(words[0], words=words[1:], options=bare, key=key)

    def call(self, command, *arguments, expected=0, **keywords):
        _, out, err = self.finish(self.begin(command, *arguments, **keywords), expected)
        return out, err

    def names(self, company):
        try:
            return sorted(os.listdir(self.place(company, "out", "results")))
        except FileNotFoundError:
            return None


class Batches(Companies):
    # --- which batches, and in what order ---

    def test_each_batch_has_its_turn_and_its_results(self):
        sandbox = self.fast_sandbox()
        self.configure(sandbox=sandbox)
        out, _ = self.call("run")
        self.assertLess(out.index("batch globex:\n"), out.index("batch acme:\n"))
        self.assertEqual(self.names("acme"), ["0.pdf.json", "1.pdf.json", "2.pdf.json"])
        self.assertEqual(self.names("globex"), ["10.pdf.json", "11.pdf.json"])
        self.assertEqual(
            {job["filename"]: job["model_id"] for job in sandbox.jobs()},
            {f"{n}.pdf": MODEL for n in range(3)} | {f"{n}.pdf": OCR_MODEL for n in (10, 11)},
        )
        self.call("run", "-q")
        self.assertEqual(len(sandbox.jobs()), 5)

    def test_one_batch_alone(self):
        sandbox = self.fast_sandbox()
        self.configure(sandbox=sandbox)
        out, _ = self.call("run", "--batch", "acme")
        self.assertNotIn("batch acme:", out)
        self.assertEqual(len(self.names("acme")), 3)
        self.assertIsNone(self.names("globex"))
        path = self.place("acme", "in", "0.pdf")
        self.assertIn("stored", self.call("explain", "--batch", "acme", path)[0])
        self.call("verify", "--batch", "acme")

    def test_what_is_set_goes_to_the_batch_that_is_meant(self):
        self.configure()
        elsewhere = self.place("elsewhere")
        out, _ = self.call("config", "--batch", "acme", "-s", f"output.directory={elsewhere}")
        self.assertRegex(out, rf"output\.directory +{elsewhere} +-s\n")
        out, _ = self.call("config", "-s", "batch.acme.limits.uploads=3")
        self.assertRegex(out, r"(?s)batch acme, .*\nlimits\.uploads +3 +-s batch\.acme\n")
        self.assertRegex(out, r"\nlimits\.uploads +16 +default\n")
        _, err = self.call("config", "-s", f"output.directory={elsewhere}", expected=2)
        self.assertIn("batches globex (-s) and acme (-s) have one output directory", err)

    def test_the_commands_that_print_take_each_in_turn(self):
        sandbox = self.fast_sandbox()
        self.configure(sandbox=sandbox)
        out, _ = self.call("plan")
        self.assertRegex(out, r"(?s)batch globex:\n.*\nfiles +2\n.*batch acme:\n.*\nfiles +3\n")
        _, err = self.call("status", expected=2)
        self.assertIn("batch globex: there is no ledger at ", err)
        self.assertIn("batch acme: there is no ledger at ", err)
        self.call("run", "--batch", "acme")
        out, err = self.call("status", "--json", expected=2)
        batches = json.loads(out)["batches"]
        self.assertEqual(list(batches), ["globex", "acme"])
        self.assertIsNone(batches["globex"])
        self.assertEqual(batches["acme"]["stored"], 3)
        self.call("run")
        out, _ = self.call("status", "--json")
        stored = {name: b["stored"] for name, b in json.loads(out)["batches"].items()}
        self.assertEqual(stored, {"globex": 2, "acme": 3})
        out, _ = self.call("status", "--json", "--batch", "globex")
        self.assertEqual(json.loads(out)["stored"], 2)
        for command in ("status", "verify"):
            out, _ = self.call(command)
            self.assertLess(out.index("batch globex:\n"), out.index("batch acme:\n"))
        out, _ = self.call("retry", "--failed")
        self.assertIn("batch acme:\n", out)

    # --- exit codes ---

    def test_the_worst_exit_code_wins_and_the_others_have_their_turn(self):
        sandbox = self.fast_sandbox()
        self.configure(sandbox=sandbox)
        with open(self.place("globex", "in", "note.txt"), "wb") as f:
            f.write(b"words")
        self.call("run", expected=1)
        self.assertEqual(len(self.names("acme")), 3)
        os.rename(self.place("acme", "in"), self.place("acme", "gone"))
        _, err = self.call("run", expected=2)  # 2 is worse than 1
        self.assertIn("batch acme: ", err)
        with open(self.place("globex", "out", "ledger.db"), "wb") as f:
            f.write(b"this is no ledger" * 1000)
        _, err = self.call("status", expected=3)  # 3 is worse than 2
        self.assertIn("batch globex: ", err)

    def test_a_refusal_ends_the_rest(self):
        sandbox = self.fast_sandbox("--key", "md_another_key_0123456789")
        self.configure(sandbox=sandbox)
        _, err = self.call("run", expected=4)
        self.assertIn("not begun: acme\n", err)
        self.assertFalse(os.path.exists(self.place("acme", "out")))

    def test_who_stops_a_run_stops_the_rest(self):
        sandbox = self.fast_sandbox("--latency-median", "1h")
        self.configure(sandbox=sandbox)
        run = self.begin("run")
        wait_for(lambda: len(sandbox.jobs()) == 2, "globex's documents to be sent")
        run.send_signal(signal.SIGTERM)
        _, _, err = self.finish(run, 5)
        self.assertIn("not begun: acme\n", err)
        self.assertFalse(os.path.exists(self.place("acme", "out")))

    # --- what is refused ---

    def test_a_path_belongs_to_one_batch(self):
        self.configure()
        for command in ("run", "plan", "verify", "explain", "retry"):
            _, err = self.call(command, self.place("acme", "in"), expected=2)
            self.assertIn("say which with --batch NAME (globex, acme)", err)

    def test_unknown_batches_and_commands_that_take_none(self):
        self.configure()
        _, err = self.call("run", "--batch", "acne", expected=2)
        self.assertEqual(err, "mindee-batch: --batch: there is no batch acne; did you mean acme?\n")
        _, err = self.call("models", "--batch", "acme", expected=2)
        self.assertIn("see mindee-batch models --help", err)
        self.configure("[input]\ndirectory = acme/in\n")
        _, err = self.call("plan", "--batch", "acme", expected=2)
        self.assertIn("has no section [batch.acme]", err)

    def test_every_mistake_is_shown_before_anything_begins(self):
        sandbox = self.fast_sandbox()
        self.configure(
            """
            [batch.acme]
            limits.share = 50%
            derectory = acme/in
            """,
            sandbox,
        )
        _, err = self.call("run", expected=2)
        self.assertIn(
            "limits.share is one for all batches, and can't be batch acme's: set share in the section [limits]",
            err,
        )
        self.assertIn("there is no option derectory; did you mean directory?", err)
        self.configure(
            """
            [batch.acme]
            directory = acme/in
            output = acme/out
            schedule = last-friday 18:00
            [batch.globex]
            directory = globex/in
            output = acme/../acme/out/results/x
            """,
            sandbox,
        )
        _, err = self.call("run", expected=2)
        self.assertIn('schedule.when: "last-friday 18:00"', err)
        self.assertIn("lies within the results of batch acme", err)
        self.assertEqual(sandbox.stats()["posts"], 0)

    def test_one_directory_of_documents_for_two_is_warned_of(self):
        self.configure(self.TWO.replace("globex/in", "acme/in"))
        _, err = self.call("plan", "-v")
        self.assertRegex(err, r"warning batch globex: .*: two batches have one input.*\(other acme\).*\[batch\.same_input\]")
        self.configure(self.TWO.replace("globex/out", "acme/in/out"))
        _, err = self.call("plan", "-v")
        self.assertRegex(err, r"warning batch acme: .*\(other globex\).*\[batch\.output_in_input\]")


class Schedule(Companies):
    """Dates worked out by hand from a calendar of 2026 and 2027."""

    FRANCE = """
        [schedule]
        timezone = Europe/Paris
        holidays = holidays.txt
        [batch.acme]
        output = acme/out
        schedule = last-business-day 18:00, first-business-day 06:30
        [batch.globex]
        output = globex/out
        schedule = day 25 09:00
        schedule.timezone = America/New_York
        schedule.on_holiday = after
        """

    def setUp(self):
        super().setUp()
        with open(self.place("holidays.txt"), "w", encoding="utf-8") as f:
            f.write("2026-12-25 Christmas\n2027-01-01 New Year\n2026-12-31 company holiday\n")

    def schedule(self, *arguments, expected=0):
        """Without a key: none is needed."""
        return self.call("schedule", *arguments, expected=expected, key=None)

    def test_the_next_runs_of_all_batches(self):
        self.configure(self.FRANCE)
        out, err = self.schedule("--from", "2026-11-25", "--next", "7")
        # 2026-11-25 is a Wednesday, the 30th a Monday. 2026-12-25, a Friday, is a holiday: Monday 28. 31 December is
        # one too, so the 30th closes the year; 1 January, a Friday, as well: Monday 4. 25 January is a Monday.
        self.assertEqual(
            out,
            textwrap.dedent(
                """\
                local time                   UTC                   batch   rule                      period
                WED 2026-11-25 09:00 -05:00  2026-11-25T14:00:00Z  globex  day 25 09:00              2026-11
                MON 2026-11-30 18:00 +01:00  2026-11-30T17:00:00Z  acme    last-business-day 18:00   2026-11
                TUE 2026-12-01 06:30 +01:00  2026-12-01T05:30:00Z  acme    first-business-day 06:30  2026-12
                MON 2026-12-28 09:00 -05:00  2026-12-28T14:00:00Z  globex  day 25 09:00              2026-12  instead of FRI 2026-12-25, a holiday
                WED 2026-12-30 18:00 +01:00  2026-12-30T17:00:00Z  acme    last-business-day 18:00   2026-12
                MON 2027-01-04 06:30 +01:00  2027-01-04T05:30:00Z  acme    first-business-day 06:30  2027-01
                MON 2027-01-25 09:00 -05:00  2027-01-25T14:00:00Z  globex  day 25 09:00              2027-01
                """
            ),
        )
        self.assertIn("batch acme: schedule.holidays: the last date of ", err)
        self.assertIn("is 2027-01-01: holidays after it aren't known", err)

    def test_no_warning_while_the_holidays_reach(self):
        self.configure(self.FRANCE)
        _, err = self.schedule("--from", "2026-11-25", "--next", "5")
        self.assertEqual(err, "")

    def test_one_batch_and_a_weekend(self):
        self.configure(self.FRANCE)
        # Of 2027, 25 April is a Sunday, 25 March a Thursday; summer time begins on 14 March there.
        out, _ = self.schedule("--from", "2027-03-01", "--next", "2", "--batch", "globex")
        lines = out.splitlines()
        self.assertEqual(len(lines), 3)
        self.assertIn("THU 2027-03-25 09:00 -04:00  2027-03-25T13:00:00Z  globex", lines[1])
        self.assertIn("MON 2027-04-26 09:00 -04:00", lines[2])
        self.assertTrue(lines[2].endswith("instead of SUN 2027-04-25, a weekend's day"))

    def test_times_that_do_not_exist_and_that_come_twice(self):
        self.configure("[schedule]\nwhen = daily 02:30\ntimezone = Europe/Paris\n")
        # Summer time begins on Sunday 2027-03-28 at 02:00, and ends on 2027-10-31 at 03:00.
        out, _ = self.schedule("--from", "2027-03-28", "--next", "1")
        self.assertEqual(
            out.splitlines()[1],
            "SUN 2027-03-28 03:00 +02:00  2027-03-28T01:00:00Z  daily 02:30  2027-03-28  "
            "02:30 doesn't exist on that day: at the next time that does",
        )
        out, _ = self.schedule("--from", "2027-10-31", "--next", "1", "--json")
        self.assertEqual(
            json.loads(out),
            {
                "runs": [
                    {
                        "local": "2027-10-31T02:30:00+02:00",
                        "utc": "2027-10-31T00:30:00Z",
                        "timezone": "Europe/Paris",
                        "rule": "daily 02:30",
                        "period": "2027-10-31",
                        "named": "2027-10-31",
                        "date": "2027-10-31",
                        "fit": "twice",
                        "note": "02:30 comes twice on that day: at the first",
                    }
                ]
            },
        )

    def test_the_day_of_from_counts_from_its_beginning(self):
        self.configure("[schedule]\nwhen = daily 00:00\ntimezone = Asia/Kolkata\n")
        out, _ = self.schedule("--from", "2026-12-01", "--next", "1")
        self.assertIn("TUE 2026-12-01 00:00 +05:30  2026-11-30T18:30:00Z", out)

    def test_from_now_on_and_twelve(self):
        self.configure("[schedule]\nwhen = last-day 12:00\n")
        out, _ = self.schedule()
        self.assertEqual(len(out.splitlines()), 13)

    def test_what_is_refused(self):
        self.configure(self.TWO)
        _, err = self.schedule(expected=2)
        self.assertIn("there is no schedule: set schedule.when", err)
        self.configure(self.FRANCE + "[batch.idle]\n        output = idle\n")
        _, err = self.schedule("--batch", "idle", expected=2)
        self.assertIn("batch idle has no schedule: set schedule.when", err)
        for words in (("--next", "0"), ("--next", "1001"), ("--next", "x"), ("--from", "2026-13-01"), ("x",)):
            self.schedule(*words, expected=2)
        with open(self.place("holidays.txt"), "a", encoding="utf-8") as f:
            f.write("25.12.2027\n")
        _, err = self.schedule(expected=2)
        self.assertEqual(err.count("\n"), 1, "two batches share the file: it is said once")
        self.assertRegex(err, r'a\.ini:\d+: schedule\.holidays: .*holidays\.txt: line 4: "25\.12\.2027"')


if __name__ == "__main__":
    unittest.main()

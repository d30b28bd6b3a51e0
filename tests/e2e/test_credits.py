"""What a ledger cost, by day, period and model, and what isn't stored, as tables of an export: the same numbers
wherever they are read."""

import csv
import io
import json
import os
import sqlite3
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree
import zipfile
from decimal import Decimal

from harness import BINARY, Case, pdf, wait_for


class Costs(Case):
    def told(self, name, *paths, words=(), expected=0, options=None):
        return self.finish(self.start(name, *paths, words=words, options=options), expected)[1]

    def credits(self, *words, options=None, expected=0):
        return json.loads(self.told("credits", words=["--json", *words], options=options, expected=expected))

    def mixed(self):
        """Stored ones, duplicates, rejected ones, uploads without an answer that were sent again, held ones."""
        sandbox = self.fast_sandbox("--fault", "post:close-after=0.4", "--seed", "5")
        self.write_pdfs(30)
        for copy in range(4):
            self.write(f"copy-{copy}.pdf", pdf(copy))
        self.write("notes.txt", b"no document")
        self.run_batch(sandbox=sandbox, expected=None, options={"limits.credits_per_page": "0.5", "retry.max_resends": "1"})
        return sandbox

    def adds_up(self, **options):
        """In all, and by each of the three."""
        summary, total = self.summary(), self.credits(**options)["total"]
        self.assertEqual((total["confirmed"], total["at_risk"], total["resent"]),
                         (summary["credits"], summary["credits_at_risk"], summary["resent"]))
        self.assertEqual((total["documents"], total["failed"], total["rejected"]),
                         (summary["documents"], summary["failed"], summary["rejected"]))
        for by in ("day", "period", "model"):
            rows = self.credits("--by", by, **options)["rows"]
            for name, value in total.items():
                self.assertEqual(sum(Decimal(str(row[name])) for row in rows), Decimal(str(value)), f"{name} by {by}")
        return total


class Credits(Costs):
    def test_they_are_what_status_says(self):
        sandbox = self.mixed()
        total = self.adds_up()
        charged = sandbox.stats()["charged_pages"]
        self.assertGreater(total["resent"], 0)
        self.assertGreater(total["saved"], 0)
        self.assertEqual(total["rejected"], 1)
        self.assertLessEqual(total["pages"], charged)
        self.assertGreaterEqual(Decimal(str(total["confirmed"])) + Decimal(str(total["at_risk"])), Decimal(charged) / 2,
                                "what Mindee charges lies between what is confirmed and that with what is at risk")

    def test_each_run_at_its_price(self):
        sandbox = self.fast_sandbox()
        for price, first in (("1", 0), ("0.25", 10), ("3", 20)):
            self.write_pdfs(10, first=first)
            self.run_batch(sandbox=sandbox, options={"limits.credits_per_page": price})
        self.assertEqual(self.adds_up()["confirmed"], 42.5)

    def test_the_ledgers_directory_is_enough(self):
        self.mixed()
        line = [BINARY, "credits", "-s", f"output.directory={self.output}", "--csv", "--by", "model"]
        out = subprocess.run(line, capture_output=True, check=True, cwd="/", env=self.environment(None)).stdout
        (row,) = csv.DictReader(io.StringIO(out.decode("utf-8-sig"), newline=""))
        self.assertEqual(float(row["confirmed"]), self.summary()["credits"])
        self.assertEqual(row["product"], "extraction")

    def test_days_are_those_of_the_zone(self):
        self.mixed()
        rows = self.credits("--by", "day", options={"schedule.timezone": "Pacific/Kiritimati"})["rows"]
        self.assertTrue(all(row["begins_at"].endswith("T10:00:00Z") for row in rows))
        self.adds_up(options={"schedule.timezone": "Pacific/Kiritimati"})

    def test_beside_a_run_at_work(self):
        sandbox = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--fault", "job:stall=1")
        self.write_pdfs(20)
        run = self.start("run", self.input, sandbox=sandbox, options=self.FAST)
        wait_for(lambda: os.path.exists(os.path.join(self.output, "ledger.db")) and sandbox.stats()["accepted"] == 20,
                 "all are sent")
        wait_for(lambda: self.credits()["total"]["open"] == 20, "taken by Mindee, and open")
        self.assertEqual(self.credits()["total"]["confirmed"], 0)
        self.end(run)

    def test_without_a_ledger(self):
        self.finish(self.start("credits"), 2)
        self.assertFalse(os.path.exists(self.output))


class OwnTables(Costs):
    def manifest(self, directory=None):
        with open(os.path.join(directory or os.path.join(self.output, "exports"), "manifest.json"), encoding="utf-8") as f:
            return json.load(f)

    def export(self, *words, paths=(), expected=0):
        return self.told("export", *paths, words=words, expected=expected)

    def table(self, name, *words, paths=()):
        """As it goes to standard output."""
        out = self.export("--table", name, "--to", "-", "--profile", "rfc4180", *words, paths=paths)
        return list(csv.DictReader(io.StringIO(out, newline="")))

    def as_failures(self, rows):
        names = ("path", "state", "code", "detail", "job_id")
        return [{name: row[name] for name in names} for row in rows]

    def test_they_are_in_an_export(self):
        self.mixed()
        before = self.manifest_control()
        self.export("--profile", "rfc4180")
        tables = {entry["table"]: entry for entry in self.manifest()["files"]}
        self.assertEqual(list(tables)[-2:], ["_failures", "_credits"], "behind those of the results")
        self.assertEqual(tables["_failures"]["rows"], len(self.failures()))
        self.assertEqual(self.manifest()["control"], before, "control totals are of results")

    def manifest_control(self):
        self.export("--format", "jsonl")
        return self.manifest()["control"]

    def test_failures_are_those_of_failures_csv(self):
        self.mixed()
        rows = self.table("_failures")
        self.assertEqual(self.as_failures(rows), self.failures())
        self.assertTrue(rows)
        self.assertTrue(all(row["since"].endswith("Z") for row in rows))

    def test_credits_add_up_to_the_summary(self):
        self.mixed()
        rows = self.table("_credits")
        self.assertEqual(sum(Decimal(row["confirmed"]) for row in rows), Decimal(str(self.summary()["credits"])))
        self.assertEqual(sum(int(row["documents"]) for row in rows), self.summary()["documents"])

    def test_columns_stay(self):
        """Of an empty ledger the same as of another."""
        self.run_batch(sandbox=self.fast_sandbox())
        empty = [self.export("--table", t, "--to", "-", "--profile", "rfc4180") for t in ("_failures", "_credits")]
        self.assertEqual(empty, ["path,state,code,detail,job_id,since\r\n",
                                 "day,begins_at,period,product,model,documents,planned,confirmed,confirmed_utc,open,at_risk,saved,"
                                 "pages,failed,rejected,resent\r\n"])

    def test_in_a_database(self):
        self.mixed()
        self.export("--format", "sqlite")
        with sqlite3.connect(os.path.join(self.output, "exports", "documents.sqlite")) as db:
            (confirmed,) = db.execute("SELECT sum(confirmed) FROM _credits_num").fetchone()
            self.assertEqual(confirmed, self.summary()["credits"])
            (documents,) = db.execute("SELECT sum(documents) FROM _credits").fetchone()
            self.assertEqual(documents, self.summary()["documents"])
            (failures,) = db.execute("SELECT count(*) FROM _failures").fetchone()
            self.assertEqual(failures, len(self.failures()))
        db.close()

    def sheet(self, book, name):
        space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
        names = [s.get("name") for s in ElementTree.fromstring(book.read("xl/workbook.xml")).find("m:sheets", space)]
        return book.read(f"xl/worksheets/sheet{names.index(name) + 1}.xml").decode(), names

    def test_in_a_workbook(self):
        self.mixed()
        self.export("--format", "xlsx")
        (entry,) = self.manifest()["files"]
        sheets = {sheet["name"]: sheet for sheet in entry["sheets"]}
        self.assertEqual(sheets["Failures"]["rows"], len(self.failures()))
        self.assertEqual(sheets["Failures"]["table"], "_failures")
        self.assertEqual(sheets["Credits"]["table"], "_credits")
        with zipfile.ZipFile(os.path.join(self.output, "exports", entry["name"])) as book:
            failures, names = self.sheet(book, "Failures")
            summary, _ = self.sheet(book, "Summary")
        self.assertEqual(names[-3:], ["Failures", "Credits", "About"])
        for word in ("Job ID", "notes.txt", "Since"):
            self.assertIn(word, failures)
        self.assertIn(">out<", summary, "its title is the output directory's name")

    def test_not_among_records(self):
        """An object of JSON lines is a record; a single CSV file, or a row a line, is one table."""
        self.mixed()
        self.export("--format", "jsonl")
        for entry in self.manifest()["files"]:
            with open(os.path.join(self.output, "exports", entry["name"]), encoding="utf-8") as f:
                self.assertTrue(all("record" in json.loads(line) for line in f))
        self.export("--flat", "line_items")
        self.assertEqual(len(self.manifest()["files"]), 1)

    def test_what_is_refused(self):
        self.mixed()
        for words, told in ((("--table", "_failure"), "_failures, _credits"),
                            (("--table", "_failures", "--format", "jsonl"), "csv, xlsx and sqlite"),
                            (("--table", "_credits", "--flat", "line_items"), "one table")):
            _, _, err = self.finish(self.start("export", words=words), 2)
            self.assertIn(told, err)
        self.assertFalse(os.path.exists(os.path.join(self.output, "exports")))

    def test_of_what_was_chosen(self):
        self.mixed()
        path = os.path.join(self.input, "notes.txt")
        (row,) = self.table("_failures", paths=[path])
        self.assertEqual((row["path"], row["state"]), (path, "rejected"))
        self.assertEqual([r["rejected"] for r in self.table("_credits", paths=[path])], ["1"])
        self.assertEqual(self.table("_failures", "--since", "2999-01-01"), [])
        self.assertEqual(self.table("_credits", "--since", "2999-01-01"), [])
        self.assertEqual(self.table("_failures", "--since", "2020-01-01"), self.table("_failures"))

    def test_one_file_of_ones_own(self):
        self.mixed()
        target = os.path.join(self.directory, "open.csv")
        self.export("--table", "_failures", "--to", target)
        with open(target, encoding="utf-8-sig", newline="") as f:
            self.assertEqual(self.as_failures(csv.DictReader(f)), self.failures())

    def test_columns_tells_of_them(self):
        self.mixed()
        tables = json.loads(self.told("columns", words=["--json"]))["tables"]
        self.assertEqual([t["table"] for t in tables][-2:], ["_failures", "_credits"])
        self.assertIn("  since", self.told("columns", words=["--table", "_failures"]))
        self.assertNotIn("documents\n", self.told("columns", words=["--table", "_failures"]))


if __name__ == "__main__":
    unittest.main()

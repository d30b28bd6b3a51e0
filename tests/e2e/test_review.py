"""What needs a person, and what people decide: on samples whose flaws are known, with the commands as people use them."""

import csv
import io
import json
import os
import shutil
import sqlite3
import subprocess
import unittest

from harness import BINARY, Case

COUNT, FLAWS = 500, 40


class Reviews(Case):
    def samples(self, count, flaws):
        """expected.json of samples in the input directory."""
        subprocess.run([BINARY, "sandbox", "--samples", str(count), self.input, "--flaws", str(flaws)],
                       check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(self.input, "expected.json"), encoding="utf-8") as f:
            expected = json.load(f)
        os.unlink(os.path.join(self.input, "expected.json"))
        return expected

    def batch(self, count, flaws):
        """Until results came in a fair order: where all come at once, the one with another bank account may come before the
        others of its supplier, which are those that have a new one then."""
        expected = self.samples(count, flaws)
        sandbox = self.fast_sandbox()
        for attempt in range(3):
            if attempt:
                shutil.rmtree(self.output)
                shutil.rmtree(os.path.join(self.directory, "state"))
            self.out = self.run_batch(sandbox=sandbox, options={"request.confidence": "true"})[1]
            if len(self.records(expected=None)) == flaws:
                break
        return expected

    def review(self, *words, expected=0, options=None):
        """What it said on standard output and standard error."""
        return self.finish(self.start("review", words=words, options=options), expected)[1:]

    def records(self, *words, expected=1, options=None):
        found = json.loads(self.review("--json", *words, expected=expected, options=options)[0])["records"]
        return {r["file"]: r for r in found}

    def refused(self, *words):
        return self.review(*words, expected=2)[1]


def codes(record):
    return [(r["code"], r["field"]) for r in record["reasons"] if r["severity"] != "info"]


class Flaws(Reviews):
    def test_all_that_were_planted_and_no_others(self):
        expected = self.batch(COUNT, FLAWS)
        found = self.records()
        self.assertEqual(set(found), {e["file"] for e in expected})
        for e in expected:
            record = found[e["file"]]
            self.assertEqual({code for code, _ in codes(record)}, {e["check"]}, e)
            if e["flaw"] == "duplicate":
                (reason,) = record["reasons"]
                original = self.records(reason["of"], "--all", expected=0)
                self.assertEqual(set(original), {e["of"]})
            elif e["check"] not in ("line-product",):
                self.assertEqual([field for _, field in codes(record)], [e["field"]], e)
        everything = self.records("--all")
        self.assertEqual(len(everything), COUNT)
        self.assertEqual(sum(r["status"] == "ready" for r in everything.values()), COUNT - FLAWS)
        self.say_the_end_of_the_run_knew()

    def say_the_end_of_the_run_knew(self):
        summary = self.summary()
        self.assertEqual(summary["to_review"], FLAWS)
        self.assertEqual(sum(summary["to_review_kinds"].values()), FLAWS)
        self.assertRegex(self.out, rf"(?m)^ +to review +{FLAWS}$")


class Decisions(Reviews):
    def test_decisions(self):
        self.batch(12, 6)
        records = self.records()
        file, record = next(iter(records.items()))
        key, others = record["record"], list(records)[1:]
        self.review("accept", key, "--note", "looked at it", "--by", "alice")
        self.assertNotIn(file, self.records())
        accepted = self.records(key, "--all", expected=0)[file]
        self.assertEqual(accepted["status"], "accepted")
        self.assertEqual(accepted["decision"]["by"], "alice")
        self.assertEqual(codes(accepted), codes(record))  # decided, and still told
        self.review("reject", os.path.join(self.input, others[0]))
        self.review("later", records[others[1]]["record"])
        states = {f: r["status"] for f, r in self.records("--all").items()}
        self.assertEqual((states[others[0]], states[others[1]]), ("rejected", "later"))
        self.assertEqual(set(self.records("--later")), {others[1]})
        self.review("reopen", key)
        self.assertIn(file, self.records())
        for each in self.records().values():
            self.review("accept", each["record"])
        self.records(expected=0)

    def test_options_are_a_view(self):
        self.batch(12, 6)
        for record in self.records().values():
            self.review("accept", record["record"])
        self.records(expected=0)
        strict = {"checks.due_days": "0"}
        again = self.records(options=strict)
        self.assertTrue(again)
        self.assertTrue(all("due-late" in dict(codes(r)) for r in again.values()))
        self.records(expected=0)
        one = next(iter(again.values()))
        self.review("accept", one["record"], options=strict)
        self.assertNotIn(one["file"], self.records(options=strict, expected=None))

    def test_who_saw_something_else(self):
        self.batch(12, 6)
        record = next(iter(self.records().values()))
        self.review("reject", record["record"], "--by", "bob")
        words = self.refused("accept", record["record"], "--seen", record["version"], "--by", "alice")
        self.assertIn("rejected", words)
        self.assertIn("bob", words)

    def test_all_or_nothing(self):
        self.batch(12, 6)
        keys = [r["record"] for r in self.records().values()]
        self.assertIn("no record", self.refused("accept", keys[0], "d0123456789abcdef"))
        self.assertEqual(len(self.records()), len(keys))
        self.assertIn("neither a record nor a file", self.refused("accept", "nowhere.pdf"))
        self.assertIn("what?", self.refused("accept"))
        self.assertIn("did you mean total-sum?", self.refused("--reason", "total-sun"))

    def test_a_field_that_no_result_has(self):
        self.batch(3, 0)
        wrong = {"fields.total": "total_amont"}
        told = "fields.total: no result has a field total_amont; did you mean total_amount?"
        for command in ("review", "export", "report"):
            self.assertIn(told, self.finish(self.start(command, options=wrong), 2)[2], command)
        self.assertFalse(os.path.exists(os.path.join(self.output, "exports")))
        words = self.run_batch(sandbox=self.fast_sandbox(), options=wrong)[2]  # no run fails for it; it says so when it begins, and when it has ended
        self.assertEqual(words.count(told), 2, words)

    def test_confidence_that_nobody_asked_for_is_told(self):
        self.samples(3, 0)
        self.run_batch(sandbox=self.fast_sandbox())
        told = "confidence wasn't asked for (request.confidence = true)"
        self.assertEqual(self.review()[1].count(told), 1)
        self.assertEqual(self.review("--json")[1].count(told), 1)
        self.assertNotIn(told, self.review(options={"checks.off": "confidence"})[1])
        self.write_pdfs(1)  # a result of the same model with confidences
        self.run_batch(sandbox=self.fast_sandbox(), options={"request.confidence": "true"})
        self.assertNotIn(told, self.review(expected=None)[1])

    def test_roles_are_told(self):
        self.batch(3, 0)
        models = json.loads(self.finish(self.start("columns", words=("--roles", "--json")), 0)[1])["models"]
        self.assertEqual(len(models), 1)
        roles = {r["role"]: r["fields"] for r in models[0]["roles"]}
        self.assertEqual(roles["total"], [{"field": "total_amount", "records": 3, "from": "default"}])
        self.assertEqual(roles["lines"], [{"field": "line_items", "from": "default"}])
        self.assertGreater(roles["lines.quantity"][0]["rows"], 3)
        options = {"fields.tip": "total_tax", "fields.net": "nothing", "checks.off": "sign"}
        out = self.finish(self.start("columns", words=("--roles",), options=options), 0)[1]
        self.assertRegex(out, r"(?m)^  tip +total_tax +3 +\[fields\]$")
        self.assertRegex(out, r"(?m)^  net +-$")
        self.assertRegex(out, r"(?m)^  total-sum +off: there is no net$")
        self.assertRegex(out, r"(?m)^  sign +off: checks.off$")
        self.assertRegex(out, r"(?m)^  lines-sum +error$")  # the total is enough for it


class Corrections(Reviews):
    def flawed(self, flaw):
        expected = self.batch(12, 6)
        (file,) = [e["file"] for e in expected if e["flaw"] == flaw]
        return file, self.records()[file]

    def test_a_total(self):
        file, record = self.flawed("wrong-total")
        (reason,) = record["reasons"]
        right = reason["text"].split("= ")[1].split(",")[0]
        key = record["record"]
        for wrong in ("1.234,50", "12 000", "0x10", "1e5", ".5", "5.", "--5", "nan"):
            self.assertIn("takes a number", self.refused("correct", key, f"total_amount={wrong}"))
        self.assertIn("did you mean total_amount?", self.refused("correct", key, "total_amout=5"))
        self.assertIn("2026-02-30", self.refused("correct", key, "date=2026-02-30"))
        self.assertIn("isn't like FIELD=VALUE", self.refused("correct", key, "total_amount"))
        self.assertIn("no such row", self.refused("correct", key, "line_items[99].description=x"))
        before = self.everything_else()
        self.review("correct", key, f"total_amount={right}", "--by", "alice")
        (corrected,) = self.records(key).values()
        self.assertEqual((corrected["status"], corrected["reasons"]), ("review", []))
        self.assertEqual(corrected["corrections"][0]["value"], right)
        self.review("correct", key, "invoice_number=N-1", "--accept")
        self.assertEqual(self.records(key, "--all", expected=0)[file]["status"], "corrected")
        self.assertEqual(self.everything_else(), before)

    def everything_else(self):
        """The ledger's results, and the files under results/."""
        with sqlite3.connect(os.path.join(self.output, "ledger.db")) as db:
            rows = db.execute("SELECT id, sha256, bytes FROM result ORDER BY id").fetchall()
        files = {}
        for folder, _, names in os.walk(os.path.join(self.output, "results")):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    files[os.path.join(folder, name)] = f.read()
        return rows, files

    def test_rows(self):
        _, record = self.flawed("swapped-line")
        key = record["record"]
        self.review("correct", key, "-line_items[1]", "+line_items", "line_items[1].description=x", expected=2)
        self.assertNotIn("corrections", self.records(key, "--all", expected=None).popitem()[1])
        self.review("correct", key, "-line_items[1]")
        self.assertIn("lines-sum", dict(codes(self.records(key).popitem()[1])))

    def test_a_sheet(self):
        self.batch(12, 6)
        rows = list(csv.DictReader(io.StringIO(self.review("--csv", expected=1)[0])))
        self.assertEqual(len(rows), 6)
        rows[0].update(decision="accept", note="fine")
        rows[1].update(decision="reject")
        rows[2].update(decision="accept", field="invoice_number", value="'=1+1")
        sheet = os.path.join(self.directory, "sheet.csv")

        def write(rows):
            with open(sheet, "w", encoding="utf-8-sig", newline="") as f:
                writer = csv.DictWriter(f, list(rows[0]), delimiter=";")
                writer.writeheader()
                writer.writerows(rows)

        write(rows)
        self.assertIn("would be: 3 decisions, 1 correction", self.review("import", sheet, "--dry-run")[0])
        self.assertEqual(len(self.records()), 6)
        bad = [dict(r) for r in rows]
        bad[3].update(field="total_amount", value="1.234,50")
        bad[4].update(decision="perhaps")
        write(bad)
        words = self.refused("import", sheet)
        self.assertIn("takes a number", words)
        self.assertIn("perhaps", words)
        self.assertEqual(len(self.records()), 6)
        write(rows)
        self.review("import", sheet, "--by", "carol")
        states = {r["record"]: r for r in self.records("--all").values()}
        self.assertEqual([states[rows[i]["record"]]["status"] for i in range(3)], ["accepted", "rejected", "corrected"])
        self.assertEqual(states[rows[2]["record"]]["corrections"][0]["value"], "=1+1")
        self.assertIn("changed since it was looked at", self.refused("import", sheet))


class Damage(Reviews):
    def test_a_newer_or_broken_database(self):
        self.batch(3, 0)
        path = os.path.join(self.output, "review.db")
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 99")
        self.assertIn("newer", self.review(expected=3)[1])
        for name in ("review.db", "review.db-wal", "review.db-shm"):
            if os.path.exists(os.path.join(self.output, name)):
                os.unlink(os.path.join(self.output, name))
        with open(path, "wb") as f:
            f.write(b"no database" * 1000)
        self.assertIn("review.db", self.review(expected=3)[1])
        self.write_pdfs(1)
        out = self.run_batch(sandbox=self.fast_sandbox())  # a run ends well all the same
        self.assertIn("review", out[2])


if __name__ == "__main__":
    unittest.main()

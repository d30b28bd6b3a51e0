"""What people decided, in what finance opens: states and corrections in every form of export."""

import csv
import io
import json
import os
import re
import sqlite3
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import unittest

from test_review import Reviews

OURS = ("_status", "_reasons", "_corrected", "_duplicates")
STATES = ("ready", "review", "accepted", "corrected", "rejected", "later")
SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


class Exports(Reviews):
    def export(self, *words, expected=0, options=None):
        return self.finish(self.start("export", words=words, options=options), expected)

    def manifest(self):
        with open(os.path.join(self.output, "exports", "manifest.json"), encoding="utf-8") as f:
            return json.load(f)

    def table(self, name, *words, options=None):
        out = self.export("--table", name, "--to", "-", "--profile", "rfc4180", *words, options=options)[1]
        return list(csv.DictReader(io.StringIO(out, newline="")))

    def documents(self, *words, options=None):
        return {row["_record"]: row for row in self.table("documents", *words, options=options)}

    def file(self, *words, options=None):
        """Of an export that makes one file."""
        self.export(*words, options=options)
        (entry,) = self.manifest()["files"]
        with open(os.path.join(self.output, "exports", entry["name"]), "rb") as f:
            return f.read()

    def decided(self):
        """{flaw: record} of a batch in which each state occurs, but for `ready` as often as it does."""
        expected = self.batch(20, 6)
        found = self.records()
        flawed = {e["flaw"]: found[e["file"]] for e in expected}
        self.total = flawed["wrong-total"]["reasons"][0]["text"].split("= ")[1].split(",")[0]
        others = [flaw for flaw in flawed if flaw not in ("wrong-total", "duplicate")]
        self.review("correct", flawed["wrong-total"]["record"], f"total_amount={self.total}", "--accept", "--by", "alice")
        self.review("accept", flawed["duplicate"]["record"], "--note", "sent twice", "--by", "bob")
        self.review("reject", flawed[others[0]]["record"])
        self.review("later", flawed[others[1]]["record"])
        self.states = {flawed["wrong-total"]["record"]: "corrected", flawed["duplicate"]["record"]: "accepted",
                       flawed[others[0]]["record"]: "rejected", flawed[others[1]]["record"]: "later",
                       flawed[others[2]]["record"]: "review", flawed[others[3]]["record"]: "review"}
        return flawed

    def counts(self):
        return {state: list(self.states.values()).count(state) if state != "ready" else 20 - len(self.states)
                for state in STATES}


class Columns(Exports):
    def test_what_was_decided(self):
        flawed = self.decided()
        rows = self.documents()
        self.assertEqual(tuple(next(iter(rows.values())))[-4:], OURS)
        self.assertEqual({key: row["_status"] for key, row in rows.items()},
                         {key: self.states.get(key, "ready") for key in rows})
        corrected, twice = rows[flawed["wrong-total"]["record"]], rows[flawed["duplicate"]["record"]]
        self.assertEqual((corrected["_corrected"], corrected["total_amount"]), ("total_amount", self.total))
        self.assertEqual([row["_corrected"] for row in rows.values()].count(""), 19)
        (reason,) = flawed["duplicate"]["reasons"]
        self.assertEqual((twice["_reasons"], twice["_duplicates"]), (reason["code"], reason["of"]))
        self.assertEqual(rows[reason["of"]]["_duplicates"], reason["of"], "the original is of the family too")
        self.assertEqual(sum(bool(row["_duplicates"]) for row in rows.values()), 2)
        self.export("--flat", "line_items", "--profile", "rfc4180")  # texts of ours are kept over the lines
        (entry,) = self.manifest()["files"]
        with open(os.path.join(self.output, "exports", entry["name"]), encoding="utf-8", newline="") as f:
            for row in csv.DictReader(f):
                self.assertEqual([row[c] for c in OURS], [rows[row["_record"]][c] for c in OURS])

    def test_without_the_lowest_confidence_they_stay(self):
        self.batch(3, 0)
        (row, *_) = self.documents(options={"export.confidence": "no"}).values()
        self.assertEqual(tuple(row)[-5:], ("_sha256",) + OURS)

    def test_reviews_that_are_off(self):
        self.decided()
        off = {"review.enabled": "no"}
        on, rows = self.documents(), self.documents(options=off)
        self.assertEqual([tuple(row) for row in rows.values()], [tuple(row) for row in on.values()])
        self.assertTrue(all(row[c] == "" for row in rows.values() for c in OURS))
        self.assertEqual((self.table("_review", options=off), self.table("_duplicates", options=off)), ([], []))
        out = self.export(options=off)[1]
        self.assertNotIn("to review", out)
        self.assertNotIn("audit", self.manifest())
        self.assertNotIn("status", self.manifest()["control"])
        self.assertIn("review.enabled", self.export("--ready", options=off, expected=2)[2])


class Selections(Exports):
    def test_ready_and_review(self):
        self.decided()
        everything = self.documents()
        for word, states in (("--ready", ("ready", "accepted", "corrected")), ("--review", ("review",))):
            rows = self.documents(word)
            self.assertEqual(rows, {k: r for k, r in everything.items() if r["_status"] in states})
            self.export(word)
            control = self.manifest()["control"]
            self.assertEqual(self.manifest()["selection"]["status"], word[2:])
            self.assertEqual(control["records"], len(rows))
            self.assertEqual(control["status"], {s: n if s in states else 0 for s, n in self.counts().items()})
            self.assertEqual(control["without_record"], 0)
            lines = self.table("line_items", word)
            self.assertEqual({line["_record"] for line in lines}, set(rows))
        self.assertIn("--ready or --review", self.export("--ready", "--review", expected=2)[2])

    def test_control_totals(self):
        self.decided()
        out = self.export()[1]
        self.assertIn(f"\n2 to review: mindee-batch review -s output.directory={self.output}\n", out)
        manifest = self.manifest()
        self.assertEqual(manifest["control"]["status"], self.counts())
        rows = self.documents().values()
        for c in manifest["control"]["currencies"]:
            of = [row for row in rows if row["locale.currency"] == c["currency"]]
            for name, chosen in ((c, of), (c["open"], [r for r in of if r["_status"] == "review"])):
                self.assertEqual(name["records"], len(chosen))
                self.assertEqual(Decimal(name["total"]), sum((Decimal(r["total_amount"] or 0) for r in chosen), Decimal(0)))
        self.assertEqual(sum(c["open"]["records"] for c in manifest["control"]["currencies"]), 2)
        with sqlite3.connect(os.path.join(self.output, "review.db")) as db:
            (head,) = db.execute("SELECT hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
        self.assertEqual(manifest["audit"]["head"], head)

    def test_all_is_settled(self):
        self.batch(3, 0)
        self.assertNotIn("to review", self.export()[1])


class Forms(Exports):
    def test_corrected_values_in_each(self):
        flawed = self.decided()
        key = flawed["wrong-total"]["record"]
        lines = [json.loads(line) for line in self.file("--format", "jsonl").splitlines()]
        (one,) = [line for line in lines if line["record"]["_record"] == key]
        self.assertEqual((one["record"]["_status"], one["record"]["_corrected"]), ("corrected", "total_amount"))
        self.assertEqual(Decimal(str(one["values"]["total_amount"])), Decimal(self.total))
        self.file("--format", "sqlite")
        with sqlite3.connect(os.path.join(self.output, "exports", "documents.sqlite")) as db:
            self.assertEqual(db.execute("SELECT _status, total_amount FROM documents WHERE _record = ?", (key,)).fetchall(),
                             [("corrected", self.total)])
            facts = dict(db.execute("SELECT * FROM about"))
            self.assertEqual(db.execute("SELECT count(*) FROM _duplicates").fetchone(), (2,))
        self.assertIn(self.manifest()["audit"]["head"], facts.values())
        book = self.file("--format", "xlsx", options={"export.headers": "names"})
        head = self.manifest()["audit"]["head"]
        with zipfile.ZipFile(io.BytesIO(book)) as z:
            (row,) = [r for r in self.sheet(z, 1) if r["_record"] == key]
            self.assertEqual((row["_status"], Decimal(row["total_amount"])), ("corrected", Decimal(self.total)))
            notes = b"".join(z.read(n) for n in z.namelist() if n.startswith("xl/comments")).decode()
            self.assertEqual(notes.count("<comment "), 1)
            (found,) = re.findall(r'<comment ref="([A-Z]+)(\d+)"', notes)
            tinted = self.fills(z, 1)
            summary = [list(row.values()) for row in self.rows(z, 0)]
            texts = b"".join(z.read(n) for n in z.namelist() if n.startswith("xl/worksheets/sheet"))
        self.assertIn(head.encode(), texts)
        self.assertIn("Corrected by alice", notes)
        self.assertIn("Mindee read: ", notes)
        self.assertEqual(tinted, ["".join(found)], "the value with the comment alone is tinted")
        counted = {row[0]: row[1] for row in summary if len(row) > 1}
        self.assertEqual([int(counted[name]) for name in ("Ready", "To review", "Accepted", "Corrected",
                                                          "Rejected by a person", "Later", "Records")],
                         [self.counts()[state] for state in STATES] + [20])
        self.assertEqual(sum(int(row[1]) for row in summary if row[:1] == ["of it to review"]), 2)
        self.assertEqual([s["name"] for s in self.manifest()["files"][0]["sheets"]][-4:],
                         ["Review", "Duplicates", "Failures", "Credits"])

    def rows(self, book, number):
        rows = []
        for row in ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number + 1}.xml")).iterfind(".//m:row", SPACE):
            cells = {}
            for c in row.iterfind("m:c", SPACE):
                text = "".join(c.itertext())
                cells[c.get("r").rstrip("0123456789")] = text
            rows.append(cells)
        return rows

    def fills(self, book, number):
        """The cells below the header that have a background."""
        styles = ElementTree.fromstring(book.read("xl/styles.xml"))
        fills = [int(x.get("fillId")) for x in styles.find("m:cellXfs", SPACE)]
        cells = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number + 1}.xml")).iterfind(".//m:c", SPACE)
        return [c.get("r") for c in cells if fills[int(c.get("s") or 0)] > 1 and not re.fullmatch("[A-Z]+1", c.get("r"))]

    def sheet(self, book, number):
        """The rows of a sheet by their header."""
        header, *rows = self.rows(book, number)
        return [{header[at]: text for at, text in row.items()} for row in rows]

    def test_a_line_and_a_value_that_was_cleared_are_tinted(self):
        self.batch(3, 0)
        key = next(iter(self.records("--all", expected=0).values()))["record"]
        self.review("correct", key, "line_items[1].description=Bolts", "invoice_number=", "--accept")
        book = self.file("--format", "xlsx", options={"export.headers": "names"})
        tables = [sheet["table"] for sheet in self.manifest()["files"][0]["sheets"]]
        with zipfile.ZipFile(io.BytesIO(book)) as z:
            lines = tables.index("line_items") + 1
            (at,) = self.fills(z, lines)
            cells = {c.get("r"): "".join(c.itertext()) for c in
                     ElementTree.fromstring(z.read(f"xl/worksheets/sheet{lines + 1}.xml")).iterfind(".//m:c", SPACE)}
            self.assertEqual(cells[at], "Bolts")
            self.assertEqual(cells["A" + at.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")], key)
            self.assertEqual(len(self.fills(z, 1)), 1)
            self.assertEqual(sum(z.read(n).count(b"<comment ") for n in z.namelist() if n.startswith("xl/comments")), 2)

    def test_the_same_bytes_twice(self):
        self.decided()
        for form in ("csv", "jsonl", "sqlite", "xlsx"):
            files = []
            for _ in range(2):
                self.export("--format", form)
                with open(os.path.join(self.output, "exports", "manifest.json"), "rb") as f:
                    files.append(f.read())
            self.assertEqual(files[0], files[1], form)


class Sheets(Exports):
    def test_duplicates(self):
        flawed = self.decided()
        (reason,) = flawed["duplicate"]["reasons"]
        rows = self.table("_duplicates")
        self.assertEqual([(r["family"], r["record"], r["role"], r["level"]) for r in rows],
                         [(reason["of"], reason["of"], "original", ""),
                          (reason["of"], flawed["duplicate"]["record"], "later", reason["code"])])
        self.assertEqual(rows[1]["agrees"], reason["text"])
        alone = self.finish(self.start("export", os.path.join(self.input, flawed["duplicate"]["file"]),
                                       words=["--table", "_duplicates", "--to", "-", "--profile", "rfc4180"]), 0)[1]
        self.assertEqual(list(csv.DictReader(io.StringIO(alone, newline=""))), rows, "the original comes along")

    def test_the_review_sheet(self):
        flawed = self.decided()
        rows = self.table("_review")
        self.assertEqual({r["record"]: r["status"] for r in rows}, self.states)
        everything = {r["record"]: r for r in self.records("--all").values()}
        self.assertEqual([(r["code"], r["place"], r["text"]) for r in rows if r["code"]],
                         [(x["code"], x["field"], x["text"]) for key in dict.fromkeys(r["record"] for r in rows)
                          for x in everything[key]["reasons"]])
        (twice,) = [r for r in rows if r["record"] == flawed["duplicate"]["record"]]
        self.assertEqual((twice["decided_by"], twice["decided_note"]), ("bob", "sent twice"))

    def test_it_comes_back_filled_in(self):
        self.decided()
        self.export("--profile", "excel-eu")
        path = os.path.join(self.output, "exports", "_review.csv")
        with open(path, encoding="utf-8-sig", newline="") as f:
            rows = list(csv.DictReader(f, delimiter=";"))
        open_ones = [key for key, state in self.states.items() if state == "review"]
        for row in rows:
            if row["record"] == open_ones[0]:
                row["decision"] = "accept"
            if row["record"] == open_ones[1]:
                row.update(decision="accept", field="invoice_number", value="N-1", note="from the paper")
        sheet = os.path.join(self.directory, "sheet.csv")
        with open(sheet, "w", encoding="utf-8", newline="") as f:
            names = {name: name.capitalize().replace("_", " ") for name in rows[0]}  # as the workbook has them
            writer = csv.DictWriter(f, list(names.values()))
            writer.writeheader()
            writer.writerows({names[k]: v for k, v in row.items()} for row in rows)
        self.review("import", sheet)
        after = self.documents()
        self.assertEqual([after[key]["_status"] for key in open_ones], ["accepted", "corrected"])
        self.assertEqual(after[open_ones[1]]["invoice_number"], "N-1")
        self.assertNotIn("to review", self.export()[1])


class Damage(Exports):
    def test_a_newer_database(self):
        self.batch(3, 0)
        with sqlite3.connect(os.path.join(self.output, "review.db")) as db:
            db.execute("PRAGMA user_version = 99")
        self.assertIn("newer", self.export(expected=3)[2])
        self.assertFalse(os.path.exists(os.path.join(self.output, "exports", "manifest.json")))


if __name__ == "__main__":
    unittest.main()

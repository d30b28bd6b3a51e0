"""What finance opens: no value of a result is lost or changed on its way into a table."""

import csv
import glob
import hashlib
import io
import json
import os
import random
import re
import sqlite3
import unittest
from collections import Counter
from decimal import Decimal, getcontext

import flat_oracle
from harness import SHARED, Case, wait_for
from result_shapes import Shapes

csv.field_size_limit(10**8)
getcontext().prec = 1000  # digits: nothing is rounded on the way to a comparison
SAMPLES = os.path.join(SHARED, "mindee-api", "samples", "results")


ALL_FILES = ["_credits.csv", "_duplicates.csv", "_failures.csv", "_review.csv", "documents.csv", "manifest.json"]


class Exports(Case):
    def store(self, results):
        """A ledger whose documents have these results (bytes), in the order of their names."""
        sandbox = self.fast_sandbox()
        self.write_pdfs(len(results))
        self.run_batch(sandbox=sandbox)
        with sqlite3.connect(os.path.join(self.output, "ledger.db")) as db:
            names = sorted(os.listdir(self.input))
            paths = sqlite3.connect(os.path.join(self.output, "ledger.db.files"))
            for name, result in zip(names, results):
                (document,) = paths.execute("SELECT document FROM file WHERE name = CAST(? AS BLOB)", (name,)).fetchone()
                db.execute("UPDATE result SET bytes = ?, sha256 = ? WHERE document = ?",
                           (result, hashlib.sha256(result).digest(), document))
            paths.close()

    def export(self, *words, paths=(), expected=0, options=None):
        return self.finish(self.start("export", *paths, words=words, options=options), expected)

    def manifest(self, directory=None):
        with open(os.path.join(directory or os.path.join(self.output, "exports"), "manifest.json"), encoding="utf-8") as f:
            return json.load(f)

    def csv_tables(self, *words, expected=0):
        """{table: (header, rows)} of the results, as an exact reader has them; our own are in test_credits."""
        self.export("--profile", "rfc4180", *words, expected=expected)
        tables = {}
        for entry in self.manifest()["files"]:
            path = os.path.join(self.output, "exports", entry["name"])
            with open(path, "rb") as f:
                data = f.read()
            self.assertEqual(len(data), entry["bytes"])
            self.assertEqual(hashlib.sha256(data).hexdigest(), entry["sha256"])
            rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
            self.assertEqual(len(rows) - 1, entry["rows"])
            if entry["table"].startswith("_"):
                continue
            tables[entry["table"]] = rows[0], [dict(zip(rows[0], row)) for row in rows[1:]]
        return tables


def own(column):
    return column.startswith("_") or "#" in column.replace(".#", "").lstrip("#")


def value_of(text):
    """Of a cell: a number by its value, a text with the line ends that CSV files have."""
    if re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", text, re.ASCII):
        return format(Decimal(text).normalize() + 0, "f")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def is_joined(table, column, lists):
    """Whether the column has a list's values joined, for reading: the list's own table has them."""
    name = flat_oracle.table_name([column]) if table == "documents" else f"{table}.{column}"
    return name in lists


PRODUCTS = {"splits", "crops", "classifications", "pages"}


class NothingIsLost(Exports):
    def expected(self, results):
        found = Counter()
        for result in results:
            for record in flat_oracle.records(flat_oracle.parse(result)):
                found += flat_oracle.multiset(record)
        return found

    def lists(self, results):
        parsed = [flat_oracle.records(flat_oracle.parse(result)) for result in results]
        return {name for records in parsed for record in records for name in record.tables}

    def compare_csv(self, results):
        expected, found = Counter(), Counter()
        for (table, column, kind, text), n in self.expected(results).items():
            if kind != "json" and text != "":
                expected[table, column, value_of(text)] += n
        unknown = {(t, c) for (t, c, kind, _) in self.expected(results) if kind == "json"}
        lists = self.lists(results)
        for table, (header, rows) in self.csv_tables().items():
            for row in rows if table not in PRODUCTS else []:
                for column in header:
                    text = row[column]
                    if not text or own(column) or is_joined(table, column, lists) or (table, column) in unknown:
                        continue
                    found[table, column, value_of(text)] += 1
        return expected, found

    def compare_jsonl(self, results):
        self.export("--format", "jsonl")
        (entry,) = self.manifest()["files"]
        found = Counter()
        with open(os.path.join(self.output, "exports", entry["name"]), "rb") as f:
            for line in f:
                record = flat_oracle.parse(line)
                rows = [("documents", record["values"])]
                for table, inner in record["tables"].items():
                    if table not in PRODUCTS:
                        rows += [(table, row) for row in inner]
                for table, row in rows:
                    for column, value in row.items():
                        shown = flat_oracle.shown(value)
                        if shown and not own(column):
                            found[table, column, *shown] += 1
        return found

    def same(self, found, expected):
        self.assertEqual((sorted((found - expected).items())[:20], sorted((expected - found).items())[:20]), ([], []))

    def check(self, results):
        self.store(results)
        expected = self.expected(results)
        found = self.compare_jsonl(results)
        lists = self.lists(results)
        unknown = {(t, c) for (t, c, kind, _) in expected if kind == "json"}

        def exact(counter):
            return Counter({key: n for key, n in counter.items()
                            if key[:2] not in unknown and not is_joined(*key[:2], lists)})

        self.same(exact(found), exact(expected))
        expected, found = self.compare_csv(results)
        expected = Counter({k: n for k, n in expected.items() if k[:2] not in unknown and not is_joined(*k[:2], lists)})
        self.same(found, expected)

    @unittest.skipUnless(os.path.isdir(SAMPLES), "Mindee's sample results aren't here (MB_SHARED names their place)")
    def test_mindees_own_samples(self):
        results = []
        for path in sorted(glob.glob(os.path.join(SAMPLES, "*.json"))):
            with open(path, "rb") as f:
                results.append(f.read())
        self.check(results)

    def test_generated_shapes(self):
        shapes = Shapes(random.Random(15))
        self.check([shapes.result() for _ in range(60)])


def invoice(**fields):
    values = {name: {"value": value} for name, value in fields.items()}
    return json.dumps({"inference": {"result": {"fields": values}}}).encode()


class Asked(Exports):
    """What may be asked of it, and what is refused."""

    def two(self):
        self.store([invoice(total_amount=1.5, supplier_name="A"), invoice(total_amount=2, supplier_name="B")])

    def exports(self):
        return sorted(os.listdir(os.path.join(self.output, "exports")))

    def test_one_export_takes_the_place_of_another(self):
        self.two()
        self.export()
        self.assertEqual(self.exports(), ALL_FILES)
        with open(os.path.join(self.output, "exports", "notes of mine.txt"), "w", encoding="utf-8") as f:
            f.write("stays")
        self.export("--format", "jsonl")
        self.assertEqual(self.exports(), ["documents.jsonl", "manifest.json", "notes of mine.txt"])

    def test_the_same_state_gives_the_same_bytes(self):
        self.two()
        for form in ("csv", "jsonl", "xlsx"):
            self.export("--format", form)
            first = self.manifest()
            self.export("--format", form)
            self.assertEqual(self.manifest(), first)

    def test_one_table_to_standard_output(self):
        self.two()
        _, out, err = self.export("--table", "documents", "--to", "-", "--profile", "rfc4180")
        rows = list(csv.DictReader(io.StringIO(out)))
        self.assertEqual([row["total_amount"] for row in rows], ["1.5", "2"])
        self.assertEqual(err, "")
        self.assertFalse(os.path.exists(os.path.join(self.output, "exports")))

    def test_a_directory_or_a_file_of_ones_own(self):
        self.two()
        place = os.path.join(self.directory, "elsewhere")
        self.export("--to", place)
        self.assertEqual(sorted(os.listdir(place)), ALL_FILES)
        one = os.path.join(self.directory, "one.jsonl")
        self.export("--to", one)
        with open(one, encoding="utf-8") as f:
            self.assertEqual(len(f.readlines()), 2)
        self.assertEqual(os.stat(one).st_mode & 0o777, 0o600)

    def test_of_named_files_alone(self):
        self.two()
        path = os.path.join(self.input, "invoice-00001.pdf")
        self.export(paths=[path])
        self.assertEqual(self.manifest()["files"][0]["rows"], 1)
        self.assertEqual(self.manifest()["control"]["records"], 1)
        self.assertEqual(self.manifest()["control"]["documents"], 2)

    def test_since_a_time(self):
        self.two()
        for since, rows in (("2000-01-01", 2), ("2000-01-01T00:00:00Z", 2), ("2100-01-01", 0)):
            self.export("--since", since)
            self.assertEqual(self.manifest()["files"][0]["rows"], rows)

    def test_a_row_a_line(self):
        lines = [{"fields": {"quantity": {"value": n}}} for n in (1, 2)]
        both = json.dumps({"inference": {"result": {"fields": {"total_amount": {"value": 3.0}, "line_items": {"items": lines}}}}})
        self.store([both.encode(), invoice(total_amount=4)])
        tables = self.csv_tables("--flat", "line_items")
        (rows,) = [rows for _, rows in tables.values()]
        shown = [(row["_first"], row["total_amount"], row["line_items._n"], row["line_items.quantity"]) for row in rows]
        self.assertEqual(shown, [("1", "3.0", "1", "1"), ("0", "3.0", "2", "2"), ("1", "4", "", "")])

    def test_fields_of_a_model_of_ones_own_are_added_up(self):
        self.store([invoice(grand_total=1.5, cur="EUR"), invoice(total_amount=2, cur="EUR", grand_total=None), invoice(grand_total=7, cur=None)])
        self.export(options={"fields.total": "grand_total, total_amount", "fields.currency": "cur"})
        sums = {row["currency"]: row["total"] for row in self.manifest()["control"]["currencies"]}
        self.assertEqual(sums, {"EUR": "3.50", "": "7.00"})

    def test_what_is_refused(self):
        self.two()
        for words, told in ((("--format", "pdf"), "csv, xlsx, jsonl or sqlite"), (("--profile", "excell"), "profile"),
                            (("--period", "november"), "2026-11"), (("--since", "yesterday"), "2026-11-30"),
                            (("--table", "line_item"), "documents"), (("--flat", "lines"), "no list lines"),
                            (("--format", "xlsx", "--to", "-"), "name a file"),
                            (("--to", os.path.join(self.directory, "no", "where")), "where")):
            _, _, err = self.export(*words, expected=2)
            self.assertIn(told, err)
        self.assertFalse(os.path.exists(os.path.join(self.output, "exports")))

    def test_without_a_ledger(self):
        self.export(expected=2)
        self.finish(self.start("columns"), 2)
        self.assertFalse(os.path.exists(self.output))

    def test_columns_stay_when_results_are_named(self):
        self.store([invoice(a="1", b="2"), invoice(a="1")])
        tables = self.csv_tables(os.path.join(self.input, "invoice-00001.pdf"))
        self.assertIn("b", tables["documents"][0])

    def test_columns_are_told(self):
        self.two()
        _, out, _ = self.finish(self.start("columns", words=["--json"]), 0)
        columns = {c["name"]: c for c in json.loads(out)["tables"][0]["columns"]}
        self.assertEqual(columns["total_amount"]["kind"], "number")
        self.assertEqual(columns["total_amount"]["filled"], 2)
        self.assertEqual(columns["supplier_name"]["example"], "A")
        self.assertTrue(columns["_file"]["own"])


class SeveralBatches(Exports):
    """No batch's rows take the place of another's without a word."""

    def setUp(self):
        super().setUp()
        self.file = os.path.join(self.directory, "two.ini")
        with open(self.file, "w", encoding="utf-8") as f:
            for name in ("one", "two"):
                f.write(f"[batch.{name}]\ninput.directory = in-{name}\noutput.directory = {name}\n")
        for number, name in enumerate(("one", "two")):
            self.input = os.path.join(self.directory, f"in-{name}")
            os.mkdir(self.input)
            self.write_pdfs(1, number)
            self.output = os.path.join(self.directory, name)
            self.run_batch(sandbox=self.fast_sandbox())
        self.place = os.path.join(self.directory, "place")

    def both(self, *words, expected=0):
        return self.export("-c", self.file, *words, expected=expected, options={"output.directory": None})

    def test_into_one_directory(self):
        _, _, err = self.both("--to", self.place, expected=2)
        self.assertIn("has the export of batch one", err)
        self.assertIn("documents-one.csv", os.listdir(self.place))
        self.both("--to", self.place, "--batch", "one")
        self.both("--to", self.place, "--batch", "two", expected=2)
        self.assertIn("documents-one.csv", os.listdir(self.place))

    def test_into_one_file(self):
        for to in ("-", os.path.join(self.directory, "one.csv")):
            _, _, err = self.both("--table", "documents", "--to", to, expected=2)
            self.assertIn("several batches", err)
        _, out, _ = self.both("--table", "documents", "--to", "-", "--batch", "two")
        self.assertEqual(len(list(csv.reader(io.StringIO(out)))), 2)
        self.assertFalse(os.path.exists(os.path.join(self.directory, "one.csv")))


class WhatIsBad(Exports):
    """Each is said; what can be exported is; nothing is half."""

    def test_results_that_are_none(self):
        deep = b'{"inference":{"result":{"fields":{"x":' + b'{"fields":{"x":' * 120 + b'{"value":1}' + b"}}" * 120 + b"}}}}"
        bad = [b"[1,2]", b"", b'{"inference":{}}', b'{"inference":{"result":7}}', deep, b'{"inference":{"result":{"fields":{"a":{"value":1}}}']
        self.store([*bad, invoice(a="fine")])
        _, _, err = self.export(expected=1)
        for number in range(len(bad)):
            self.assertIn(f"invoice-{number:05}.pdf", err)
        self.assertNotIn("invoice-00006.pdf", err)
        self.assertEqual(self.manifest()["files"][0]["rows"], 1)
        self.assertEqual(self.manifest()["control"]["without_record"], len(bad))

    def test_values_that_are_odd(self):
        texts = {"surrogate": b'"a\\ud800b"', "nul": b'"a\\u0000b"', "huge": b"1e400", "digits": b"7" * 400,
                 "long": b'"' + b"x" * 1000000 + b'"'}
        fields = b",".join(b'"%s":{"value":%s}' % (name.encode(), value) for name, value in texts.items())
        self.store([b'{"inference":{"result":{"fields":{' + fields + b',"surrogate":{"value":"second"}}}}}'])
        _, _, err = self.export("--format", "jsonl")
        self.assertIn("half of a character", err)
        with open(os.path.join(self.output, "exports", "documents.jsonl"), "rb") as f:
            line = f.read()
        values = flat_oracle.parse(line)["values"]
        self.assertEqual(values["surrogate"], "a\ufffdb")
        self.assertEqual(values["nul"], "a\0b")
        self.assertEqual(values["huge"], "1e400")
        self.assertEqual(values["digits"], "7" * 400)
        self.assertEqual(len(values["long"]), 1000000)
        self.assertEqual(self.csv_tables(expected=1)["documents"][1][0]["huge"], "1" + "0" * 400)

    def test_many_columns(self):
        fields = b",".join(b'"f%d":{"value":%d}' % (i, i) for i in range(100000))
        self.store([b'{"inference":{"result":{"fields":{' + fields + b"}}}}"])
        header, rows = self.csv_tables()["documents"]
        self.assertGreater(len(header), 100000)
        self.assertEqual(rows[0]["f99999"], "99999")
        _, _, err = self.export("--format", "xlsx", expected=1)
        self.assertIn("left out", err)

    def test_a_name_that_is_no_utf8(self):
        self.write(b"caf\xe9.pdf", b"%PDF-1.4\n% x\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
                   b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
        self.run_batch(sandbox=self.fast_sandbox())
        self.assertEqual(self.csv_tables()["documents"][1][0]["_file"], "caf\\xE9.pdf")

    def test_a_damaged_result(self):
        self.store([invoice(a="1"), invoice(a="2")])
        with sqlite3.connect(os.path.join(self.output, "ledger.db")) as db:
            db.execute("UPDATE result SET bytes = X'7B7D' WHERE id = 2")
        _, _, err = self.export(expected=3)
        self.assertIn("isn't what was stored", err)
        self.assertFalse(os.path.exists(os.path.join(self.output, "exports", "manifest.json")))

    def test_a_review_db_of_somebody_else(self):
        self.store([invoice(a="1")])
        for name in ("review.db", "review.db-wal", "review.db-shm"):
            if os.path.exists(os.path.join(self.output, name)):  # the run's
                os.unlink(os.path.join(self.output, name))
        with sqlite3.connect(os.path.join(self.output, "review.db")) as db:
            db.execute("CREATE TABLE mine(x)")
        _, _, err = self.export(expected=3)
        self.assertIn("review.db", err)


class BesideARun(Exports):
    def test_what_is_stored_so_far(self):
        sandbox = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "1s")
        self.write_pdfs(40)
        run = self.start("run", self.input, sandbox=sandbox, options={**self.FAST, "limits.uploads": "2", "limits.post_per_minute": "600"})
        wait_for(lambda: os.path.exists(os.path.join(self.output, "ledger.db")), "a ledger")
        wait_for(lambda: len(self.results()) >= 3, "results")
        self.export()
        control = self.manifest()["control"]
        self.assertEqual(control["stored"], control["records"])
        self.assertGreaterEqual(control["stored"], 3)
        self.finish(run, 0)
        self.export()
        self.assertEqual(self.manifest()["control"]["records"], 40)


if __name__ == "__main__":
    unittest.main()

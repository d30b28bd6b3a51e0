"""Exports of a ledger of many records with ten lines each: CSV beside what sqlite3 does with the same rows and columns, the
workbook beside CSV, and what each form takes of memory, of this ledger and of one with a tenth of it."""

import csv
import json
import os
import shutil
import subprocess

from measuring import Skipped, ratios, shown, spread

PROGRAM = "bench_export_ledger"  # a target to build
FORMS = ("csv", "jsonl", "sqlite", "xlsx")
LINES = 10
RESULT = "r.bytes ->> '$.inference.result"

# The program's own columns: what SQL has for them.
OWN = {
    "_record": "'d' || substr(lower(hex(d.sha256)), 1, 16)",
    "_file": "CAST(f.name AS TEXT)",
    "_n": "i.key + 1",
    "_pages": "d.result_pages",
    "_files": "d.files",
    "_result": "'results/' || CAST(f.name AS TEXT) || '.json'",
    "_stored_at": "strftime('%Y-%m-%dT%H:%M:%SZ', r.received_at / 1000, 'unixepoch')",
    "_period": "f.period",
    "_model": "r.bytes ->> '$.inference.model.id'",
    "_job": "a.job_id",
    "_sha256": "lower(hex(d.sha256))",
}


def expression(column, root):
    if column.startswith("_"):
        return OWN.get(column, "NULL")  # a part, a RAG document: none here; the least sure field: not asked of SQL
    return f"{root}.fields.{column.replace('.', '.fields.')}.value'"


def query(columns, lines):
    """A line of CSV for each of our table's rows, in their order."""
    root = "i.value ->> '$" if lines else RESULT
    shown_columns = ", ".join(f"{expression(c, root)} AS \"{c}\"" for c in columns)
    each = ", json_each(r.bytes, '$.inference.result.fields.line_items.items') i" if lines else ""
    attempt = " JOIN attempt a ON a.id = d.last_attempt" if "_job" in columns else ""
    return (f"SELECT {shown_columns} FROM book.file f JOIN document d ON d.id = f.document"
            f" JOIN result r ON r.id = d.result{attempt}{each} ORDER BY f.name{', i.key' if lines else ''};\n")


class Ledger:
    def __init__(self, b, documents):
        self.b, self.documents = b, documents
        self.output = b.path(f"export-{documents}")
        os.mkdir(self.output)
        made = os.path.join(os.path.dirname(b.program), PROGRAM)
        subprocess.run([made, self.output, str(documents), str(LINES)], check=True)

    def export(self, form):
        line = [self.b.program, "export", "-q", "--format", form, "--profile", "rfc4180",
                "-s", f"output.directory={self.output}", "-s", f"export.directory={self.place(form)}"]
        return self.b.measure(line)

    def place(self, form):
        return os.path.join(self.output, f"as-{form}")

    def file(self, form, name):
        return os.path.join(self.place(form), name)

    def write_sql(self):
        """What sqlite3 is to do, for each table; the columns are those of our files."""
        words = [".mode csv", ".headers on", f"ATTACH 'file:{self.output}/ledger.db.files?mode=ro' AS book;"]
        for table in ("documents", "line_items"):
            with open(self.file("csv", f"{table}.csv"), encoding="utf-8", newline="") as f:
                columns = next(csv.reader(f))
            words += [f".once {self.output}/by-sqlite-{table}.csv", query(columns, table != "documents")]
        self.sql = self.b.path("sql")
        with open(self.sql, "w", encoding="utf-8") as f:
            f.write("\n".join(words))

    def by_sqlite(self):
        return self.b.measure(["sqlite3", "-bail", "-readonly", f"file:{self.output}/ledger.db?mode=ro", f".read {self.sql}"])

    def check_same(self):
        """That both made the same rows: what is compared is the same work."""
        for table in ("documents", "line_items"):
            ours, theirs = self.file("csv", f"{table}.csv"), f"{self.output}/by-sqlite-{table}.csv"
            with open(ours, encoding="utf-8", newline="") as a, open(theirs, encoding="utf-8", newline="") as b:
                for mine, other in zip(csv.DictReader(a), csv.DictReader(b), strict=True):
                    for column in mine:
                        if not column.startswith("_") and not same(mine[column], other[column]):
                            raise SystemExit(f"bench: {table}, {column}: {mine[column]!r} and {other[column]!r}")


def same(ours, theirs):
    """SQLite has numbers as doubles: 100.00 is 100.0 there."""
    return ours == theirs or float(ours) == float(theirs)


def pick(costs, what):
    return [cost[what] for cost in costs]


def measure(b):
    if not shutil.which("sqlite3"):
        raise Skipped("there is no sqlite3 (package sqlite3)")
    pairs = b.arguments.export_pairs
    large = Ledger(b, b.arguments.export_documents)
    first = large.export("csv")  # reads all results once more, for their columns
    large.write_sql()
    ours, theirs = [], []
    for _ in range(pairs):
        ours.append(large.export("csv"))
        theirs.append(large.by_sqlite())
    large.check_same()
    beside, books = [], []
    for _ in range(max(1, pairs // 2)):
        beside.append(large.export("csv"))
        books.append(large.export("xlsx"))
    small = Ledger(b, max(1, large.documents // 10))
    small.export("csv")
    return {
        "documents": large.documents, "lines": LINES,
        "first_csv_cpu_s": first["cpu_s"],
        "csv_cpu_s": spread(pick(ours, "cpu_s")), "sqlite3_cpu_s": spread(pick(theirs, "cpu_s")),
        "csv_ratio": ratios(pick(ours, "cpu_s"), pick(theirs, "cpu_s")),
        "xlsx_cpu_s": spread(pick(books, "cpu_s")), "csv_beside_cpu_s": spread(pick(beside, "cpu_s")),
        "xlsx_ratio": ratios(pick(books, "cpu_s"), pick(beside, "cpu_s")),
        "peak_mib": {form: large.export(form)["peak_kib"] / 1024 for form in FORMS},
        "peak_mib_of_a_tenth": {form: small.export(form)["peak_kib"] / 1024 for form in FORMS},
    }


def show(r):
    print(f"exports: {r['documents']:,} records with {r['lines']} lines each")
    for title, ours, theirs, ratio, names in (
        ("CPU s", r["csv_cpu_s"], r["sqlite3_cpu_s"], r["csv_ratio"], ("csv", "sqlite3 -csv, ->>")),
        ("CPU s", r["xlsx_cpu_s"], r["csv_beside_cpu_s"], r["xlsx_ratio"], ("xlsx", "csv")),
    ):
        print(f"{'':<36}{names[0]:>28}{names[1]:>28}{'ratio by pairs':>28}")
        print(f"{'  ' + title:<36}{shown(ours):>28}{shown(theirs):>28}{shown(ratio):>28}")
    print(f"  The first export, which learns the columns: {r['first_csv_cpu_s']:.1f} CPU s")
    print(f"{'  peak resident MiB':<36}" + "".join(f"{form:>14}" for form in FORMS))
    for title, peaks in (("all of it", r["peak_mib"]), ("a tenth", r["peak_mib_of_a_tenth"])):
        print(f"{'    ' + title:<36}" + "".join(f"{peaks[form]:>14.1f}" for form in FORMS))

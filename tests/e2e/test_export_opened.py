"""What finance opens, opened by another program: the workbook and each CSV profile, read by LibreOffice, hold what JSON
lines hold: the same values, ids, dates and amounts. LibreOffice saves what it read as a workbook, whose cells tell
numbers from texts."""

import csv
import datetime
import json
import os
import re
import shutil
import subprocess
import unittest
import zipfile
from unittest import mock
from xml.etree import ElementTree

import flat_oracle
from test_export import Exports

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
EPOCH = datetime.date(1899, 12, 30)
DIGITS_MOST = 15  # that a cell's number holds
PROFILES = {"rfc4180": (",", "en-US"), "excel": (",", "en-US"), "excel-eu": (";", "de-DE")}
LANGUAGES = {"en-US": 1033, "de-DE": 1031}
TEXT, YEAR_MONTH_DAY, STANDARD = 2, 5, 1  # of a column, in LibreOffice's filter

HOSTILE = (
    '=HYPERLINK("http://evil.example","pay")', "+1", "-1+1", "@SUM(A1)", "\tTAB first", "|pipe", "00123", "0000000006804",
    "12345678901234567890", "1e5", "123E4", "TRUE", "#N/A", "1/2", "2026-13-45", "12:52:33", "\U0001f9fe emoji", "_x0041_",
    "'quoted", "''twice", "'=1+1", " =1+1", "\u00a0=1", "\uff1d1", "two\nlines", "two\r\nlines", 'a,b;c"d"', ",", ";", '"',
    " blanks around ", "<b>&amp;</b>", "]]>", "437 254 437 00179", "\u202eevil", "e\u0301", "1,5", "1.5", "-",
)
AMOUNTS = ("1881.30", "195.0", "2145", "-282.92", "0.05", "0.30000000000000004", "12345678901234567890", "1e5", "1E-7",
           "-0.0", "123456789012345", "1234567890.12", "100.10")


def value(text):
    return '{"value":%s,"confidence":"Certain","locations":[]}' % text


def a_result(number):
    """All hostile texts and amounts are in its lines; few of them in the record's own fields."""
    lines = []
    for i in range(max(len(HOSTILE), len(AMOUNTS))):
        text, amount = HOSTILE[(i + number) % len(HOSTILE)], AMOUNTS[(i + number) % len(AMOUNTS)]
        fields = {"description": json.dumps(text), "product_code": json.dumps(f"{i:05}"), "total_price": amount,
                  "quantity": str(i), "is_new": "true" if i % 2 else "false", "nothing": "null"}
        lines.append('{"fields":{%s}}' % ",".join(f'"{k}":{value(v)}' for k, v in fields.items()))
    own = {"supplier_name": json.dumps(HOSTILE[number]), "invoice_number": json.dumps(f"{number:04}"),
           "date": f'"2026-0{number + 1}-28"', "total_amount": AMOUNTS[number], "tax_id": '"83833640200014"'}
    fields = ",".join(f'"{k}":{value(v)}' for k, v in own.items())
    fields += ',"locale":{"fields":{"currency":%s}}' % value('"EUR"' if number else '"JPY"')
    return ('{"inference":{"result":{"fields":{%s,"line_items":{"items":[%s]}}}}}' % (fields, ",".join(lines))).encode()


# --- what a program saved ---


def characters(element):
    """Of a shared or an inline string: its runs; a control character stands there as _x0001_."""
    text = "".join(t.text or "" for t in element.iter(f"{MAIN}t"))
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text)


def cell_value(cell, shared):
    """A str, a float or a bool; None: empty."""
    kind, content = cell.get("t"), cell.findtext(f"{MAIN}v")
    formula = cell.findtext(f"{MAIN}f")  # LibreOffice has no other form for true and false
    assert formula in (None, "TRUE()", "FALSE()"), f"a formula in {cell.get('r')}: {formula}"
    if kind == "inlineStr":
        return characters(cell)
    if content is None:
        return None
    if kind == "s":
        return shared[int(content)]
    assert kind in ("n", "b", None), f"{cell.get('r')} is {kind}: {content}"
    return content in ("1", "true") if kind == "b" else float(content)


def column_of(reference):
    n = 0
    for letter in re.match("[A-Z]+", reference)[0]:
        n = n * 26 + ord(letter) - ord("A") + 1
    return n - 1


def sheets_of(path):
    """{name: rows of values}; each part is parsed."""
    with zipfile.ZipFile(path) as z:
        parts = {n: ElementTree.fromstring(z.read(n)) for n in z.namelist() if n.endswith((".xml", ".rels"))}
    shared = [characters(si) for si in parts["xl/sharedStrings.xml"]] if "xl/sharedStrings.xml" in parts else []
    targets = {r.get("Id"): r.get("Target") for r in parts["xl/_rels/workbook.xml.rels"]}
    found = {}
    for sheet in parts["xl/workbook.xml"].iter(f"{MAIN}sheet"):
        rows = found[sheet.get("name")] = []
        for row in parts["xl/" + targets[sheet.get(RELATION)].removeprefix("/xl/")].iter(f"{MAIN}row"):
            cells = {column_of(c.get("r")): cell_value(c, shared) for c in row}
            rows.append([cells.get(i) for i in range(max(cells, default=-1) + 1)])
    return found


def as_dicts(rows):
    header = rows[0]
    return [dict(zip(header, [*row, *[None] * (len(header) - len(row))])) for row in rows[1:]]


# --- what it should have read ---


def expected_cell(kind_of_column, v):
    """Of a value of JSON lines."""
    if v is None or v == "":
        return None
    if isinstance(v, flat_oracle.Number):
        plain = format(flat_oracle_decimal(v), "f")
        return float(v) if len(plain.lstrip("-").replace(".", "").strip("0")) <= DIGITS_MOST else plain
    if isinstance(v, str) and kind_of_column == "date":
        return float((datetime.date.fromisoformat(v) - EPOCH).days)
    if isinstance(v, str):
        return v.replace("\r\n", "\n").replace("\r", "\n")
    return v


def flat_oracle_decimal(text):
    from decimal import Decimal

    return Decimal(text) + 0


@unittest.skipUnless(shutil.which("soffice"), "needs LibreOffice (package libreoffice-calc)")
class Opened(Exports):
    def setUp(self):
        super().setUp()
        self.store([a_result(number) for number in range(4)])
        self.export("--format", "jsonl")
        with open(os.path.join(self.output, "exports", "documents.jsonl"), "rb") as f:
            self.objects = [flat_oracle.parse(line) for line in f]
        _, out, _ = self.finish(self.start("columns", words=["--json"]), 0)
        self.kinds = {(t["table"], c["name"]): c["kind"] for t in json.loads(out)["tables"] for c in t["columns"]}
        self.saved = os.path.join(self.directory, "saved")

    def office(self, number, files, *filter_words):
        """LibreOffice, begun: it saves FILES as workbooks."""
        profile = f"-env:UserInstallation=file://{self.directory}/office-{number}"
        process = subprocess.Popen(
            ["soffice", profile, "--headless", *filter_words, "--convert-to", "xlsx", "--outdir", self.saved, *files],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.end, process)
        return process

    def infilter(self, path, profile):
        """Tells it the columns: what a person says in the dialog. A number has the decimal point of its language."""
        separator, language = PROFILES[profile]
        with open(path, encoding="utf-8-sig", newline="") as f:
            header = next(csv.reader(f, delimiter=separator))
        columns = []
        for place, column in enumerate(header, 1):
            kind = self.kind(column)
            form = STANDARD if kind == "number" else YEAR_MONTH_DAY if kind == "date" else TEXT
            columns.append(f"{place}/{form}")
        return f"--infilter=CSV:{ord(separator)},34,76,1,{'/'.join(columns)},{LANGUAGES[language]},false,false"

    def kind(self, column):
        name = column.removeprefix("line_items.")
        table = "line_items" if name != column else "documents"
        if name == "total_price":  # one has 20 digits: who keeps these reads it as text
            return "text"
        own = {"_n": "number", "_first": "number", "_pages": "number", "_files": "number"}
        return own.get(name) or self.kinds.get((table, name), "text")

    def test_all_that_is_opened(self):
        """One LibreOffice a form: it is slow to begin, so they run side by side."""
        self.export("--format", "xlsx", "-s", "export.headers=names", "--to", os.path.join(self.directory, "book.xlsx"))
        begun = [self.office(0, [os.path.join(self.directory, "book.xlsx")])]
        for number, profile in enumerate(PROFILES, 1):
            path = os.path.join(self.directory, f"{profile}.csv")
            self.export("--profile", profile, "--flat", "line_items", "--to", path)
            begun.append(self.office(number, [path], self.infilter(path, profile)))
        for process in begun:
            out, err = process.communicate(timeout=180)
            self.assertEqual(process.returncode, 0, out + err)
        for name in (os.path.join(self.directory, "book.xlsx"), os.path.join(self.saved, "book.xlsx")):
            with self.subTest(workbook=name):
                self.check_workbook(sheets_of(name))
        for profile in PROFILES:
            with self.subTest(profile=profile):
                ((_, rows),) = sheets_of(os.path.join(self.saved, f"{profile}.xlsx")).items()
                self.check_flat(as_dicts(rows), profile)

    # --- the workbook ---

    def check_workbook(self, sheets):
        documents, lines = as_dicts(sheets["Invoices"]), as_dicts(sheets["Line items"])
        self.assertEqual(len(documents), len(self.objects))
        lines = iter(lines)
        for row, object_ in zip(documents, self.objects):
            self.same_row("documents", row, {**object_["record"], **object_["values"]})
            for inner in object_["tables"]["line_items"]:
                row = next(lines)
                self.assertEqual(row["_record"], object_["record"]["_record"])
                self.same_row("line_items", row, inner)
        self.assertIsNone(next(lines, None))
        totals = {row[0]: row for row in sheets["Summary"] if row and row[0] in ("EUR", "JPY")}
        self.assertEqual(set(totals), {"EUR", "JPY"})

    def same_row(self, table, row, values):
        for column, v in values.items():
            if column in row:
                expected = expected_cell(self.kinds.get((table, column)), v)
                self.assertEqual(row[column], expected, f"{table}, {column}")
        self.assertLessEqual({c for c in values if not c.startswith("_")}, set(row))

    # --- CSV ---

    def check_flat(self, rows, profile):
        expected = [(o, line) for o in self.objects for line in o["tables"]["line_items"]]
        self.assertEqual(len(rows), len(expected))
        for row, (object_, line) in zip(rows, expected):
            for column, v in {**object_["record"], **object_["values"]}.items():
                if column in row:
                    self.same_text(row, column, v, profile)
            for column, v in line.items():
                self.same_text(row, f"line_items.{column}", v, profile)

    def same_text(self, row, column, v, profile):
        found, kind = row[column], self.kind(column)
        expected = expected_cell(kind, v)
        if isinstance(expected, bool):
            expected = "true" if expected else "false"
        elif isinstance(v, flat_oracle.Number) and kind == "text":
            expected = format(flat_oracle_decimal(v), "f")
            expected = expected.replace(".", ",") if profile == "excel-eu" else expected
        elif isinstance(expected, str) and profile != "rfc4180" and found.startswith("'"):
            found = found[1:]  # defused
        self.assertEqual(found, expected, column)


class WithoutOthers(Exports):
    def test_every_part_of_the_workbook_is_well_formed(self):
        self.store([a_result(0)])
        book = os.path.join(self.directory, "book.xlsx")
        self.export("--format", "xlsx", "--to", book)
        with zipfile.ZipFile(book) as z:
            self.assertIsNone(z.testzip())
            for name in z.namelist():
                ElementTree.fromstring(z.read(name))
            sheet = b"".join(z.read(n) for n in z.namelist() if "worksheets/sheet" in n)
        self.assertIn(b"_x005F_x0041_", sheet)
        self.assertIn(b"<v>1881.3</v>", sheet)
        self.assertNotIn(b"<f>", sheet)

    def test_the_locale_changes_no_byte(self):
        places = os.path.join(self.directory, "locales")
        os.mkdir(places)
        if not shutil.which("localedef"):
            self.skipTest("needs localedef (package locales) to make de_DE.UTF-8")
        done = subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", os.path.join(places, "de_DE.UTF-8")],
                              capture_output=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"localedef makes no de_DE.UTF-8: {done.stderr.decode().strip()}")
        self.store([a_result(number) for number in range(2)])
        for form in ("csv", "jsonl", "xlsx", "sqlite"):
            made = []
            for locale in ({}, {"LOCPATH": places, "LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}):
                with mock.patch.dict(os.environ, locale):
                    self.export("--format", form)
                made.append(self.manifest()["files"])
            self.assertEqual(*made)


if __name__ == "__main__":
    unittest.main()

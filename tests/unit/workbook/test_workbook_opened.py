"""test_workbook_opened.py WRITE_WORKBOOK: a month of invoices, opened by other programs than the one that wrote it: each
part parsed by xmllint, the cells read by openpyxl and by LibreOffice. What isn't installed is skipped."""

import csv
import datetime
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

WRITE = ""
DOCUMENTS = 60
SYSTEM_PYTHON = "/usr/bin/python3"  # whose openpyxl is Debian's


def setUpModule():
    global folder, book, sums
    folder = tempfile.TemporaryDirectory(prefix="workbook-")
    done = subprocess.run([WRITE, folder.name, str(DOCUMENTS)], check=True, capture_output=True, text=True)
    sums = {name: int(value) for name, value in re.findall(r"(records|lines|eur|usd|jpy) (\d+)", done.stdout)}
    book = pathlib.Path(folder.name) / "workbook.xlsx"


def tearDownModule():
    folder.cleanup()


def can_import(name):
    return subprocess.run([SYSTEM_PYTHON, "-c", f"import {name}"], capture_output=True, check=False).returncode == 0


class Parts(unittest.TestCase):
    @unittest.skipUnless(shutil.which("xmllint"), "no xmllint (package libxml2-utils)")
    def test_each_part_is_well_formed(self):
        with zipfile.ZipFile(book) as z:
            self.assertIsNone(z.testzip())
            names = z.namelist()
            self.assertIn("xl/charts/chart2.xml", names)
            for name in names:
                done = subprocess.run(["xmllint", "--noout", "--nonet", "-"], input=z.read(name), capture_output=True,
                                      check=False)
                self.assertEqual(done.returncode, 0, f"{name}: {done.stderr.decode()}")

    def test_no_part_has_a_formula_or_the_time_of_day(self):
        with zipfile.ZipFile(book) as z:
            for info in z.infolist():
                self.assertEqual(info.date_time[:3], (1980, 1, 1), info.filename)
                if "worksheets/sheet" in info.filename:
                    self.assertNotIn(b"<f>", z.read(info))


# Prints what the tests ask, for a Python that has openpyxl may not be the one that runs them.
READ = """
import json, sys, openpyxl
out = {}
for ws in openpyxl.load_workbook(sys.argv[1]):
    out[ws.title] = {"frozen": ws.freeze_panes, "filter": ws.auto_filter.ref, "titles": ws.print_title_rows,
        "landscape": ws.page_setup.orientation, "fit": [ws.page_setup.fitToWidth, ws.page_setup.fitToHeight],
        "rows": [[(type(c.value).__name__, str(c.value), c.number_format, c.hyperlink.target if c.hyperlink else None)
                  for c in row] for row in ws.iter_rows()]}
print(json.dumps(out))
"""


@unittest.skipUnless(can_import("openpyxl"), "no openpyxl (package python3-openpyxl)")
class Openpyxl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        import json

        done = subprocess.run([SYSTEM_PYTHON, "-c", READ, book], check=True, capture_output=True, text=True)
        cls.sheets = json.loads(done.stdout)

    def column(self, sheet, header):
        rows = self.sheets[sheet]["rows"]
        at = [cell[1] for cell in rows[0]].index(header)
        return [row[at] for row in rows[1:]]

    def test_the_sheets(self):
        self.assertEqual(list(self.sheets), ["Summary", "Invoices", "Line items", "Taxes", "Splits", "About"])
        self.assertEqual(len(self.column("Line items", "Record")), sums["lines"])
        for name, keys in (("Invoices", "C2"), ("Line items", "C2"), ("Splits", "C2")):
            sheet = self.sheets[name]
            self.assertEqual(sheet["frozen"], keys)
            self.assertEqual(sheet["landscape"], "landscape")
            self.assertEqual(sheet["titles"], "$1:$1")
            self.assertTrue(sheet["filter"].startswith("A1:"))
            self.assertEqual(int(sheet["fit"][1]), 0)

    def test_numbers_dates_and_texts(self):
        self.assertLessEqual({cell[0] for cell in self.column("Invoices", "Total amount")}, {"float", "int"})
        self.assertEqual({cell[0] for cell in self.column("Invoices", "Date")}, {"datetime"})
        self.assertEqual({cell[2] for cell in self.column("Invoices", "Date")}, {"yyyy-mm-dd"})
        numbers = self.column("Invoices", "Invoice number")
        self.assertEqual({(cell[0], cell[2]) for cell in numbers}, {("str", "@")})
        self.assertEqual(numbers[0][1], "00004500")
        self.assertEqual({cell[0] for cell in self.column("Invoices", "Is paid")}, {"bool"})

    def test_amounts_have_the_decimals_of_their_currency(self):
        formats = {"EUR": "#,##0.00;[Red]-#,##0.00", "USD": "#,##0.00;[Red]-#,##0.00", "JPY": "#,##0;[Red]-#,##0"}
        for currency, amount in zip(self.column("Invoices", "Currency"), self.column("Invoices", "Total amount")):
            if currency[0] == "str":
                self.assertEqual(amount[2], formats[currency[1]])

    def test_links_lead_from_the_workbook_to_the_file(self):
        links = [cell[3] for cell in self.column("Invoices", "File")]
        up = "../" * len(pathlib.Path(folder.name).resolve().parts[1:])
        self.assertEqual(links[0], up + "srv/inbox/2026-11/nordlicht/scan%200000.pdf")
        self.assertEqual([link for link in links if "#" in link], [])
        self.assertEqual(self.column("Invoices", "File")[4][1], "o'brien #1/scan 0004.pdf")


@unittest.skipUnless(shutil.which("soffice"), "no LibreOffice (package libreoffice-calc)")
class LibreOffice(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # All sheets, values as they are rather than as they are shown.
        to = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
        subprocess.run(["soffice", f"-env:UserInstallation=file://{folder.name}/profile", "--headless", "--convert-to", to,
                        "--outdir", folder.name, str(book)], check=True, capture_output=True, timeout=180)
        cls.sheets = {}
        for path in pathlib.Path(folder.name).glob("workbook-*.csv"):
            with path.open(encoding="utf-8", newline="") as f:
                cls.sheets[path.stem.split("-", 1)[1]] = list(csv.reader(f))

    def column(self, sheet, header):
        rows = self.sheets[sheet]
        return [row[rows[0].index(header)] for row in rows[1:]]

    def test_totals_are_what_was_written(self):
        totals = {"EUR": 0, "USD": 0, "JPY": 0}
        for currency, amount in zip(self.column("Invoices", "Currency"), self.column("Invoices", "Total amount")):
            if currency:
                totals[currency] += round(float(amount) * (1 if currency == "JPY" else 100))
        self.assertEqual(totals, {"EUR": sums["eur"], "USD": sums["usd"], "JPY": sums["jpy"]})

    def test_texts_come_back(self):
        self.assertEqual(self.column("Invoices", "Invoice number")[0], "00004500")
        self.assertEqual(self.column("Line items", "Product code")[0], "0000000006805")
        self.assertIn("株式会社さくら印刷", self.column("Invoices", "Supplier name"))
        self.assertIn("12 rue des Ateliers\nZone artisanale Nord\n69003 Lyon",
                      self.column("Invoices", "Supplier address · address"))
        self.assertEqual(len(self.column("Line items", "Record")), sums["lines"])

    def test_dates_are_dates(self):
        for text in self.column("Invoices", "Date"):
            datetime.date.fromisoformat(text)

    def test_the_summary_has_the_control_totals(self):
        rows = {row[0]: row[1] for row in self.sheets["Summary"] if row and row[0]}
        self.assertEqual(rows["Files received"], str(DOCUMENTS + 12))
        self.assertEqual(rows["Documents"], str(DOCUMENTS + 5))
        self.assertEqual(rows["Stored"], str(DOCUMENTS))


if __name__ == "__main__":
    WRITE = sys.argv.pop(1)
    unittest.main(verbosity=2)

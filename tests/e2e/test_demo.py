"""demo: a new user's first minute, with nothing but the program."""

import json
import os
import re
import unittest
import unittest.mock
from decimal import Decimal

try:
    import openpyxl
except ImportError:
    openpyxl = None

from harness import Case


class Demo(Case):
    def test_a_result_is_shown_and_everything_is_kept(self):
        with unittest.mock.patch.dict(os.environ, TMPDIR=self.directory):
            _, out, err = self.finish(self.start("demo"), 0)
        match = re.search(r"^60 sample invoices are in (.*)/invoices$", out, re.M)
        self.assertTrue(match, out)
        kept = match[1]
        self.assertRegex(out, r"stored +60\n")
        shown = re.search(
            r"\none of them, (.*):\n"
            r'  supplier_name    ".+"\n  invoice_number   ".+"\n'
            r'  date             "\d{4}-\d\d-\d\d"\n  total_amount     [\d.]+\n',
            out,
        )
        self.assertTrue(shown, out)
        self.assertTrue(shown[1].startswith(f"{kept}/mindee-results/results/"), shown[1])
        self.assertTrue(os.path.isfile(shown[1]))
        results = sorted(
            os.path.join(folder, name)
            for folder, _, names in os.walk(f"{kept}/mindee-results/results")
            for name in names
        )
        self.assertEqual(len(results), 60)
        self.assertEqual(shown[1], results[0])
        self.assertNotIn("sort:", err)
        self.check_what_finance_opens(out, f"{kept}/mindee-results", results)

    def check_what_finance_opens(self, out, output, results):
        """The workbook's totals are those of the invoices, which the samples have printed on them."""
        self.assertIn(f"for finance:\n  {output}/invoices.xlsx, a workbook\n  {output}/report.html, one page\n"
                      f"  {output}/exports, the same as CSV files\n", out)
        self.assertRegex(out, r"to review +6\n")
        _, listed, _ = self.finish(self.start("review", options={"output.directory": output}, words=["--json"]), 1)
        with open(f"{os.path.dirname(output)}/expected.json", encoding="utf-8") as f:
            planted = {row["file"] for row in json.load(f)}
        self.assertEqual({record["file"] for record in json.loads(listed)["records"]}, planted)
        totals = {}
        for path in results:
            with open(path, encoding="utf-8") as f:
                fields = json.load(f, parse_float=Decimal, parse_int=Decimal)["inference"]["result"]["fields"]
            currency = fields["locale"]["fields"]["currency"]["value"]
            totals[currency] = totals.get(currency, 0) + fields["total_amount"]["value"]
        with open(f"{output}/exports/manifest.json", encoding="utf-8") as f:
            control = json.load(f)["control"]
        self.assertEqual({row["currency"]: Decimal(row["total"]) for row in control["currencies"]}, totals)
        self.assertEqual(control["records"], 60)
        if openpyxl is None:
            self.skipTest("the workbook isn't looked into: no openpyxl")
        rows = [list(filter(lambda cell: cell is not None, row))
                for row in openpyxl.load_workbook(f"{output}/invoices.xlsx")["Summary"].iter_rows(values_only=True)]
        shown = {row[0]: Decimal(str(row[-1])) for row in rows if row and row[0] in totals}
        self.assertEqual(shown, {currency: Decimal(str(float(total))) for currency, total in totals.items()})


if __name__ == "__main__":
    unittest.main()

"""demo: a new user's first minute, with nothing but the program."""

import os
import re
import unittest
import unittest.mock

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


if __name__ == "__main__":
    unittest.main()

"""What a run learned of the jobs' times stays in the ledger, and nothing depends on it."""

import os
import sqlite3
import unittest

import harness


class Learning(harness.Case):
    def learned(self):
        database = sqlite3.connect(os.path.join(self.output, "ledger.db"))
        try:
            return database.execute("SELECT settings, kind, bytes FROM learned").fetchall()
        finally:
            database.close()

    def test_it_is_kept_and_goes_on(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(12)
        self.run_batch(sandbox=sandbox)
        first = self.learned()
        self.assertEqual([row[:2] for row in first], [(1, 0)])
        self.run_batch(sandbox=sandbox)
        self.assertEqual(self.learned(), first, "a run without a job learned something")
        self.write_pdfs(12, first=12)
        self.run_batch(sandbox=sandbox)
        self.assertEqual(self.summary()["stored"], 24)
        second = self.learned()
        self.assertEqual(len(second), 1)
        self.assertNotEqual(second, first)

    def test_an_odd_memory_does_no_harm(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(3)
        self.run_batch(sandbox=sandbox)
        good = self.learned()[0][2]
        odd = [b"", b"\xff" * len(good), good[:-1], b"\x63" + good[1:], bytes([good[0]]) + bytes(len(good) - 1), "text"]
        for number, value in enumerate(odd):
            database = sqlite3.connect(os.path.join(self.output, "ledger.db"))
            with database:
                database.execute("UPDATE learned SET bytes = ?", (value,))
            database.close()
            self.write_pdfs(3, first=100 + 3 * number)
            self.run_batch(sandbox=sandbox)
            self.assertEqual(self.summary()["stored"], 6 + 3 * number)
            self.assertEqual(len(self.learned()[0][2]), len(good))

    def test_a_fixed_planner_learns_nothing(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(3)
        self.run_batch(sandbox=sandbox, options={"polling.planner": "fixed"})
        self.assertEqual(self.summary()["stored"], 3)
        self.assertEqual(self.learned(), [])


if __name__ == "__main__":
    unittest.main()

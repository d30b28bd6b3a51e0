"""The audit trail: whatever is changed in it is found, and it has what was done."""

import csv
import io
import os
import shutil
import signal
import sqlite3
import time
import unittest

from test_review import Reviews

COLUMNS = ("at", "actor", "action", "record", "field", "before", "after", "note", "prev", "hash")


class Audit(Reviews):
    def decide(self):
        self.batch(12, 6)
        keys = [r["record"] for r in self.records().values()]
        self.review("accept", keys[0], "--note", "looked at it", "--by", "alice")
        self.review("reject", keys[1])
        self.review("correct", keys[2], "invoice_number=N-1", "--by", "bob")
        self.path = os.path.join(self.output, "review.db")
        return keys

    def verify(self, *words, expected=0):
        return self.finish(self.start("verify", words=words), expected)[0]

    def rows(self):
        with sqlite3.connect(self.path) as db:
            return db.execute(f"SELECT id, {', '.join(COLUMNS)} FROM audit ORDER BY id").fetchall()

    def tampered(self, *statements):
        """Whether `verify` finds it; the database is as before then."""
        shutil.copy(self.path, self.path + ".kept")
        db = sqlite3.connect(self.path)
        for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(*statement)
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        code = self.finish(self.start("verify"), None)[0]
        for name in (self.path, self.path + "-wal", self.path + "-shm"):
            if os.path.exists(name):
                os.unlink(name)
        os.rename(self.path + ".kept", self.path)
        return code != 0

    def test_what_is_changed_is_found(self):
        self.decide()
        self.verify()
        with sqlite3.connect(self.path) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rows = self.rows()
        self.assertGreaterEqual(len(rows), 4)
        for row in rows[1:3]:  # each byte of each row: the unit test; here some of them, through the program
            for name, value in zip(COLUMNS, row[1:]):
                flipped = bytearray(value.encode())
                if flipped:
                    flipped[len(flipped) // 2] ^= 1
                changed = flipped.decode(errors="replace") if flipped else "x"
                self.assertTrue(self.tampered((f"UPDATE audit SET {name} = ? WHERE id = ?", (changed, row[0]))), name)
        last = rows[-1][0]
        self.assertTrue(self.tampered(("DELETE FROM audit WHERE id = 2",)))
        self.assertTrue(self.tampered(("DELETE FROM audit WHERE id = 1",)))
        self.assertTrue(self.tampered(("UPDATE audit SET id = -1 WHERE id = 1",), ("UPDATE audit SET id = 1 WHERE id = 2",),
                                      ("UPDATE audit SET id = 2 WHERE id = -1",)))
        self.assertTrue(self.tampered((f"INSERT INTO audit SELECT id + 1, {', '.join(COLUMNS)} FROM audit WHERE id = {last}",)))
        self.assertFalse(self.tampered())
        self.assertTrue(self.rows() == rows)

    def test_a_printed_head(self):
        keys = self.decide()
        head = self.rows()[-1][-1]
        self.verify("--audit", head)
        self.verify("--audit", "0" * 64, expected=3)
        self.review("later", keys[3])
        self.verify("--audit", head)  # still among them
        for name in ("review.db", "review.db-wal", "review.db-shm"):
            if os.path.exists(os.path.join(self.output, name)):
                os.unlink(os.path.join(self.output, name))
        self.verify("--audit", head, expected=3)

    def test_it_is_only_added_to(self):
        self.decide()
        with sqlite3.connect(self.path) as db:
            for statement in ("UPDATE audit SET note = 'x'", "DELETE FROM audit"):
                with self.assertRaises(sqlite3.DatabaseError):
                    db.execute(statement)

    def test_what_is_in_it(self):
        keys = self.decide()
        text = self.finish(self.start("audit", words=("--csv",)), 0)[1]
        rows = list(csv.DictReader(io.StringIO(text)))
        self.assertEqual([r["prev"] for r in rows[1:]], [r["hash"] for r in rows[:-1]])
        by_action = {r["action"]: r for r in rows}
        self.assertEqual(by_action["accept"]["actor"], "alice")
        self.assertEqual(by_action["accept"]["note"], "looked at it")
        self.assertEqual((by_action["correct"]["field"], by_action["correct"]["after"]), ("invoice_number", "N-1"))
        (run,) = [r for r in rows if "run" in r["action"]]
        self.assertIn("stored 12", run["after"])
        mine = self.finish(self.start("audit", keys[0], words=("--csv",)), 0)[1]
        self.assertEqual([r["action"] for r in csv.DictReader(io.StringIO(mine))], ["accept"])
        before = self.rows()
        self.finish(self.start("export"), 0)  # only reads
        self.run_batch(sandbox=self.fast_sandbox(), options={"request.confidence": "true"})  # changes nothing
        self.assertEqual(self.rows(), before)

    def test_retry_and_dismiss(self):
        self.write_pdfs(2)
        self.write("empty.pdf", b"")
        self.run_batch(sandbox=self.fast_sandbox(), expected=1)
        self.path = os.path.join(self.output, "review.db")
        empty = os.path.join(self.input, "empty.pdf")
        self.finish(self.start("dismiss", empty, words=("--note", "is empty")), 0)
        row = self.rows()[-1]
        self.assertEqual((row[3], row[4], row[8]), ("dismiss", empty, "is empty"))
        self.finish(self.start("retry", empty, sandbox=self.fast_sandbox()), None)
        self.assertIn(("retry", empty), [(r[3], r[4]) for r in self.rows()])
        self.verify(expected=1)

    def test_killed_between_a_decision_and_its_answer(self):
        keys = self.decide()
        self.review("reopen", keys[0])
        for delay in range(0, 40, 4):
            before = len(self.rows())
            process = self.start("review", words=("accept", keys[0]))
            time.sleep(delay / 1000)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            self.verify()
            after = self.rows()[before:]
            state = self.records(keys[0], "--all", expected=None).popitem()[1]["status"]
            self.assertEqual(state == "accepted", len(after) == 1)
            if after:
                self.review("reopen", keys[0])


if __name__ == "__main__":
    unittest.main()

"""Ledgers made by 0.1.0, and by versions between it and this one (tests/data/ledgers): they open, their numbers stay,
every payload stands under a name of its own, and the next run sends nothing that was sent.

MINDEE_BATCH_0_1_0: that program; it must refuse what this one has opened."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import unittest

from comings import sha
from harness import MODEL, pdf
from liar import Liar
from test_webhooks import HookCase

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "ledgers")
PLACE = "/placeholder"
OLD = os.environ.get("MINDEE_BATCH_0_1_0")


class Upgrade(HookCase):
    def setUp(self):
        super().setUp()
        self.ledger = os.path.join(self.output, "ledger.db")
        self.done = os.path.join(self.directory, "done")

    # --- as it was left ---

    def here(self, text):
        text = text.replace(PLACE, self.directory)
        return text.replace(PLACE.encode().hex().upper(), self.directory.encode().hex().upper())

    def put(self, name, *changes):
        """The ledger NAME with what lay beside it; CHANGES: statements, to make it one of another version."""
        with open(os.path.join(DATA, f"{name}.json"), encoding="utf-8") as f:
            tree = json.load(f)
        for path, text in tree.items():
            path = os.path.join(self.directory, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(self.here(text).encode("latin-1"))
        with open(os.path.join(DATA, f"{name}.sql"), encoding="utf-8") as f:
            script = self.here(f.read())
        os.makedirs(self.output, exist_ok=True)
        db = sqlite3.connect(self.ledger)
        db.executescript(script)
        for statement in changes:
            db.execute(statement)
        self.stamp(db)
        db.commit()
        db.execute("PRAGMA journal_mode=WAL")
        self.payloads = sorted(row[0] for row in db.execute("SELECT bytes FROM result"))
        db.close()
        os.chmod(self.ledger, 0o600)

    @staticmethod
    def stamp(db):
        """The files are new here: the ledger knows them as it knew the old ones."""
        places = dict(db.execute("SELECT file, target FROM move WHERE state = 1").fetchall())
        moves = db.execute("SELECT id, target FROM move").fetchall()
        files = db.execute("SELECT id, path FROM file").fetchall()
        for table, rows in (("move", moves), ("file", [(i, places.get(i, path)) for i, path in files])):
            for number, path in rows:
                if os.path.exists(path):
                    st = os.stat(path)
                    db.execute(f"UPDATE {table} SET size = ?, mtime = ?, ctime = ?, inode = ? WHERE id = ?",
                               (st.st_size, st.st_mtime_ns, st.st_ctime_ns, st.st_ino, number))

    # --- what must be true ---

    def words(self, name, *paths, words=(), expected=0, options=None):
        return self.finish(self.start(name, *paths, words=words, options=options or {}), expected)[1]

    def status(self):
        return json.loads(self.words("status", words=["--json"]))

    def verified(self, *paths, expected=0, options=None):
        return self.words("verify", *paths, expected=expected, options=options)

    def kept_as_it_was(self, version=6):
        db = sqlite3.connect(f"file:{self.ledger}.0.1.0?mode=ro", uri=True)
        self.assertEqual(db.execute("PRAGMA user_version").fetchone()[0], version)
        self.assertEqual(db.execute("PRAGMA integrity_check").fetchone()[0], "ok")
        self.assertEqual(sorted(row[0] for row in db.execute("SELECT bytes FROM result")), self.payloads)
        db.close()

    def nothing_is_sent(self, *paths, expected=0, options=None):
        """Twice: when it is opened first, and again."""
        sandbox = self.fast_sandbox()
        for _ in range(2):
            self.run_batch(*paths, sandbox=sandbox, expected=expected, options=options)
            stats = sandbox.stats()
            self.assertEqual((stats["posts"], stats["gets"]), (0, 0))

    def every_payload_under_a_name(self):
        self.assertEqual(sorted(self.results().values()), self.payloads)

    def numbers(self, **expected):
        summary = self.summary()
        self.assertEqual({name: summary[name] for name in expected}, expected)

    def explained(self, *below):
        """What `explain` says of it, and the payload that it points to."""
        out = self.words("explain", os.path.join(self.directory, *below))
        found = re.findall(r"^  result +results/(.*)$", out, re.M)
        return out, [self.results()[name.encode()] for name in found]

    def is_of(self, content, *below):
        """By any path that it had: the payload is the one of the document with that content."""
        digest = sha(content)
        out, payloads = self.explained(*below)
        self.assertIn(digest, out, below)
        self.assertEqual(len(payloads), 1, out)
        db = sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True)
        (bytes_,), = db.execute(
            "SELECT r.bytes FROM result r JOIN document d ON r.id = d.result WHERE d.sha256 = ?",
            (bytes.fromhex(digest),),
        )
        db.close()
        self.assertEqual(payloads[0], bytes_, below)



class Reused(Upgrade):
    """scan.pdf came three times, each time moved away when it was stored: 0.1.0 knew the last one's path alone."""

    NAME, COPY = "reused", True

    def setUp(self):
        super().setUp()
        self.put(self.NAME)
        self.last = self.results()[b"scan.pdf.json"]
        self.moving = {"input.move_stored": self.done}

    def check(self):
        self.every_payload_under_a_name()
        self.assertEqual(self.results()[b"scan.pdf.json"], self.last, "it keeps its name")
        self.numbers(files=4, documents=4, stored=4, duplicates=0, credits=4)
        self.assertEqual(self.status()["credits"], 4)
        for number, name in enumerate(("scan.pdf", "scan (2).pdf", "scan (3).pdf")):
            self.is_of(pdf(number), "done", name)
        self.is_of(pdf(9), "done", "other.pdf")
        self.is_of(pdf(9), "invoices", "other.pdf")
        out, payloads = self.explained("invoices", "scan.pdf")  # nothing is there now: all that were, newest first
        self.assertEqual(re.findall(r"^  SHA-256 (.*)$", out, re.M), [sha(pdf(number)) for number in (2, 1, 0)])
        self.assertEqual(len(set(payloads)), 3)
        out = self.verified(self.input, options=self.moving)
        self.assertIn("inputs where they were moved          4", out)
        if self.COPY:
            self.kept_as_it_was()
        else:
            self.assertFalse(os.path.exists(f"{self.ledger}.0.1.0"))

    def test_the_next_run_sends_nothing(self):
        self.nothing_is_sent(options=self.moving)
        self.check()

    def test_without_moving(self):
        self.nothing_is_sent()
        self.check()

    def test_looked_at_first(self):
        """Whatever command is the first."""
        for name, *paths in (("status",), ("explain", os.path.join(self.input, "scan.pdf")), ("verify", self.input)):
            with self.subTest(name):
                shutil.rmtree(self.output)
                shutil.rmtree(self.done)
                self.put(self.NAME)
                process = self.start(name, *paths, options=self.moving)
                code, out, err = self.finish(process)
                self.assertIn(code, (0, 1) if name == "verify" else (0,), out + err)
                self.nothing_is_sent(options=self.moving)
                self.check()

    def test_results_that_are_gone_are_written_again(self):
        shutil.rmtree(os.path.join(self.output, "results"))
        self.nothing_is_sent(options=self.moving)
        self.every_payload_under_a_name()
        self.verified(self.input, options=self.moving)

    def test_the_fourth(self):
        self.nothing_is_sent(options=self.moving)
        sandbox = self.fast_sandbox()
        self.write("scan.pdf", pdf(3))
        self.run_batch(sandbox=sandbox, options=self.moving)
        self.assertEqual(sandbox.stats()["accepted"], 1)
        before = self.payloads
        self.assertEqual(len(self.results()), 5)
        self.assertEqual([p for p in before if p not in self.results().values()], [])
        self.assertEqual(self.results()[b"scan.pdf.json"], self.last)
        self.numbers(files=5, documents=5, stored=5)
        for number in range(3):  # the same bytes again cost nothing
            self.write("scan.pdf", pdf(number))
            self.run_batch(sandbox=sandbox, options=self.moving)
        self.assertEqual(sandbox.stats()["accepted"], 1)
        self.numbers(files=8, documents=5, stored=5, duplicates=3)
        self.verified(self.input, options=self.moving)


class ReusedBetween(Reused):
    """The same, made by a version between 0.1.0 and this one: no copy is kept of it."""

    NAME, COPY = "reused8", False


class Between(Upgrade):
    def test_one_without_a_list_of_unread_files(self):
        self.put("reused8", "DROP TABLE unread", "PRAGMA user_version=7")
        self.nothing_is_sent(options={"input.move_stored": self.done})
        self.every_payload_under_a_name()
        self.numbers(files=4, documents=4, stored=4)
        self.verified(self.input, options={"input.move_stored": self.done})

    def test_one_with_unread_files(self):
        path = os.path.join(self.input, "closed.pdf")
        self.put("reused8", f"INSERT INTO unread VALUES(X'{path.encode().hex()}', 1, 'Input/output error')")
        self.assertEqual(self.status()["unread"], 1)
        sandbox = self.fast_sandbox()
        self.write("closed.pdf", pdf(50))
        self.run_batch(sandbox=sandbox)
        self.assertEqual(sandbox.stats()["accepted"], 1)
        self.numbers(files=5, documents=5, stored=5, unread=0)

    def test_an_upgrade_that_was_cut_off(self):
        """The copy is there already, the ledger is still the old one."""
        self.put("july")
        shutil.copyfile(self.ledger, f"{self.ledger}.0.1.0")
        self.nothing_is_sent(os.path.join(self.directory, "july"))
        self.every_payload_under_a_name()
        self.kept_as_it_was()


class July(Upgrade):
    """june/ was archived, july/ with the same names took over its rows."""

    def setUp(self):
        super().setUp()
        self.put("july")
        self.july = os.path.join(self.directory, "july")
        self.before = self.results()

    def check(self):
        self.every_payload_under_a_name()
        for name, payload in self.before.items():
            self.assertEqual(self.results()[name], payload, f"{name} keeps its name")
        self.numbers(documents=5, stored=5, failed=0, lost=0, credits=5, resent=0)
        for number, name in ((20, "a.pdf"), (1, "same.pdf"), (21, "sub/b.pdf")):
            self.is_of(pdf(number), "july", name)
        self.verified(self.july)
        self.kept_as_it_was()

    def test_july_again(self):
        self.nothing_is_sent(self.july)
        self.check()

    def test_june_again_from_the_archive(self):
        """Contents that are known cost nothing, and get their own names behind the directory's."""
        self.nothing_is_sent(self.july)
        june = os.path.join(self.directory, "june")
        os.rename(os.path.join(self.directory, "archive"), june)
        self.nothing_is_sent(june)
        self.numbers(documents=5, stored=5, credits=5)
        for name, payload in self.before.items():
            self.assertEqual(self.results()[name], payload, f"{name} keeps its name")
        for number, name in ((10, "a.pdf"), (1, "same.pdf"), (11, "sub/b.pdf")):
            self.is_of(pdf(number), "june", name)
            self.assertIn(f"june/{name}.json".encode(), self.results())
        self.verified(self.july, june)


class Doubt(Upgrade):
    """Two in doubt, sent with the aliases of 0.1.0, whose nonce was the ledger's id."""

    def setUp(self):
        super().setUp()
        self.put("doubt")
        db = sqlite3.connect(self.ledger)
        number = db.execute("SELECT ledger_id FROM meta").fetchone()[0] & (2**64 - 1)
        db.close()
        self.aliases = {n: f"mb-{number:016x}-{document}-1" for n, document in ((3, 3), (2, 4))}

    def test_they_are_held(self):
        self.nothing_is_sent(expected=1, options={"retry.in_doubt": "hold"})
        self.numbers(files=4, documents=4, stored=2, in_doubt=2, resent=0, credits=2)
        self.every_payload_under_a_name()
        self.kept_as_it_was()
        self.assertEqual({os.path.basename(row["path"]) for row in self.failures()}, {"2.pdf", "3.pdf"})

    def test_a_late_webhook_settles_them(self):
        liar = Liar()
        self.addCleanup(liar.stop)
        process = self.start_hooked(liar, **{"retry.in_doubt": "hold", "retry.in_doubt_wait": "100s"})
        self.wait_listening(process)
        for number, alias in self.aliases.items():
            job = {"id": f"00000000-0000-4000-8000-{number:012}", "filename": f"{number}.pdf", "alias": alias,
                   "model_id": MODEL}
            body = json.dumps({"inference": liar.inference(job)}).encode()
            self.assertEqual(self.deliver(body), 200)
        self.finish(process, 0)
        self.assertEqual(liar.heard("post"), [])
        self.numbers(documents=4, stored=4, in_doubt=0, resent=0)
        for number, alias in self.aliases.items():
            payload = json.loads(self.results()[f"{number}.pdf.json".encode()])
            self.assertEqual(payload["inference"]["file"]["alias"], alias)
        self.verified(self.input)

    def test_resent_they_are_counted(self):
        sandbox = self.fast_sandbox()
        self.run_batch(sandbox=sandbox)
        self.assertEqual(sandbox.stats()["accepted"], 2)
        self.numbers(documents=4, stored=4, resent=2)
        self.assertEqual(len(self.results()), 4)
        self.verified(self.input)


class Gone(Upgrade):
    """Two of three rejected files were deleted since: 0.1.0 ended with 1 for good."""

    def test_what_is_gone_leaves_the_counts(self):
        self.put("gone")
        self.nothing_is_sent(expected=1)
        self.numbers(files=2, documents=2, stored=1, rejected=1)
        self.assertEqual([os.path.basename(row["path"]) for row in self.failures()], ["kept.txt"])
        os.unlink(os.path.join(self.input, "kept.txt"))
        self.nothing_is_sent()
        self.numbers(files=1, documents=1, stored=1, rejected=0)
        self.assertEqual(self.failures(), [])
        self.every_payload_under_a_name()
        self.verified(self.input)
        self.kept_as_it_was()

    def test_excluded_instead(self):
        self.put("gone")
        self.nothing_is_sent(options={"input.exclude": ".*,*.txt"})
        self.numbers(files=1, documents=1, stored=1, rejected=0)


class Running(Upgrade):
    """Killed in the middle: some have jobs, some were sent and have no answer, some are queued."""

    def test_it_goes_on(self):
        self.put("running")
        db = sqlite3.connect(self.ledger)
        jobs = dict(db.execute("SELECT f.path, a.job_id FROM attempt a JOIN file f ON f.document = a.document"
                               " WHERE a.job_id IS NOT NULL").fetchall())
        sent = db.execute("SELECT count(*) FROM attempt WHERE job_id IS NULL").fetchone()[0]
        queued = db.execute("SELECT count(*) FROM queue").fetchone()[0]
        db.close()
        self.assertEqual(len(jobs) + sent + queued, 12)
        self.assertTrue(jobs and sent and queued)
        liar = Liar()
        self.addCleanup(liar.stop)
        for path, job_id in jobs.items():
            liar.jobs[job_id] = {"id": job_id, "filename": os.path.basename(path).decode(), "alias": "as it was",
                                 "status": "Processing", "model_id": MODEL, "error": None, "webhooks": []}
        for _ in range(2):
            self.run_batch(sandbox=liar, expected=1, options={"retry.in_doubt": "hold"})
            self.assertEqual(len(liar.heard("post")), queued)
            self.numbers(files=12, documents=12, stored=12 - sent, in_doubt=sent, resent=0)
        for path, job_id in jobs.items():
            payload = json.loads(self.results()[os.path.basename(path) + b".json"])
            self.assertEqual(payload["inference"]["id"], job_id)


@unittest.skipUnless(OLD, "needs the program of 0.1.0: MINDEE_BATCH_0_1_0")
class Older(Upgrade):
    def test_an_older_program_refuses_the_newer_ledger(self):
        self.put("reused")
        self.nothing_is_sent()
        line = self.command("status")
        done = subprocess.run([OLD, *line[1:]], env=self.environment(), capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 3, done)
        self.assertIn(b"newer", done.stderr)
        self.every_payload_under_a_name()

    def test_and_goes_on_with_the_copy(self):
        self.put("reused")
        self.nothing_is_sent()
        os.rename(f"{self.ledger}.0.1.0", self.ledger)
        for end in ("-wal", "-shm"):
            if os.path.exists(self.ledger + end):
                os.unlink(self.ledger + end)
        line = self.command("status")
        done = subprocess.run([OLD, *line[1:]], env=self.environment(), capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done)


if __name__ == "__main__":
    unittest.main()

"""`ledger backup` beside a run, and what a ledger that was put back may do: nothing, before a person says so."""

import json
import os
import shutil
import sqlite3
import stat
import time
import unittest

from harness import Case, pdf, wait_for
from liar import Liar
from test_webhooks import HookCase

HOLD = {"limits.uploads": "2", "retry.in_doubt": "hold"}


class Ledger(Case):
    def ledger(self, *words, expected=0, **more):
        return self.finish(self.start("ledger", words=words, **more), expected)

    def backup(self, name="backup.db"):
        path = os.path.join(self.directory, name)
        self.ledger("backup", path)
        return path

    def put_back(self, backup, output=None):
        output = output or self.output
        os.makedirs(output, exist_ok=True)
        for name in os.listdir(output):
            if name.startswith("ledger."):
                os.unlink(os.path.join(output, name))
        for end in ("", ".files"):
            if os.path.exists(backup + end):
                shutil.copy(backup + end, os.path.join(output, "ledger.db" + end))

    def count(self, path, what):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            return db.execute(f"SELECT count(*) FROM {what}").fetchone()[0]

    def states(self):
        _, out, _ = self.finish(self.start("status", words=["--json"]), 0)
        status = json.loads(out)
        return {s: status[s] for s in ("queued", "processing", "stored", "in_doubt", "failed")}

    def backup_in_the_middle(self, sandbox, documents=40, options=None, end=True):
        """A run of DOCUMENTS that a backup was made beside, and that went on to its end after it."""
        self.write_pdfs(documents)
        process = self.start("run", self.input, sandbox=sandbox, options={**self.FAST, **(options or HOLD)})
        wait_for(lambda: sandbox.stats()["accepted"] >= 5, "the first uploads")
        backup = self.backup()
        if end:
            self.finish(process, 0)
        return backup, process


class Backup(Ledger):
    def test_beside_a_run(self):
        sandbox = self.fast_sandbox()
        backup, _ = self.backup_in_the_middle(sandbox)
        self.assertEqual(stat.S_IMODE(os.stat(backup).st_mode), 0o600)
        self.assertEqual(self.count(backup, "document"), 40)
        self.assertLess(self.count(backup, "attempt"), 40)
        self.assertGreater(self.count(backup, "attempt"), 0)
        others = [n for n in os.listdir(self.directory) if n.startswith("backup.db")]
        self.assertLessEqual(set(others), {"backup.db", "backup.db.files"})

    def test_nothing_is_replaced(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        self.run_batch(sandbox=sandbox)
        path = os.path.join(self.directory, "precious.db")
        with open(path, "wb") as f:
            f.write(b"precious")
        for name in (path, os.path.dirname(path), os.path.join(self.output, "ledger.db")):
            _, _, err = self.ledger("backup", name, expected=2)
            self.assertIn("is there already", err)
        with open(path, "rb") as f:
            self.assertEqual(f.read(), b"precious")
        self.finish(self.start("verify", self.input), 0)

    def test_what_is_not_there(self):
        nothing = os.path.join(self.directory, "nothing", "x.db")
        _, _, err = self.ledger("backup", os.path.join(self.directory, "x.db"), expected=2)
        self.assertIn("no ledger at", err)
        self.ledger("restored", "--yes", expected=2)
        self.assertFalse(os.path.exists(self.output), "a ledger was made")
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        self.run_batch(sandbox=sandbox)
        self.ledger("backup", nothing, expected=2)
        for words in ((), ("backup",), ("backup", "a", "b"), ("restored", "x"), ("retsored", "--yes")):
            self.ledger(*words, expected=2)

    def test_of_a_finished_batch_put_back_goes_on(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(6)
        self.run_batch(sandbox=sandbox)
        backup = self.backup()
        self.put_back(backup)
        self.run_batch(sandbox=sandbox)
        self.assertEqual(sandbox.stats()["accepted"], 6)
        self.finish(self.start("verify", self.input), 0)

    def test_a_damaged_ledger_is_no_backup(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(30)
        self.run_batch(sandbox=sandbox)
        path = os.path.join(self.output, "ledger.db")
        with sqlite3.connect(path) as db:
            root = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'attempt'").fetchone()[0]
            size = db.execute("PRAGMA page_size").fetchone()[0]
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        with open(path, "r+b") as f:
            f.seek((root - 1) * size)
            f.write(b"\xaa" * size)
        _, _, err = self.ledger("backup", os.path.join(self.directory, "x.db"), expected=3)
        self.assertIn("is damaged", err)
        self.assertEqual([n for n in os.listdir(self.directory) if n.startswith("x.db")], [])


class Restored(Ledger):
    def stopped(self, sandbox, options=None, **more):
        before = sandbox.stats()
        _, _, err = self.run_batch(sandbox=sandbox, expected=3, options=options, **more)
        self.assertIn("ledger restored --yes", err)
        after = sandbox.stats()
        for what in ("posts", "gets", "accepted"):
            self.assertEqual(after[what], before[what], "something was sent")
        return err

    def test_put_back_it_sends_nothing_until_a_person_says_so(self):
        sandbox = self.fast_sandbox()
        backup, _ = self.backup_in_the_middle(sandbox)
        self.assertEqual(sandbox.stats()["accepted"], 40)
        self.put_back(backup)
        self.stopped(sandbox)
        self.stopped(sandbox)  # it isn't forgotten
        _, _, err = self.ledger("restored", expected=2)
        self.assertIn("--yes", err)
        self.stopped(sandbox)
        _, out, _ = self.ledger("restored", "--yes")
        self.assertIn("held in doubt", out)
        # Whatever the policy: it is the person's word that counts.
        self.run_batch(sandbox=sandbox, expected=1, options={"retry.in_doubt": "resend"})
        self.assertEqual(sandbox.stats()["accepted"], 40)
        states = self.states()
        self.assertEqual((states["queued"], states["processing"], states["failed"]), (0, 0, 0))
        self.assertEqual(states["stored"] + states["in_doubt"], 40)
        self.assertGreater(states["stored"], 0)
        self.finish(self.start("verify", self.input), 1)
        self.finish(self.start("retry", sandbox=sandbox, options=dict(self.FAST), words=["--in-doubt"]), 0)
        summary = self.summary()
        self.assertEqual(summary["stored"], 40)
        self.assertEqual(sandbox.stats()["accepted"], 40 + states["in_doubt"])
        self.assertEqual(summary["resent"], states["in_doubt"])
        self.finish(self.start("verify", self.input), 0)
        self.run_batch(sandbox=sandbox)  # isn't asked again
        # The same backup once more: noticed once more.
        self.put_back(backup)
        self.stopped(sandbox)

    def lost_life(self, sandbox, known=4, lost=3):
        """A backup that knows KNOWN documents, put back after LOST more were sent."""
        self.write_pdfs(known)
        self.run_batch(sandbox=sandbox)
        backup = self.backup()
        self.write_pdfs(lost, first=known)
        self.run_batch(sandbox=sandbox)
        self.put_back(backup)
        self.stopped(sandbox)

    def test_files_of_the_lost_life_are_held(self):
        """They came after the backup and were sent: the ledger doesn't know them at all."""
        sandbox = self.fast_sandbox()
        self.lost_life(sandbox)
        _, out, _ = self.ledger("restored", "--yes")
        self.assertIn("3 uploads are missing from it", out)
        time.sleep(0.02)
        self.write_pdfs(2, first=50)  # came after it
        source = os.path.join(self.input, "invoice-00005.pdf")
        os.rename(source, os.path.join(self.input, "renamed.pdf"))  # and this one only seems to
        os.utime(os.path.join(self.input, "renamed.pdf"))
        for _ in range(2):
            self.run_batch(sandbox=sandbox, expected=1, options={"retry.in_doubt": "resend"})
            states = self.states()
            self.assertEqual((states["stored"], states["in_doubt"], states["queued"]), (6, 3, 0))
            self.assertEqual(sandbox.stats()["accepted"], 9)
        self.assertEqual({row["code"] for row in self.failures()}, {"restored"})
        self.assertIn("retry --in-doubt", self.failures()[0]["detail"])
        self.assertEqual(self.summary()["credits_at_risk"], 3)
        self.finish(self.start("verify", self.input), 1)
        self.finish(self.start("retry", sandbox=sandbox, options=dict(self.FAST), words=["--in-doubt"]), 0)
        self.assertEqual((self.summary()["stored"], self.summary()["resent"]), (9, 3))
        self.assertEqual(sandbox.stats()["accepted"], 12)
        os.unlink(os.path.join(self.output, "results", "invoice-00005.pdf.json"))  # of the lost life, under its old name
        self.finish(self.start("verify", self.input), 0)

    def test_and_those_that_a_later_run_finds(self):
        """Left out of the first one, found weeks later: they may have been sent just as well."""
        sandbox = self.fast_sandbox()
        self.lost_life(sandbox, lost=1)
        self.write("old.pdf", pdf(77))
        self.ledger("restored", "--yes")
        self.run_batch(sandbox=sandbox, expected=1, options={"input.exclude": "old.pdf"})
        time.sleep(0.02)
        os.utime(self.write("new.pdf", pdf(78)), (1, 1))  # as old as its original, but it came now
        self.run_batch(sandbox=sandbox, expected=1)
        states = self.states()
        self.assertEqual((states["stored"], states["in_doubt"]), (5, 2))
        self.assertEqual(sandbox.stats()["accepted"], 6)

    def test_nothing_missing_nothing_held(self):
        """The word is given though nothing was sent since the backup: no file of now can have been."""
        sandbox = self.fast_sandbox()
        self.write_pdfs(4)
        self.run_batch(sandbox=sandbox)
        self.put_back(self.backup())
        self.write_pdfs(2, first=4)
        _, out, _ = self.ledger("restored", "--yes")
        self.assertNotIn("missing", out)
        self.run_batch(sandbox=sandbox)
        self.assertEqual(sandbox.stats()["accepted"], 6)

    def test_a_copy_is_no_other_copy(self):
        """Where nobody remembers, everything that is there is held."""
        sandbox = self.fast_sandbox()
        self.lost_life(sandbox)
        shutil.rmtree(os.path.join(self.directory, "state"))
        self.stopped(sandbox)
        _, out, _ = self.ledger("restored", "--yes")
        self.assertIn("it isn't known how many uploads are missing", out)
        self.run_batch(sandbox=sandbox, expected=1)
        self.assertEqual(sandbox.stats()["accepted"], 7)
        self.assertEqual(self.states()["in_doubt"], 3)

    def test_a_run_that_was_killed_is_no_backup(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(30)
        for accepted in (3, 9, 15):
            process = self.start("run", self.input, sandbox=sandbox, options={**self.FAST, "limits.uploads": "2"})
            wait_for(lambda: sandbox.stats()["accepted"] >= accepted, "some uploads")
            process.kill()
            process.wait()
        self.run_batch(sandbox=sandbox)

    def test_killed_after_the_backup(self):
        """Nothing but the uploads themselves happened since."""
        sandbox = self.fast_sandbox()
        backup, process = self.backup_in_the_middle(sandbox, end=False)
        more = sandbox.stats()["accepted"] + 6
        wait_for(lambda: sandbox.stats()["accepted"] >= more, "more uploads")
        process.kill()
        process.wait()
        self.put_back(backup)
        self.stopped(sandbox)

    def test_with_limits_and_another_key(self):
        sandbox = self.fast_sandbox()
        backup, _ = self.backup_in_the_middle(sandbox)
        self.put_back(backup)
        self.stopped(sandbox, options={"limits.post_per_minute": "200"}, key="md_e2e_another_key_0123456789")

    def test_a_copy_elsewhere(self):
        """The first goes on; whoever comes with fewer is the copy."""
        sandbox = self.fast_sandbox()
        self.write_pdfs(4)
        self.run_batch(sandbox=sandbox)
        backup = self.backup()
        self.write_pdfs(3, first=4)
        self.run_batch(sandbox=sandbox)
        first = self.output
        elsewhere = os.path.join(self.directory, "elsewhere")
        self.put_back(backup, elsewhere)
        self.output = elsewhere
        self.stopped(sandbox)
        self.output = first
        self.run_batch(sandbox=sandbox)
        self.assertEqual(sandbox.stats()["accepted"], 7)

    def test_a_copy_at_the_same_time(self):
        sandbox = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "20s")
        self.write_pdfs(4)
        process = self.start("run", self.input, sandbox=sandbox, options=self.FAST)
        wait_for(lambda: sandbox.stats()["accepted"] == 4, "the uploads")
        backup = self.backup()
        self.output = os.path.join(self.directory, "elsewhere")
        self.put_back(backup)
        _, _, err = self.run_batch(sandbox=sandbox, expected=3)
        self.assertIn("copy of this ledger", err)
        process.kill()
        process.wait()
        self.assertEqual(sandbox.stats()["accepted"], 4)

    def test_on_a_machine_that_remembers_nothing(self):
        sandbox = self.fast_sandbox()
        backup, _ = self.backup_in_the_middle(sandbox)
        self.put_back(backup)
        shutil.rmtree(os.path.join(self.directory, "state"))
        self.stopped(sandbox)
        self.ledger("restored", "--yes")
        self.run_batch(sandbox=sandbox, expected=1)
        self.assertEqual(sandbox.stats()["accepted"], 40)

    def test_a_job_that_failed_is_not_sent_again_unasked(self):
        """It may have been, after the backup."""
        sandbox = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "5s",
                               "--latency-sigma", "0", "--fail-rate", "1", "--seed", "5")
        self.write_pdfs(8)
        process = self.start("run", self.input, sandbox=sandbox, options={**self.FAST, "limits.canary": "0"})
        wait_for(lambda: sandbox.stats()["accepted"] == 8, "the uploads")
        wait_for(lambda: self.states()["processing"] == 8, "the jobs")
        backup = self.backup()
        wait_for(lambda: sandbox.stats()["accepted"] > 8 or process.poll() is not None, "a job to be sent again")
        process.kill()
        process.wait()
        accepted = sandbox.stats()["accepted"]
        self.assertGreater(accepted, 8)
        self.put_back(backup)
        self.stopped(sandbox)
        self.ledger("restored", "--yes")
        self.run_batch(sandbox=sandbox, expected=1, options={"limits.canary": "0"})
        self.assertEqual(sandbox.stats()["accepted"], accepted)
        self.assertEqual(self.states()["failed"], 8)

    def test_beside_a_run_it_is_refused(self):
        sandbox = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "20s")
        self.write_pdfs(2)
        self.start("run", self.input, sandbox=sandbox, options=self.FAST)
        wait_for(lambda: sandbox.stats()["accepted"] == 2, "the uploads")
        _, _, err = self.ledger("restored", "--yes", expected=3)
        self.assertIn("another run is at work", err)


class LateWebhooks(HookCase, Ledger):
    def test_a_late_webhook_of_the_earlier_life_stores_nothing(self):
        """Numbers are given again; what comes under an alias of the earlier life is nobody's any more."""
        liar = Liar()
        self.addCleanup(liar.stop)
        self.write_pdfs(1)
        self.run_hooked(liar)
        backup = self.backup()
        self.write("acme.pdf", pdf(100))
        jobs = []
        liar.lie("acme.pdf", post=lambda request, honest: jobs.append(request.job))
        self.run_hooked(liar)
        self.put_back(backup)
        os.unlink(os.path.join(self.input, "acme.pdf"))
        os.unlink(os.path.join(self.output, "results", "acme.pdf.json"))
        self.run_hooked(liar, expected=3)
        self.ledger("restored", "--yes")
        time.sleep(0.02)
        self.write("globex.pdf", pdf(200))  # after that: else it would be held
        said = []

        def post(request, honest):
            said.append(request.job["alias"])
            late = {"inference": liar.inference(jobs[0])}
            said.append(self.deliver(json.dumps(late).encode()))

        liar.lie("globex.pdf", post=post)
        self.run_hooked(liar)
        number = lambda alias: alias.split("-", 2)[2]  # without the nonce
        self.assertEqual(number(said[0]), number(jobs[0]["alias"]), "no number was given twice: the test shows nothing")
        self.assertEqual(said[1], 200)
        results = self.results()
        self.assertEqual(set(results), {b"invoice-00000.pdf.json", b"globex.pdf.json"})
        self.assertIn(b"globex.pdf", results[b"globex.pdf.json"])
        self.assertNotIn(b"acme", results[b"globex.pdf.json"])
        self.assertEqual(self.summary()["orphans"], 1)


del HookCase, Case

if __name__ == "__main__":
    unittest.main()

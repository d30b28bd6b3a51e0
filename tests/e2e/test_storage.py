"""A full disk, a locked or damaged ledger, results that can't be written: one clear sentence, the exit code that the
contract names, and nothing lost: when the cause is gone the same command goes on, and nothing is sent twice."""

import os
import random
import shutil
import sqlite3
import subprocess
import threading
import unittest

from harness import Case, pdf, wait_for
from liar import Liar


def tear(log):
    """Spoils the last third of the log's frames that count: behind them may lie older ones, from before it was reset,
    which have another salt."""
    with open(log, "r+b") as f:
        data = f.read()
        frame = 24 + int.from_bytes(data[8:12], "big")
        count = 0
        while data[32 + count * frame + 8 : 32 + count * frame + 16] == data[16:24]:
            count += 1
        assert count >= 3, f"{count} frames in {log}"
        f.seek(32 + (count - count // 3) * frame)
        f.write(bytes(count // 3 * frame))


class Storage(Case):
    COUNT = 60

    def setUp(self):
        super().setUp()
        self.service = self.fast_sandbox()

    def ledger(self):
        return os.path.join(self.output, "ledger.db")

    def go(self, expected=None, options=None, sandbox=None):
        merged = dict(self.FAST)
        merged.update(options or {})
        return self.finish(
            self.start("run", self.input, sandbox=sandbox or self.service, options=merged), expected
        )

    def complains(self, expected, options=None):
        """One sentence, one of the EXPECTED codes, no request."""
        before = self.service.stats()
        code, _, err = self.go(None, options)
        self.assertIn(code, expected, err)
        self.one_sentence(err)
        after = self.service.stats()
        self.assertEqual((after["posts"], after["gets"]), (before["posts"], before["gets"]), "it asked Mindee")
        return err

    def one_sentence(self, err):
        said = [line for line in err.splitlines() if line.startswith("mindee-batch: ")]
        self.assertEqual(len(said), len(set(said)), f"said twice: {err}")
        self.assertIn(len(said), (1, 2), err)
        for words in ("internal error", "Sanitizer", "assert", "require"):
            self.assertNotIn(words, err)

    def goes_on(self, options=None, count=None, sent_twice=0):
        """Everything is stored, at the same command; how many went out twice."""
        count = count or self.COUNT
        self.go(0, options)
        summary = self.summary()
        self.assertEqual((summary["stored"], len(self.results())), (count, count))
        twice = self.service.stats()["accepted"] - count
        self.assertLessEqual(twice, summary["resent"])
        self.assertLessEqual(summary["resent"], sent_twice)

    def killed_in_the_middle(self, at=20):
        self.write_pdfs(self.COUNT)
        process = self.start(
            "run", self.input, sandbox=self.service, options=dict(self.FAST, **{"limits.uploads": "2"})
        )
        wait_for(lambda: self.service.stats()["accepted"] >= at, f"{at} accepted")
        process.kill()
        process.communicate()


class Full(Storage):
    """On a small file system of its own."""

    def mount(self, path, size):
        if os.geteuid() != 0:
            self.skipTest("needs root to mount a small file system")
        os.makedirs(path, exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", path], capture_output=True, check=False
        )
        if done.returncode:
            self.skipTest(f"can't mount here: {done.stderr.decode().strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", path], check=False)

    @staticmethod
    def remount(path, options):
        subprocess.run(["mount", "-o", f"remount,{options}", path], check=True)

    def fill(self, path):
        """To the last byte, with a file of ballast."""
        with open(os.path.join(path, "ballast"), "wb", buffering=0) as f:
            for size in (65536, 4096, 512):
                try:
                    while True:
                        f.write(bytes(size))
                except OSError:
                    pass

    def test_full_in_the_middle(self):
        """Full to the last byte while uploads are on their way: the reserve takes the record of them."""
        liar, full = Liar(), threading.Event()
        self.addCleanup(liar.stop)
        self.addCleanup(full.set)
        self.mount(self.output, "8m")
        self.write_pdfs(200)
        liar.before = lambda r: full.wait(60) and None if len(liar.heard("post")) > 40 else None
        process = self.start("run", self.input, sandbox=liar, options=self.FAST)
        wait_for(lambda: len(liar.heard("post")) > 40, "40 uploads")
        self.fill(self.output)
        full.set()
        code, _, err = self.finish(process)
        self.assertIn(code, (3, 5), err)
        self.assertRegex(err, r"disk is full|No space left")
        self.one_sentence(err)
        self.assertLess(len(liar.heard("post")), 200)
        os.remove(os.path.join(self.output, "ballast"))
        self.go(0, sandbox=liar)
        summary = self.summary()
        self.assertEqual((summary["stored"], len(self.results()), summary["resent"]), (200, 200, 0))
        posts = [r.digest for r in liar.heard("post")]
        self.assertEqual(len(posts), len(set(posts)), "paid for twice")

    def test_too_small_from_the_start(self):
        """There isn't even room for the reserve: what was on its way when it was full is sent again, and counted."""
        self.mount(self.output, "700k")
        self.write_pdfs(400)
        code, _, err = self.go(None, {"limits.uploads": "4"})
        self.assertIn(code, (3, 5), err)
        self.assertRegex(err, r"disk is full|No space left")
        self.one_sentence(err)
        self.remount(self.output, "size=256m")
        self.goes_on(count=400, sent_twice=4)

    def test_full_from_the_start(self):
        self.mount(self.output, "2m")
        self.fill(self.output)
        self.write_pdfs(self.COUNT)
        self.complains((3, 5))
        os.remove(os.path.join(self.output, "ballast"))
        self.remount(self.output, "size=64m")
        self.goes_on()

    def test_results_have_no_room_but_the_ledger_has(self):
        """The documents are paid for and safe; their files come with the next run."""
        self.mount(self.output, "200k")
        self.write_pdfs(self.COUNT * 4)
        options = {"ledger.path": os.path.join(self.directory, "ledger", "l.db")}
        code, _, err = self.go(None, options)
        self.assertEqual(code, 5, err)
        self.one_sentence(err)
        self.assertEqual(self.service.stats()["accepted"], self.COUNT * 4)
        self.assertLess(len(self.results()), self.COUNT * 4)
        self.remount(self.output, "size=64m")
        before = self.service.stats()
        self.goes_on(options, self.COUNT * 4)
        self.assertEqual(self.service.stats()["posts"], before["posts"])

    def test_read_only(self):
        self.mount(self.output, "64m")
        self.killed_in_the_middle()
        self.remount(self.output, "ro")
        self.complains((3,))
        self.remount(self.output, "rw")
        self.goes_on(sent_twice=2)

    def test_the_limiters_memory_is_full(self):
        state = os.path.join(self.directory, "state")
        self.mount(state, "1m")
        self.fill(state)
        self.write_pdfs(self.COUNT)
        options = {"limits.post_per_minute": "6000", "limits.get_per_minute": "60000"}
        err = self.complains((3, 5), options)
        self.assertIn("limits.state", err)
        os.remove(os.path.join(state, "ballast"))
        self.goes_on(options)


class Locked(Storage):
    def lock(self):
        """Somebody else's exclusive lock; ends by what this returns."""
        other = sqlite3.connect(self.ledger(), timeout=60, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN EXCLUSIVE")

        def end():
            other.execute("ROLLBACK")
            other.close()

        return end

    def test_at_the_start(self):
        self.killed_in_the_middle()
        end = self.lock()
        err = self.complains((3, 5))
        self.assertIn("another program", err)
        end()
        self.goes_on(sent_twice=2)

    def test_in_the_middle(self):
        """For longer than SQLite waits: what was on its way is recorded when it is gone."""
        liar, process, end, log = self.locked_in_the_middle()
        wait_for(lambda: "ledger.write_failed" in log(), "a write that failed")
        end()
        code, _, err = self.finish(process)
        self.assertIn(code, (0, 5), err)
        self.assertIn("ledger.writes_again", log())
        self.go(0, {"retry.in_doubt": "hold"}, sandbox=liar)
        self.once(liar)

    def test_to_the_end(self):
        """Nothing can be recorded any more: what was on its way is in doubt, held here."""
        liar, process, end, _ = self.locked_in_the_middle()
        code, _, err = self.finish(process)
        end()
        self.assertIn(code, (3, 5), err)
        self.assertIn("another program", err)
        self.one_sentence(err)
        self.go(1, {"retry.in_doubt": "hold"}, sandbox=liar)
        summary = self.summary()
        self.assertEqual(summary["stored"] + summary["in_doubt"], self.COUNT)
        self.assertLessEqual(summary["in_doubt"], 4)
        posts = [r.digest for r in liar.heard("post")]
        self.assertEqual(len(posts), len(set(posts)), "paid for twice")

    def locked_in_the_middle(self):
        """The uploads' answers wait until the lock is held."""
        liar, locked, log = Liar(), threading.Event(), os.path.join(self.directory, "log")
        self.addCleanup(liar.stop)
        self.addCleanup(locked.set)
        self.write_pdfs(self.COUNT)
        liar.before = lambda r: locked.wait(60) and None if len(liar.heard("post")) > 20 else None
        options = dict(self.FAST, **{"limits.uploads": "4", "retry.in_doubt": "hold", "log.file": log})
        process = self.start("run", self.input, sandbox=liar, options=options)
        wait_for(lambda: len(liar.heard("post")) > 20, "20 uploads")
        end = self.lock()
        locked.set()

        def text():
            with open(log, encoding="utf-8") as f:
                return f.read()

        return liar, process, end, text

    def once(self, liar):
        self.assertEqual(self.summary()["stored"], self.COUNT)
        posts = [r.digest for r in liar.heard("post")]
        self.assertEqual((len(posts), len(set(posts))), (self.COUNT, self.COUNT))

    def test_for_a_moment(self):
        """Shorter than that: nobody notices."""
        self.write_pdfs(self.COUNT * 4)
        process = self.start(
            "run", self.input, sandbox=self.service, options=dict(self.FAST, **{"limits.uploads": "4"})
        )
        wait_for(lambda: self.service.stats()["accepted"] >= 20, "20 accepted")
        for _ in range(5):
            self.lock()()
        self.finish(process, 0)
        self.assertEqual(self.service.stats()["accepted"], self.COUNT * 4)

    def test_a_run_of_somebody_else(self):
        slow = self.sandbox("--latency-median", "2s")
        self.write_pdfs(4)
        first = self.start("run", self.input, sandbox=slow, options=self.FAST)
        wait_for(lambda: slow.stats()["accepted"] == 4, "the uploads")
        err = self.complains((3,))
        self.assertIn(str(first.pid), err)
        self.finish(first, 0)


class Damaged(Storage):
    def damage(self, expected, spoil, words="damaged", clean=False):
        """SPOIL changes the ledger; it is refused, left as it is, and when the good one is back all goes on."""
        if clean:
            self.write_pdfs(self.COUNT)
            self.go(0)
            self.write_pdfs(1, first=900)
            self.COUNT += 1
        else:
            self.killed_in_the_middle()
        saved = os.path.join(self.directory, "saved")
        os.mkdir(saved)
        for name in ("ledger.db", "ledger.db-wal", "ledger.db.files", "ledger.db.files-wal"):  # both books
            if os.path.exists(os.path.join(self.output, name)):
                shutil.copy2(os.path.join(self.output, name), saved)
        spoil(self.ledger())
        with open(self.ledger(), "rb") as f:
            before = f.read()
        err = self.complains(expected)
        self.assertIn("ledger.db", err)
        self.assertRegex(err, words)
        with open(self.ledger(), "rb") as f:
            self.assertEqual(f.read(), before, "a damaged ledger was written to")
        self.complains(expected)
        for name in os.listdir(self.output):
            if name.startswith("ledger.db"):
                os.remove(os.path.join(self.output, name))
        for name in os.listdir(saved):
            shutil.copy2(os.path.join(saved, name), self.output)
        self.goes_on(sent_twice=2)

    @staticmethod
    def checkpoint(path):
        database = sqlite3.connect(path)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()

    @classmethod
    def overwrite(cls, start, length, data=None):
        def spoil(path):
            cls.checkpoint(path)
            size = os.path.getsize(path)
            begin = int(start * size) if isinstance(start, float) else start
            count = int(length * size) if isinstance(length, float) else length
            with open(path, "r+b") as f:
                f.seek(begin)
                f.write(data or random.Random(1).randbytes(min(count, size - begin)))

        return spoil

    def test_header(self):
        self.damage((3,), self.overwrite(0, 100), words="damaged|isn't a ledger")

    def test_header_after_a_clean_end(self):
        self.damage((3,), self.overwrite(0, 100), words="damaged|isn't a ledger", clean=True)

    def test_pages_in_the_middle(self):
        self.damage((3,), self.overwrite(4096 * 3, 0.7))

    def test_pages_in_the_middle_after_a_clean_end(self):
        self.damage((3,), self.overwrite(4096, 0.99), clean=True)

    def test_pages_of_nothing(self):
        self.damage((3,), self.overwrite(8192, 4096 * 6, bytes(4096 * 6)))

    def test_truncated(self):
        def spoil(path):
            self.checkpoint(path)
            os.truncate(path, os.path.getsize(path) // 2 // 4096 * 4096)

        self.damage((3,), spoil)

    def test_truncated_after_a_clean_end(self):
        def spoil(path):
            self.checkpoint(path)
            os.truncate(path, os.path.getsize(path) // 3 + 17)

        self.damage((3,), spoil, clean=True)

    def test_a_newer_schema(self):
        def spoil(path):
            database = sqlite3.connect(path)
            database.execute("PRAGMA user_version=99")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.close()

        self.damage((3,), spoil, words="newer mindee-batch")

    def test_somebody_elses_database(self):
        def spoil(path):
            for name in os.listdir(self.output):
                if name.startswith("ledger.db"):
                    os.remove(os.path.join(self.output, name))
            database = sqlite3.connect(path)
            database.execute("CREATE TABLE invoices(id)")
            database.commit()
            database.close()

        self.damage((3,), spoil, words="isn't a ledger")

    def test_a_table_is_gone(self):
        def spoil(path):
            database = sqlite3.connect(path)
            database.execute("DROP TABLE attempt")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.close()

        self.damage((3,), spoil)

    def test_a_directory(self):
        def spoil(path):
            for name in os.listdir(self.output):
                if name.startswith("ledger.db"):
                    os.remove(os.path.join(self.output, name))
            os.mkdir(path)

        self.killed_in_the_middle()
        books = ("", "-wal", ".files", ".files-wal")
        saved = [shutil.copy2(self.ledger() + end, self.directory) for end in books]
        spoil(self.ledger())
        self.complains((3,))
        os.rmdir(self.ledger())
        for path in saved:
            shutil.copy2(path, self.output)
        self.goes_on(sent_twice=2)

    def test_a_log_that_is_garbage_after_a_clean_end(self):
        """SQLite's own rule: a log without a valid head is none."""
        self.write_pdfs(self.COUNT)
        self.go(0)
        with open(self.ledger() + "-wal", "wb") as f:
            f.write(random.Random(2).randbytes(50000))
        self.goes_on()

    def test_a_log_whose_end_is_torn(self):
        """What was written last isn't there. What is missing may have been sent: nothing is, before somebody says so."""
        self.killed_in_the_middle()
        tear(self.ledger() + "-wal")
        before = self.service.stats()["posts"]
        _, _, err = self.go(3)
        self.assertIn("ledger restored --yes", err)
        self.assertEqual(self.service.stats()["posts"], before)

    def test_a_result_that_changed_in_the_ledger(self):
        self.write_pdfs(5)
        self.go(0)
        database = sqlite3.connect(self.ledger())
        database.execute("UPDATE result SET bytes = cast('{\"inference\":{}}' AS BLOB) WHERE id = 3")
        database.commit()
        database.close()
        code, out, err = self.finish(self.start("verify", self.input))
        self.assertIn(code, (1, 3), out + err)
        self.assertRegex(out + err, "hash|damaged|differs")

    def test_damage_met_in_the_middle(self):
        """Pages spoiled while a run is at work."""
        liar = Liar()
        self.addCleanup(liar.stop)
        go_on = threading.Event()
        self.addCleanup(go_on.set)
        liar.before = lambda r: go_on.wait(60) and None if len(liar.heard("post")) > 20 else None
        self.write_pdfs(300)
        process = self.start("run", self.input, sandbox=liar, options=dict(self.FAST, **{"limits.uploads": "4"}))
        wait_for(lambda: len(liar.heard("post")) > 20, "20 uploads")
        database = sqlite3.connect(self.ledger())
        database.execute("DROP TABLE flight")
        database.close()
        go_on.set()
        code, _, err = self.finish(process)
        self.assertEqual(code, 3, err)
        self.assertIn("damaged", err)
        self.one_sentence(err)
        self.assertLess(len(liar.heard("post")), 60)


class LimitState(Storage):
    OPTIONS = {"limits.post_per_minute": "6000", "limits.get_per_minute": "60000"}

    def state(self):
        return os.path.join(self.directory, "state")

    def test_in_the_way_is_a_file(self):
        self.write_pdfs(self.COUNT)
        with open(self.state(), "wb") as f:
            f.write(b"a file")
        err = self.complains((2, 3, 5), self.OPTIONS)
        self.assertIn(self.state(), err)
        os.remove(self.state())
        self.goes_on(self.OPTIONS)

    def test_damaged(self):
        self.write_pdfs(self.COUNT)
        self.go(0, self.OPTIONS)
        self.write_pdfs(1, first=900)
        (database,) = [n for n in os.listdir(self.state()) if n.endswith(".db")]
        path = os.path.join(self.state(), database)
        with open(path, "r+b") as f:
            f.write(random.Random(3).randbytes(os.path.getsize(path)))
        err = self.complains((3, 5), self.OPTIONS)
        self.assertIn("limits.state", err)
        shutil.rmtree(self.state())
        self.goes_on(self.OPTIONS, self.COUNT + 1)

    def test_gone_in_the_middle(self):
        self.write_pdfs(self.COUNT * 2)
        process = self.start(
            "run", self.input, sandbox=self.service, options=dict(self.FAST, **self.OPTIONS, **{"limits.uploads": "2"})
        )
        wait_for(lambda: self.service.stats()["accepted"] >= 20, "20 accepted")
        shutil.rmtree(self.state())
        code, _, err = self.finish(process)
        self.assertIn(code, (0, 5), err)
        self.goes_on(self.OPTIONS, self.COUNT * 2)


class Results(Storage):
    def test_a_file_in_the_place_of_the_directory(self):
        self.killed_in_the_middle()
        shutil.rmtree(os.path.join(self.output, "results"))
        with open(os.path.join(self.output, "results"), "wb"):
            pass
        err = self.complains((2, 3))
        self.assertIn("results", err)
        os.remove(os.path.join(self.output, "results"))
        code, _, _ = self.finish(self.start("run", self.input, sandbox=self.service, options=self.FAST))
        self.assertEqual(code, 0)
        self.assertEqual(self.summary()["stored"], self.COUNT)

    def test_a_directory_in_a_results_place(self):
        """Where a result file should go there is a directory with something in it: the result takes a number."""
        self.write_pdfs(5)
        blocked = os.path.join(self.output, "results", "invoice-00002.pdf.json")
        os.makedirs(os.path.join(blocked, "something"))
        self.go(0)
        self.assertEqual(self.summary()["stored"], 5)
        self.assertEqual(len(self.results()), 5)
        self.assertIn(b"invoice-00002 (2).pdf.json", self.results())
        shutil.rmtree(blocked)
        self.goes_on(count=5)

    def test_names_that_clash(self):
        """a -> a.json, and a.json/b.pdf -> a.json/b.pdf.json: whichever comes second takes a number."""
        self.write("a", pdf(11))
        self.write("a.json/b.pdf", pdf(12))
        self.write_pdfs(3)
        code, _, err = self.go(None)
        self.assertEqual(code, 0, err)
        self.assertEqual(self.summary()["stored"], 5)
        self.assertEqual(len(self.results()), 5)
        posts = self.service.stats()["posts"]
        self.go(code)
        self.assertEqual(self.service.stats()["posts"], posts)

    def test_strangers_under_number_after_number(self):
        """The result takes the next number, as often as it must, and so does a directory."""
        theirs = ["a.pdf.json", "a (2).pdf.json", "a (3).pdf.json", "a (4).pdf.json", "fax.json",
                  "fax (2).json/x.pdf.json", "fax (2).json/x (2).pdf.json"]
        for name in theirs:
            path = os.path.join(self.output, "results", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(b"theirs")
        self.write("a.pdf", pdf(21))
        self.write("fax.json/x.pdf", pdf(22))
        self.go(0)
        results = self.results()
        for name in theirs:
            self.assertEqual(results.pop(name.encode()), b"theirs")
        self.assertEqual(sorted(results), [b"a (5).pdf.json", b"fax (2).json/x (3).pdf.json"])

    def test_deleted_while_it_runs(self):
        self.write_pdfs(self.COUNT * 4)
        process = self.start(
            "run", self.input, sandbox=self.service, options=dict(self.FAST, **{"limits.uploads": "4"})
        )
        wait_for(lambda: self.service.stats()["accepted"] >= 40, "40 accepted")
        shutil.rmtree(os.path.join(self.output, "results"), ignore_errors=True)
        shutil.rmtree(os.path.join(self.output, ".partial"), ignore_errors=True)
        code, _, err = self.finish(process)
        self.assertIn(code, (0, 5), err)
        self.go(0)
        self.assertEqual(self.summary()["stored"], self.COUNT * 4)
        self.assertEqual(self.service.stats()["accepted"], self.COUNT * 4)

    def test_the_summary_cannot_be_written(self):
        self.write_pdfs(3)
        os.makedirs(os.path.join(self.output, "summary.json", "x"))
        code, _, err = self.go(None)
        self.assertIn(code, (3, 5), err)
        self.assertIn("summary.json", err)
        shutil.rmtree(os.path.join(self.output, "summary.json"))
        self.goes_on(count=3)


if __name__ == "__main__":
    unittest.main()

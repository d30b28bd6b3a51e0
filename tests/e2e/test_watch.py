"""Folders that are watched: what arrives is sent, once, whole, however it arrives, and moved where it belongs."""

import hashlib
import os
import signal
import threading
import time
import unittest

from harness import Case, free_port, pdf, wait_for

SECRET = "a signing secret"
HOOK = "22222222-2222-4222-8222-00000000e001"
SLOW = int(os.environ.get("MB_WATCH_SLOW", "300"))  # files written in pieces; up to 10,000
AT_ONCE = int(os.environ.get("MB_WATCH_AT_ONCE", "10000"))  # renamed into the folder in one go


def sha(data):
    return hashlib.sha256(data).hexdigest()


class Watch(Case):
    def setUp(self):
        super().setUp()
        self.secrets = os.path.join(self.directory, "secrets")
        with open(self.secrets, "w", encoding="utf-8") as f:
            os.fchmod(f.fileno(), 0o600)
            f.write(SECRET + "\n")
        self.apart = os.path.join(self.directory, "apart")  # where files are made ready
        self.done = os.path.join(self.directory, "done")
        os.mkdir(self.apart)

    def serve(self, sandbox, **options):
        settings = {
            **self.FAST,
            "input.directory": self.input,
            "webhook.listen": "127.0.0.1:0",
            "webhook.secret_file": self.secrets,
            "request.webhook_ids": HOOK,
            "webhook.fallback_after": "0s",
            "watch.enabled": "yes",
            "watch.quiet": "1s",
            "watch.rescan": "1s",
            "log.level": "warning",
        }
        settings.update({name.replace("__", "."): value for name, value in options.items()})
        settings["webhook.listen"] = f"127.0.0.1:{free_port()}"
        return self.start("serve", sandbox=sandbox, options=settings)

    def sandbox(self, *options):
        return super().sandbox("--webhook", f"{HOOK}=http://127.0.0.1:9/webhook,{SECRET}", *options)

    def stop(self, process, expected=0):
        process.send_signal(signal.SIGTERM)
        return self.finish(process, expected)

    def stored(self):
        root = os.path.join(self.output, "results")
        return sum(len(files) for _, _, files in os.walk(root))

    def check_sent_once(self, sandbox, contents):
        """Each of these contents was sent, once, and nothing else was: no piece of any."""
        self.assertEqual(sorted(j["sha256"] for j in sandbox.jobs()), sorted(map(sha, contents)))

    # --- how files arrive ---

    def test_thousands_renamed_into_it_at_once(self):
        sandbox = self.fast_sandbox()
        contents = [pdf(i) for i in range(AT_ONCE)]
        for i, data in enumerate(contents):
            with open(os.path.join(self.apart, f"{i}.pdf"), "wb") as f:
                f.write(data)
        process = self.serve(sandbox)
        for name in os.listdir(self.apart):
            os.rename(os.path.join(self.apart, name), os.path.join(self.input, name))
        wait_for(lambda: sandbox.stats()["accepted"] >= AT_ONCE, "the uploads")
        wait_for(lambda: self.stored() == AT_ONCE, "the results")
        self.stop(process)
        self.check_sent_once(sandbox, contents)

    def test_written_slowly_in_pieces_and_a_restart_in_the_middle(self):
        quiet = 3 + SLOW // 1000  # the more files, the longer until each one's turn comes again
        sandbox = self.fast_sandbox()
        contents = [pdf(i) + b"%" * 20000 for i in range(SLOW)]
        options = {"input__move_stored": self.done, "watch__quiet": f"{quiet}s"}
        self.write("early.pdf", pdf(SLOW))
        process = self.serve(sandbox, **options)
        wait_for(lambda: self.stored() == 1, "the early one")
        gaps, stop = [0] * 4, threading.Event()

        def write_slowly(n):
            """Pieces of a quarter of the files in turn: each grows again before it was quiet for long enough."""
            pieces, written = 12, {}
            for k in range(pieces):
                for i in range(n, SLOW, 4):
                    data = contents[i]
                    at, end = len(data) * k // pieces, len(data) * (k + 1) // pieces
                    with open(os.path.join(self.input, f"slow-{i}.pdf"), "ab") as f:
                        f.write(data[at:end])
                    now = time.monotonic()
                    gaps[n] = max(gaps[n], now - written.get(i, now))
                    written[i] = now
                if stop.wait(0.4):
                    return

        writers = [threading.Thread(target=write_slowly, args=(n,)) for n in range(4)]
        try:
            for w in writers:
                w.start()
            wait_for(lambda: len(os.listdir(self.input)) >= SLOW // 2, "the first pieces")
            self.stop(process)
            process = self.serve(sandbox, **options)
            for w in writers:
                w.join()
        finally:
            stop.set()
        if max(gaps) >= quiet:
            self.skipTest(f"this machine is too slow to write slowly: a pause of {max(gaps):.1f} s")
        wait_for(lambda: self.stored() == SLOW + 1, "the results")
        wait_for(lambda: not os.listdir(self.input), "the moves")
        self.stop(process)
        self.check_sent_once(sandbox, [*contents, pdf(SLOW)])
        for i, data in enumerate(contents):
            with open(os.path.join(self.done, f"slow-{i}.pdf"), "rb") as f:
                self.assertEqual(f.read(), data)

    def test_partial_names_wait_for_their_own(self):
        sandbox = self.fast_sandbox()
        process = self.serve(sandbox)
        partial = ["a.pdf.part", "b.pdf.crdownload", "~$c.pdf", ".~lock.d.pdf#", ".e.pdf", "f.TMP"]
        for i, name in enumerate(partial):
            self.write(name, pdf(i))
        self.write("plain.pdf", pdf(100))
        wait_for(lambda: self.stored() == 1, "the one that is whole")
        os.rename(os.path.join(self.input, "a.pdf.part"), os.path.join(self.input, "a.pdf"))
        wait_for(lambda: self.stored() == 2, "the one that was renamed")
        self.stop(process)
        self.check_sent_once(sandbox, [pdf(100), pdf(0)])

    def test_without_watching_they_are_files_like_others(self):
        sandbox = self.fast_sandbox()
        self.write("a.pdf.part", pdf(0))
        self.run_batch(sandbox=sandbox)
        self.check_sent_once(sandbox, [pdf(0)])

    def test_new_directories_and_changed_files(self):
        sandbox = self.fast_sandbox()
        self.write("first.pdf", pdf(0))
        process = self.serve(sandbox)
        wait_for(lambda: self.stored() == 1, "the first")
        self.write("a/b/c/deep.pdf", pdf(1))
        wait_for(lambda: self.stored() == 2, "the one below")
        self.write("first.pdf", pdf(2))
        self.write("a/b/other.pdf", pdf(3))
        wait_for(lambda: sandbox.stats()["accepted"] == 4, "the new content")
        wait_for(lambda: self.stored() == 4, "the results")  # the first one's stays, too
        self.stop(process)
        self.check_sent_once(sandbox, [pdf(i) for i in range(4)])

    def test_the_folder_goes_away_and_comes_back(self):
        sandbox = self.fast_sandbox()
        self.write("a.pdf", pdf(0))
        process = self.serve(sandbox)
        wait_for(lambda: self.stored() == 1, "the first")
        away = self.input + "-away"
        os.rename(self.input, away)
        with open(os.path.join(away, "b.pdf"), "wb") as f:
            f.write(pdf(1))
        self.hear(process, "watch.unreadable")
        os.rename(away, self.input)
        wait_for(lambda: self.stored() == 2, "the second")
        self.stop(process)
        self.check_sent_once(sandbox, [pdf(0), pdf(1)])
        self.assertEqual(self.failures(), [])

    @staticmethod
    def hear(process, word):
        for line in process.stderr:
            if word.encode() in line:
                return
        raise AssertionError(f"it ended without {word}")

    # --- what becomes of them ---

    def test_the_same_name_again_and_again(self):
        """As a scanner does that begins each day with scan-1.pdf."""
        sandbox = self.fast_sandbox()
        process = self.serve(sandbox, input__move_stored=os.path.join(self.input, "done"))
        done = os.path.join(self.input, "done")
        names = ["scan.pdf", "scan (2).pdf", "scan (3).pdf"]
        for i in range(3):
            with open(os.path.join(self.apart, "scan.pdf"), "wb") as f:
                f.write(pdf(i))
            os.rename(os.path.join(self.apart, "scan.pdf"), os.path.join(self.input, "scan.pdf"))
            wait_for(lambda i=i: os.path.exists(os.path.join(done, names[i])), names[i])
        self.stop(process)
        self.check_sent_once(sandbox, [pdf(i) for i in range(3)])
        for i, name in enumerate(names):
            with open(os.path.join(done, name), "rb") as f:
                self.assertEqual(f.read(), pdf(i))


if __name__ == "__main__":
    unittest.main()

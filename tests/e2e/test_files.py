"""Files that change between the walk and the end of their upload, and files that are no files."""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import threading
import unittest

from harness import BINARY, Case, pdf, wait_for
from liar import Liar

NOBODY = 65534


def sha(data):
    return hashlib.sha256(data).hexdigest()


class Files(Case):
    OPTIONS = {"limits.uploads": "1", "limits.canary": "1", "retry.in_doubt": "hold"}

    def setUp(self):
        super().setUp()
        self.liar = Liar()
        self.addCleanup(self.liar.stop)
        self.go_on = threading.Event()
        self.addCleanup(self.go_on.set)

    def begin(self, files, options=None):
        """Starts a run over FILES (name: bytes); returns when all were walked and the first upload waits for its
        answer. The other files were looked at, and not opened again yet."""
        self.write_all(files)
        return self.begin_held(len(files), options)

    def begin_held(self, files, options=None, prefix=()):
        first = threading.Lock()

        def hold_the_first(request):
            if request.kind == "post" and first.acquire(blocking=False):
                self.go_on.wait(60)

        self.liar.before = hold_the_first
        process = self.begin_free(options, prefix)
        wait_for(lambda: self.known() == files, "all files in the ledger")
        wait_for(lambda: self.liar.connections > 0, "the first upload")
        return process

    def write_all(self, files):
        for i in range(3):
            files.setdefault(f"plain-{i}.pdf", pdf(900 + i))
        for name, data in files.items():
            self.write(name, data)

    def begin_free(self, options=None, prefix=()):
        merged = dict(self.FAST, **self.OPTIONS)
        merged.update(options or {})
        line = [*prefix, *self.command("run", self.input, sandbox=self.liar, options=merged)]
        process = subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(), cwd=self.directory
        )
        self.addCleanup(self.end, process)
        return process

    def known(self):
        done = subprocess.run(
            self.command("status", words=["--json"]), capture_output=True, env=self.environment(), timeout=60
        )
        return len(json.loads(done.stdout)["list"]) if done.returncode == 0 else 0

    def release(self, process, expected=None):
        self.go_on.set()
        code, out, err = self.finish(process, expected)
        self.rows = {os.path.basename(row["path"]): row for row in self.failures()}
        self.numbers = self.summary()
        return code, out, err

    def sent(self):
        return [r.digest for r in self.liar.heard("post")]

    def check_sent(self, *versions):
        """Only these contents went out, each at most once."""
        sent = self.sent()
        self.assertEqual(len(sent), len(set(sent)), "something was sent twice")
        allowed = {sha(v) for v in versions} | {sha(pdf(900 + i)) for i in range(3)}
        self.assertLessEqual(set(sent), allowed, "a mixture was sent")


class BeforeTheUpload(Files):
    """Between the walk and the upload; whichever file goes first is chosen by the program, so that one is only checked
    for being sent whole."""

    NAMES = ["m-%d.pdf" % i for i in range(4)]

    def changed(self, change, new=None, expected=0, options=None):
        """Each of four files is changed while the first upload waits."""
        old = {name: pdf(i) for i, name in enumerate(self.NAMES)}
        process = self.begin(dict(old), options)
        for name in self.NAMES:
            change(os.path.join(self.input, name), old[name])
        self.release(process, expected)
        versions = list(old.values()) + ([new(d) for d in old.values()] if new else [])
        self.check_sent(*versions)
        return old

    def all_stored(self, new, old):
        results = self.results()
        for name in self.NAMES:
            self.assertIn(name.encode() + b".json", results)
        sent = self.sent()
        # the one that was on its way may have gone as it was
        self.assertGreaterEqual(sum(sha(new(data)) in sent for data in old.values()), 3)
        code, _, _ = self.finish(self.begin_free(), 0)
        sent = self.sent()
        for data in old.values():
            self.assertIn(sha(new(data)), sent)
        self.assertEqual(len(sent), len(set(sent)))

    def test_grown(self):
        def grow(path, data):
            with open(path, "ab") as f:
                f.write(b"more")

        self.all_stored(lambda d: d + b"more", self.changed(grow, lambda d: d + b"more", expected=None))

    def test_shrunk(self):
        def shrink(path, data):
            with open(path, "r+b") as f:
                f.truncate(len(data) - 5)

        self.all_stored(lambda d: d[:-5], self.changed(shrink, lambda d: d[:-5], expected=None))

    def test_overwritten_in_place(self):
        def other(d):
            return d.replace(b"200 200", b"300 300")

        def overwrite(path, data):
            with open(path, "r+b") as f:
                f.write(other(data))

        self.all_stored(other, self.changed(overwrite, other, expected=None))

    def test_overwritten_in_place_and_the_time_set_back(self):
        def other(d):
            return d.replace(b"200 200", b"300 300")

        def overwrite(path, data):
            before = os.stat(path)
            with open(path, "r+b") as f:
                f.write(other(data))
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

        self.all_stored(other, self.changed(overwrite, other, expected=None))

    def test_replaced_by_the_same(self):
        def replace(path, data):
            with open(path + "~", "wb") as f:
                f.write(data)
            os.rename(path + "~", path)

        self.changed(replace, expected=0)
        self.assertEqual(self.numbers["stored"], 7)

    def test_touched(self):
        self.changed(lambda path, data: os.utime(path), expected=0)
        self.assertEqual(self.numbers["stored"], 7)

    def gone(self, change):
        self.changed(change, expected=1)
        self.assertGreaterEqual(len(self.rows), 3)
        for row in self.rows.values():
            self.assertEqual(row["state"], "rejected")
            self.assertTrue(row["code"] and row["detail"])
        self.assertEqual(self.numbers["stored"] + self.numbers["rejected"], 7)

    def test_vanished(self):
        self.gone(lambda path, data: os.remove(path))

    def test_a_directory_in_its_place(self):
        def change(path, data):
            os.remove(path)
            os.mkdir(path)

        self.gone(change)

    def test_a_fifo_in_its_place(self):
        def change(path, data):
            os.remove(path)
            os.mkfifo(path)

        self.gone(change)

    def test_a_socket_in_its_place(self):
        def change(path, data):
            os.remove(path)
            os.mknod(path, 0o140600)

        self.gone(change)

    def test_a_symlink_in_its_place(self):
        """Links aren't followed (input.follow_symlinks), so its target isn't sent."""
        outside = os.path.join(self.directory, "outside.pdf")
        with open(outside, "wb") as f:
            f.write(pdf(5555))

        def change(path, data):
            os.remove(path)
            os.symlink(outside, path)

        self.gone(change)
        self.assertNotIn(sha(pdf(5555)), self.sent())

    def test_the_directory_is_gone(self):
        files = {f"sub/m-{i}.pdf": pdf(i) for i in range(4)}
        process = self.begin(files)
        shutil.rmtree(os.path.join(self.input, "sub"))
        self.release(process, 1)
        self.check_sent(*(pdf(i) for i in range(4)))
        self.assertEqual(self.numbers["stored"] + self.numbers["rejected"], 7)

    def test_a_copy_is_as_good(self):
        """The bytes are sent from another file that has them."""
        files = {"m-a.pdf": pdf(1), "m-b.pdf": pdf(1), "m-c.pdf": pdf(1)}
        process = self.begin(files)
        os.remove(os.path.join(self.input, "m-a.pdf"))
        with open(os.path.join(self.input, "m-b.pdf"), "wb") as f:
            f.write(pdf(2))
        self.release(process)
        self.check_sent(pdf(1), pdf(2))
        self.assertIn(b"m-c.pdf.json", self.results())
        self.assertIn(sha(pdf(1)), self.sent())


class DuringTheUpload(Files):
    """A large file, of which half has arrived when it changes: its last block never leaves."""

    SIZE = 24_000_000

    def changed(self, change, expected=None):
        data = pdf(1) + os.urandom(64) * (self.SIZE // 64)
        self.write_all({"large.pdf": data})
        path, once = os.path.join(self.input, "large.pdf"), threading.Lock()

        def during(request, so_far):
            if int(request.headers["content-length"]) > self.SIZE and so_far > 300_000:
                if once.acquire(blocking=False):
                    change(path, data)

        self.liar.during = during
        self.release(self.begin_free(), expected)
        self.assertEqual(self.liar.incomplete, 1, "it was sent whole, and was changed by then")
        self.assertNotIn(sha(data), self.sent())
        self.assertEqual(self.numbers["in_doubt"], 0, "an incomplete request is no doubt")
        return data

    def test_grown(self):
        def change(path, data):
            with open(path, "ab") as f:
                f.write(b"%more")

        data = self.changed(change)
        self.check_sent(data + b"%more")
        self.finish(self.begin_free(), 0)
        self.assertIn(sha(data + b"%more"), self.sent())

    def test_overwritten(self):
        def change(path, data):
            with open(path, "r+b") as f:
                f.seek(self.SIZE - 1000)
                f.write(b"other")

        data = self.changed(change)
        new = bytearray(data)
        new[self.SIZE - 1000:self.SIZE - 995] = b"other"
        self.check_sent(bytes(new))
        self.finish(self.begin_free(), 0)
        self.assertIn(sha(bytes(new)), self.sent())

    def test_truncated(self):
        data = self.changed(lambda path, data: os.truncate(path, 1_000_000))
        self.check_sent(data[:1_000_000])

    def test_written_all_the_while(self):
        """A file that never rests: the run ends, and nothing of it was sent."""
        stop = threading.Event()
        path = self.write("restless.pdf", pdf(1) + b"%" * 2_000_000)

        def write():
            with open(path, "ab", buffering=0) as f:
                while not stop.wait(0.002):
                    f.write(b"%")

        self.addCleanup(stop.set)
        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        self.write_all({})
        try:
            self.release(self.begin_free(), None)
        finally:
            stop.set()
            writer.join()
        self.assertEqual(self.numbers["stored"] + self.numbers["rejected"] + self.numbers["queued"],
                         self.numbers["documents"])
        self.assertEqual(self.numbers["in_doubt"], 0)
        for name in ("plain-0.pdf", "plain-1.pdf", "plain-2.pdf"):
            self.assertIn(name.encode() + b".json", self.results())


class Special(Files):
    def test_what_is_no_file_is_rejected_and_hangs_nothing(self):
        self.write_all({})
        os.mkfifo(os.path.join(self.input, "pipe.pdf"))
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        here = os.getcwd()
        os.chdir(self.input)
        try:
            listener.bind("socket.pdf")
        finally:
            os.chdir(here)
        special = {"pipe.pdf", "socket.pdf"}
        if os.geteuid() == 0:
            for name, device in (("null.pdf", (1, 3)), ("zero.pdf", (1, 5)), ("tty.pdf", (5, 0))):
                try:
                    os.mknod(os.path.join(self.input, name), 0o020600, os.makedev(*device))
                    special.add(name)
                except PermissionError:
                    pass
        self.release(self.begin_free(), 1)
        self.assertEqual({n: r["state"] for n, r in self.rows.items()}, dict.fromkeys(special, "rejected"))
        self.assertEqual(self.numbers["stored"], 3)

    def test_named_on_the_command_line(self):
        """A fifo given as PATH."""
        pipe = os.path.join(self.directory, "pipe.pdf")
        os.mkfifo(pipe)
        process = self.start("run", pipe, sandbox=self.liar, options=self.FAST)
        code, _, err = self.finish(process)
        self.assertIn(code, (1, 2), err)

    def test_links_that_go_round(self):
        self.write_all({"sub/deep/a.pdf": pdf(1)})
        os.symlink("..", os.path.join(self.input, "sub", "up"))
        os.symlink(".", os.path.join(self.input, "sub", "here"))
        os.symlink("loop-b.pdf", os.path.join(self.input, "loop-a.pdf"))
        os.symlink("loop-a.pdf", os.path.join(self.input, "loop-b.pdf"))
        os.symlink("nowhere", os.path.join(self.input, "dangling.pdf"))
        os.symlink("/", os.path.join(self.input, "sub", "deep", "out"))
        os.remove(os.path.join(self.input, "sub", "deep", "out"))
        self.release(self.begin_free({"input.follow_symlinks": "yes"}))
        self.assertEqual(self.numbers["stored"], 4)
        self.check_sent(pdf(1))
        self.output += "-2"
        self.release(self.begin_free())
        self.assertEqual(self.numbers["stored"], 4)

    def test_sparse_and_large(self):
        self.write_all({})
        for name, size in (("sparse.pdf", 30_000_000), ("largest.pdf", 100_000_000), ("over.pdf", 100_000_001)):
            with open(self.write(name, pdf(size)), "r+b") as f:
                f.truncate(size)
        self.release(self.begin_free({"limits.uploads": "4"}), 1)
        self.assertEqual(set(self.rows), {"over.pdf"})
        self.assertEqual(self.rows["over.pdf"]["state"], "rejected")
        for name, size in (("sparse.pdf", 30_000_000), ("largest.pdf", 100_000_000)):
            (request,) = self.liar.heard("post", name)
            self.assertEqual(request.digest, sha(pdf(size) + bytes(size - len(pdf(size)))))

    def test_a_tree_that_grows_while_it_is_walked(self):
        for i in range(2000):
            self.write(f"a/{i % 40:02}/{i:04}.txt", b"no document")
        self.write_all({})
        count = 0
        process = self.begin_free()
        while process.poll() is None and count < 60:
            self.write(f"new/{count:03}/late-{count}.pdf", pdf(2000 + count))
            count += 1
        self.release(process, 1)
        for _ in range(5):
            self.release(self.begin_free(), 1)
            if self.numbers["stored"] == 3 + count:
                break
        self.assertEqual((self.numbers["stored"], self.numbers["rejected"]), (3 + count, 2000))
        self.check_sent(*(pdf(2000 + i) for i in range(count)))


class Permissions(Files):
    """As a user who isn't root: for root everything is readable."""

    def setUp(self):
        super().setUp()
        self.prefix = ()
        if os.geteuid() == 0:
            self.prefix = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
            if not shutil.which("setpriv"):
                self.skipTest("needs setpriv to become another user")
            if subprocess.run([*self.prefix, BINARY, "--version"], capture_output=True, check=False).returncode:
                self.skipTest(f"another user can't run {BINARY}")

    def give_away(self):
        for folder, _, names in os.walk(self.directory):
            for path in [folder] + [os.path.join(folder, n) for n in names]:
                if os.geteuid() == 0:
                    os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

    def run_as_another(self, expected):
        self.give_away()
        return self.release(self.begin_free(prefix=self.prefix), expected)

    def test_files_and_directories_that_cannot_be_read(self):
        self.write_all({"secret.pdf": pdf(1), "locked/inside.pdf": pdf(2), "unlisted/inside.pdf": pdf(3)})
        os.chmod(os.path.join(self.input, "secret.pdf"), 0)
        os.chmod(os.path.join(self.input, "locked"), 0)
        os.chmod(os.path.join(self.input, "unlisted"), 0o300)
        try:
            self.run_as_another(5)
            self.assertEqual((self.numbers["stored"], self.numbers["rejected"], self.numbers["unread"]), (3, 1, 2))
            states = {path: row["state"] for path, row in self.rows.items()}
            self.assertEqual(states, {"secret.pdf": "rejected", "locked": "unread", "unlisted": "unread"})
            for row in self.rows.values():
                self.assertIn("ermission", row["detail"])
        finally:
            for name in ("locked", "unlisted"):
                os.chmod(os.path.join(self.input, name), 0o700)
        os.chmod(os.path.join(self.input, "secret.pdf"), 0o600)
        self.run_as_another(None)
        self.assertEqual(self.numbers["stored"], 6)

    def test_permission_lost_before_the_upload(self):
        files = {f"m-{i}.pdf": pdf(i) for i in range(4)}
        self.write_all(files)
        self.give_away()
        process = self.begin_held(7, prefix=self.prefix)
        for name in files:
            os.chmod(os.path.join(self.input, name), 0)
        self.release(process, 1)
        self.assertGreaterEqual(len(self.rows), 3)
        self.assertEqual({r["state"] for r in self.rows.values()}, {"rejected"})
        self.assertEqual(self.numbers["stored"] + self.numbers["rejected"], 7)
        for name in files:
            os.chmod(os.path.join(self.input, name), 0o600)
        self.liar.before = None
        self.run_as_another(0)
        self.assertEqual(self.numbers["stored"], self.numbers["documents"])
        self.check_sent(*files.values())
        self.assertEqual(len(self.results()), 7)


if __name__ == "__main__":
    unittest.main()

"""output.mode: for whose eyes all is that we write, whatever the umask, from a run to a retry, in either mode."""

import grp
import json
import os
import pwd
import signal
import stat
import subprocess
import unittest

from harness import BINARY, pdf, wait_for
from test_dismiss import Dismissing

PRIVATE = {"directory": 0o700, "file": 0o600, "socket": 0o600}
GROUP = {"directory": 0o750, "file": 0o640, "socket": 0o660}


class Modes(Dismissing):
    def setUp(self):
        super().setUp()
        self.mode = {}
        self.addCleanup(os.umask, os.umask(0o022))

    def options(self, **more):
        return {**self.FAST, **self.mode, "input.move_stored": os.path.join(self.directory, "done"),
                "log.file": os.path.join(self.output, "log"), **more}

    def found(self):
        """What is there, by its kind: {mode: [path below the output directory]}."""
        there = {"directory": {}, "file": {}, "socket": {}}
        places = [self.output, os.path.join(self.directory, "done")]
        for place in places:
            for folder, _, files in os.walk(place):
                for name in ["."] + files:
                    try:
                        mode = os.lstat(os.path.join(folder, name)).st_mode
                    except FileNotFoundError:
                        continue  # a run is at work
                    if os.path.basename(os.path.join(folder, name)).startswith("review.db") or \
                            (name == "." and os.path.realpath(folder) in self.for_all_of_the_group()):
                        if self.mode.get("output.mode") == "group":
                            continue  # a place of its own: check()
                    mode &= ~stat.S_ISGID  # handed down from the output directory
                    kind = "directory" if stat.S_ISDIR(mode) else "socket" if stat.S_ISSOCK(mode) else "file"
                    if place == self.output or kind == "directory":
                        there[kind].setdefault(stat.S_IMODE(mode), []).append(os.path.join(folder, name))
        return there

    def for_all_of_the_group(self):
        """Who reviews writes there, too."""
        return [os.path.realpath(os.path.join(self.output, name)) for name in ("", "exports")]

    def check(self, expected, *names):
        found = self.found()
        for kind, mode in expected.items():
            self.assertLessEqual(set(found[kind]), {mode}, {oct(m): paths for m, paths in found[kind].items()})
        if expected is GROUP:  # somebody of the group reviews
            for name, mode in (("review.db", 0o660), (".", 0o2770), ("exports", 0o2770)):
                if name == "exports" and "exports/manifest.json" not in names:
                    continue
                self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.output, name)).st_mode), mode, name)
        listed = {os.path.relpath(path, self.output) for kinds in found.values() for paths in kinds.values()
                  for path in paths}
        self.assertLessEqual(set(names), listed)

    def life(self, expected):
        """A run, a retry, a dismissal, a service: looked at while it is at work, and after each."""
        os.makedirs(self.output, mode=expected["directory"])
        os.chmod(self.output, expected["directory"])
        failing = self.fast_sandbox("--fail-rate", "1")
        self.write_pdfs(1)
        self.write("sub/deep.pdf", pdf(100))
        self.write("note.txt", b"words")
        self.finish(self.start("run", self.input, sandbox=failing, options=self.options()), 1)
        good = self.fast_sandbox()
        self.check(expected, "summary.json", "failures.csv", "ledger.db", "ledger.db.files", "ledger.lock", "log")
        # from here on the ledger says for whom it is: neither command is told
        self.finish(self.start("retry", sandbox=good, words=["--failed"], options=self.FAST), 1)
        self.check(expected, "results/invoice-00000.pdf.json", "results/sub/deep.pdf.json")
        self.dismiss("--rejected")
        self.check(expected)
        slow = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "600s")
        self.write("other/late.pdf", pdf(7))
        process = self.start("serve", sandbox=slow, options=self.options(**{
            "input.directory": self.input, "watch.enabled": "yes", "watch.quiet": "20ms", "watch.rescan": "1s"}))
        wait_for(lambda: slow.stats()["accepted"] == 1, "the upload")
        self.check(expected, ".control", "ledger.db-wal", "ledger.db-shm", "ledger.db.files-wal", "ledger.db.reserve")
        process.send_signal(signal.SIGTERM)
        self.finish(process, 5)
        self.finish(self.start("verify", sandbox=slow, words=["--repair"], options=self.FAST))
        self.finish(self.start("export", sandbox=slow, options=self.FAST))
        self.check(expected, "exports/manifest.json")

    def test_private(self):
        self.each(PRIVATE, {}, 0o022)
        self.each(PRIVATE, {"output.mode": "private"}, 0o000)

    def test_group(self):
        self.each(GROUP, {"output.mode": "group"}, 0o077)
        self.each(GROUP, {"output.mode": "group"}, 0o000)

    def each(self, expected, mode, umask):
        self.mode = mode
        os.umask(umask)
        self.another_world()
        self.life(expected)

    def another_world(self):
        self.directory = os.path.join(self.directory, "again")
        os.mkdir(self.directory)
        self.input, self.output = os.path.join(self.directory, "invoices"), os.path.join(self.directory, "out")
        os.mkdir(self.input)

    def test_a_directory_that_is_made(self):
        """The output directory itself, and what is missing above it; a set-group-ID bit is handed down."""
        os.umask(0o077)
        self.mode = {"output.mode": "group"}
        shared = os.path.join(self.directory, "shared")
        os.mkdir(shared)
        os.chmod(shared, 0o2770)
        self.output = os.path.join(shared, "made", "out")
        self.write_pdfs(1)
        self.run_batch(sandbox=self.fast_sandbox(), options=self.mode)
        for name in (os.path.dirname(self.output), os.path.join(self.output, "results")):
            self.assertEqual(stat.S_IMODE(os.stat(name).st_mode), 0o2750, name)
        self.assertEqual(stat.S_IMODE(os.stat(self.output).st_mode), 0o2770)  # where somebody of the group reviews

    def test_switched_to_the_group(self):
        """The ledger's files follow, also those that a killed run left."""
        sandbox = self.sandbox("--latency-median", "600s")
        self.write_pdfs(1)
        process = self.start("run", self.input, sandbox=sandbox, options=self.FAST)
        wait_for(lambda: sandbox.stats()["accepted"] == 1, "the upload")
        process.kill()
        process.communicate()
        good = self.fast_sandbox()
        self.finish(self.start("run", self.input, sandbox=good, options={**self.FAST, "output.mode": "group"}))
        for name in ("ledger.db", "ledger.db.files", "ledger.lock", "summary.json", "failures.csv"):
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.output, name)).st_mode), 0o640, name)

    @unittest.skipUnless(os.geteuid() == 0, "another user is needed")
    def test_another_of_the_group_may_ask(self):
        """status, dismiss and retry by somebody else of the group, beside a run; and nobody else may."""
        group = grp.getgrnam("games").gr_gid
        os.chmod(self.directory, 0o755)
        os.mkdir(self.output)
        os.chown(self.output, -1, group)
        os.chmod(self.output, 0o2750)
        sandbox = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "600s")
        self.write_pdfs(1)
        self.write("note.txt", b"words")
        options = {**self.FAST, "output.mode": "group"}

        def as_user(groups, *words):
            user = pwd.getpwnam("nobody").pw_uid

            def become():
                os.setgroups(groups)
                os.setgid(65534)
                os.setuid(user)

            line = [BINARY, *words, "-s", f"output.directory={self.output}"]
            return subprocess.run(line, preexec_fn=become, capture_output=True, text=True, cwd="/", check=False)

        # a run that has ended leaves what its readers can't make
        first = self.fast_sandbox()
        os.mkdir(os.path.join(self.directory, "first"))
        self.finish(self.start("run", os.path.join(self.directory, "first"), sandbox=first, options=options), 0)
        for words in (("status", "--json"), ("verify",), ("review", "--all"), ("audit",), ("verify",)):
            done = as_user([group], *words)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        process = self.start("run", self.input, sandbox=sandbox, options=options)
        wait_for(lambda: sandbox.stats()["accepted"] == 1, "the upload")
        wait_for(lambda: self.status()["rejected"] == 1, "the rejected one")

        done = as_user([group], "status", "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(json.loads(done.stdout)["rejected"], 1)
        done = as_user([], "dismiss", "--rejected")
        self.assertNotEqual(done.returncode, 0)
        done = as_user([group], "dismiss", "--rejected")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.status()["dismissed"], 1)
        process.kill()
        process.communicate()


if __name__ == "__main__":
    unittest.main()

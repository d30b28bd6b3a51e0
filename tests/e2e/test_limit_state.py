"""Who shares a limit: the keys of one organisation, and the users of one machine."""

import os
import shutil
import signal
import stat
import subprocess
import time
import unittest

from harness import BINARY, Case, pdf

FIVE = {"limits.post_per_minute": "5", "limits.get_per_minute": "0"}


class Groups(Case):
    def used_up(self, sandbox, **options):
        """A run that sent as many as a minute holds."""
        self.write_pdfs(5)
        self.run_batch(sandbox=sandbox, options={**FIVE, **options})
        return sandbox.stats()["posts"]

    def another(self, sandbox, key, **options):
        other = os.path.join(self.directory, "other")
        os.mkdir(other)
        self.write("another.pdf", pdf(90))
        os.rename(os.path.join(self.input, "another.pdf"), os.path.join(other, "another.pdf"))
        return self.start("run", other, sandbox=sandbox, key=key, options={
            **self.FAST, **FIVE, "output.directory": other + "-out", **options})

    def states(self):
        return [n for n in os.listdir(os.path.join(self.directory, "state")) if n.endswith(".db")]

    def test_two_keys_of_one_group_share_a_limit(self):
        sandbox = self.fast_sandbox()
        sent = self.used_up(sandbox, **{"limits.group": "acme"})
        process = self.another(sandbox, "md_another_key", **{"limits.group": "acme"})
        time.sleep(4)
        self.assertEqual(sandbox.stats()["posts"], sent)
        process.send_signal(signal.SIGTERM)
        self.finish(process, 5)
        self.assertEqual(len(self.states()), 1)

    def test_two_keys_without_a_group_do_not(self):
        sandbox = self.fast_sandbox()
        sent = self.used_up(sandbox)
        self.finish(self.another(sandbox, "md_another_key"), 0)
        self.assertEqual(sandbox.stats()["posts"], sent + 1)
        self.assertEqual(len(self.states()), 2)


class Users(Case):
    """Two users of one machine, in a directory of a group of theirs."""

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0 or not shutil.which("setpriv"):
            self.skipTest("needs root and setpriv, to be two users")
        os.chmod(self.directory, 0o755)
        self.program = os.path.join(self.directory, "program")
        os.mkdir(self.program)
        for name in (BINARY, BINARY + "-tools"):
            if os.path.exists(name):
                shutil.copy(name, self.program)

    def models(self, user, sandbox, *prefix):
        line = self.command("models", sandbox=sandbox, options={"limits.state": self.shared})
        line[0] = os.path.join(self.program, os.path.basename(BINARY))
        done = subprocess.run(
            ["setpriv", f"--reuid={user}", "--regid=4000", "--clear-groups", *prefix, *line],
            env={"MINDEE_V2_API_KEY": "md_key", "PATH": os.environ["PATH"], "HOME": "/nowhere"},
            capture_output=True, text=True, timeout=60, cwd="/")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_machines_directory_is_the_default(self):
        inside = "mount -t tmpfs none /var/lib && mkdir -p /var/lib/mindee-batch/limits && exec \"$0\" config"
        done = subprocess.run(["unshare", "--mount", "sh", "-c", inside, os.path.join(self.program, os.path.basename(
            BINARY))], capture_output=True, text=True, timeout=60)
        if "unshare" in done.stderr or "mount" in done.stderr:
            self.skipTest("no file system can be mounted here: " + done.stderr.strip())
        self.assertIn("/var/lib/mindee-batch/limits", done.stdout)

    def test_share_what_the_machine_sent(self):
        sandbox = self.fast_sandbox()
        self.shared = os.path.join(self.directory, "shared")
        os.mkdir(self.shared)
        os.chown(self.shared, 0, 4000)
        os.chmod(self.shared, 0o2770)
        for user in (4001, 4002):
            self.models(user, sandbox)
        names = os.listdir(self.shared)
        self.assertEqual(sorted(os.path.splitext(n)[1] for n in names), [".db", ".lock"])
        for name in names:
            mode = os.stat(os.path.join(self.shared, name)).st_mode
            self.assertEqual(stat.S_IMODE(mode), 0o660, name)


if __name__ == "__main__":
    unittest.main()

"""The systemd units of config/: what systemd itself says of them. Skipped, and said so, where it isn't there."""

import os
import shutil
import subprocess
import tempfile
import unittest

from harness import BINARY

CONFIG = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "config")
UNITS = ("mindee-batch.service", "mindee-batch-run.service", "mindee-batch-run.timer")
EXPOSED_AT_MOST = 15  # of 100: what `security` calls OK


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze isn't there")
class Units(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="mb-units-")
        self.addCleanup(shutil.rmtree, self.directory)
        for name in UNITS:
            with open(os.path.join(CONFIG, name), encoding="utf-8") as f:
                text = f.read()
            with open(os.path.join(self.directory, name), "w", encoding="utf-8") as f:
                f.write(text.replace("/usr/local/bin/mindee-batch", BINARY))

    def analyze(self, *words):
        return subprocess.run(
            ["systemd-analyze", *words],
            cwd=self.directory,
            env={**os.environ, "SYSTEMD_PAGER": "", "SYSTEMD_UNIT_PATH": self.directory + ":"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def test_systemd_understands_every_line(self):
        for name in UNITS:
            said = self.analyze("verify", os.path.join(self.directory, name))
            # what it says of other units of the machine is not ours
            ours = [line for line in said.stdout.splitlines() if "mindee-batch" in line]
            self.assertEqual(ours, [], said.stdout)

    def test_a_line_that_systemd_does_not_know_would_be_seen(self):
        path = os.path.join(self.directory, UNITS[0])
        with open(path, encoding="utf-8") as f:
            text = f.read()
        with open(path, "w", encoding="utf-8") as f:
            f.write(text.replace("ProtectClock=yes", "ProtectClocks=yes"))
        self.assertIn("ProtectClocks", self.analyze("verify", path).stdout)

    def test_the_services_are_exposed_to_little(self):
        for name in UNITS[:2]:
            said = self.analyze(
                "security", "--offline=yes", f"--threshold={EXPOSED_AT_MOST}", "--no-pager",
                os.path.join(self.directory, name),
            )
            self.assertEqual(said.returncode, 0, said.stdout)
            self.assertIn("Overall exposure level", said.stdout)


if __name__ == "__main__":
    unittest.main()

"""A package is put over a service that runs: its files change under the old one, which finishes what is on its way when it
is told to stop, and the new one goes on. No upload is cut off, nothing is sent twice."""

import os
import shutil
import signal
import subprocess

from harness import BINARY, wait_for
from test_stopped import Liars

COUNT = 6


class PutOver(Liars):
    def setUp(self):
        super().setUp()
        usr = os.path.join(self.directory, "usr")
        self.program = os.path.join(usr, "bin", "mindee-batch")
        self.files = [self.program, os.path.join(usr, "libexec", "mindee-batch", "mindee-batch-tools")]
        for path in self.files:
            os.makedirs(os.path.dirname(path))
        self.put()

    def put(self):
        """As dpkg does: each file whole under another name, then in the place of the old one."""
        for path in self.files:
            new = path + ".dpkg-new"
            shutil.copy2(os.path.join(os.path.dirname(BINARY), os.path.basename(path)), new)
            os.rename(new, path)

    def serve(self):
        options = {
            **self.FAST,
            "input.directory": self.input,
            "watch.enabled": "yes",
            "watch.quiet": "0s",
            "limits.canary": "0",
            "limits.uploads": str(COUNT // 2),
            "log.level": "warning",
            "log.file": os.path.join(self.directory, "log"),
        }
        line = self.command("serve", sandbox=self.liar, options=options)
        process = subprocess.Popen(
            [self.program, *line[1:]],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment(),
            cwd=self.directory,
        )
        self.addCleanup(self.end, process)
        return process

    def is_stopping(self):
        with open(os.path.join(self.directory, "log"), encoding="utf-8") as f:
            return "serve.stop" in f.read()

    def stored(self):
        return len(self.results())

    def test_over_a_service_in_mid_upload(self):
        self.write_pdfs(COUNT)
        self.liar.before = lambda r: self.gate.wait(60) and None if r.kind == "post" else None
        old = self.serve()
        wait_for(lambda: self.liar.connections >= COUNT // 2, "uploads on their way")
        self.put()
        self.assertIsNone(old.poll(), "it ended by itself")
        old.send_signal(signal.SIGTERM)
        wait_for(self.is_stopping, "that it stops")
        self.gate.set()
        self.assertIn(self.finish(old)[0], (0, 5))
        self.assertEqual(self.posts(), COUNT // 2, "what was on its way went through, and no more")
        self.assertEqual(self.liar.incomplete, 0)
        new = self.serve()
        wait_for(lambda: self.stored() == COUNT, "all of them")
        new.send_signal(signal.SIGTERM)
        self.finish(new)
        self.paid_once(COUNT)

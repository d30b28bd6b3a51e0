"""Trouble of ours is not the document's: descriptors that were closed, output that can't be written, a limit on the
size of files."""

import os
import resource
import subprocess

from harness import BINARY, Case
from test_stopped import Liars


class Streams(Case):
    def shell(self, script, expected, *words):
        done = subprocess.run(
            ["sh", "-c", script, "sh", *words], env=self.environment(), cwd=self.directory, capture_output=True,
            timeout=60, check=False,
        )
        self.assertEqual(done.returncode, expected, f"{script}: {done.stdout} {done.stderr}")
        return done.stderr.decode()

    def test_descriptors_that_are_closed_at_the_start(self):
        for closed in ("0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"):
            with self.subTest(closed):
                sandbox = self.fast_sandbox()
                self.output = os.path.join(self.directory, f"out{len(closed)}{closed[0]}")
                self.write_pdfs(3)
                line = self.command("run", self.input, sandbox=sandbox, options=self.FAST)
                self.shell(f'"$@" {closed}', 0, *line)
                self.assertEqual(self.summary()["stored"], 3)
                for _, _, names in os.walk(self.output):
                    self.assertNotIn("0", names)

    def test_the_tools_too(self):
        tools = os.path.join(os.path.dirname(BINARY), "mindee-batch-tools")
        for closed in ("0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"):
            self.shell(f'"$@" {closed}', 0, tools, "sandbox", "--help")

    def test_output_that_cannot_be_written(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(2)
        self.run_batch(sandbox=sandbox)
        path = os.path.join(self.input, "invoice-00000.pdf")
        schedule = {"schedule.when": "daily 10:00"}
        commands = [[BINARY, "--help"], [BINARY, "--version"], [BINARY, "help"]]
        for name, *paths in (("run", self.input), ("plan", self.input), ("status",), ("explain", path),
                             ("verify", self.input), ("models",), ("config",), ("schedule",)):
            options = {**self.FAST, **(schedule if name == "schedule" else {})}
            commands.append(self.command(name, *paths, sandbox=sandbox, options=options))
            commands.append([BINARY, name, "--help"])
        commands.append(self.command("status", words=["--json"]))
        commands.append([BINARY, "sandbox", "--help"])
        for line in commands:
            with self.subTest(line[1:3]):
                done = subprocess.run(line, env=self.environment(), stdout=subprocess.DEVNULL, check=False, timeout=60)
                self.assertEqual(done.returncode, 0, line)
                code = 1 if line[1] == "sandbox" else 5
                err = self.shell('"$@" >/dev/full', code, *line)
                self.assertRegex(err, "standard output can't be written: No space left on device")

    def test_a_sandbox_that_cannot_say_where_it_listens(self):
        self.shell('"$@" >/dev/full', 1, BINARY, "sandbox", "--port", "0")


class Limited(Liars):
    def limited(self, limit):
        line = self.command("run", self.input, sandbox=self.liar, options=self.FAST)
        process = subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(), cwd=self.directory,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)),
        )
        self.addCleanup(self.end, process)
        return self.finish(process, 5)

    def test_a_limit_on_the_size_of_files(self):
        self.write_pdfs(1500)
        for limit in (1000000, 2500000):
            _, _, err = self.limited(limit)
            self.assertIn("ulimit -f", err)
        self.assertLess(self.posts(), 1500)
        self.finish(self.go(), 0)
        self.paid_once(1500)

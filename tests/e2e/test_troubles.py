"""Trouble of ours is not the document's: a process that is stopped and goes on, a terminal that is closed, an upload
that stands still, descriptors that were closed, output that can't be written, a limit on the size of files."""

import os
import resource
import signal
import subprocess
import threading
import time

from harness import BINARY, Case, pdf, wait_for
from liar import Liar


class Liars(Case):
    def setUp(self):
        super().setUp()
        self.liar = Liar()
        self.addCleanup(self.liar.stop)
        self.gate = threading.Event()
        self.addCleanup(self.gate.set)

    def go(self, **options):
        return self.start("run", self.input, sandbox=self.liar, options={**self.FAST, **options})

    def posts(self):
        return len(self.liar.heard("post"))

    def paid_once(self, count):
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["in_doubt"], summary["resent"]), (count, 0, 0))
        digests = [r.digest for r in self.liar.heard("post")]
        self.assertEqual(len(digests), len(set(digests)), "paid for twice")


class Suspended(Liars):
    COUNT = 150  # more answers than are read in one go

    def answer_later(self, request, honest):
        if request.kind == "post":
            with self.lock:
                self.arrived += 1
            self.gate.wait(60)
        return honest(request)

    def suspended(self, timeout_s):
        """All uploads are out when the process stops; their answers come while it stands still."""
        self.lock, self.arrived = threading.Lock(), 0
        self.write_pdfs(self.COUNT)
        self.liar.reply = lambda r, honest=self.liar.reply: self.answer_later(r, honest)
        process = self.go(
            **{"api.timeout": f"{timeout_s}s", "limits.canary": "0", "limits.uploads": str(self.COUNT)}
        )
        wait_for(lambda: self.arrived == self.COUNT, "the uploads")
        process.send_signal(signal.SIGSTOP)
        self.gate.set()
        time.sleep(timeout_s * 3)
        process.send_signal(signal.SIGCONT)
        self.finish(process, 0)
        self.paid_once(self.COUNT)

    def test_for_three_times_the_timeout(self):
        self.suspended(2)


class Hangup(Liars):
    def hold_uploads(self, count):
        self.write_pdfs(count)
        self.liar.before = lambda r: self.gate.wait(60) and None if r.kind == "post" else None
        process = self.go(**{"limits.canary": "0", "limits.uploads": str(count // 2)})
        wait_for(lambda: self.liar.connections >= count // 2, "uploads on their way")
        return process

    def hung_up(self, *signals):
        process = self.hold_uploads(16)
        time.sleep(0.3)
        for signum in signals:
            process.send_signal(signum)
            time.sleep(0.1)
        self.gate.set()
        self.finish(process, 5)
        self.assertEqual(self.posts(), 8)
        self.assertEqual(self.finish(self.go())[0], 0)
        self.paid_once(16)

    def test_a_closed_terminal_drains_the_run(self):
        self.hung_up(signal.SIGHUP)

    def test_a_shell_passes_it_on_a_second_time(self):
        self.hung_up(signal.SIGHUP, signal.SIGHUP)

    def test_as_the_system_ends_a_session(self):
        self.hung_up(signal.SIGHUP, signal.SIGTERM, signal.SIGHUP)

    def test_nohup_means_it(self):
        self.write_pdfs(4)
        self.liar.before = lambda r: self.gate.wait(60) and None if r.kind == "post" else None
        line = self.command("run", self.input, sandbox=self.liar, options=self.FAST)
        process = subprocess.Popen(
            ["nohup", *line], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(), cwd=self.directory
        )
        self.addCleanup(self.end, process)
        wait_for(lambda: self.liar.connections >= 1, "uploads on their way")
        process.send_signal(signal.SIGHUP)
        self.gate.set()
        self.finish(process, 0)
        self.paid_once(4)


class StandsStill(Liars):
    def test_a_stop_does_not_wait_for_an_upload_that_moves_no_byte(self):
        begun = threading.Event()

        def during(_, got):
            if got > 1000000 and not self.gate.is_set():
                begun.set()
                self.gate.wait(60)

        self.liar.during = during
        self.write("large.pdf", pdf(1) + b"%" * 40000000)
        process = self.go()
        self.assertTrue(begun.wait(30))
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)  # api.timeout is two minutes
        self.finish(process, 5)
        self.assertEqual(self.summary()["in_doubt"], 0)
        self.gate.set()
        self.finish(self.go(), 0)
        self.paid_once(1)

    def test_but_for_one_whose_answer_is_still_to_come(self):
        self.write_pdfs(1)
        self.liar.reply = lambda r, honest=self.liar.reply: (r.kind == "post" and self.gate.wait(60), honest(r))[1]
        process = self.go()
        wait_for(lambda: self.posts() == 1, "the upload")
        process.send_signal(signal.SIGTERM)
        with self.assertRaises(subprocess.TimeoutExpired):
            process.wait(timeout=4)
        self.gate.set()
        self.finish(process, 5)
        self.finish(self.go(), 0)
        self.paid_once(1)


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

"""A process that is stopped and goes on, a terminal that is closed, an upload that stands still: nothing is paid
twice."""

import signal
import subprocess
import threading
import time

from harness import Case, pdf, wait_for
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
    """The process sleeps when it is stopped: when it goes on, its timers are the first that it looks at."""

    def answer_later(self, request, honest):
        if request.kind == "post":
            with self.lock:
                self.arrived += 1
            self.gate.wait(60)
        return honest(request)

    @staticmethod
    def asleep(process):
        """It waits, and did nothing for a fifth of a second."""

        def looks():
            with open(f"/proc/{process.pid}/stat", encoding="ascii", errors="replace") as f:
                fields = f.read().rpartition(")")[2].split()
            return fields[0], fields[11], fields[12]  # its state, the time that it used

        before = looks()
        time.sleep(0.2)
        return before[0] == "S" and before == looks()

    def suspended(self, count, timeout_s):
        """All uploads are out when the process stops; their answers come while it stands still."""
        self.lock, self.arrived = threading.Lock(), 0
        self.write_pdfs(count)
        self.liar.reply = lambda r, honest=self.liar.reply: self.answer_later(r, honest)
        process = self.go(
            **{"api.timeout": f"{timeout_s}s", "limits.canary": "0", "limits.uploads": str(count)}
        )
        wait_for(lambda: self.arrived == count and self.asleep(process), "the uploads")
        process.send_signal(signal.SIGSTOP)
        self.gate.set()
        time.sleep(timeout_s * 3)
        process.send_signal(signal.SIGCONT)
        self.finish(process, 0)
        self.paid_once(count)

    def test_for_three_times_the_timeout(self):
        self.suspended(16, 2)

    def test_with_more_answers_than_are_read_in_one_go(self):
        self.suspended(100, 3)


class Hangup(Liars):
    def setUp(self):
        super().setUp()
        # what is ignored is inherited: these tests mean the same where all of them are run by nohup
        self.addCleanup(signal.signal, signal.SIGHUP, signal.signal(signal.SIGHUP, signal.SIG_DFL))

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

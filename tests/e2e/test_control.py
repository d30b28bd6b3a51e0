"""dismiss beside a run or a service that has the ledger: handed over on the socket in its output directory."""

import os
import signal
import socket
import stat
import threading
import unittest

from harness import KEY, build_shim, pdf, wait_for
from test_dismiss import Dismissing


class Beside(Dismissing):
    """Two documents: one that is refused at once, and one whose job takes long."""

    def long_run(self, **options):
        sandbox = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0",
                               "--latency-median", "600s", "--latency-sigma", "0")
        self.write("note.txt", b"words")
        self.write_pdfs(1)
        process = self.start("run", self.input, sandbox=sandbox, options={**self.FAST, **options})
        wait_for(lambda: sandbox.stats()["accepted"] == 1, "the upload")
        wait_for(self.is_rejected, "the rejected one")
        return process

    def is_rejected(self):
        try:
            return self.status()["rejected"] == 1
        except (AssertionError, ValueError):
            return False

    def control(self):
        return os.path.join(self.output, ".control")

    def test_beside_a_run(self):
        process = self.long_run()
        mode = os.lstat(self.control()).st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        _, out, _ = self.dismiss("--rejected", note="no invoice")
        self.assertIn("1 document is dismissed", out)
        status = self.status()
        self.assertTrue(status["running"])
        self.assertEqual((status["dismissed"], status["rejected"], status["processing"]), (1, 0, 1))
        self.assertIn("no invoice", self.explain(self.path("note.txt")))
        _, out, _ = self.dismiss("--rejected")
        self.assertIn("nothing to dismiss", out)
        _, _, err = self.dismiss(self.path("invoice-00000.pdf"), expected=2)
        self.assertIn("is processing: only what failed", err)
        process.send_signal(signal.SIGINT)
        self.finish(process, 5)
        self.assertEqual((self.summary()["dismissed"], self.failures()[0]["state"]), (1, "processing"))
        self.assertFalse(os.path.exists(self.control()))

    def test_a_killed_runs_socket_is_no_hindrance(self):
        self.long_run().kill()
        wait_for(lambda: not self.status()["running"], "its end")
        self.assertTrue(os.path.exists(self.control()))
        self.dismiss("--rejected")
        self.assertEqual(self.status()["dismissed"], 1)
        process = self.long_run_again()
        self.dismiss(self.path("note.txt"), note="again")
        process.kill()

    def long_run_again(self):
        sandbox = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "600s")
        self.write_pdfs(1, first=1)
        process = self.start("run", self.input, sandbox=sandbox, options=self.FAST)
        wait_for(lambda: sandbox.stats()["accepted"] == 1, "the upload")
        return process

    def test_a_long_path_a_planted_link_and_two_at_once(self):
        self.output = os.path.join(self.directory, "d" * 90, "e" * 90)
        os.makedirs(self.output)
        target = os.path.join(self.directory, "target")
        os.symlink(target, self.control())
        process = self.long_run()
        self.assertTrue(stat.S_ISSOCK(os.lstat(self.control()).st_mode))
        self.assertFalse(os.path.lexists(target))
        self.write("more.txt", b"words")
        both = [threading.Thread(target=self.dismiss, args=("--rejected",)) for _ in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        self.assertEqual(self.status()["dismissed"], 1)
        process.kill()

    def test_retry_beside_a_run(self):
        """A file that is a document now, and one that failed: both are sent by the run that is at work."""
        sandbox = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "300ms",
                               "--latency-sigma", "0", "--fault", "post:slow=0.4,20s")
        self.write_pdfs(12)
        self.write("late.pdf", b"")
        process = self.start("run", self.input, sandbox=sandbox, options=self.FAST)
        wait_for(self.is_rejected, "the rejected one")
        self.write("late.pdf", pdf(99))
        _, out, _ = self.finish(self.start("retry", self.path("late.pdf"), key=None,
                                           options={"api.model_id": None}), 0)
        self.assertIn("taken up again: 1", out)
        status = self.status()
        self.assertTrue(status["running"])
        self.assertEqual(status["rejected"], 0)
        self.finish(process, 0)
        self.assertEqual(self.summary()["stored"], 13)
        self.assertEqual(len(self.results()), 13)

    def test_nonsense_and_silence_hold_nobody_up(self):
        process = self.long_run()
        silent = []
        directory = os.open(self.output, os.O_PATH)
        for said in (b"", b"{", b"\0\n", b"null\n", b'{"command":"stop"}\n', b"x" * (1 << 21)):
            s = socket.socket(socket.AF_UNIX)
            s.connect(f"/proc/self/fd/{directory}/.control")
            try:
                s.sendall(said)
            except OSError:
                pass
            silent.append(s)
        self.dismiss("--rejected")
        self.assertIsNone(process.poll())
        for s in silent:
            s.close()
        os.close(directory)
        process.kill()


class Elsewhere(Beside):
    """The output directory is on a file system that has no sockets."""

    @classmethod
    def setUpClass(cls):
        cls.shim = build_shim("no_socket_shim.c")

    # the tests of a socket in its place are those of Beside
    test_beside_a_run = test_a_killed_runs_socket_is_no_hindrance = None
    test_a_long_path_a_planted_link_and_two_at_once = test_nonsense_and_silence_hold_nobody_up = None
    test_retry_beside_a_run = None

    def setUp(self):
        super().setUp()
        self.runtime = os.path.join(self.directory, "r" * 100, "runtime")
        os.makedirs(self.runtime)
        self.places = {}

    def environment(self, key=KEY):
        environment = super().environment(key)
        for name in ("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"):
            environment.pop(name, None)
        return {**environment, "LD_PRELOAD": self.shim, "NO_SOCKETS_IN": self.output, **self.places}

    def lock(self):
        with open(os.path.join(self.output, "ledger.lock"), encoding="utf-8") as f:
            return f.read().splitlines()

    def sockets(self):
        found = []
        for folder, _, files in os.walk(self.directory):
            found += [os.path.join(folder, name) for name in files if name == ".control"]
        return found

    def taken(self, place):
        """Where the command is run doesn't matter: the lock says where the run can be asked."""
        process = self.long_run()
        (socket_path,) = self.sockets()
        self.assertEqual(os.path.dirname(os.path.dirname(socket_path)), place)
        self.assertEqual(self.lock()[1:], [os.path.dirname(socket_path)])
        self.assertEqual(stat.S_IMODE(os.lstat(socket_path).st_mode), 0o600)
        self.places = {}
        self.dismiss("--rejected")
        self.assertEqual(self.status()["dismissed"], 1)
        _, out, _ = self.finish(self.start("retry", self.path("note.txt"), options={"api.model_id": None}))
        self.assertIn("taken up again: 1", out)
        process.send_signal(signal.SIGINT)
        self.finish(process, 5)
        self.assertEqual((self.sockets(), os.listdir(place), self.lock()), ([], [], []))

    def test_in_the_services_runtime_directory(self):
        other = os.path.join(self.directory, "other")
        os.mkdir(other)
        self.places = {"RUNTIME_DIRECTORY": f"{self.runtime}:/nowhere", "XDG_RUNTIME_DIR": other}
        self.taken(self.runtime)

    def test_in_the_users(self):
        self.places = {"XDG_RUNTIME_DIR": self.runtime}
        self.taken(self.runtime)

    def test_after_a_killed_run(self):
        self.places = {"XDG_RUNTIME_DIR": self.runtime}
        process = self.long_run()
        process.kill()
        process.communicate()
        self.assertEqual(len(self.sockets()), 1)
        self.dismiss("--rejected")  # the lock names a dead one's place
        again = self.long_run_again()
        self.dismiss(self.path("note.txt"), note="again")
        again.kill()
        again.communicate()

    def test_nowhere(self):
        """Exit 3, the holder, and the way out."""
        process = self.long_run()
        _, _, err = self.dismiss("--rejected", expected=3)
        self.assertRegex(err, rf"process {process.pid} on .*run the same command again when it has ended")
        process.send_signal(signal.SIGINT)
        _, _, log = self.finish(process, 5)
        self.assertIn("run.no_control", log)
        self.dismiss("--rejected")


class Service(Dismissing):
    def test_beside_a_service_that_watches(self):
        sandbox = self.fast_sandbox()
        self.write("note.txt", b"words")
        process = self.start("serve", sandbox=sandbox, options={
            **self.FAST, "input.directory": self.input, "watch.enabled": "yes", "watch.quiet": "20ms",
            "watch.rescan": "1s"})
        wait_for(lambda: os.path.exists(os.path.join(self.output, "ledger.db")), "a ledger")

        def rejected():
            code, out, _ = self.finish(self.start("status", words=["--json"]))
            return code == 0 and '"rejected":\t1' in out

        wait_for(rejected, "the rejected one")
        self.dismiss("--rejected", note="no invoice")
        self.assertEqual(self.status()["dismissed"], 1)
        self.assertTrue(self.status()["running"])
        process.send_signal(signal.SIGTERM)
        self.finish(process, 0)
        self.assertEqual(self.failures(), [])

    def test_retry_beside_a_service_that_watches(self):
        """Taken at once, done, and told: failed ones, and one that was dismissed."""
        sandbox = self.fast_sandbox("--fail-rate", "1")
        self.write_pdfs(3)
        self.run_batch(sandbox=sandbox, expected=1)
        self.dismiss(self.path("invoice-00002.pdf"))
        good = self.fast_sandbox()
        process = self.start("serve", sandbox=good, options={
            **self.FAST, "input.directory": self.input, "watch.enabled": "yes", "watch.quiet": "20ms",
            "watch.rescan": "1s"})
        wait_for(lambda: os.path.exists(os.path.join(self.output, ".control")), "the service")
        alone = {"api.model_id": None}
        _, out, _ = self.finish(self.start("retry", key=None, options=alone, words=["--failed"]), 0)
        self.assertIn("taken up again: 2", out)
        wait_for(lambda: self.status()["stored"] == 2, "both results")
        self.assertEqual(self.status()["dismissed"], 1)
        _, out, _ = self.finish(self.start("retry", key=None, options=alone, words=["--failed"]), 0)
        self.assertIn("nothing to retry", out)
        self.finish(self.start("retry", self.path("nowhere.pdf"), key=None, options=alone), 2)
        self.finish(self.start("retry", self.path("invoice-00002.pdf"), key=None, options=alone), 0)
        wait_for(lambda: self.status()["stored"] == 3, "the last result")
        process.send_signal(signal.SIGTERM)
        self.finish(process, 0)
        self.assertEqual(self.failures(), [])
        self.assertEqual(len(self.results()), 3)


if __name__ == "__main__":
    unittest.main()

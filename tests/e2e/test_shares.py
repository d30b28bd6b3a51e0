"""A share that goes away, a machine without descriptors: no document is rejected for it, and nothing is sent twice."""

import errno
import json
import os
import resource
import subprocess
import unittest

from harness import Case, build_shim, pdf, wait_for

SHIM = None


def setUpModule():
    global SHIM
    SHIM = build_shim("share_shim.c", "-ldl")


class Shares(Case):
    def setUp(self):
        super().setUp()
        self.service = self.fast_sandbox()

    def environment(self, *arguments, **keywords):
        environment = super().environment(*arguments, **keywords)
        environment.update(self.shim)
        return environment

    shim = {}

    def away(self, error, calls="o", skip=0, ms=3000, only="", under=None):
        self.shim = {
            "LD_PRELOAD": SHIM,
            "SHIM_UNDER": under or self.input,
            "SHIM_ERROR": str(error),
            "SHIM_CALLS": calls,
            "SHIM_SKIP": str(skip),
            "SHIM_MS": str(ms),
            "SHIM_ONLY": only,
        }

    def go(self, expected=0, *paths, **options):
        return self.run_batch(*paths, sandbox=self.service, expected=expected, options=options)

    def side_by_side(self, count, *cases):
        """A run for each case (the words of away()), all at once: most of their time they wait."""
        runs = []
        for number, case in enumerate(cases):
            self.away(**case)
            self.output = os.path.join(self.directory, f"out{number}")
            service = self.fast_sandbox()
            runs.append((case, self.output, service, self.start("run", self.input, sandbox=service, options=self.FAST)))
        for case, self.output, self.service, process in runs:
            with self.subTest(**case):
                self.finish(process, 0)
                self.all_stored(count)

    def all_stored(self, count):
        summary = self.summary()
        self.assertEqual(
            (summary["documents"], summary["stored"], summary["unread"], summary["resent"]), (count, count, 0, 0)
        )
        self.assertEqual(self.service.stats()["accepted"], count)
        self.assertEqual(self.failures(), [])


class Vanishing(Shares):
    def test_a_file_that_is_taken_away_while_it_is_read(self):
        """What could still be read isn't there: it is no file of the batch, and no rejected one."""
        self.write_pdfs(2)
        self.write("taken.pdf", pdf(7))
        self.shim = {"LD_PRELOAD": SHIM, "SHIM_VANISH": "/taken.pdf"}
        self.go()
        self.all_stored(2)
        self.assertEqual(self.summary()["files"], 2)


class Away(Shares):
    def test_at_the_open_whatever_it_says(self):
        self.write_pdfs(30)
        errors = (errno.ESTALE, errno.EIO, errno.EHOSTDOWN, errno.ENETDOWN, errno.ETIMEDOUT, errno.EREMOTEIO,
                  errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
        self.side_by_side(30, *({"error": error, "skip": 9, "ms": 1000} for error in errors))

    def test_for_three_seconds(self):
        """From the 37th open on: the walk is over, 36 were read."""
        self.write_pdfs(120)
        self.away(errno.ESTALE, skip=36)
        self.go()
        self.all_stored(120)

    def test_from_the_first_call_on(self):
        self.write_pdfs(20)
        self.write("deep/er/one.pdf", pdf(100))
        self.side_by_side(
            21, *({"error": errno.ESTALE, "calls": "odsrl", "skip": skip, "ms": 1500} for skip in (0, 1, 3))
        )
        self.output = os.path.join(self.directory, "never")
        self.away(errno.ESTALE, calls="odsrl", ms=0)
        self.go(5, **{"input.patience": "500ms"})

    def test_at_each_kind_of_call(self):
        for i in range(40):
            self.write(f"{i % 4}/{i}.pdf", pdf(i))
        kinds = (("r", 30), ("s", 25), ("d", 3), ("l", 20), ("l", 1), ("odsrl", 60))
        self.side_by_side(
            40, *({"error": errno.EIO, "calls": calls, "skip": skip, "ms": 1000} for calls, skip in kinds)
        )

    def test_while_documents_are_sent(self):
        """All were read by intake; the share fails when they are read again to be sent."""
        self.write_pdfs(60)
        self.side_by_side(
            60, *({"error": error, "calls": calls, "skip": skip, "ms": 1500}
                  for calls, skip in (("o", 75), ("r", 90)) for error in (errno.EIO, errno.EMFILE))
        )

    def test_more_files_than_are_remembered(self):
        self.write_pdfs(2500)
        self.away(errno.ESTALE, skip=40, ms=1500)
        self.go()
        self.all_stored(2500)

    def test_two_paths_of_which_one_is_away(self):
        other = os.path.join(self.directory, "other")
        os.mkdir(other)
        for i in range(5):
            with open(os.path.join(other, f"{i}.pdf"), "wb") as f:
                f.write(pdf(1000 + i))
        self.write_pdfs(5)
        self.away(errno.EHOSTDOWN, calls="odrl", ms=0)
        _, _, err = self.go(5, self.input, other, **{"input.patience": "1s"})
        self.assertIn("can't be read", err)
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["rejected"]), (5, 0))
        self.assertGreater(summary["unread"], 0)
        self.shim = {}
        self.go(0, self.input, other)
        self.all_stored(10)


class ForGood(Shares):
    def unread(self):
        rows = [row for row in self.failures() if row["state"] == "unread"]
        self.assertEqual(len(rows), self.summary()["unread"])
        return rows

    def test_one_file_alone_until_the_rest_is_done(self):
        self.write_pdfs(20)
        self.away(errno.EIO, calls="r", ms=0, only="invoice-00007.pdf")
        _, out, err = self.go(5)  # though input.patience is ten minutes
        self.assertIn("can't be read", err)
        self.assertRegex(out, r"unread +1 ")
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["rejected"], summary["documents"]), (19, 0, 19))
        (row,) = self.unread()
        self.assertTrue(row["path"].endswith("invoice-00007.pdf"), row)
        self.assertIn("Input/output error", row["detail"])
        _, out, _ = self.finish(self.start("status", words=["--json"]), 0)
        self.assertEqual(json.loads(out)["unread"], 1)
        self.shim = {}
        self.go()
        self.all_stored(20)

    def test_until_patience_is_over(self):
        self.write_pdfs(20)
        self.away(errno.ESTALE, ms=0)
        self.go(5, **{"input.patience": "700ms"})
        summary = self.summary()
        self.assertEqual((summary["documents"], summary["rejected"], summary["unread"]), (0, 0, 20))
        self.unread()
        self.shim = {}
        self.go()
        self.all_stored(20)

    def test_a_directory_is_never_a_file(self):
        self.write_pdfs(5)
        self.write("closed/one.pdf", pdf(100))
        for error in (errno.EIO, errno.EACCES):
            with self.subTest(errno.errorcode[error]):
                self.away(error, calls="d", ms=0, only="/closed")
                self.go(5)
                summary = self.summary()
                self.assertEqual((summary["stored"], summary["rejected"], summary["files"]), (5, 0, 5))
                (row,) = self.unread()
                self.assertTrue(row["path"].endswith("/closed"))
        self.shim = {}
        self.go()
        self.all_stored(6)

    def test_what_permissions_do_not_let_us_read_is_rejected(self):
        self.write_pdfs(3)
        self.away(errno.EACCES, ms=0, only="invoice-00001.pdf")
        self.go(1)
        self.assertEqual((self.summary()["rejected"], self.summary()["unread"]), (1, 0))

    def test_a_file_that_cannot_be_read_to_be_sent(self):
        """It stays queued: a document, as intake could read it."""
        self.write_pdfs(20)
        self.away(errno.EIO, calls="o", skip=1, ms=0, only="invoice-00003.pdf")
        self.go(5)
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["queued"], summary["rejected"]), (19, 1, 0))
        self.shim = {}
        self.go()
        self.all_stored(20)


class Moves(Shares):
    def test_a_share_away_while_files_are_moved(self):
        """In the same run: each file is looked at once before it is moved, and that is when the share fails."""
        for number, (error, under) in enumerate(((errno.EIO, "input"), (errno.ENOMEM, "input"), (errno.EIO, "done"))):
            with self.subTest(errno.errorcode[error], under=under):
                self.service = self.fast_sandbox()
                self.output = os.path.join(self.directory, f"out{number}")
                done = os.path.join(self.directory, f"done{number}")
                self.write_pdfs(20)
                self.away(error, calls="m", ms=1500)
                if under == "done":
                    self.away(error, calls="n", ms=1500, under=done)
                _, _, err = self.go(0, **{"input.move_stored": done})
                self.assertIn("moves are tried again", err)
                self.assertEqual(os.listdir(self.input), [])
                self.assertEqual(len(os.listdir(done)), 20)
                self.all_stored(20)


    def test_the_move_directory_away_at_the_start(self):
        """Waited for, as the inputs are; for good: 5, not 2."""
        for number, (error, calls) in enumerate(((errno.ESTALE, "s"), (errno.EIO, "k"), (errno.EMFILE, "a"))):
            with self.subTest(errno.errorcode[error], calls=calls):
                self.service = self.fast_sandbox()
                self.output = os.path.join(self.directory, f"out{number}")
                done = os.path.join(self.directory, f"done{number}")
                self.write_pdfs(5)
                self.away(error, calls=calls, ms=1000, under=done)
                _, _, err = self.go(0, **{"input.move_stored": done})
                self.assertIn("input.unreadable_now", err)
                self.assertEqual(len(os.listdir(done)), 5)
                self.all_stored(5)
        self.away(errno.EIO, calls="s", ms=0, under=done)
        self.go(5, **{"input.move_stored": done, "input.patience": "300ms"})
        self.away(errno.EACCES, calls="a", ms=0, under=done)
        self.go(2, **{"input.move_stored": done})


class Watched(Shares):
    def serve(self, **options):
        settings = {**self.FAST, "input.directory": self.input, "watch.enabled": "yes", "watch.quiet": "100ms",
                    "watch.rescan": "1h", **options}
        return self.start("serve", sandbox=self.service, options=settings)

    def test_a_folder_that_found_no_descriptor_is_looked_at_again(self):
        self.write_pdfs(10)
        for number, calls in enumerate(("o", "d", "od")):
            with self.subTest(calls):
                self.output = os.path.join(self.directory, f"out{number}")
                self.service = self.fast_sandbox()
                self.away(errno.EMFILE, calls=calls, ms=2500)
                process = self.serve()
                wait_for(lambda: process.poll() is not None or len(self.results()) == 10, "the results")
                self.assertIsNone(process.poll())
                process.terminate()
                self.finish(process, 0)
                self.all_stored(10)


    def test_a_share_away_at_the_start_is_waited_for(self):
        self.write_pdfs(10)
        for number, (error, calls, under) in enumerate(
            ((errno.ESTALE, "odsrlm", "input"), (errno.EIO, "s", "input"), (errno.EHOSTDOWN, "skn", "done"))
        ):
            with self.subTest(errno.errorcode[error], under=under):
                self.output = os.path.join(self.directory, f"out{number}")
                self.service = self.fast_sandbox()
                done = os.path.join(self.directory, "done")
                self.away(error, calls=calls, ms=2000, under=self.input if under == "input" else done)
                process = self.serve(**({"input.move_stored": done} if under == "done" else {}))
                wait_for(lambda: process.poll() is not None or len(self.results()) == 10, "the results")
                self.assertIsNone(process.poll())
                process.terminate()
                _, _, err = self.finish(process, 0)
                self.assertIn("input.unreadable_now", err)
                self.assertIn("serve.ready", err)
                self.all_stored(10)

    def test_one_that_stays_away_is_told(self):
        told = os.path.join(self.directory, "told")
        self.away(errno.ESTALE, calls="odsrlm", ms=0)
        process = self.serve(**{"input.patience": "1s",
                                "notify.command": f"/bin/sh -c 'cat > {told}.part && mv {told}.part {told}'"})
        wait_for(lambda: process.poll() is not None or os.path.exists(told), "the notice")
        self.assertIsNone(process.poll())
        with open(told, encoding="utf-8") as f:
            self.assertIn("Stale file handle", f.read())
        process.terminate()
        self.finish(process, 0)

    def test_other_mistakes_are_named_all_the_same(self):
        self.away(errno.ESTALE, calls="odsrlm", ms=0)
        process = self.serve(**{"api.model_id": None})
        _, _, err = self.finish(process, 2)
        self.assertIn("no model is named", err)
        self.assertNotIn("Stale", err)


class Machine(Shares):
    def test_few_descriptors(self):
        """Fewer than uploads, connections and files need at once."""
        self.write_pdfs(80)
        line = self.command("run", self.input, sandbox=self.service, options={**self.FAST, "limits.canary": "0"})
        process = subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(), cwd=self.directory,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (34, 34)),
        )
        self.addCleanup(self.end, process)
        self.finish(process, 0)
        self.all_stored(80)

    def test_a_file_system_that_refuses_chmod(self):
        self.write_pdfs(5)
        for error in (errno.EPERM, errno.ENOTSUP, errno.EROFS):
            self.shim = {"LD_PRELOAD": SHIM, "SHIM_CHMOD": str(error)}
            self.go()
        self.all_stored(5)

"""A file is one coming of a content to a path: names that come again after we moved what had them, in a watched folder
and in runs, under faults and kills."""

import os
import random
import signal
import time
import unittest

from comings import Comings, sha
from harness import PATIENCE, pdf, wait_for

NAMES = ("scan.pdf", "fax", "sub/a.b.pdf", "scan (2).pdf")
CONTENTS = int(os.environ.get("MB_COMINGS", "200"))
KILLS = 10


class Watched(Comings):
    """A folder that is fed one content after the other under few names; each is moved away when it was stored."""

    FAULTS = ("post:503=0.05", "post:reset-before=0.03", "post:close-after=0.02", "job:503=0.05", "result:503=0.05",
              "result:reset-before=0.05")

    def serve(self, sandbox):
        options = {**self.FAST, **self.moving, "input.directory": self.input, "watch.enabled": "yes",
                   "watch.quiet": "20ms", "watch.rescan": "1s", "polling.first_delay": "10ms",
                   "polling.interval": "10ms", "retry.max_attempts": "30", "retry.max_resends": "30",
                   "retry.max_delay": "50ms", "log.level": "error"}
        return self.start("serve", sandbox=sandbox, options=options)

    def feed(self, sandbox, contents, kills):
        """Gives each name its next content as soon as the last was taken; kills the service in between."""
        chance, fed, taken = random.Random(11), [], time.monotonic()
        waiting = {name: [data for i, data in enumerate(contents) if i % len(NAMES) == n]
                   for n, name in enumerate(NAMES)}
        at = sorted(chance.sample(range(5, len(contents) - 5), kills))
        process = self.serve(sandbox)
        while any(waiting.values()) or any(os.path.exists(os.path.join(self.input, name)) for name in NAMES):
            for name, rest in waiting.items():
                if rest and not os.path.exists(os.path.join(self.input, name)):
                    self.put("invoices", name, data=rest[0])
                    fed.append((name, rest.pop(0)))
                    taken = time.monotonic()
            if at and len(fed) >= at[0]:
                at.pop(0)
                time.sleep(chance.uniform(0, 0.3))
                process.kill()
                process.communicate()
                process = self.serve(sandbox)
            if process.poll() is not None:
                self.fail(f"it ended by itself: {self.finish(process)}")
            self.assertLess(time.monotonic() - taken, PATIENCE, "nothing is taken any more")
            time.sleep(0.005)
        process.send_signal(signal.SIGTERM)
        self.finish(process, 0)
        return fed

    def check(self, fed):
        """Every content is one file, one document, has one payload under one name, and one place."""
        contents = [data for _, data in fed]
        count = len(contents)
        self.numbers(files=count, documents=count, stored=count, duplicates=0, failed=0, lost=0, in_doubt=0)
        self.assertEqual(sorted(self.stands().values()), sorted(map(sha, contents)))
        moved = {path: sha(data) for path, data in self.tree(self.away).items()}
        self.assertEqual(sorted(moved.values()), sorted(map(sha, contents)))
        self.assertIn(f"inputs where they were moved{count:>11}", self.sound(options=self.moving))
        listed, stands = self.status()["list"], self.stands()
        self.assertEqual(len(listed), count)
        for row in listed:
            place = os.path.relpath(row["moved_to"], self.away)
            self.assertEqual(stands[row["result"][len("results/"):]], moved[place])
            self.assertEqual(row["result"], f"results/{place}.json", "its place and its result have its name")

    def check_explained(self, fed):
        for place, data in self.tree(self.away).items():
            self.assertEqual([d for d, _ in self.explained(os.path.join(self.away, place))], [sha(data)], place)
        for name in NAMES:  # where nothing is now: each that was there, newest first
            contents = [data for n, data in fed if n == name]
            self.assert_explained(os.path.join(self.input, name), *reversed(contents))

    def test_names_that_come_again_and_again(self):
        sandbox = self.fast_sandbox("--latency-median", "10ms", *(w for f in self.FAULTS for w in ("--fault", f)))
        fed = self.feed(sandbox, [pdf(i) for i in range(CONTENTS)], KILLS)
        self.assertEqual(len(fed), CONTENTS)
        self.check(fed)
        self.check_explained(fed)
        stats, summary = sandbox.stats(), self.summary()
        self.assertLessEqual(stats["charged_pages"], CONTENTS + summary["resent"])
        self.assertLessEqual(summary["credits"], stats["charged_pages"])
        self.assertGreaterEqual(summary["credits"] + summary["credits_at_risk"], stats["charged_pages"])
        self.sends_nothing(**self.moving)
        self.check(fed)


class Runs(Comings):
    def test_the_same_name_in_each_run(self):
        sandbox = self.fast_sandbox()
        for number in range(4):
            self.put("invoices", "scan.pdf", data=pdf(number))
            self.move(sandbox)
        names = ["scan.pdf", "scan (2).pdf", "scan (3).pdf", "scan (4).pdf"]
        self.assert_stands({name: pdf(i) for i, name in enumerate(names)})
        self.assertEqual(self.tree(self.away), {name: pdf(i) for i, name in enumerate(names)})
        self.numbers(files=4, documents=4, stored=4, credits=4)
        for i, name in enumerate(names):
            self.assert_explained(os.path.join(self.away, name), pdf(i))
        self.assert_explained(os.path.join(self.input, "scan.pdf"), *(pdf(i) for i in (3, 2, 1, 0)))
        self.assertEqual(self.summary()["run"]["files"], 1)
        self.sound(options=self.moving)
        self.sends_nothing(**self.moving)

    def test_explain_means_the_file_that_is_there_now(self):
        sandbox = self.fast_sandbox()
        for number in range(2):
            self.put("invoices", "scan.pdf", data=pdf(number))
            self.move(sandbox)
        path = self.put("invoices", "scan.pdf", data=pdf(2))
        self.go(sandbox)
        self.assert_explained(path, pdf(2))
        out = self.words("explain", path, words=["--all"])
        for number in range(3):
            self.assertIn(sha(pdf(number)), out)
        self.assertLess(out.index(sha(pdf(2))), out.index(sha(pdf(0))))

    def test_where_the_number_goes(self):
        sandbox = self.fast_sandbox()
        expected = {
            "a.tar.gz": "a.tar (2).gz", "no extension": "no extension (2)", "dir.d/x": "dir.d/x (2)",
            "dir.d/y.pdf": "dir.d/y (2).pdf", "ends.": "ends (2).",
        }
        for first in (0, 100):
            for number, name in enumerate(expected):
                self.put("invoices", name, data=pdf(first + number))
            self.move(sandbox)
        stands = {}
        for number, (name, again) in enumerate(expected.items()):
            stands[name], stands[again] = pdf(number), pdf(100 + number)
        self.assert_stands(stands)
        self.assertEqual(self.tree(self.away), stands)

    def test_a_name_that_begins_with_a_dot_has_no_extension(self):
        sandbox = self.fast_sandbox()
        for number in range(2):
            self.put("invoices", ".hidden", data=pdf(number))
            self.move(sandbox, input__exclude="*.none")
        self.assert_stands({".hidden": pdf(0), ".hidden (2)": pdf(1)})

    def test_inputs_really_called_so(self):
        """Numbers go behind what is there."""
        sandbox = self.fast_sandbox()
        names = ("scan.pdf", "scan (2).pdf")
        for first in (0, 10, 20):
            for number, name in enumerate(names):
                self.put("invoices", name, data=pdf(first + number))
            self.move(sandbox)
        stands = {
            "scan.pdf": pdf(0), "scan (3).pdf": pdf(10), "scan (4).pdf": pdf(20),
            "scan (2).pdf": pdf(1), "scan (2) (2).pdf": pdf(11), "scan (2) (3).pdf": pdf(21),
        }
        self.assert_stands(stands)
        self.assertEqual(self.tree(self.away), stands)
        self.sound(options=self.moving)
        self.assert_explained(os.path.join(self.input, "scan (2).pdf"), pdf(21), pdf(11), pdf(1))

    def test_one_really_called_so_that_comes_later(self):
        sandbox = self.fast_sandbox()
        for name, data in (("scan.pdf", pdf(0)), ("scan.pdf", pdf(1)), ("scan (2).pdf", pdf(2))):
            self.put("invoices", name, data=data)
            self.move(sandbox)
        stands = {"scan.pdf": pdf(0), "scan (2).pdf": pdf(1), "scan (2) (2).pdf": pdf(2)}
        self.assert_stands(stands)
        self.assertEqual(self.tree(self.away), stands)
        self.assert_explained(os.path.join(self.input, "scan (2).pdf"), pdf(2))
        self.assert_explained(os.path.join(self.away, "scan (2).pdf"), pdf(1))

    def test_one_really_called_so_in_the_same_walk(self):
        """Names of their own come first, whatever the order in which they are found."""
        sandbox = self.fast_sandbox()
        self.put("invoices", "scan.pdf", data=pdf(0))
        self.put("invoices", "fax", data=pdf(1))
        self.move(sandbox)
        came = {"scan.pdf": pdf(10), "scan (2).pdf": pdf(11), "fax": pdf(12), "fax (2)": pdf(13), "fax (3)": pdf(14)}
        for name, data in came.items():
            self.put("invoices", name, data=data)
        self.move(sandbox)
        stands = {"scan.pdf": pdf(0), "fax": pdf(1), "scan (2).pdf": pdf(11), "scan (3).pdf": pdf(10),
                  "fax (2)": pdf(13), "fax (3)": pdf(14), "fax (4)": pdf(12)}
        self.assert_stands(stands)
        self.assertEqual(self.tree(self.away), stands)

    def test_numbers_that_a_move_directory_holds(self):
        """The lowest that no file of the ledger has and no move directory of this run holds."""
        sandbox = self.fast_sandbox()
        self.put("invoices", "scan.pdf", data=pdf(0))
        self.move(sandbox)
        self.put("done", "scan (2).pdf", data=b"a stranger's")
        self.put("failed", "scan (3).pdf", data=b"another's")
        self.put("invoices", "scan.pdf", data=pdf(1))
        self.move(sandbox, input__move_failed=os.path.join(self.directory, "failed"))
        self.assert_stands({"scan.pdf": pdf(0), "scan (4).pdf": pdf(1)})
        self.assertEqual(self.tree(self.away), {"scan.pdf": pdf(0), "scan (2).pdf": b"a stranger's",
                                                "scan (4).pdf": pdf(1)})

    def test_the_archive_is_cleared(self):
        """What was moved and then taken away keeps its name and its result."""
        sandbox = self.fast_sandbox()
        for number in range(3):
            self.put("invoices", "scan.pdf", data=pdf(number))
            self.move(sandbox)
            for name in os.listdir(self.away):
                os.unlink(os.path.join(self.away, name))
        self.assert_stands({"scan.pdf": pdf(0), "scan (2).pdf": pdf(1), "scan (3).pdf": pdf(2)})
        self.numbers(files=3, documents=3, stored=3, credits=3)

    def test_the_same_bytes_again_after_a_move(self):
        sandbox = self.fast_sandbox()
        for _ in range(3):
            self.put("invoices", "scan.pdf", data=pdf(0))
            self.move(sandbox)
        self.assertEqual(sandbox.stats()["accepted"], 1)
        stands = {"scan.pdf": pdf(0), "scan (2).pdf": pdf(0), "scan (3).pdf": pdf(0)}
        self.assert_stands(stands)
        self.assertEqual(self.tree(self.away), stands)
        self.numbers(files=3, documents=1, duplicates=2, stored=1, credits=1)
        self.sound(options=self.moving)

    def test_moved_back_by_hand(self):
        """The same bytes are a file of their own; what was moved is where it is now."""
        sandbox = self.fast_sandbox()
        self.put("invoices", "scan.pdf", data=pdf(0))
        self.move(sandbox)
        os.rename(os.path.join(self.away, "scan.pdf"), os.path.join(self.input, "scan.pdf"))
        self.move(sandbox)
        self.assertEqual(sandbox.stats()["accepted"], 1)
        self.numbers(files=2, documents=1, duplicates=1, stored=1)
        self.assertEqual(sorted(self.tree(self.away).values()), [pdf(0)])
        self.assertEqual(sorted(self.stands().values()), [sha(pdf(0))] * 2)

    def test_retry_of_a_place_that_holds_other_bytes(self):
        """They are a new file, and it says so."""
        sandbox = self.fast_sandbox()
        path = self.put("invoices", "scan.pdf", data=pdf(0))
        self.go(sandbox)
        self.put("invoices", "scan.pdf", data=pdf(1))
        process = self.start("retry", path, sandbox=sandbox, options=self.FAST)
        _, out, err = self.finish(process, 0)
        self.assertRegex(out + err, "(?i)new|other")
        self.assertEqual(sandbox.stats()["accepted"], 2)
        self.assert_stands({"scan.pdf": pdf(1), "scan.pdf (replaced)": pdf(0)})
        self.numbers(files=2, documents=2, stored=2)

    def test_retry_of_a_link_behind_which_are_other_bytes(self):
        sandbox = self.fast_sandbox()
        target = os.path.join(self.directory, "target.pdf")
        link = os.path.join(self.input, "scan.pdf")
        for number in range(2):
            with open(target, "wb") as f:
                f.write(pdf(number))
            if number == 0:
                os.symlink(target, link)
                self.go(sandbox, input__follow_symlinks="yes")
        options = {**self.FAST, "input.follow_symlinks": "yes"}
        self.finish(self.start("retry", link, sandbox=sandbox, options=options), 0)
        self.assertEqual(sandbox.stats()["accepted"], 2)
        self.assert_stands({"scan.pdf": pdf(1), "scan.pdf (replaced)": pdf(0)})

    def test_failed_ones_that_were_moved_stay_known(self):
        """They are in failures.csv under their new place, and in the exit code, whatever comes after them."""
        failing, good = self.fast_sandbox("--fail-rate", "1"), self.fast_sandbox()
        failed = os.path.join(self.directory, "failed")
        options = {"input__move_failed": failed, "retry__max_attempts": "1"}
        for number in range(2):
            self.put("invoices", "scan.pdf", data=pdf(number))
            self.move(failing, expected=1, **options)
        self.put("invoices", "scan.pdf", data=pdf(2))
        self.move(good, expected=1, **options)
        self.numbers(files=3, documents=3, stored=1, failed=2)
        places = {os.path.join(failed, name) for name in ("scan.pdf", "scan (2).pdf")}
        self.assertEqual({row["path"] for row in self.failures()}, places)
        self.assertEqual(self.tree(self.away), {"scan (3).pdf": pdf(2)})
        self.assert_stands({"scan (3).pdf": pdf(2)})
        self.move(good, expected=1, **options)
        out = self.words("explain", os.path.join(failed, "scan (2).pdf"))
        self.assertIn(sha(pdf(1)), out)
        self.assertNotIn(sha(pdf(0)), out)

        # one of them again, by its place; then the other, by the path that it had
        merged = {**self.FAST, **self.moving, **{k.replace("__", "."): v for k, v in options.items()}}
        process = self.start("retry", os.path.join(failed, "scan (2).pdf"), sandbox=good, options=merged)
        self.finish(process, 1)
        self.assert_stands({"scan (2).pdf": pdf(1), "scan (3).pdf": pdf(2)})
        self.assertEqual([row["path"] for row in self.failures()], [os.path.join(failed, "scan.pdf")])
        process = self.start("retry", os.path.join(self.input, "scan.pdf"), sandbox=good, options=merged)
        self.finish(process, 0)
        stands = {"scan.pdf": pdf(0), "scan (2).pdf": pdf(1), "scan (3).pdf": pdf(2)}
        self.assert_stands(stands)
        self.assertEqual(self.tree(self.away), stands)
        self.assertEqual(self.tree(failed), {})
        self.assertEqual(self.failures(), [])
        self.move(good, **options)


if __name__ == "__main__":
    unittest.main()

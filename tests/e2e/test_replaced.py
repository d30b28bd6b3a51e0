"""What is replaced in place, touched, taken away or put back: what has the name now, and what becomes of the
earlier."""

import os
import random
import unittest

from comings import Comings, sha
from harness import pdf, wait_for


class InPlace(Comings):
    def setUp(self):
        super().setUp()
        self.service = self.fast_sandbox()

    def come(self, name, data, **options):
        path = self.put("invoices", name, data=data)
        self.go(self.service, **options)
        return path

    def accepted(self, count):
        self.assertEqual(self.service.stats()["accepted"], count)

    def test_by_other_content(self):
        for number in range(4):
            path = self.come("sub/a.pdf", pdf(number))
        self.assert_stands({
            "sub/a.pdf": pdf(3), "sub/a.pdf (replaced)": pdf(0), "sub/a.pdf (replaced 2)": pdf(1),
            "sub/a.pdf (replaced 3)": pdf(2),
        })
        self.numbers(files=4, documents=4, stored=4, credits=4)
        self.assert_explained(path, pdf(3))
        out = self.words("explain", path, words=["--all"])
        for number in range(4):
            self.assertIn(sha(pdf(number)), out)
        self.sound()
        self.sends_nothing()

    def test_content_that_is_back_again(self):
        for data in (pdf(0), pdf(1), pdf(0), pdf(1)):
            self.come("a.pdf", data)
        self.accepted(2)
        self.numbers(files=4, documents=2, duplicates=2, stored=2, credits=2)
        self.assert_stands({"a.pdf": pdf(1), "a.pdf (replaced)": pdf(0), "a.pdf (replaced 2)": pdf(1),
                            "a.pdf (replaced 3)": pdf(0)})
        self.sound()

    def test_touched_only_and_the_same_bytes_put_back(self):
        path = self.come("a.pdf", pdf(0))
        os.utime(path, (1, 1))
        self.sends_nothing()
        self.come("a.pdf", pdf(0))  # another inode
        with open(path, "r+b") as f:
            f.write(pdf(0))
        self.sends_nothing()
        os.unlink(path)
        self.sends_nothing()
        self.come("a.pdf", pdf(0))
        self.accepted(1)
        self.numbers(files=1, documents=1, duplicates=0, stored=1)
        self.assert_stands({"a.pdf": pdf(0)})
        self.sound()

    def test_removed_by_others_then_other_content(self):
        path = self.come("a.pdf", pdf(0))
        os.unlink(path)
        self.go(self.service)
        self.numbers(files=1, documents=1, stored=1)
        self.come("a.pdf", pdf(1))
        self.assert_stands({"a.pdf": pdf(1), "a.pdf (replaced)": pdf(0)})
        self.numbers(files=2, documents=2, stored=2)
        self.sound()

    def test_then_moved(self):
        """The earlier one isn't there to be moved; the name is the new one's there too."""
        self.come("a.pdf", pdf(0))
        self.put("invoices", "a.pdf", data=pdf(1))
        self.move(self.service)
        self.put("invoices", "a.pdf", data=pdf(2))
        self.move(self.service)
        self.assertEqual(self.tree(self.away), {"a.pdf": pdf(1), "a (2).pdf": pdf(2)})
        self.assert_stands({"a.pdf": pdf(1), "a.pdf (replaced)": pdf(0), "a (2).pdf": pdf(2)})
        self.sound(options=self.moving)

    def test_a_rejected_one_gives_its_name_up(self):
        """It was never sent: it leaves the counts, and has no name of its own."""
        self.put("invoices", "a.pdf", data=b"no document\n")
        self.go(self.service, expected=1)
        self.numbers(files=1, rejected=1)
        self.come("a.pdf", pdf(0))
        self.numbers(files=1, documents=1, stored=1, rejected=0)
        self.assert_stands({"a.pdf": pdf(0)})
        self.assertEqual(self.failures(), [])

    def test_by_a_rejected_one(self):
        """What was sent stays in the counts."""
        self.come("a.pdf", pdf(0))
        self.put("invoices", "a.pdf", data=b"no document\n")
        self.go(self.service, expected=1)
        self.numbers(files=2, documents=2, stored=1, rejected=1)
        self.assert_stands({"a.pdf (replaced)": pdf(0)})
        self.come("a.pdf", pdf(1))
        self.numbers(files=2, documents=2, stored=2, rejected=0)
        self.assert_stands({"a.pdf": pdf(1), "a.pdf (replaced)": pdf(0)})
        self.sound()

    def test_a_result_that_comes_later_goes_to_the_earlier_one(self):
        """a.pdf is with Mindee when it is replaced."""
        slow = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "4s",
                            "--latency-sigma", "0")
        self.put("invoices", "a.pdf", data=pdf(0))
        process = self.start("run", self.input, sandbox=slow, options=self.FAST)
        wait_for(lambda: slow.stats()["gets"] > 0, "a poll: the job is known")
        process.kill()
        process.communicate()
        self.put("invoices", "a.pdf", data=pdf(1))
        self.go(slow, retry__in_doubt="hold")
        self.assertEqual(slow.stats()["accepted"], 2)
        self.assert_stands({"a.pdf": pdf(1), "a.pdf (replaced)": pdf(0)})
        self.numbers(files=2, documents=2, stored=2)
        self.sound()

    def test_a_failed_one(self):
        """Its name is replaced whatever its state; it stays in failures.csv and the exit code, and can be settled."""
        failing = self.fast_sandbox("--fail-rate", "1")
        path = self.put("invoices", "a.pdf", data=pdf(0))
        self.go(failing, expected=1, retry__max_attempts="1")
        self.put("invoices", "a.pdf", data=pdf(1))
        self.go(self.service, expected=1)
        self.numbers(files=2, documents=2, stored=1, failed=1)
        self.assert_stands({"a.pdf": pdf(1)})
        self.assertEqual([row["state"] for row in self.failures()], ["failed"])
        self.assert_explained(path, pdf(1))
        self.go(self.service, expected=1)

    def test_sent_from_any_file_that_holds_its_bytes(self):
        """Two files of one content: one is replaced, the other one's document goes on."""
        self.put("invoices", "a.pdf", data=pdf(0))
        self.put("invoices", "b.pdf", data=pdf(0))
        self.go(self.service)
        self.numbers(files=2, documents=1, duplicates=1)
        self.come("a.pdf", pdf(1))
        self.accepted(2)
        self.numbers(files=3, documents=2, duplicates=1, stored=2)
        self.assert_stands({"a.pdf": pdf(1), "b.pdf": pdf(0), "a.pdf (replaced)": pdf(0)})
        self.sound()

    def test_one_that_is_really_called_so(self):
        self.put("invoices", "a.pdf (replaced)", data=pdf(5))
        self.come("a.pdf", pdf(0))
        self.come("a.pdf", pdf(1))
        self.assert_stands({"a.pdf": pdf(1), "a.pdf (replaced)": pdf(5), "a.pdf (replaced 2)": pdf(0)})
        self.sound()

    def test_in_a_watched_folder(self):
        options = {**self.FAST, "input.directory": self.input, "watch.enabled": "yes", "watch.quiet": "50ms",
                   "log.level": "error"}
        process = self.start("serve", sandbox=self.service, options=options)
        for number in range(3):
            self.put("invoices", "a.pdf", data=pdf(number))
            wait_for(lambda n=number: len(self.results()) == n + 1, "the result")
        process.terminate()
        self.finish(process, 0)
        self.assert_stands({"a.pdf": pdf(2), "a.pdf (replaced)": pdf(0), "a.pdf (replaced 2)": pdf(1)})
        self.numbers(files=3, documents=3, stored=3)
        self.sound()


class Killed(Comings):
    """A watched folder whose files are replaced in place one after the other, and kills in between."""

    CONTENTS, KILLS, NAMES = 40, 6, ("a.pdf", "b (replaced).pdf", "c")

    def serve(self, sandbox):
        options = {**self.FAST, "input.directory": self.input, "watch.enabled": "yes", "watch.quiet": "20ms",
                   "watch.rescan": "1s", "polling.first_delay": "10ms", "polling.interval": "10ms",
                   "log.level": "error"}
        return self.start("serve", sandbox=sandbox, options=options)

    def stored(self, sandbox):
        """The contents whose results are out."""
        try:
            results = self.results().values()
        except FileNotFoundError:  # one is being renamed
            return set()
        jobs = {job["id"]: job["sha256"] for job in sandbox.jobs()}
        return {jobs.get(self.job_of(data)) for data in results}

    def test_replaced_as_soon_as_they_are_stored(self):
        sandbox = self.fast_sandbox("--latency-median", "10ms")
        chance, latest, came = random.Random(5), {}, {}
        kills = set(chance.sample(range(2, self.CONTENTS - 2), self.KILLS))
        process = self.serve(sandbox)
        for number in range(self.CONTENTS):
            name = self.NAMES[number % len(self.NAMES)]
            if name in latest:
                wait_for(lambda n=name: sha(latest[n]) in self.stored(sandbox), "the result")
            self.put("invoices", name, data=pdf(number))
            latest[name] = pdf(number)
            came.setdefault(name, []).append(number)
            if number in kills:
                process.kill()
                process.communicate()
                process = self.serve(sandbox)
        wait_for(lambda: len(self.stored(sandbox)) == self.CONTENTS, "all results")
        process.terminate()
        self.finish(process, 0)
        self.numbers(files=self.CONTENTS, documents=self.CONTENTS, stored=self.CONTENTS)
        stands = {}
        for name, numbers in came.items():
            stands[name] = pdf(numbers[-1])
            for place, number in enumerate(numbers[:-1]):
                stands[f"{name} (replaced{f' {place + 1}' if place else ''})"] = pdf(number)
        self.assert_stands(stands)
        self.sound()
        self.assertLessEqual(sandbox.stats()["charged_pages"], self.CONTENTS + self.summary()["resent"])
        self.sends_nothing()


if __name__ == "__main__":
    unittest.main()

"""A second directory is welcome: next month's with the same names, beside the first or after it, with moves and
without, and as scheduled runs with their periods. Nothing is overwritten, and no closed period's files change."""

import os
import unittest

from comings import Comings, sha
from harness import pdf, wait_for
from test_periods import ScheduleCase

LEAVES = ("a.pdf", "sub/b.pdf")


class Months(Comings):
    def setUp(self):
        super().setUp()
        os.rmdir(self.input)
        self.service = self.fast_sandbox()

    def month(self, name, first):
        """A directory with the same names as all others; its contents."""
        for number, leaf in enumerate(LEAVES):
            self.put(name, leaf, data=pdf(first + number))
        return os.path.join(self.directory, name)

    @staticmethod
    def named(*prefixes):
        """EXPECTED for assert_stands: (prefix, first number of its contents)..."""
        return {os.path.join(prefix, leaf): pdf(first + number)
                for prefix, first in prefixes for number, leaf in enumerate(LEAVES)}

    def accepted(self, count):
        self.assertEqual(self.service.stats()["accepted"], count)

    def archive(self, path):
        os.rename(path, path + ".archived")


class OneAfterTheOther(Months):
    def after(self, gone, **options):
        june = self.month("june", 0)
        self.go(self.service, june, **options)
        if gone:
            self.archive(june)
        july = self.month("july", 10)
        out = self.words("plan", july, options={**self.FAST, **{k.replace("__", "."): v for k, v in options.items()}})
        self.assertNotIn("same name", out)
        self.go(self.service, july, **options)
        self.accepted(4)
        self.assert_stands(self.named(("", 0), ("july", 10)))
        self.numbers(files=4, documents=4, stored=4, credits=4)
        self.assertEqual(self.summary()["run"]["files"], 2)
        self.sends_nothing(july, **options)
        for number, leaf in enumerate(LEAVES):
            self.assert_explained(os.path.join(june, leaf), pdf(number))
            self.assert_explained(os.path.join(july, leaf), pdf(10 + number))
        return june, july

    def test_june_archived(self):
        _, july = self.after(gone=True)
        self.sound(july)

    def test_june_still_there(self):
        june, july = self.after(gone=False)
        self.sound(june, july)
        self.sends_nothing(june)
        self.sends_nothing(june, july)
        self.assert_stands(self.named(("", 0), ("july", 10)))

    def test_with_moves(self):
        moving = {"input__move_stored": self.away}
        june, july = self.after(gone=False, **moving)
        self.assertEqual(self.tree(self.away), self.named(("", 0), ("july", 10)))
        self.assertEqual((self.tree(june), self.tree(july)), ({}, {}))
        for number, leaf in enumerate(LEAVES):
            self.assert_explained(os.path.join(self.away, leaf), pdf(number))
            self.assert_explained(os.path.join(self.away, "july", leaf), pdf(10 + number))
        self.sound(june, july, options=self.moving)

    def test_with_moves_and_june_archived(self):
        self.after(gone=True, input__move_stored=self.away)
        self.assertEqual(self.tree(self.away), self.named(("", 0), ("july", 10)))

    def test_with_moves_of_later_runs_only(self):
        """A run moves files of its own PATHs alone."""
        june, july = self.month("june", 0), self.month("july", 10)
        self.go(self.service, june)
        self.move(self.service, july)
        self.assertEqual(self.tree(self.away), self.named(("july", 10)))
        self.assertEqual(len(self.tree(june)), 2)
        self.move(self.service, june)
        self.assertEqual(self.tree(self.away), self.named(("", 0), ("july", 10)))
        self.accepted(4)

    def test_no_name_is_the_same(self):
        june = os.path.dirname(self.put("june", "one.pdf", data=pdf(0)))
        july = os.path.dirname(self.put("july", "two.pdf", data=pdf(1)))
        self.go(self.service, june)
        self.go(self.service, july)
        self.assert_stands({"one.pdf": pdf(0), "july/two.pdf": pdf(1)})
        self.sound(june, july)


class Prefixes(Months):
    def test_two_at_once(self):
        june, july = self.month("june", 0), self.month("july", 10)
        self.go(self.service, june, july)
        self.assert_stands(self.named(("june", 0), ("july", 10)))
        august = self.month("august", 20)
        self.go(self.service, august)
        self.assert_stands(self.named(("june", 0), ("july", 10), ("august", 20)))
        self.sends_nothing(july)
        self.sound(june, july, august)

    def test_a_file_and_a_directory(self):
        june = self.month("june", 0)
        single = self.put("elsewhere", "single.pdf", data=pdf(5))
        self.go(self.service, june, single)
        self.assert_stands({**self.named(("june", 0)), "single.pdf": pdf(5)})
        self.sends_nothing(june)
        self.sound(june, single)

    def test_a_file_first(self):
        """No directory, so the first one has a prefix."""
        single = self.put("elsewhere", "single.pdf", data=pdf(5))
        june = self.month("june", 0)
        self.go(self.service, single)
        self.go(self.service, june)
        self.assert_stands({**self.named(("june", 0)), "single.pdf": pdf(5)})
        self.sound(june, single)

    def test_a_spelling_without_a_last_component(self):
        june, july = self.month("june", 0), self.month("july", 10)
        self.go(self.service, june)
        self.go(self.service, os.path.join(july, "sub", "..", "."))
        self.assert_stands(self.named(("", 0), ("july", 10)))
        self.sends_nothing(july)

    def test_the_same_last_component(self):
        paths = [self.month(name, first) for name, first in (("2026/june", 0), ("2027/june", 10), ("2028/june", 20))]
        for path in paths:
            self.go(self.service, path)
        self.assert_stands(self.named(("", 0), ("june", 10), ("june (2)", 20)))
        self.sends_nothing(*paths)
        self.sound(*paths)

    def test_a_prefix_that_is_the_first_component_of_a_name(self):
        june = self.month("june", 0)
        self.put("june", "july", "a.pdf", data=pdf(5))
        july = self.month("july", 10)
        self.go(self.service, june)
        self.go(self.service, july)
        self.assert_stands({**self.named(("", 0), ("july (2)", 10)), "july/a.pdf": pdf(5)})
        self.sends_nothing(june)
        self.sends_nothing(july)

    def test_a_renamed_one_is_another(self):
        """Its contents are known, and cost nothing."""
        june = self.month("june", 0)
        self.go(self.service, june)
        other = os.path.join(self.directory, "other")
        os.rename(june, other)
        self.sends_nothing(other)
        self.numbers(files=4, documents=2, duplicates=2, stored=2, credits=2)
        self.assert_stands(self.named(("", 0), ("other", 0)))

    def test_another_spelling_of_one_that_is_still_there(self):
        june = self.month("june", 0)
        self.go(self.service, june)
        link = os.path.join(self.directory, "link")
        os.symlink(june, link)
        for spelling in (link, june + "/", os.path.join(june, "..", "june"), "june"):
            self.sends_nothing(spelling)
        self.numbers(files=2, documents=2, duplicates=0)
        self.assert_stands(self.named(("", 0)))

    def test_a_file_below_a_known_directory_is_its_file(self):
        june = self.month("june", 0)
        self.go(self.service, june)
        self.sends_nothing(os.path.join(june, "sub", "b.pdf"))
        new = self.put("june", "sub", "c.pdf", data=pdf(7))
        self.go(self.service, new)
        self.numbers(files=3, documents=3, duplicates=0)
        self.assert_stands({**self.named(("", 0)), "sub/c.pdf": pdf(7)})
        self.sends_nothing(june)

    def test_a_directory_round_known_files_takes_them(self):
        june = self.month("june", 0)
        self.go(self.service, os.path.join(june, "sub", "b.pdf"))
        self.assert_stands({"b.pdf": pdf(1)})
        self.go(self.service, june)
        self.accepted(2)
        self.numbers(files=2, documents=2, duplicates=0)
        self.assertEqual(self.stands()["b.pdf.json"], sha(pdf(1)), "it keeps its name")
        self.sends_nothing(june)
        self.sound(june)

    def test_files_as_paths(self):
        """The last component is the name."""
        self.month("june", 0)
        self.month("july", 10)
        paths = [os.path.join(self.directory, month, "a.pdf") for month in ("june", "july")]
        for path in paths:
            self.go(self.service, path)
        self.assert_stands({"a.pdf": pdf(0), "a (2).pdf": pdf(10)})
        self.sends_nothing(*paths)
        for path, number in zip(paths, (0, 10)):
            self.assert_explained(path, pdf(number))

    def assert_refused(self, *paths, options=None):
        """By a run, which sends nothing, and in the same words by a plan."""
        sandbox = self.fast_sandbox()
        options = {**self.FAST, **(options or {})}
        said = []
        for command in ("plan", "run", "plan"):
            _, _, err = self.finish(self.start(command, *paths, sandbox=sandbox, options=options), 2)
            said.append([line for line in err.splitlines() if line.startswith("mindee-batch: ")])
        self.assertEqual(sandbox.stats()["posts"], 0)
        self.assertEqual(said, [said[0]] * 3)
        return said[0][0]

    def test_directories_inside_one_another(self):
        june = self.month("june", 0)
        july = self.month("july", 10)
        inner = os.path.join(june, "sub")
        link = os.path.join(self.directory, "link")
        os.symlink(inner, link)
        self.assertIn("overlap", self.assert_refused(june, inner))
        self.go(self.service, june)
        for paths in ((inner,), (link,), (self.directory,), (june, inner), (inner, june), (july, inner),
                      (july, self.directory)):
            said = self.assert_refused(*paths)
            self.assertTrue("overlap" in said or "lie one inside the other" in said, said)
        self.assert_stands(self.named(("", 0)))
        self.words("plan", os.path.join(inner, "b.pdf"))  # a file of it is welcome, and so is what is beside it
        self.words("plan", june, july)

    def test_a_directory_of_another_model(self):
        june = self.month("june", 0)
        self.go(self.service, june)
        other = {"api.model_id": "22222222-2222-4222-8222-0000000e0002"}
        for path in (june, os.path.join(june, "a.pdf")):
            self.assertIn("was sent with another product or model before", self.assert_refused(path, options=other))
        self.words("plan", self.month("july", 10), options=other)


class Periods(Comings, ScheduleCase):
    """Each scheduled run finds scan.pdf again: which files belong to a closed period, and its numbers, stay."""

    def month(self, rule, sandbox, contents, **options):
        """A run that this rule's service makes up for; the period."""
        self.rule = rule
        before = {row[0] for row in self.rows()} if os.path.exists(self.output) else set()
        for name, data in contents.items():
            self.put("invoices", name, data=data)
        process = self.serve(sandbox, **options)
        wait_for(lambda: self.known(rule), "the rule's first sight")
        self.stop(process)
        with self.database() as db, db:
            since = int((self.due.timestamp() - 86400 * 40) * 1000)
            db.execute("UPDATE schedule_rule SET since = ? WHERE rule = ?", (since, rule))
        process = self.serve(sandbox, schedule__late="same", **options)
        wait_for(lambda: {row[0] for row in self.done()} - before, "the run")
        self.stop(process)
        (period,) = {row[0] for row in self.done()} - before
        return period

    def known(self, rule):
        if not self.rule_is_known():
            return False
        with self.database() as db:
            return db.execute("SELECT count(*) FROM schedule_rule WHERE rule = ?", (rule,)).fetchone()[0] == 1

    def of_period(self, period):
        numbers = self.status("--period", period)
        states = ("files", "documents", "stored", "failed", "rejected", "duplicates")
        rows = sorted((row["path"], row["state"], row.get("result"), row.get("moved_to")) for row in numbers["list"])
        return {state: numbers[state] for state in states}, rows

    def setUp(self):
        super().setUp()
        self.first, self.second = self.rule, f"day {self.due.day} {self.due:%H:%M}"

    def twice(self, **options):
        sandbox = self.fast_sandbox()
        one = self.month(self.first, sandbox, {"scan.pdf": pdf(0), "b.pdf": pdf(1)}, **options)
        before = self.of_period(one)
        self.assertEqual(before[0], {"files": 2, "documents": 2, "stored": 2, "failed": 0, "rejected": 0,
                                     "duplicates": 0})
        # a new content, and one that is known
        two = self.month(self.second, sandbox, {"scan.pdf": pdf(2), "again.pdf": pdf(1)}, **options)
        self.assertNotEqual(one, two)
        counts, rows = self.of_period(two)
        self.assertEqual((counts["files"], counts["documents"], counts["duplicates"]), (2, 1, 1))
        self.assertEqual({row[0] for row in rows}, {os.path.join(self.input, n) for n in ("scan.pdf", "again.pdf")})
        self.assertEqual(sandbox.stats()["accepted"], 3)
        self.numbers(files=4, documents=3, duplicates=1, stored=3, credits=3)
        return one, before

    def test_moved_when_they_are_stored(self):
        one, before = self.twice(input__move_stored=self.away)
        self.assertEqual(self.of_period(one), before)
        self.assert_stands({"scan.pdf": pdf(0), "b.pdf": pdf(1), "scan (2).pdf": pdf(2), "again.pdf": pdf(1)})

    def test_replaced_in_place(self):
        """What has the name now is the new one's; the earlier one's numbers stay all the same."""
        one, before = self.twice()
        after = self.of_period(one)
        self.assertEqual(after[0], before[0])
        self.assertEqual({row[2] for row in after[1]}, {"results/scan.pdf (replaced).json", "results/b.pdf.json"})
        self.assert_stands({"scan.pdf (replaced)": pdf(0), "b.pdf": pdf(1), "scan.pdf": pdf(2), "again.pdf": pdf(1)})

    def test_what_went_away_stays_in_its_period(self):
        sandbox = self.fast_sandbox()
        one = self.month(self.first, sandbox, {"scan.pdf": pdf(0), "notes.txt": b"no document\n"})
        before = self.of_period(one)
        self.assertEqual((before[0]["files"], before[0]["rejected"]), (2, 1))
        for name in ("scan.pdf", "notes.txt"):
            os.unlink(os.path.join(self.input, name))
        self.month(self.second, sandbox, {"c.pdf": pdf(2)})
        self.assertEqual(self.of_period(one), before)

    COUNTS = ("files", "documents", "stored", "failed", "duplicates", "credits")

    def closed(self, period):
        """Its numbers at the close, now, and what changed in between."""
        numbers = self.status("--period", period)
        self.assertRegex(numbers["closed_at"], "^[0-9T:-]+Z$")
        for change in numbers["since_close"]:
            self.assertGreaterEqual(change["at"], numbers["closed_at"])
        return (numbers["closed_at"], {n: numbers["at_close"][n] for n in self.COUNTS},
                {n: numbers[n] for n in self.COUNTS},
                [(os.path.basename(c["path"]), c["from"], c["to"]) for c in numbers["since_close"]])

    def test_numbers_at_the_close_stay(self):
        """Whatever becomes of the documents: what changed is dated."""
        failing, good = self.fast_sandbox("--fail-rate", "1"), self.fast_sandbox()
        one = self.month(self.first, failing, {"a.pdf": pdf(0), "b.pdf": pdf(1), "again.pdf": pdf(1)})
        two = self.month(self.second, good, {"c.pdf": pdf(2), "copy.pdf": pdf(0)})
        numbers = {"files": 3, "documents": 2, "stored": 0, "failed": 2, "duplicates": 1, "credits": 0}
        closed_at = self.closed(one)[0]
        self.assertEqual(self.closed(one), (closed_at, numbers, numbers, []))
        rows = {row[0] for row in self.of_period(one)[1]}
        at_close_of_two = self.closed(two)[:2]
        self.finish(self.start("retry", os.path.join(self.input, "b.pdf"), sandbox=good, options=self.FAST), 1)
        now = {**numbers, "stored": 1, "failed": 1, "credits": 1}
        *closed, ((path, *change),) = self.closed(one)
        self.assertEqual((closed, change), ([closed_at, numbers, now], ["failed", "stored"]))
        self.assertIn(path, ("b.pdf", "again.pdf"), "whichever was found first")
        self.assertEqual({row[0] for row in self.of_period(one)[1]}, rows)
        self.assertEqual(self.closed(two)[:2], at_close_of_two)
        self.assertEqual(self.closed(two)[3], [], "a copy of what counts in another period is a duplicate")
        text = self.words("status", words=("--period", one), options={"schedule.timezone": "Asia/Kolkata"})
        self.assertRegex(text, r"closed \w{3} [0-9-]{10} [0-9:]{5,8} \+05:30")
        self.assertRegex(text, r"at the close +now")
        self.assertRegex(text, r"since the close\n +\w{3} [0-9-]{10} [0-9:]{5,8} \+05:30  failed -> stored  .*\.pdf\n")


if __name__ == "__main__":
    unittest.main()

"""Results on a file system that can't tell all names apart (case, Unicode form) or holds shorter ones: each result is
there, under a name of its own, and none is written over another's."""

import json
import os
import shutil
import subprocess
import unicodedata
import unittest

from harness import Case, build_shim, pdf

SHIM = None
E_ACUTE, E_WITH_ACUTE = "\u00e9", "e\u0301"


def setUpModule():
    global SHIM
    SHIM = build_shim("fold_shim.c", "-lutf8proc")


def fold(name):
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())


class Folding(Case):
    """What the cases use, wherever results are."""

    forms = True  # folded too

    def setUp(self):
        super().setUp()
        self.service = self.fast_sandbox()
        self.number = 0

    def put(self, *names):
        for name in names:
            self.number += 1
            self.write(name, pdf(self.number))

    def go(self, *paths, expected=0, options=None):
        return self.run_batch(*paths, sandbox=self.service, expected=expected, options=options)

    def say(self, name, *paths, expected=0, words=()):
        process = self.start(name, *paths, words=words)
        return self.finish(process, expected)[1]

    def listed(self):
        """Of each file: its path below the input, and where its result is."""
        rows = json.loads(self.say("status", words=["--json"]))["list"]
        return {os.path.relpath(row["path"], self.input): row["result"][len("results/"):] for row in rows}

    def all_there(self, *names):
        """Of NAMES, and no others, each has a result, under a name that no other one is called."""
        listed = self.listed()
        self.assertEqual(sorted(listed), sorted(names))
        self.assertEqual(len({fold(result) for result in listed.values()}), len(names), listed)
        found = sorted(fold(os.fsdecode(name)) for name in self.results())
        self.assertEqual(found, sorted(fold(result) for result in listed.values()))
        self.say("verify", self.input)
        self.assertEqual(os.listdir(os.path.join(self.output, ".partial")), [])
        return listed


class Cases:
    def test_names_that_are_one(self):
        names = ["A/x.pdf", "a/x.pdf", "a/y.pdf", "Scan.PDF", "scan.pdf", "scan (2).pdf", "SCAN (3).PDF"]
        if self.forms:
            names += [f"{E_ACUTE}.pdf", f"{E_WITH_ACUTE}.pdf", f"{E_WITH_ACUTE.upper()}.pdf"]
        self.put(*names)
        self.go()
        listed = self.all_there(*names)
        self.assertIn("x (2).pdf.json", " ".join((listed["A/x.pdf"], listed["a/x.pdf"])))
        self.assertEqual(listed["a/y.pdf"], "a/y.pdf.json")
        self.assertEqual(listed["scan (2).pdf"], "scan (2).pdf.json")
        sent = self.service.stats()["accepted"]
        self.go()
        self.assertEqual(self.all_there(*names), listed)
        self.put("SCAN.pdf")  # names that were given stay
        self.go()
        later = self.all_there(*names, "SCAN.pdf")
        self.assertEqual(later.pop("SCAN.pdf"), "SCAN (5).pdf.json")
        self.assertEqual(later, listed)
        self.assertEqual(self.service.stats()["accepted"], sent + 1)

    def test_what_is_replaced(self):
        self.put("a.pdf", "A.pdf")
        self.go()
        self.put("a.pdf", "A.pdf")
        self.go()
        results = self.results()
        self.assertEqual(len(results), 4)
        self.assertEqual(len({fold(os.fsdecode(name)) for name in results}), 4)
        self.assertEqual(len(set(results.values())), 4)
        self.say("verify", self.input)

    def test_a_directory_where_a_result_is(self):
        names = ["fax.pdf", "FAX.PDF.json/x.pdf", "Deep/Fax.pdf.JSON/fax.pdf/x.pdf", "deep/fax.PDF"]
        self.put(*names)
        self.go()
        self.all_there(*names)
        self.go()
        self.all_there(*names)

    def test_a_second_path(self):
        second = os.path.join(self.directory, "JUNE")
        os.mkdir(second)
        self.put("june/a.pdf", "b.pdf")
        with open(os.path.join(second, "a.pdf"), "wb") as f:
            f.write(pdf(1000))
        self.go(self.input)
        self.go(self.input, second)
        self.all_there("june/a.pdf", "b.pdf", "../JUNE/a.pdf")
        self.assertIn(b"june (2)/a.pdf.json", {name.lower() for name in self.results()})

    def test_one_that_is_missing(self):
        self.put("a.pdf", "A.pdf", "b.pdf")
        self.go()
        listed = self.listed()
        shutil.rmtree(os.path.join(self.output, "results"))
        self.go()
        self.assertEqual(self.all_there("a.pdf", "A.pdf", "b.pdf"), listed)


class OfAShim(Cases, Folding):
    longest = None

    def environment(self, *arguments, **keywords):
        environment = super().environment(*arguments, **keywords)
        if self.folding:
            environment.update(LD_PRELOAD=SHIM, FOLD_UNDER=self.output)
            if self.longest:
                environment["FOLD_LONGEST"] = str(self.longest)
        return environment

    folding = True

    def come(self, *names):
        """Results that were written where all names differ, as they are after a copy to where not: of two that are
        one, the last."""
        self.folding = False
        self.put(*names)
        self.go()
        self.folding = True
        kept = {}
        results = os.path.join(self.output, "results")
        for name in sorted(self.results()):
            other = kept.setdefault(fold(os.fsdecode(name)), name)
            if other != name:
                os.rename(os.path.join(os.fsencode(results), name), os.path.join(os.fsencode(results), other))

    def test_a_ledger_that_comes_there(self):
        names = ["a.pdf", "A.pdf", "A.PDF", "b.pdf", f"{E_ACUTE}.pdf", f"{E_WITH_ACUTE}.pdf"]
        self.come(*names)
        self.assertEqual(len(self.results()), 3)
        self.go()
        self.all_there(*names)
        self.assertEqual(self.service.stats()["accepted"], len(names))
        self.put("B.pdf")
        self.go()
        self.assertEqual(self.all_there(*names, "B.pdf")["B.pdf"], "B (2).pdf.json")

    def test_repair_writes_over_none(self):
        names = ["a.pdf", "A.pdf", "b.pdf"]
        self.come(*names)
        before = self.results()
        out = self.say("verify", self.input, expected=1, words=["--repair"])
        self.assertIn("something else stands in its place", out)
        self.assertEqual(self.results(), before)
        self.go()
        self.all_there(*names)

    def test_names_that_are_too_long(self):
        self.longest = 143
        long = "n" * 200
        names = [f"{long}.pdf", f"{long}x.pdf", f"{'d' * 180}/{long}.pdf", f"{'d' * 180}/a.pdf", "e" * 143 + "/a.pdf",
                 "f" * 138 + "/" + "f" * 138, "f" * 139, "\u00e9" * 100 + ".pdf"]
        self.put(*names)
        self.go()
        listed = self.all_there(*names)
        for name in self.results():
            for part in name.split(b"/"):
                self.assertLessEqual(len(part), 143)
                part.decode()  # no character is split
        self.assertEqual(listed["f" * 138 + "/" + "f" * 138], "f" * 138 + "/" + "f" * 138 + ".json")
        self.assertRegex(listed[f"{'d' * 180}/a.pdf"], r"^d{126}~[0-9a-f]{16}/a\.pdf\.json$")
        self.assertRegex(listed[f"{long}.pdf"], r"^n{121}~[0-9a-f]{16}\.json$")
        self.assertIn(listed[f"{long}.pdf"], self.say("explain", os.path.join(self.input, f"{long}.pdf")))
        self.longest = None  # where they would fit now, they stay
        self.go()
        self.assertEqual(self.all_there(*names), listed)

    def test_results_that_come_where_names_are_shorter(self):
        long = "n" * 200 + ".pdf"
        self.come(long, "a.pdf")
        results = os.path.join(self.output, "results")
        os.unlink(os.path.join(results, f"{long}.json"))  # it can't be there
        self.longest = 143
        self.go()
        listed = self.all_there(long, "a.pdf")
        self.assertEqual(len(listed[long]), 143)
        self.assertEqual(self.service.stats()["accepted"], 2)


class OfAMount(Cases, Folding):
    """The same on a real one, where there is any that can be mounted."""

    WAYS = (
        ("mount -t tmpfs -o casefold tmpfs {to} && mkdir {to}/out && chattr +F {to}/out", True),
        ("mkfs.vfat {image} && mount -o loop,utf8,umask=077 {image} {to}", False),
        ("mkntfs -q -F {image} && lowntfs-3g -o ignore_case {image} {to}", False),
    )

    def setUp(self):
        super().setUp()
        to, image = os.path.join(self.directory, "mount"), os.path.join(self.directory, "image")
        os.mkdir(to)
        with open(image, "wb") as f:
            f.truncate(32 << 20)
        for way, self.forms in self.WAYS:
            line = way.format(to=to, image=image)
            if subprocess.run(["sh", "-c", line], capture_output=True, check=False).returncode == 0:
                self.addCleanup(subprocess.run, ["umount", to], check=True)
                break
            subprocess.run(["umount", to], capture_output=True, check=False)
        else:
            self.skipTest("no file system that folds case can be mounted here")
        self.output = os.path.join(to, "out")

    def command(self, *arguments, options=None, **keywords):
        merged = {"ledger.path": os.path.join(self.directory, "ledger.db"), **(options or {})}
        return super().command(*arguments, options=merged, **keywords)

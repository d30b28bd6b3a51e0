#!/usr/bin/env python3
"""Exports that don't get through: killed at each of their crash points, at each write that a disk refuses, and with room
for so many bytes a file and no more. What stands in exports/ is then of the export before or of this one, each file
whole; whoever reads review.db finds it well; the program said why, unless it was killed; and the next export leaves
its own files and nothing else.

export_sweep.py [--all]: all of them; without it a part.
"""

import collections
import concurrent.futures
import hashlib
import itertools
import os
import queue
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile

from io_sweep import build_shim
from world import BINARY, KILLED, Server, World, check, in_memory

# name, the export before, the one that doesn't get through
KINDS = (
    ("csv over csv", ["--profile", "excel-eu"], ["--profile", "rfc4180"]),
    ("xlsx over xlsx", ["--format", "xlsx", "-s", "export.headers=names"], ["--format", "xlsx"]),
    ("csv over xlsx", ["--format", "xlsx"], ["--profile", "rfc4180"]),
    ("sqlite over jsonl", ["--format", "jsonl"], ["--format", "sqlite"]),
)
WORKERS, MOST = 4, 2000
WORDS = ("no space left", "full", "input/output error", "disk i/o error", "too large", "the disk failed")


def environment(**more):
    return {**{k: v for k, v in os.environ.items() if not k.startswith(("MB_CRASH", "MB_FAIL", "MINDEE_V2"))}, **more}


def program(output, *words, limit=None, **more):
    def prepare():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(  # the directory's name is part of the configuration that a workbook tells of
        [BINARY, *words, "-s", "output.directory=."], env=environment(**more), capture_output=True, text=True,
        timeout=120, cwd=output, preexec_fn=prepare if limit is not None else None)
    return done.returncode, done.stdout, done.stderr


def files_in(output):
    """{name: digest} of exports/."""
    found, place = {}, os.path.join(output, "exports")
    for name in os.listdir(place) if os.path.isdir(place) else []:
        with open(os.path.join(place, name), "rb") as f:
            found[name] = hashlib.sha256(f.read()).hexdigest()
    return found


class Place:
    """An output directory in which one case after the other is tried: a workbook tells of its path."""

    def __init__(self, directory, ledger, before, now):
        self.now, self.output, self.fresh = now, os.path.join(directory, "out"), os.path.join(directory, "fresh")
        os.mkdir(directory)
        shutil.copytree(ledger, self.output)
        if os.path.exists(os.path.join(self.output, "review.db")):  # its trail begins anew in each case, and here
            os.unlink(os.path.join(self.output, "review.db"))
        check(program(self.output, "export", *before)[0] == 0, "the export before failed")
        self.before_files = files_in(self.output)
        shutil.copytree(self.output, self.fresh)
        os.unlink(os.path.join(self.fresh, "review.db"))  # so that each has all to do
        check(program(self.output, "export", *now)[0] == 0, "the export failed")
        self.now_files = files_in(self.output)
        check(self.now_files != self.before_files, "both exports are the same")

    def check_files(self, output):
        """After an export that ended in the middle."""
        found = files_in(output)
        for name, digest in found.items():
            check(name.startswith(".mb-export-") or digest in (self.before_files.get(name), self.now_files.get(name)),
                  name, "is neither the one before nor the new one")
        manifest = found.get("manifest.json")
        check(manifest is not None, "there is no manifest any more")
        if manifest == self.now_files["manifest.json"]:
            missing = {n for n, digest in self.now_files.items() if found.get(n) != digest}
            check(not missing, "the manifest is there before", missing)
        gone = {n for n in self.before_files if n not in found}
        check(not gone or manifest == self.now_files["manifest.json"], "gone before the new ones were there:", gone)

    def check_review(self, output):
        path = os.path.join(output, "review.db")
        if os.path.exists(path) and os.path.getsize(path):
            database = sqlite3.connect(path)
            (said,) = database.execute("PRAGMA integrity_check").fetchone()
            database.close()
            check(said == "ok", "review.db:", said)

    def check_next(self, output):
        code, out, err = program(output, "export", *self.now)
        check(code == 0, "the next export ended with", code, out, err)
        check(files_in(output) == self.now_files, "after the next export:", sorted(files_in(output)))
        left = {n for n in os.listdir(output) if n not in os.listdir(self.fresh) and not n.startswith("review.db")}
        check(not left, "left behind in the output directory:", left)

    def case(self, **how):
        """What the program ended with, and what was counted."""
        output, report = self.output, f"{self.output}.count"
        shutil.rmtree(output)
        shutil.copytree(self.fresh, output)
        try:
            places = {"MB_CRASH_COUNT": report, "MB_FAIL_COUNT": report, "MB_FAIL_UNDER": output}
            limit = how.pop("limit", None)
            code, out, err = program(output, "export", *self.now, limit=limit, **places, **how)
            counted = []
            if os.path.exists(report):
                with open(report, encoding="utf-8") as f:
                    counted = [line.split() for line in f]
            self.check_files(output)
            if code == 0:
                check(files_in(output) == self.now_files, "ended well without its files")
            elif code != KILLED:
                check(code in (1, 3), "ended with", code, out, err)
                check(err.startswith("mindee-batch: ") and any(w in err.lower() for w in WORDS), "no word why:", err)
            self.check_review(output)
            self.check_next(output)
            return code, counted
        finally:
            if os.path.exists(report):
                os.unlink(report)


class Kind:
    def __init__(self, directory, ledger, name, before, now):
        self.name, self.places = name, queue.SimpleQueue()
        for number in range(WORKERS):
            self.places.put(Place(f"{directory}/{name.replace(' ', '-')}-{number}", ledger, before, now))

    def case(self, **how):
        place = self.places.get()
        try:
            return place.case(**how)
        finally:
            self.places.put(place)


class Sweep:
    def __init__(self):
        self.codes, self.wrong, self.covered = collections.Counter(), [], collections.Counter()

    def one(self, kind, what, how):
        try:
            code, counted = kind.case(**how)
        except Exception as e:  # whatever it is, it is this case's
            self.wrong.append(f"{kind.name}, {what}: {type(e).__name__}: {e}")
            return None, []
        self.codes[code] += 1
        return code, counted

    def kills(self, pool, kind):
        def at(k):
            code, counted = self.one(kind, f"killed at {k}", {"MB_CRASH_AT": str(k)})
            if code == KILLED:
                self.covered[counted[0][1]] += 1
            return code

        self.waves(pool, at, 1, lambda code: code == 0)

    def failures(self, pool, kind, shim, times, error, step):
        def at(k):
            _, counted = self.one(kind, f"{error} at operation {k}, {times or 'all'}", {
                "LD_PRELOAD": shim, "MB_FAIL_AT": str(k), "MB_FAIL_TIMES": str(times), "MB_FAIL_WITH": error,
                "MB_FAIL_RELATIVE": "1"})
            return int(counted[0][1]) if counted else 1

        self.waves(pool, at, step, lambda failed: failed == 0)

    def limits(self, pool, kind, sizes):
        list(pool.map(lambda size: self.one(kind, f"{size} bytes a file", {"limit": size}), sizes))

    def waves(self, pool, case, step, through):
        for first in range(1, MOST, step * WORKERS):
            if len(self.wrong) > 5 or any(through(answer) for answer in pool.map(case, range(first, first + step * WORKERS, step))):
                return


def make_ledger(directory):
    server = Server(False)
    world = World(server, 7_000_000, {}, directory)
    try:
        code, out, err = world.run()
        check(code == 1, "the run ended with", code, out, err)
    finally:
        server.stop()
    return world.output


def main():
    everything = "--all" in sys.argv[1:]
    sweep = Sweep()
    with tempfile.TemporaryDirectory(prefix="mb-crash-", dir=in_memory()) as directory:
        shim, ledger = build_shim(directory), make_ledger(directory)
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            for name, before, now in KINDS:
                kind = Kind(directory, ledger, name, before, now)
                sweep.kills(pool, kind)
                for times, error in ((1, "ENOSPC"), (0, "ENOSPC"), (1, "EIO")):
                    sweep.failures(pool, kind, shim, times, error, 1 if everything else 8)
                sweep.limits(pool, kind, range(0, 60_000, 500 if everything else 20_000))
    codes = ", ".join(f"{'killed' if code == KILLED else f'exit {code}'} {n} times" for code, n in sweep.codes.items())
    print(f"exports: {codes}; killed at " + ", ".join(f"{n} {c}" for n, c in sorted(sweep.covered.items())))
    for words in sweep.wrong:
        print(words)
    bad = len(sweep.wrong) + (len(sweep.covered) < 5)
    print(f"exports that don't get through: {sum(sweep.codes.values())} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

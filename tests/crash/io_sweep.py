#!/usr/bin/env python3
"""The k-th failure: of a whole run of the real program, the first, second, third... operation that changes a file
fails (full disk, broken disk; once, for a while, for good), until none does. The run ends with a sentence and the exit
code for it, or gets along; the same command then brings the batch to its end, and every promise is checked.

io_sweep.py [--all]: all operations; without it a part of them.
"""

import collections
import concurrent.futures
import itertools
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time

from world import Server, World, check

HERE = os.path.dirname(os.path.abspath(__file__))
SWEEPS = (
    # name, delete when fetched, settings, error, how many fail, every n-th operation if not --all, if --all
    ("full once, resend", False, {}, "ENOSPC", 1, 7, 1),
    ("broken once, hold, leased", False,
     {"retry.in_doubt": "hold", "limits.post_per_minute": "6000"}, "EIO", 1, 7, 1),
    ("full for a while, hold, deleted when fetched", True, {"retry.in_doubt": "hold"}, "ENOSPC", 8, 17, 3),
    # these wait for room until they give up, 15 s each
    ("full for good, hold", False, {"retry.in_doubt": "hold"}, "ENOSPC", 0, 37, 5),
    ("broken for good, resend", False, {}, "EIO", 0, 37, 7),
)
WORKERS = 3
MOST = 3000


def build_shim(directory):
    shim = os.path.join(directory, "failing_io.so")
    subprocess.run(
        [os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-o", shim,
         os.path.join(HERE, "failing_io.c"), "-ldl"], check=True,
    )
    return shim


class Sweep:
    def __init__(self, shim, numbers, name, deletes, settings, error, times):
        self.shim, self.numbers, self.name = shim, numbers, name
        self.deletes, self.settings, self.error, self.times = deletes, settings, error, times
        self.lock, self.servers = threading.Lock(), queue.SimpleQueue()
        self.codes, self.cases, self.failed, self.wrong = collections.Counter(), 0, 0, []

    def operations(self, world, at):
        """A run whose AT-th operation fails: how many there were, how many failed."""
        report = os.path.join(world.directory, "count")  # itself not counted
        code, out, err = world.run(
            LD_PRELOAD=self.shim, MB_FAIL_UNDER=world.directory, MB_FAIL_AT=str(at), MB_FAIL_WITH=self.error,
            MB_FAIL_TIMES=str(self.times), MB_FAIL_COUNT=report,
        )
        with open(report, encoding="utf-8") as f:
            operations, failures = map(int, f.read().split())
        with self.lock:
            self.codes[code] += 1
            self.failed += failures > 0
        sentence = [line for line in err.splitlines() if line.startswith("mindee-batch: ")]
        nowhere = code == 2 and not os.path.exists(os.path.join(world.output, "ledger.db"))
        check(nowhere or code in (1, 3, 5), "ended with", code, out, err)
        check(code == 1 or sentence, "ended with", code, "and no word why:", out, err)
        return operations, failures

    def case(self, at):
        """True if something failed."""
        server, world = self.servers.get(), None
        try:
            world = World(server, next(self.numbers), self.settings)
            _, failures = self.operations(world, at)
            world.after_a_crash()
            world.finish()
            return failures > 0
        except Exception as e:  # whatever it is, it is this operation's
            with self.lock:
                self.wrong.append(f"{self.name}: operation {at} failed: {type(e).__name__}: {e}")
            return True
        finally:
            if world:
                world.remove()
            self.servers.put(server)
            self.cases += 1

    def run(self, step):
        workers = WORKERS if self.times else WORKERS * 4
        servers = [Server(self.deletes) for _ in range(workers)]
        for server in servers:
            self.servers.put(server)
        try:
            with concurrent.futures.ThreadPoolExecutor(workers) as pool:
                for first in itertools.count(1, step * workers):
                    wave = range(first, first + step * workers, step)
                    if not all(list(pool.map(self.case, wave))) or len(self.wrong) > 5 or first > MOST:
                        break
        finally:
            for server in servers:
                server.stop()


def main():
    everything = "--all" in sys.argv[1:]
    numbers, bad, good, failed = itertools.count(1_000_000), [], 0, 0

    def one(shim, name, deletes, settings, error, times, part, most):
        started = time.monotonic()
        sweep = Sweep(shim, numbers, name, deletes, settings, error, times)
        sweep.run(most if everything else part)
        codes = ", ".join(f"exit {code} {n} times" for code, n in sorted(sweep.codes.items()))
        print(
            f"{name}: {sweep.failed} operations failed in {sweep.cases} batches, {codes}, "
            f"{len(sweep.wrong)} went wrong, {time.monotonic() - started:.0f} s",
            flush=True,
        )
        return sweep

    # Most of the time is waiting for room on the disk: all at once.
    with tempfile.TemporaryDirectory(prefix="mb-crash-") as directory:
        shim = build_shim(directory)
        with concurrent.futures.ThreadPoolExecutor(len(SWEEPS)) as pool:
            for sweep in pool.map(lambda s: one(shim, *s), SWEEPS):
                failed += sweep.failed
                good += sweep.cases - len(sweep.wrong)
                bad += sweep.wrong
    for words in bad:
        print(words)
    print(f"k-th failures: {failed} operations; {good} passed, {len(bad)} failed")
    return 1 if bad or not failed else 0


if __name__ == "__main__":
    sys.exit(main())

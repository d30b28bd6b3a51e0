#!/usr/bin/env python3
"""The kill-point sweep: the program is killed at its first crash point, at its second, third... until a run gets
through; after each kill the next run must bring the batch to its end, and every promise is checked. What follows a
kill is killed again in some of the sweeps. Then each point that the count along missed is killed at by name.

kill_sweep.py [--all]: all points of all sweeps; without it a part of them.
"""

import collections
import concurrent.futures
import itertools
import os
import queue
import sys
import threading
import time

from world import KILLED, Server, World, Wrong, check

MOVES = "moves"  # no option: the world's
SWEEPS = (
    # name, delete when fetched, settings, kills in a row, every n-th point if not --all
    ("resend, posts leased", False, {"limits.post_per_minute": "6000"}, 1, 14),
    ("hold, deleted when fetched", True, {"retry.in_doubt": "hold"}, 1, 14),
    ("resend, deleted when fetched, killed three times", True, {}, 3, 17),
    ("hold, leased, killed twice", False,
     {"retry.in_doubt": "hold", "limits.post_per_minute": "6000", "limits.get_per_minute": "36000"}, 2, 37),
    ("inputs moved, posts leased", False, {"limits.post_per_minute": "6000", MOVES: "yes"}, 1, 14),
    ("inputs moved, killed twice", False, {MOVES: "yes"}, 2, 37),
)
WORKERS = 5
MOST = 3000  # points of one run; more of them, and a run never ends


class Sweep:
    def __init__(self, name, deletes, settings, kills, numbers):
        self.name, self.deletes, self.settings, self.kills = name, deletes, settings, kills
        self.lock, self.numbers = threading.Lock(), numbers
        self.servers = queue.SimpleQueue()
        self.covered, self.passed, self.wrong = collections.Counter(), collections.Counter(), []
        self.cases, self.survived = 0, None

    def killed_at(self, world, at):
        """True if it was; what was passed is noted."""
        report = os.path.join(world.directory, "count")
        code, out, err = world.run(MB_CRASH_AT=str(at), MB_CRASH_COUNT=report)
        with open(report, encoding="utf-8") as f:
            words = [line.split() for line in f]
        with self.lock:
            if code == KILLED:
                self.covered[words[0][1]] += 1
            else:
                for name, count in words:
                    self.passed[name] = max(self.passed[name], int(count))
        check(code in (KILLED, 1), "ended with", code, out, err)
        return code == KILLED

    def case(self, at):
        """One batch, killed AT (a number, or NAME:K). True if it was killed at all."""
        server, world = self.servers.get(), None
        try:
            settings = {k: v for k, v in self.settings.items() if k != MOVES}
            world = World(server, next(self.numbers), settings)
            if MOVES in self.settings:
                world.move_inputs()
            killed = False
            for turn in range(self.kills):
                if not self.killed_at(world, at):
                    break
                killed = True
                world.after_a_crash()
            world.finish()
            return killed
        except Exception as e:  # whatever it is, it is this point's
            with self.lock:
                self.wrong.append(f"{self.name}: killed at {at}: {type(e).__name__}: {e}")
            return True
        finally:
            if world:
                world.remove()
            self.servers.put(server)
            self.cases += 1

    def run(self, step):
        servers = [Server(self.deletes) for _ in range(WORKERS)]
        for server in servers:
            self.servers.put(server)
        try:
            with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
                self.by_number(pool, step)
                missed = [n for n in self.passed if not self.covered[n]]
                if step == 1 or self.kills == 1:
                    list(pool.map(self.case, [f"{n}:1" for n in missed]))
        finally:
            for server in servers:
                server.stop()

    def by_number(self, pool, step):
        """Waves of a few points, until one gets through."""
        for first in itertools.count(1, step * WORKERS * 2):
            wave = range(first, first + step * WORKERS * 2, step)
            killed = dict(zip(wave, pool.map(self.case, wave)))
            through = [n for n, was in killed.items() if not was]
            if through:
                self.survived = min(through)
                return
            if len(self.wrong) > 5:
                return
            if first > MOST:
                raise Wrong(f"{self.name}: no end after {MOST} points")


def main():
    everything = "--all" in sys.argv[1:]
    numbers, bad, total, names = itertools.count(1), [], 0, collections.Counter()
    good = 0
    for name, deletes, settings, kills, step in SWEEPS:
        started = time.monotonic()
        sweep = Sweep(name, deletes, settings, kills, numbers)
        sweep.run(1 if everything else step)
        kinds = [n for n in sweep.covered if sweep.covered[n]]
        print(
            f"{name}: {sum(sweep.covered.values())} kills in {sweep.cases} batches at {len(kinds)} of "
            f"{len(set(sweep.passed) | set(kinds))} named points, {sweep.survived} gets through, "
            f"{len(sweep.wrong)} went wrong, {time.monotonic() - started:.0f} s",
            flush=True,
        )
        names.update(sweep.covered)
        total += sum(sweep.covered.values())
        bad += sweep.wrong
        good += sweep.cases - len(sweep.wrong)
        if sweep.survived is None and not sweep.wrong:
            bad.append(f"{name}: never got through")
    print(f"{total} kills in all: " + ", ".join(f"{n} {c}" for n, c in sorted(names.items())))
    for words in bad:
        print(words)
    print(f"kill-point sweep: {good} passed, {len(bad)} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

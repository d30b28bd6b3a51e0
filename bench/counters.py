"""What a document takes, in numbers that a busy machine doesn't move, or hardly: statements of SQLite's, system calls,
instructions. A small batch, the same for all; what starting and ending costs is in it, shared by its documents."""

import json
import os
import re
import shutil
import subprocess
import sys

from measuring import Sandbox, Skipped, make_documents, number

DOCUMENTS = 200
HASHING = "libcrypto"  # told apart: valgrind knows no SHA instructions, and counts its slow way instead
# Calls that documents make, and time doesn't: no waits, no wakings, nothing of a connection or a commit.
FILE_CALLS = ("openat", "renameat2", "unlinkat", "pread64", "newfstatat", "fstat")


class Failed(Exception):
    """A program that ended badly, and what it said."""


def run(bench, line, **environment):
    done = subprocess.run(line, env={**bench.environment(), **environment}, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{line[0]} ended with {done.returncode}: {done.stderr[-1000:]}")


def not_here(tool, why):
    """Tracing may be forbidden: in a container, say."""
    print(f"skipped: {tool} doesn't work here: {str(why).strip()}", file=sys.stderr)
    return {}


def statements(bench, line):
    """By a library loaded before the program. Transactions are told apart: how many there are is a matter of time."""
    report = bench.path("statements")
    run(bench, line, LD_PRELOAD=bench.count_statements, COUNT_STATEMENTS=report)
    with open(report, encoding="ascii") as f:
        counted = json.load(f)
    if counted["statements"] == 0 and line[0] != bench.bare_curl:
        raise SystemExit(f"bench: no statement of {line[0]} was counted: does it load {bench.count_statements}?")
    return {what: n / DOCUMENTS for what, n in counted.items()}


def system_calls(bench, line):
    if not shutil.which("strace"):
        return {}
    report = bench.path("strace")
    try:
        run(bench, ["strace", "-f", "-c", "-o", report, *line])
    except Failed as why:
        return not_here("strace", why)
    with open(report, encoding="utf-8") as f:
        rows = [row.split() for row in f]
    calls = {row[-1]: int(row[3]) for row in rows if len(row) >= 5 and row[3].isdigit() and row[-1] != "total"}
    return {
        "system_calls": sum(calls.values()) / DOCUMENTS,
        "file_calls": sum(calls.get(call, 0) for call in FILE_CALLS) / DOCUMENTS,
        "calls": {call: n / DOCUMENTS for call, n in sorted(calls.items(), key=lambda each: -each[1])},
    }


def instructions(bench, line):
    """Outside the kernel, by valgrind, without those of hashing and TLS."""
    if not shutil.which("valgrind"):
        return {}
    report = bench.path("callgrind")
    try:
        run(bench, ["valgrind", "--tool=callgrind", f"--callgrind-out-file={report}", *line])
    except Failed as why:
        return not_here("valgrind", why)
    return {"instructions": outside_hashing(report) / DOCUMENTS}


def outside_hashing(report):
    """callgrind's file: lines "position cost" belong to the object named last; the one after "calls=" is a call's,
    whose cost is counted where it arises. Names are given once, with a number."""
    names, total, ours, after_call = {}, 0, True, False
    with open(report, encoding="utf-8", errors="replace") as f:
        for row in f:
            if row.startswith("ob="):
                key, _, name = row[3:].strip().partition(" ")
                ours = HASHING not in names.setdefault(key, name)
            elif row.startswith("cob="):
                key, _, name = row[4:].strip().partition(" ")
                names.setdefault(key, name)
            elif row.startswith("calls="):
                after_call = True
            elif re.match(r"[\d+*-]", row):
                if ours and not after_call:
                    total += int(row.split()[1])
                after_call = False
    return total


def measure_one(bench, line_of):
    """LINE_OF() makes a line with an output directory of its own."""
    return {
        **statements(bench, line_of()),
        **system_calls(bench, line_of()),
        **instructions(bench, line_of()),
    }


def guarded(bench):
    """Of mindee-batch alone, what bench/guard compares."""
    documents = make_documents(bench.path("counted"), DOCUMENTS, bench.arguments.kilobytes * 1000)
    with Sandbox(bench) as sandbox:
        all_of_it = measure_one(bench, bench.clients(documents, sandbox)["ours"])
    return {what: all_of_it[what] for what in ("statements", "file_calls", "instructions") if what in all_of_it}


def counters(bench):
    """Over http."""
    documents = make_documents(bench.path("counted"), DOCUMENTS, bench.arguments.kilobytes * 1000)
    if not os.path.exists(bench.count_statements):
        raise Skipped("bench_count_statements isn't built")
    with Sandbox(bench) as sandbox:
        return {
            "documents": DOCUMENTS,
            **{name: measure_one(bench, make) for name, make in bench.clients(documents, sandbox).items()},
        }


ROWS = (
    ("instructions", "  instructions (valgrind's count)"),
    ("statements", "  statements of SQLite's"),
    ("transactions", "  its BEGINs and COMMITs"),
    ("system_calls", "  system calls (strace)"),
    ("file_calls", "    of them about files"),
)


def show(r, row):
    row(f"a document, of {r['documents']}, http", "mindee-batch", "the floor", "bare libcurl")
    for what, title in ROWS:
        cells = [number(r[name][what]) if what in r[name] else "" for name in ("ours", "floor", "bare")]
        if any(cells):
            row(title, *cells)

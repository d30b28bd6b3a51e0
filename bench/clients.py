"""mindee-batch beside the bare libcurl loop, a finished batch beside find, and what reaches the disk."""

import shutil
import subprocess

from measuring import MODEL, WAIT_MS, Sandbox, Skipped, make_documents, ratios, spread

RERUNS = 5
STRACED_DOCUMENTS = 200
SYNCS = ("fsync", "fdatasync", "syncfs", "sync_file_range", "msync")


class Client:
    """The costs of one client's runs, in the order in which they ran."""

    def __init__(self, name):
        self.name, self.costs = name, []

    def add(self, cost, documents, before, after):
        asked = after["posts"] + after["gets"] - before["posts"] - before["gets"]
        if after["results_served"] - before["results_served"] < documents:
            raise SystemExit(f"bench: {self.name} did not fetch every result")
        self.costs.append(
            {
                "cpu_s_per_1000": cost["cpu_s"] * 1000 / documents,
                "user_s_per_1000": cost["user_s"] * 1000 / documents,
                "documents_a_second": documents / cost["wall_s"],
                "peak_mib": cost["peak_kib"] / 1024,
                "requests_a_document": asked / documents,
            }
        )

    def values(self, what):
        return [cost[what] for cost in self.costs]

    def spreads(self):
        return {what: spread(self.values(what)) for what in self.costs[0]}


def run_ours(bench, documents, sandbox):
    return bench.measure(bench.batch("run", documents, bench.path("out"), sandbox))


def run_bare(bench, documents, sandbox):
    line = [bench.bare_curl, sandbox.url, MODEL, str(bench.arguments.at_once), str(WAIT_MS), documents]
    return bench.measure(line + ([sandbox.ca_file] if sandbox.ca_file else []))


def compare(bench, documents, tls):
    """Both over the same documents, by turns."""
    ours, bare = Client("mindee-batch"), Client("bare libcurl")
    with Sandbox(bench, tls) as sandbox:
        for _ in range(bench.arguments.pairs):
            for client, run in ((ours, run_ours), (bare, run_bare)):
                before = sandbox.stats()
                cost = run(bench, documents, sandbox)
                client.add(cost, bench.arguments.documents, before, sandbox.stats())
    return {
        "ours": ours.spreads(),
        "bare": bare.spreads(),
        "ratio": {what: ratios(ours.values(what), bare.values(what)) for what in ours.costs[0]},
    }


def rerun(bench):
    """A finished batch, run again: nothing is sent, and each file is looked at, as find does."""
    count, output = bench.arguments.rerun_documents, bench.path("out")
    documents = make_documents(bench.path("rerun"), count, 1000)
    find = ["find", documents, "-type", "f", "-printf", r"%p %s %T@ %i\n"]
    with Sandbox(bench) as sandbox:
        line = bench.batch("run", documents, output, sandbox)
        first = bench.measure(line)
        before = sandbox.stats()
        bench.measure(line), bench.measure(find)  # the caches are warm for both
        again, found = [], []
        for _ in range(RERUNS):
            again.append(bench.measure(line))
            found.append(bench.measure(find))
        after = sandbox.stats()
    result = {
        "documents": count,
        "requests": after["posts"] + after["gets"] - before["posts"] - before["gets"],
        "first_run_cpu_s_per_1000": first["cpu_s"] * 1000 / count,
        "first_run_peak_mib": first["peak_kib"] / 1024,
        "rerun_peak_mib": spread(c["peak_kib"] / 1024 for c in again),
    }
    for what in ("cpu_s", "wall_s"):
        ours, theirs = [c[what] for c in again], [c[what] for c in found]
        result[what] = {"ours": spread(ours), "find": spread(theirs), "ratio": ratios(ours, theirs)}
    return result


def syncs(bench):
    """Calls that wait for the disk, by strace."""
    if not shutil.which("strace"):
        raise Skipped("strace is not installed")
    counted, output = bench.path("strace"), bench.path("out")
    documents = make_documents(bench.path("straced"), STRACED_DOCUMENTS, bench.arguments.kilobytes * 1000)
    with Sandbox(bench) as sandbox:
        line = bench.batch("run", documents, output, sandbox)
        strace = ["strace", "-f", "-c", "-o", counted, "-e", "trace=" + ",".join(SYNCS)]
        done = subprocess.run([*strace, *line], env=bench.environment(), capture_output=True, text=True)
    if done.returncode != 0:
        raise Skipped(f"strace can't trace here: {done.stderr.strip()[-200:]}")
    with open(counted, encoding="utf-8") as f:
        rows = [row.split() for row in f]
    calls = {row[-1]: int(row[3]) for row in rows if len(row) >= 5 and row[-1] in SYNCS}
    return {
        "documents": STRACED_DOCUMENTS,
        "calls": calls,
        "per_document": sum(calls.values()) / STRACED_DOCUMENTS,
    }

"""mindee-batch beside the floor, the bare libcurl loop and Mindee's Node SDK, batches of every size, large files, a
finished batch beside find, and what reaches the disk."""

import os
import shutil
import subprocess

from measuring import MODEL, SENDING_ALONE, Sandbox, Skipped, make_documents, ratios, spread

RERUNS = 5
SIZES = (1000, 10000, 100000)
SMALL_BYTES = 4000  # of each document where there are many
LARGE_FILES, LARGE_BYTES = 64, 5 * 1000 * 1000
HERE = os.path.dirname(os.path.abspath(__file__))
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


def node_sdk(bench):
    """[node, script] with the SDK beside it, installed by npm as the peer tests do; or why there is none."""
    cache = os.path.join(os.path.dirname(bench.program), "peer")
    script = f'cache=$1; . "{HERE}/../tests/peer/sdk.sh"; printf "node=%s\n" "$node"'
    done = subprocess.run(["bash", "-c", script, "sdk", cache], capture_output=True, text=True)
    last = done.stdout.strip().splitlines()[-1:] or [done.stderr.strip()[-200:]]
    if done.returncode != 0 or not last[0].startswith("node="):
        return None, last[0].removeprefix("skipped: ")
    copy = os.path.join(cache, "bench_node_sdk.mjs")  # Node looks for modules beside the script
    shutil.copy(os.path.join(HERE, "node_sdk.mjs"), copy)
    return [last[0].removeprefix("node="), copy], None


def run_node(bench, documents, sandbox, command):
    host = sandbox.url.split("//")[1]
    line = [*command, MODEL, str(bench.arguments.at_once), documents]
    return bench.measure(line, MINDEE_V2_API_HOST=host, NODE_EXTRA_CA_CERTS=sandbox.ca_file)


def compare(bench, documents, tls):
    """All over the same documents, by turns; the SDK, which speaks https alone, less often: it waits a second for
    each document."""
    command, why = node_sdk(bench) if tls and bench.arguments.node_runs else (None, None)
    node = Client("Node SDK")
    with Sandbox(bench, tls) as sandbox:
        makes = bench.clients(documents, sandbox)
        makes["whole"] = lambda: bench.batch("run", documents, bench.path("out"), sandbox)
        clients = {name: Client(name) for name in makes}

        def once(client, run):
            before = sandbox.stats()
            cost = run()
            client.add(cost, bench.arguments.documents, before, sandbox.stats())

        once(Client("warms the caches"), lambda: bench.measure(makes["bare"]()))
        for turn in range(bench.arguments.pairs):
            for name, make in makes.items():
                once(clients[name], lambda: bench.measure(make()))
            if command and turn < bench.arguments.node_runs:
                once(node, lambda: run_node(bench, documents, sandbox, command))
    ours, floor, bare = (clients[name] for name in ("ours", "floor", "bare"))
    result = {
        **{name: client.spreads() for name, client in clients.items()},
        "to_floor": ratios_of(ours, floor),
        "to_bare": ratios_of(ours, bare),
        "floor_to_bare": ratios_of(floor, bare),
    }
    if node.costs:
        result["node_sdk"] = node.spreads()
        result["node_sdk_ratio"] = ratios_of(node, clients["whole"])
    elif why:
        result["node_sdk_skipped"] = why
    return result


def ratios_of(one, other):
    return {what: ratios(one.values(what), other.values(what)) for what in one.costs[0]}


def against(bench, documents, program):
    """Another program of this name beside this one, by turns, over the same sandbox."""
    ours, other = Client("mindee-batch"), Client(program)
    with Sandbox(bench) as sandbox:
        def once(client):
            line = bench.batch("run", documents, bench.path("out"), sandbox)
            line[0] = bench.program if client is ours else program
            before = sandbox.stats()
            cost = bench.measure(line)
            client.add(cost, bench.arguments.documents, before, sandbox.stats())

        warm = Client("warms the caches")
        once(warm)
        for _ in range(bench.arguments.pairs):
            once(ours)
            once(other)
    return {
        "ours": ours.spreads(),
        "other": other.spreads(),
        "ratio": {what: ratios(ours.values(what), other.values(what)) for what in ours.costs[0]},
    }


def scale(bench):
    """Batches of every size, by turns, and the largest one again once it is finished: nothing is sent then, and each
    file is looked at, as find does."""
    largest = bench.arguments.largest
    documents = make_documents(bench.path("many"), largest, SMALL_BYTES)
    rows = []
    with Sandbox(bench) as sandbox:
        for count in [size for size in SIZES if size < largest] + [largest]:
            runs = []
            directory = documents if count == largest else first_of(bench, documents, count)
            for _ in range(1 if count == largest else 3):
                output = bench.path("out")
                line = bench.batch("run", directory, output, sandbox)
                runs.append(bench.measure(line))
            rows.append(
                {
                    "documents": count,
                    "cpu_s_per_1000": spread(c["cpu_s"] * 1000 / count for c in runs),
                    "documents_a_second": spread(count / c["wall_s"] for c in runs),
                    "peak_mib": spread(c["peak_kib"] / 1024 for c in runs),
                }
            )
        return {"bytes": SMALL_BYTES, "rows": rows, "rerun": rerun(bench, documents, line, sandbox)}


def first_of(bench, documents, count):
    """A directory with COUNT of them, linked."""
    directory = bench.path("some")
    os.mkdir(directory)
    for name in sorted(os.listdir(documents))[:count]:
        os.link(os.path.join(documents, name), os.path.join(directory, name))
    return directory


def rerun(bench, documents, line, sandbox):
    find = ["find", documents, "-type", "f", "-printf", r"%p %s %T@ %i\n"]
    before = sandbox.stats()
    bench.measure(line), bench.measure(find)  # the caches are warm for both
    again, found = [], []
    for _ in range(RERUNS):
        again.append(bench.measure(line))
        found.append(bench.measure(find))
    after = sandbox.stats()
    result = {
        "documents": bench.arguments.largest,
        "requests": after["posts"] + after["gets"] - before["posts"] - before["gets"],
        "peak_mib": spread(c["peak_kib"] / 1024 for c in again),
    }
    for what in ("cpu_s", "wall_s"):
        ours, theirs = [c[what] for c in again], [c[what] for c in found]
        result[what] = {"ours": spread(ours), "find": spread(theirs), "ratio": ratios(ours, theirs)}
    return result


def large(bench):
    """Large files, all at once, by turns."""
    documents = make_documents(bench.path("large"), LARGE_FILES, LARGE_BYTES)
    costs = {}
    with Sandbox(bench) as sandbox:
        makes = bench.clients(documents, sandbox)
        makes["ours"] = lambda: bench.batch(
            "run", documents, bench.path("out"), sandbox, **SENDING_ALONE, **{"limits.canary": "0"}
        )
        for _ in range(bench.arguments.large_pairs):
            for name, make in makes.items():
                costs.setdefault(name, []).append(bench.measure(make()))
    gigabytes = LARGE_FILES * LARGE_BYTES / 1e9
    result = {
        name: {
            "peak_mib": spread(c["peak_kib"] / 1024 for c in each),
            "cpu_s_per_gb": spread(c["cpu_s"] / gigabytes for c in each),
        }
        for name, each in costs.items()
    }
    for name in ("floor", "bare"):
        result[f"to_{name}"] = ratios([c["cpu_s"] for c in costs["ours"]], [c["cpu_s"] for c in costs[name]])
    return {"documents": LARGE_FILES, "bytes": LARGE_BYTES, **result}


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

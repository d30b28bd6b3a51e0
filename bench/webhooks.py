"""What one core takes of webhooks: durably, beside the floor (each delivery hashed and stored, and nothing else) and
the same receiver without storage; and junk."""

import hashlib
import hmac
import json
import os
import re
import shutil
import sqlite3
import socket
import subprocess

from measuring import WEBHOOK, Sandbox, Skipped, end, make_documents, ratios, spread, wait_for

SECRET = "bench_0123456789abcdef"
SIGNATURES = 400000
CONNECTIONS = 64
HERE = os.path.dirname(os.path.abspath(__file__))


class Receiver:
    """A process that listens for webhooks on one core; wrk gets another one if there is one."""

    def __init__(self, name, process, port):
        self.name, self.process, self.port = name, process, port
        self.rounds, self.junk, self.resident = [], [], [self.resident_mib()]

    def resident_mib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1]) / 1024

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            fields = f.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def on_core(number):
    cores = sorted(os.sched_getaffinity(0))
    return lambda: os.sched_setaffinity(0, {cores[number % len(cores)]})


def start_bare(bench, name, *ledger):
    process = subprocess.Popen(
        [bench.bare_receiver, SECRET, *ledger], stdout=subprocess.PIPE, text=True, preexec_fn=on_core(0)
    )
    return Receiver(name, process, int(process.stdout.readline()))


def start_ours(bench, sandbox, output):
    """A run whose one document never ends: it waits, and listens."""
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
    documents = make_documents(bench.path("waiting"), 1, 1000)
    secret = bench.path("secret")
    with open(os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as f:
        f.write(SECRET)
    settings = {
        "webhook.listen": f"127.0.0.1:{port}",
        "webhook.secret_file": secret,
        "webhook.fallback_after": "1h",
        "request.webhook_ids": WEBHOOK,
    }
    line = bench.batch("run", documents, output, sandbox, **settings)
    log = bench.path("log")
    with open(log, "wb") as said:
        process = subprocess.Popen(
            line, stdout=said, stderr=said, env=bench.environment(), preexec_fn=on_core(0)
        )

    def listening():
        with socket.socket() as s:
            return process.poll() is not None or s.connect_ex(("127.0.0.1", port)) == 0

    wait_for(listening, "the receiver")
    wait_for(lambda: process.poll() is not None or sandbox.stats()["accepted"], "the upload")
    if process.poll() is not None:
        with open(log, encoding="utf-8", errors="replace") as said:
            raise SystemExit(f"bench: the run that should listen has ended:\n{said.read()}")
    return Receiver("durably", process, port)


def sample_payload(bench):
    """A result as the sandbox gives it, of a job that nobody sent: "@" stands in its job's id."""
    output = bench.path("out")
    documents = make_documents(bench.path("sample"), 1, 1000)
    with Sandbox(bench) as sandbox:
        bench.measure(bench.batch("run", documents, output, sandbox))
    (name,) = os.listdir(os.path.join(output, "results"))
    with open(os.path.join(output, "results", name), encoding="utf-8") as f:
        inference = json.load(f)["inference"]
    inference["job"]["id"] = inference["job"]["id"][:-12] + "@"
    inference["file"]["alias"] = "bench"
    return json.dumps({"inference": inference}, ensure_ascii=False, separators=(",", ":")).encode()


def sign_all(payload):
    before, after = payload.split(b"@")
    started = hmac.new(SECRET.encode(), before, hashlib.sha256)
    digits = bytearray()
    for i in range(SIGNATURES):
        mac = started.copy()
        mac.update(b"%012d" % i + after)
        digits += mac.hexdigest().encode()
    return bytes(digits)


def wrk(bench, receiver, payload, signatures, first, junk):
    line = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{bench.arguments.seconds}s", "--timeout", "30s"]
    line += ["-s", os.path.join(HERE, "webhooks.lua"), f"http://127.0.0.1:{receiver.port}/webhook"]
    environment = {
        **os.environ,
        "BENCH_PAYLOAD": payload,
        "BENCH_SIGNATURES": signatures,
        "BENCH_FIRST": str(first),
    }
    cpu = receiver.cpu_s()
    said = subprocess.run(
        line + (["--", "junk"] if junk else []),
        env=environment,
        preexec_fn=on_core(1),
        capture_output=True,
        text=True,
    )
    found = re.search(r"BENCH (.*)", said.stdout)
    if said.returncode != 0 or not found:
        raise SystemExit(f"bench: wrk failed: {said.stdout}{said.stderr}")
    result = {k: float(v) for k, v in (pair.split("=") for pair in found[1].split())}
    result["cpu_s"] = receiver.cpu_s() - cpu
    if result["refused"] != (result["requests"] if junk else 0):
        raise SystemExit(f"bench: {receiver.name}: not the answers it should give: {said.stdout}")
    receiver.resident.append(receiver.resident_mib())
    return result


def numbers(rounds):
    return {
        "a_second": spread(r["requests"] / r["seconds"] for r in rounds),
        "a_cpu_second": spread(r["requests"] / r["cpu_s"] for r in rounds),
        "p99_ms": spread(r["p99_ms"] for r in rounds),
        "broken_connections": sum(int(r["broken"]) for r in rounds),
    }


def stored(output):
    with sqlite3.connect(os.path.join(output, "ledger.db")) as ledger:
        return ledger.execute("SELECT count(*) FROM orphan").fetchone()[0]


def deliver(bench, receivers):
    """Rounds of deliveries by turns, then rounds of junk."""
    payload, signatures = bench.path("payload"), bench.path("signatures")
    bytes_of_one = sample_payload(bench)
    for path, data in ((payload, bytes_of_one), (signatures, sign_all(bytes_of_one))):
        with open(path, "wb") as f:
            f.write(data)
    sent = {receiver.name: 0 for receiver in receivers}
    for _ in range(bench.arguments.pairs):
        for r in receivers:
            r.rounds.append(wrk(bench, r, payload, signatures, sent[r.name], junk=False))
            sent[r.name] += int(r.rounds[-1]["requests"]) + 2 * CONNECTIONS
    for _ in range(bench.arguments.pairs):
        r = receivers[0]
        r.junk.append(wrk(bench, r, payload, signatures, 0, junk=True))
    return len(bytes_of_one) + 11, sent


def webhooks(bench):
    if not shutil.which("wrk"):
        raise Skipped("wrk is not installed (Debian has it: apt-get install wrk)")
    output = bench.path("out")
    with Sandbox(bench, latency="12h") as sandbox:
        receivers = []
        try:
            receivers.append(start_ours(bench, sandbox, output))
            receivers.append(start_bare(bench, "the floor", bench.path("ledger")))
            receivers.append(start_bare(bench, "without storage"))
            size, sent = deliver(bench, receivers)
        finally:
            for r in receivers:
                end(r.process)
    ours, floor, bare = receivers
    answered = sum(int(r["requests"]) for r in ours.rounds)
    kept = stored(output)
    once_round = sent[ours.name] <= SIGNATURES
    if once_round and kept < answered:
        raise SystemExit(f"bench: {answered} deliveries were answered 2xx, {kept} are stored")
    rounds = bench.arguments.pairs
    result = {
        "payload_bytes": size,
        "connections": CONNECTIONS,
        "answered_2xx": answered,
        "stored": kept,
        "all_different": once_round,
        "durable": numbers(ours.rounds),
        "floor": numbers(floor.rounds),
        "without_storage": numbers(bare.rounds),
        "ratio": {},
        "to_floor": {},
        "junk": numbers(ours.junk),
        "resident_mib": {
            "idle": ours.resident[0],
            "deliveries": ours.resident[1 : rounds + 1],
            "junk": ours.resident[rounds + 1 :],
        },
        "resident_mib_floor": {"idle": floor.resident[0], "deliveries": floor.resident[1:]},
        "resident_mib_without_storage": {"idle": bare.resident[0], "deliveries": bare.resident[1:]},
    }
    for what in ("a_second", "a_cpu_second"):
        for name, other in (("ratio", "without_storage"), ("to_floor", "floor")):
            result[name][what] = ratios(result["durable"][what]["values"], result[other][what]["values"])
    return result

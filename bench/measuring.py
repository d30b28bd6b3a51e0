"""What every benchmark uses: programs to measure, a sandbox, documents, numbers with their range."""

import json
import os
import random
import re
import signal
import ssl
import statistics
import subprocess
import time
import urllib.request

MODEL = "11111111-1111-4111-8111-0000000e0001"  # the sandbox's model of invoices
WEBHOOK = "aaaaaaaa-1111-4111-8111-0000000e0001"  # and one of its webhooks
KEY = "md_bench"
WAIT_MS = 100  # from an upload to its poll, in both clients; the sandbox's jobs take no time
PATIENCE_S = 60
SENDING_ALONE = {"report.enabled": "no", "review.enabled": "no"}  # what a run writes for people at its end isn't sending


class Skipped(Exception):
    """A part that can't be measured here, and why."""


class Bench:
    """Where things are, and how many of them."""

    def __init__(self, arguments, build, directory):
        self.arguments, self.directory = arguments, directory
        self.program = os.path.join(build, "mindee-batch")
        self.bare_curl = os.path.join(build, "bench_bare_curl")
        self.floor = os.path.join(build, "bench_floor")
        self.bare_receiver = os.path.join(build, "bench_bare_receiver")
        self.count_statements = os.path.join(build, "bench", "libbench_count_statements.so")
        self.measurer = os.path.join(build, "bench_measure")
        self.number = 0

    def path(self, what):
        """A new name below the directory of this benchmark."""
        self.number += 1
        return os.path.join(self.directory, f"{what}-{self.number}")

    def environment(self):
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith("MINDEE_V2")},
            "MINDEE_V2_API_KEY": KEY,
        }

    def measure(self, command, **environment):
        """Runs a command to its end; what it cost, by bench_measure."""
        report, log = self.path("cost"), self.path("log")
        with open(log, "wb") as said:
            code = subprocess.run(
                [self.measurer, report, *command], stdout=said, stderr=said, env={**self.environment(), **environment}
            ).returncode
        if code != 0:
            with open(log, encoding="utf-8", errors="replace") as said:
                raise SystemExit(f"bench: {command[0]} ended with {code}:\n{said.read()[-3000:]}")
        with open(report, encoding="ascii") as f:
            cost = json.load(f)
        cost["cpu_s"] = cost["user_s"] + cost["system_s"]
        return cost

    def batch(self, command, documents, output, sandbox, **settings):
        """A line for `mindee-batch run` or `serve`, without limits."""
        options = {
            "api.base_url": sandbox.url,
            "api.model_id": MODEL,
            "limits.post_per_minute": "0",
            "limits.get_per_minute": "0",
            "limits.uploads": str(self.arguments.at_once),
            "limits.state": os.path.join(self.directory, "state"),
            "output.directory": output,
            "polling.planner": "fixed",  # both clients wait alike
            "polling.first_delay": f"{WAIT_MS}ms",
            "polling.interval": f"{WAIT_MS}ms",
            **settings,
        }
        if sandbox.ca_file:
            options["api.ca_file"] = sandbox.ca_file
        line = [self.program, command, "-q"]
        for key, value in options.items():
            line += ["-s", f"{key}={value}"]
        return [*line, documents]

    def clients(self, documents, sandbox):
        """What is compared: functions, each of which makes a line that hasn't run yet. Ours ends with its results:
        what it writes for people at the end of a run is measured by itself ("whole")."""
        ca = [sandbox.ca_file] if sandbox.ca_file else []
        raw = [sandbox.url, MODEL, str(self.arguments.at_once), str(WAIT_MS), documents, *ca]
        return {
            "ours": lambda: self.batch("run", documents, self.path("out"), sandbox, **SENDING_ALONE),
            "floor": lambda: [self.floor, self.path("out"), *raw],
            "bare": lambda: [self.bare_curl, *raw],
        }


class Sandbox:
    """`mindee-batch sandbox` without limits, whose jobs take no time, unless told otherwise."""

    def __init__(self, bench, tls=False, latency="0", limits=False, more=()):
        self.ca_file = bench.path("ca") if tls else None
        line = [bench.program, "sandbox", "--port", "0", "--quiet"]
        line += list(more) or ["--latency-median", latency, "--latency-sigma", "0"]
        line += [] if limits else ["--post-per-minute", "0", "--get-per-minute", "0"]
        line += ["--tls", self.ca_file] if tls else []
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
        said = self.process.stdout.readline()
        if not re.fullmatch(r"listening on https?://[\d.]+:\d+\n", said):
            raise SystemExit(f"bench: the sandbox said {said!r}")
        self.url = said.split()[-1]

    def stats(self):
        context = ssl.create_default_context(cafile=self.ca_file) if self.ca_file else None
        with urllib.request.urlopen(self.url + "/sandbox/stats", context=context) as answer:
            return json.load(answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end(self.process)


def end(process):
    """SIGTERM, and its end; killed if it doesn't."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


def wait_for(fact, what):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        value = fact()
        if value:
            return value
        time.sleep(0.02)
    raise SystemExit(f"bench: waited in vain for {what}")


# --- documents ---


def pdf(number, size):
    """A PDF of one page whose picture fills it up to SIZE bytes; no two are alike."""
    noise = random.Random(number).randbytes(max(0, size - 750))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R>>",
        b"<</Type/XObject/Subtype/Image/Width %d/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length %d>>\n"
        b"stream\n%s\nendstream" % (max(1, len(noise)), len(noise), noise),
        b"<</Length 25>>\nstream\nq 500 0 0 700 9 9 cm /I Do\nendstream",
    ]
    out, places = bytearray(b"%%PDF-1.4\n%% document %d\n" % number), []
    for i, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (i, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def make_documents(directory, count, size):
    os.mkdir(directory)
    for i in range(count):
        with open(os.path.join(directory, f"invoice-{i:06}.pdf"), "wb") as f:
            f.write(pdf(i, size))
    return directory


# --- numbers ---


def spread(values):
    """Median, quartiles and range, for the table's cells and for the JSON."""
    values = list(values)
    quartiles = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return {
        "median": statistics.median(values),
        "lower_quartile": quartiles[0],
        "upper_quartile": quartiles[2],
        "least": min(values),
        "most": max(values),
        "values": values,
    }


def number(value):
    if value >= 1000 or isinstance(value, int):
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def shown(s):
    """0.31 (0.30 to 0.33): the median, and the quartiles"""
    median, least, most = number(s["median"]), number(s["lower_quartile"]), number(s["upper_quartile"])
    return median if least == most else f"{median} ({least} to {most})"


def ratios(ours, theirs):
    """Pair by pair, in the order in which they ran."""
    return spread(a / b for a, b in zip(ours, theirs))

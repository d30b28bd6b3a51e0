"""What every end-to-end test uses: the real binary, a sandbox of its own, a directory of its own.

A test waits for facts (a line on standard output, a number in the sandbox's record), never for time to pass, and
asserts order and counts, not durations.
"""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

BINARY = os.path.abspath(os.environ.get("MINDEE_BATCH", "build/mindee-batch"))
SHARED = os.environ.get(
    "MB_SHARED", os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared")
)
KEY = "md_e2e_secret_key_0123456789"
MODEL = "11111111-1111-4111-8111-0000000e0001"
PATIENCE = 120  # seconds until a fact that should come is given up

# A PDF of one page that every reader takes; the number makes it another document.
PDF = (
    b"%%PDF-1.4\n%% %d\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%%%EOF\n"
)


def pdf(number):
    return PDF % number


def free_port():
    """One that nobody has at this moment, for a server that begins at once. Not for what is to find nobody there: other
    tests on this machine get it next (Case.refusing_port)."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Sandbox:
    """`mindee-batch sandbox` on a port of its own. Where MB_E2E_TRACES names a directory, all that it answers is written
    there, for `run` to hold against Mindee's description."""

    def __init__(self, *options):
        traces = os.environ.get("MB_E2E_TRACES")
        if traces and not {"--trace", "--answers"} & set(options):  # what a test makes up is no answer of Mindee's
            handle, trace = tempfile.mkstemp(dir=traces, suffix=".jsonl")
            os.close(handle)
            options = ("--trace", trace, *options)
        self.process = subprocess.Popen(
            [BINARY, "sandbox", "--port", "0", "--quiet", *options],
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        match = re.fullmatch(r"listening on (https?)://([\d.]+):(\d+)\n", line)
        if not match:
            raise AssertionError(f"the sandbox said {line!r}")
        self.url = line.split()[-1]
        self.host, self.port = match[2], int(match[3])

    def get(self, path, headers=None):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def stats(self):
        status, body = self.get("/sandbox/stats")
        assert status == 200, status
        return json.loads(body)

    def jobs(self):
        listed, start = [], 0
        while True:
            status, body = self.get(f"/sandbox/jobs?from={start}&limit=1000")
            assert status == 200, status
            page = json.loads(body)
            page = page["jobs"] if isinstance(page, dict) else page
            listed += page
            if len(page) < 1000:
                return listed
            start += len(page)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()
        return code


def wait_for(fact, what="a fact"):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = fact()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")


def build_shim(source, *libraries):
    """A library to be preloaded, made of SOURCE beside this file, while the calling module's tests run."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        raise unittest.SkipTest("needs a C compiler")
    directory = tempfile.mkdtemp(prefix="mb-shim-")
    unittest.addModuleCleanup(shutil.rmtree, directory)
    shim = os.path.join(directory, "shim.so")
    here = os.path.dirname(os.path.abspath(__file__))
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", shim, os.path.join(here, source), *libraries], check=True)
    return shim


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="mb-e2e-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.input = os.path.join(self.directory, "invoices")
        self.output = os.path.join(self.directory, "out")
        os.mkdir(self.input)

    # --- the world ---

    def sandbox(self, *options):
        sandbox = Sandbox(*options)
        self.addCleanup(sandbox.stop)
        return sandbox

    def hold_port(self):
        """A socket on a port of its own at which nobody listens: who connects is refused, until it is closed."""
        holder = socket.socket()
        holder.bind(("127.0.0.1", 0))
        self.addCleanup(holder.close)
        return holder

    def refusing_port(self):
        return self.hold_port().getsockname()[1]

    def fast_sandbox(self, *options):
        return self.sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "30ms", *options
        )

    def write(self, name, data):
        path = os.path.join(os.fsencode(self.input), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def write_pdfs(self, count, first=0):
        for i in range(first, first + count):
            self.write(f"invoice-{i:05}.pdf", pdf(i))

    # --- the program ---

    FAST = {
        "limits.post_per_minute": "0",
        "limits.get_per_minute": "0",
        "polling.first_delay": "50ms",
        "polling.interval": "50ms",
        "retry.first_delay": "20ms",
        "retry.max_delay": "200ms",
    }

    def command(self, name, *paths, sandbox=None, options=None, words=()):
        settings = {
            "output.directory": self.output,
            "limits.state": os.path.join(self.directory, "state"),
            "api.model_id": MODEL,
        }
        if sandbox:
            settings["api.base_url"] = sandbox.url
        settings.update(options or {})
        line = [BINARY, name, *words]
        self.hide_secrets(settings, line)
        for key, value in settings.items():
            if value is not None:
                line += ["-s", f"{key}={value}"]
        return line + [os.fspath(p) for p in paths]

    def hide_secrets(self, settings, line):
        """Secrets aren't taken from the command line: into files, outside of what tests search for them."""

        def write(name, text):
            if not hasattr(self, "hidden"):
                self.hidden = tempfile.mkdtemp(prefix="mb-e2e-secrets-")
                self.addCleanup(self.drop_hidden)
            path = os.path.join(self.hidden, name)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
                f.write(text)
            return path

        secret, query = settings.pop("webhook.secret", None), settings.pop("webhook.query_secret", None)
        if secret is not None:
            settings["webhook.secret_file"] = write("webhook-secret", secret)
        if query is not None:
            line += ["-c", write("query-secret.ini", f"[webhook]\nquery_secret = {query}\n")]

    def drop_hidden(self):
        shutil.rmtree(self.hidden)
        del self.hidden

    def environment(self, key=KEY):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MINDEE_V2")}
        if key is not None:
            environment["MINDEE_V2_API_KEY"] = key
        return environment

    def start(self, *arguments, key=KEY, **keywords):
        process = subprocess.Popen(
            self.command(*arguments, **keywords),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment(key),
            cwd=self.directory,
        )
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def finish(self, process, expected=None):
        out, err = process.communicate(timeout=PATIENCE * 3)
        out, err = out.decode(), err.decode()
        self.assertNotIn(KEY, out + err, "the key shows")
        if expected is not None:
            self.assertEqual(process.returncode, expected, f"stdout: {out}\nstderr: {err}")
        return process.returncode, out, err

    def run_batch(self, *paths, sandbox, expected=0, options=None, key=KEY, words=()):
        merged = dict(self.FAST)
        merged.update(options or {})
        process = self.start(
            "run", *(paths or (self.input,)), sandbox=sandbox, options=merged, key=key, words=words
        )
        return self.finish(process, expected)

    def summary(self):
        with open(os.path.join(self.output, "summary.json"), encoding="utf-8") as f:
            summary = json.load(f)
        states = ("queued", "processing", "stored", "failed", "rejected", "lost", "in_doubt", "dismissed")
        for numbers in (summary, summary["run"]):
            self.assertEqual(numbers["files"], numbers["documents"] + numbers["duplicates"])
            self.assertEqual(numbers["documents"], sum(numbers[s] for s in states))
        return summary

    def failures(self):
        import csv

        with open(os.path.join(self.output, "failures.csv"), encoding="utf-8-sig", newline="") as f:
            return list(csv.DictReader(f))

    def results(self):
        """Every file below results/: its name (bytes) and its content."""
        root = os.path.join(os.fsencode(self.output), b"results")
        found = {}
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as f:
                    found[os.path.relpath(path, root)] = f.read()
        return found

"""A small batch in a directory of its own, and what must be true of it whatever was done to the program meanwhile.

Twelve files: ten documents, one of them larger than a block, one duplicate, one that can't be sent. Every check
compares what the ledger says with what the server itself recorded.
"""

import csv
import glob
import hashlib
import http.client
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

from harness import KEY, MODEL, PATIENCE, Sandbox, pdf  # noqa: E402

BINARY = os.path.abspath(os.environ["MINDEE_BATCH"])
DOCUMENTS, FILES = 10, 12
SUBMITTING, IN_DOUBT, READY, STORED, REJECTED, LOST = 1, 2, 4, 5, 7, 8  # enum doc_state, as the ledger keeps it
KILLED = -9

SETTINGS = {
    "api.model_id": MODEL,
    "limits.uploads": "4",
    "limits.post_per_minute": "0",
    "limits.get_per_minute": "0",
    "polling.first_delay": "10ms",
    "polling.interval": "10ms",
    "retry.first_delay": "5ms",
    "retry.max_delay": "50ms",
    "retry.max_resends": "1000",  # every crash may leave a doubt: what isn't held shall end as stored
}


def in_memory(path="/dev/shm"):
    """A killed process needs no disk that survives a power cut; one in memory is faster."""
    enough = 512 * 1000 * 1000  # some forty worlds at once, of a few MB each
    return path if os.access(path, os.W_OK) and shutil.disk_usage(path).free > enough else None


class Wrong(AssertionError):
    pass


def check(condition, *words):
    if not condition:
        raise Wrong(" ".join(str(w) for w in words))


class Server:
    """A sandbox that serves one world after the other, and what it recorded since the newest began."""

    def __init__(self, delete_when_fetched):
        self.deletes = delete_when_fetched
        options = ["--delete-when-fetched"] if delete_when_fetched else []
        self.sandbox = Sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "8ms", *options
        )
        self.connection = http.client.HTTPConnection(self.sandbox.host, self.sandbox.port, timeout=30)
        self.mark()

    def get(self, path, **headers):
        for last in (False, True):  # an idle connection may have been closed
            try:
                self.connection.request("GET", path, headers=headers)
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (http.client.HTTPException, OSError):
                self.connection.close()
                if last:
                    raise

    def stats(self):
        return json.loads(self.get("/sandbox/stats")[1])

    def mark(self):
        stats = self.stats()
        self.first_job, self.posts, self.gets = stats["accepted"], stats["posts"], stats["gets"]

    def requests(self):
        stats = self.stats()
        return stats["posts"] - self.posts, stats["gets"] - self.gets

    def jobs(self):
        return json.loads(self.get(f"/sandbox/jobs?from={self.first_job}&limit=10000")[1])["jobs"]

    def result(self, job):
        status, body = self.get(f"/v2/products/extraction/results/{job['inference_id']}", Authorization=KEY)
        check(status == 200, "the server has no result for", job, status)
        return body

    def stop(self):
        self.connection.close()
        self.sandbox.stop()


class World:
    """SETTINGS: options of the run besides those above. NUMBER makes its documents its own."""

    def __init__(self, server, number, settings, directory=None):
        self.server, self.settings = server, dict(SETTINGS, **settings)
        self.hold = self.settings.get("retry.in_doubt") == "hold"
        self.own = directory is None
        self.directory = directory or tempfile.mkdtemp(prefix="mb-crash-", dir=in_memory())
        self.input = os.path.join(self.directory, "invoices")
        self.places = {}  # where inputs are moved to: option -> directory
        self.elsewhere = None  # on another file system
        self.output = os.path.join(self.directory, "out")
        self.state = os.path.join(self.directory, "state")
        self.seen_submitting, self.seen_ready, self.crashes = set(), set(), 0
        os.mkdir(self.input)
        contents = [pdf(number * 100 + i) for i in range(DOCUMENTS)]
        contents[3] += b"%" * 600_000
        for i, data in enumerate([*contents, contents[1], b""]):
            with open(os.path.join(self.input, f"invoice-{i:02}.pdf"), "wb") as f:
                f.write(data)
        server.mark()
        self.contents = self.inputs([self.input])

    def move_inputs(self):
        """What is rejected goes to a directory below; what is stored to another file system, if there is one."""
        self.places["input.move_rejected"] = os.path.join(self.input, "rejected")
        self.elsewhere = tempfile.mkdtemp(prefix="mb-crash-", dir="/tmp")
        self.places["input.move_stored"] = os.path.join(self.elsewhere, "stored")
        self.settings.update(self.places)

    @staticmethod
    def inputs(roots):
        """All files below: their contents' digests, as often as they are there."""
        found = []
        for root in roots:
            for folder, _, names in os.walk(root):
                for name in names:
                    with open(os.path.join(folder, name), "rb") as f:
                        found.append((name, hashlib.sha256(f.read()).hexdigest()))
        return sorted(found)

    def remove(self):
        if self.elsewhere:
            shutil.rmtree(self.elsewhere, ignore_errors=True)
        if self.own:
            shutil.rmtree(self.directory, ignore_errors=True)

    # --- the program ---

    def run(self, command="run", **environment):
        """Exit code (KILLED if it was), standard output, standard error."""
        settings = dict(self.settings)
        settings.update({
            "output.directory": self.output, "limits.state": self.state,
            "api.base_url": self.server.sandbox.url,
        })
        words = [w for key, value in settings.items() for w in ("-s", f"{key}={value}")]
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MINDEE_V2", "MB_CRASH"))}
        kept.update(environment, MINDEE_V2_API_KEY=KEY)
        done = subprocess.run(
            [BINARY, command, self.input, *words], env=kept, cwd=self.directory, capture_output=True,
            timeout=PATIENCE, text=True,
        )
        check(KEY not in done.stdout + done.stderr, "the key shows")
        return done.returncode, done.stdout, done.stderr

    # --- the ledger, looked at from outside ---

    def query(self, path, *statements):
        """Rows from a copy: opening the database itself would tidy up behind the program."""
        with tempfile.TemporaryDirectory(dir=self.directory) as folder:
            for end in ("", "-wal", "-journal", ".files", ".files-wal", ".files-journal"):
                if os.path.exists(path + end):
                    shutil.copy(path + end, os.path.join(folder, "copy" + end))
            database = sqlite3.connect(os.path.join(folder, "copy"))
            if os.path.exists(path + ".files"):
                database.execute("ATTACH ? AS book", (os.path.join(folder, "copy.files"),))
            try:
                return [database.execute(s).fetchall() for s in statements]
            finally:
                database.close()

    def ledger(self, *statements):
        path = os.path.join(self.output, "ledger.db")
        if not os.path.exists(path) or os.path.getsize(path) + self.wal_bytes(path) == 0:
            return [[] for _ in statements]
        if not self.query(path, "SELECT 1 FROM sqlite_schema WHERE name = 'event'")[0]:
            return [[] for _ in statements]
        return self.query(path, *statements)

    @staticmethod
    def wal_bytes(path):
        return os.path.getsize(path + "-wal") if os.path.exists(path + "-wal") else 0

    def attempts(self):
        rows, = self.ledger("SELECT document, n, resent, job_id, outcome FROM attempt")
        return {(d, n): (resent, job, outcome) for d, n, resent, job, outcome in rows}

    def states(self):
        rows, = self.ledger(
            "SELECT d.id, coalesce(f.state, d.state) FROM document d LEFT JOIN flight f ON f.document = d.id"
        )
        return dict(rows)

    def jobs_by_document(self):
        """The server's jobs; each must be of an attempt that the ledger intended."""
        attempts, jobs = self.attempts(), {}
        for job in self.server.jobs():
            match = re.fullmatch(r"mb-[0-9a-f]{16}-(\d+)-(\d+)", job["alias"] or "")
            check(match, "a job without an alias of ours:", job)
            key = int(match[1]), int(match[2])
            check(key in attempts, "sent before its intent was durable:", job)
            known = attempts[key][1]
            check(known in (None, job["id"]), "another job's id is noted:", job, known)
            jobs.setdefault(key[0], []).append(job)
        return attempts, jobs

    # --- what must be true ---

    def after_a_crash(self):
        """The promises that hold at every moment: what left the process was durable before it left."""
        self.crashes += 1
        self.jobs_by_document()
        for document, state in self.states().items():
            if state == SUBMITTING:
                self.seen_submitting.add(document)
            elif state == READY:
                self.seen_ready.add(document)
        self.check_no_input_is_lost()
        self.check_leases()

    def check_no_input_is_lost(self):
        """Each is somewhere, whole and under its name; in two places at most while it is copied."""
        here = [*self.inputs([self.input]), *(self.inputs([self.elsewhere]) if self.elsewhere else [])]
        check(set(self.contents) <= set(here), "an input is gone:", set(self.contents) - set(here))

    def check_inputs(self, states):
        """Each is in one place, the one that the ledger tells of."""
        roots = [self.input, *([self.elsewhere] if self.elsewhere else [])]
        check(self.inputs(roots) == self.contents, "not the inputs there were:", self.inputs(roots))
        files, = self.ledger(
            "SELECT f.document, CAST(f.path AS TEXT), CAST(m.target AS TEXT) FROM file f"
            " LEFT JOIN move m ON m.file = f.id AND m.state = 1"
        )
        for document, path, target in files:
            option = {STORED: "input.move_stored", REJECTED: "input.move_rejected"}.get(states[document])
            place = self.places.get(option)
            expected = os.path.join(place, os.path.relpath(path, self.input)) if place else None
            check(target == expected, "not where it belongs:", path, target, expected)
            check(os.path.exists(target or path), "not where the ledger says:", path, target)
        open_moves, = self.ledger("SELECT target FROM move WHERE state = 0")
        check(not open_moves, "moves that were never settled:", open_moves)

    def check_leases(self):
        posts, gets = self.server.requests()
        for kind, limit, sent in ((0, "post", posts), (1, "get", gets)):
            if self.settings[f"limits.{limit}_per_minute"] == "0":
                continue
            covered = 0
            for path in glob.glob(os.path.join(self.state, "*.db")):
                if not self.query(path, "SELECT 1 FROM sqlite_schema WHERE name = 'answered'")[0]:
                    continue
                answered, out = self.query(
                    path, f"SELECT sum(n) FROM answered WHERE kind = {kind}",
                    f"SELECT sum({limit}_out + {limit}_leased) FROM run",
                )
                covered += (answered[0][0] or 0) + (out[0][0] or 0)
            check(sent <= covered, f"{sent} {limit}s went out, {covered} are remembered")

    def finish(self):
        """One run that nothing disturbs must do; then everything is checked."""
        code, out, err = self.run()
        check(code == 1, "the run after it ended with", code, out, err)
        self.check_end()

    def check_end(self):
        summary = self.check_summary()
        attempts, jobs = self.jobs_by_document()
        states = self.states()
        self.check_money(summary, attempts, jobs)
        self.check_places(states, jobs)
        self.check_results(states, attempts, jobs)
        self.check_inputs(states)
        code, out, err = self.run("verify")
        check(code == 1 and re.search(r"numbers add up +yes\n", out), "verify:", code, out, err)
        requests = self.server.requests()
        code, out, err = self.run()
        check(code == 1, "a finished batch ended with", code, out, err)
        check(self.server.requests() == requests, "a finished batch sent requests:", out, err)
        left = [n for n in os.listdir(self.output) if n not in (
            ".partial", "failures.csv", "ledger.db", "ledger.db.files", "ledger.lock", "report.html", "results", "review.db",
            "summary.json")]
        check(not left, "left behind in the output directory:", left)
        check(not os.listdir(os.path.join(self.output, ".partial")), "left behind in .partial")

    def check_summary(self):
        with open(os.path.join(self.output, "summary.json"), encoding="utf-8") as f:
            s = json.load(f)
        places = ("queued", "processing", "stored", "failed", "rejected", "lost", "in_doubt", "dismissed")
        check(s["files"] == FILES and s["duplicates"] == 1 and s["rejected"] == 1, s)
        check(s["documents"] == DOCUMENTS + 1 == sum(s[p] for p in places), "the numbers don't add up:", s)
        check(s["stored"] + s["in_doubt"] + s["lost"] == DOCUMENTS, "not every document has an end:", s)
        return s

    def check_money(self, summary, attempts, jobs):
        resent = {}
        for (document, _), (again, _, _) in attempts.items():
            resent[document] = resent.get(document, 0) + again
        check(sum(resent.values()) == summary["resent"], "resends are counted wrongly:", summary, attempts)
        check(not self.hold or summary["resent"] == 0, "held, and sent again:", summary)
        for document, paid in jobs.items():
            check(len(paid) <= 1 + resent[document], "paid twice, uncounted:", paid)
            check(len({j["alias"] for j in paid}) == len(paid), "one attempt, two jobs:", paid)
        total = sum(len(paid) for paid in jobs.values())
        check(total <= summary["credits"] + summary["credits_at_risk"], "credits are missing:", total, summary)

    def check_places(self, states, jobs):
        doubts = {d for d, state in states.items() if state == IN_DOUBT}
        lost = {d for d, state in states.items() if state == LOST}
        check(not doubts or self.hold, "in doubt, though not held:", doubts)
        check(doubts <= self.seen_submitting, "in doubt without a crash in its upload:", doubts)
        check(lost <= self.seen_ready, "lost without a crash in its fetch:", lost)
        for document in lost:
            check(self.server.deletes, "lost, though the server keeps results:", document)
            check(jobs[document][-1]["fetched"] == 1, "lost, though nobody had fetched it:", jobs[document])
        with open(os.path.join(self.output, "failures.csv"), encoding="utf-8-sig", newline="") as f:
            rows = [row["state"] for row in csv.DictReader(f)]
        of_files, = self.ledger("SELECT document FROM file")
        open_ends = [states[d] for d, in of_files if states[d] != STORED]
        check(len(rows) == len(open_ends), "failures.csv:", rows, states)
        check(rows.count("lost") == open_ends.count(LOST), "lost, and failures.csv doesn't say so:", rows)
        check(rows.count("in_doubt") == open_ends.count(IN_DOUBT), "failures.csv:", rows)

    def check_results(self, states, attempts, jobs):
        root = os.path.join(self.output, "results")
        files, = self.ledger("SELECT document, CAST(name AS TEXT) FROM file")
        stored = {name: document for document, name in files if states[document] == STORED}
        check(sorted(os.listdir(root)) == sorted(f"{n}.json" for n in stored), "results:", os.listdir(root), stored)
        kept, = self.ledger("SELECT document, bytes FROM result")
        kept = {document: hashlib.sha256(data).hexdigest() for document, data in kept}
        for name, document in stored.items():
            with open(os.path.join(root, f"{name}.json"), "rb") as f:
                data = f.read()
            check(hashlib.sha256(data).hexdigest() == kept[document], "not as in the ledger:", name)
            job_id = json.loads(data)["inference"]["job"]["id"]
            job, = [j for j in jobs[document] if j["id"] == job_id]
            if not self.server.deletes:
                check(data == self.server.result(job), "not the server's bytes:", name)

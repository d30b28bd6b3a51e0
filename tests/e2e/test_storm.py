"""Nothing lost, nothing paid twice: under a storm of faults, killed at random, with the service down, the key revoked.
tests/soak/run does the storm at full size, again and again."""

import itertools
import json
import os
import random
import re
import sqlite3
import subprocess
import threading
import time
import unittest

from harness import BINARY, KEY, Case, wait_for
from liar import CLOSE, Liar, answer, problem

FAULTS = ("any:500", "any:reset-after", "any:stall", "get:truncate")  # a 202 that can't be read is held: test_answers
NOT_SENT, ANSWERED, IN_DOUBT, ACCEPTED, JOB_DONE, JOB_FAILED = 1, 2, 3, 4, 5, 6


class OtherClient:
    """Somebody else with the same key: POSTs and GETs that count against the limit and come to nothing."""

    def __init__(self, sandbox, chance):
        self.sandbox, self.chance = sandbox, chance
        self.stopping, self.refused, self.sent = threading.Event(), 0, 0
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        import http.client

        body = b'--b\r\nContent-Disposition: form-data; name="model_id"\r\n\r\nnone\r\n--b--\r\n'
        headers = {"Authorization": KEY, "Content-Type": "multipart/form-data; boundary=b"}
        while not self.stopping.wait(self.chance.expovariate(6)):
            try:
                connection = http.client.HTTPConnection(self.sandbox.host, self.sandbox.port, timeout=5)
                connection.request("POST", "/v2/products/extraction/enqueue", body, headers)
                status = connection.getresponse().status
                self.sent += 1
                self.refused += status == 429
                connection.close()
            except (OSError, http.client.HTTPException):
                pass

    def stop(self):
        self.stopping.set()
        self.thread.join()


class StormCase(Case):
    STORM = {
        "limits.post_per_minute": "6000",
        "limits.get_per_minute": "36000",
        "polling.first_delay": "50ms",
        "polling.interval": "50ms",
        "retry.first_delay": "10ms",
        "retry.max_delay": "100ms",
        "retry.max_attempts": "30",
        "retry.max_resends": "30",
        "api.timeout": "400ms",
        "log.level": "debug",
        "log.format": "json",
    }

    def storm_sandbox(self, seed, *options, rate=0.1):
        faults = [w for kind in FAULTS for w in ("--fault", f"{kind}={rate}")]
        return self.sandbox(
            "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "80ms",
            "--seed", str(seed), *faults, *options,
        )

    def killed_at_random(self, sandbox, options, times, chance, step):
        """Runs the batch and kills it after a random number of requests, TIMES over. How many were really killed."""
        killed = 0
        for _ in range(times):
            process = self.start("run", self.input, sandbox=sandbox, options=options)
            stats = sandbox.stats()
            goal = stats["posts"] + stats["gets"] + chance.randrange(1, step)

            def far_enough():
                stats = sandbox.stats()
                return process.poll() is not None or stats["posts"] + stats["gets"] >= goal

            wait_for(far_enough, "the next kill")
            if process.poll() is None:
                process.kill()
                killed += 1
            process.communicate()
        return killed

    def until_done(self, sandbox, options):
        """The same command until it has nothing left to do."""
        for _ in range(20):
            code, out, err = self.finish(self.start("run", self.input, sandbox=sandbox, options=options))
            self.assertIn(code, (0, 1, 5), out + err)
            if code != 5:
                return code
        self.fail(f"20 runs, and not at the end: {out}{err}")

    # --- what must be true afterwards ---

    def attempts(self):
        """The ledger's own attempts by (document, number)."""
        ledger = sqlite3.connect(os.path.join(self.output, "ledger.db"))
        try:
            rows = ledger.execute("SELECT document, n, outcome, resent, job_id FROM attempt").fetchall()
        finally:
            ledger.close()
        return {(d, n): (outcome, resent, job) for d, n, outcome, resent, job in rows}

    def check_money(self, sandbox, documents):
        """Every job at the server against the ledger's attempts; how many were paid for beyond one a document."""
        summary, attempts, stats = self.summary(), self.attempts(), sandbox.stats()
        charged, extra = {}, 0
        for job in sandbox.jobs():
            match = re.fullmatch(r"mb-[0-9a-f]{16}-(\d+)-(\d+)", job["alias"] or "")
            self.assertTrue(match, job)
            document, number = int(match[1]), int(match[2])
            self.assertIn((document, number), attempts, "the server was sent what the ledger doesn't know")
            outcome, resent, known = attempts[document, number]
            self.assertIn(outcome, (IN_DOUBT, ACCEPTED, JOB_DONE, JOB_FAILED), f"{job} was charged, and is none")
            if known:
                self.assertEqual(known, job["id"])
            charged.setdefault(document, []).append((number, resent))
        for document, jobs in charged.items():
            self.assertEqual(len({n for n, _ in jobs}), len(jobs), "one attempt, two jobs")
            spare = [n for n, resent in jobs if resent]
            self.assertLessEqual(len(jobs) - len(spare), 1, f"document {document} was paid twice uncounted: {jobs}")
            extra += len(jobs) - 1
        self.assertEqual(sum(resent for _, resent, _ in attempts.values()), summary["resent"])
        self.assertLessEqual(extra, summary["resent"])
        self.assertEqual(extra, stats["double_charged"])
        self.assertEqual(stats["charged_pages"], len(charged) + extra)
        self.assertEqual(stats["accepted"], stats["charged_pages"])
        self.assertEqual(summary["documents"], documents)
        self.assertLessEqual(summary["credits"], stats["charged_pages"])
        self.assertLessEqual(stats["charged_pages"], summary["credits"] + summary["credits_at_risk"])
        return extra

    def check_results(self, sandbox):
        """Each result is its own document's, and there is nothing but results."""
        by_name = {}
        for job in sandbox.jobs():
            by_name.setdefault(job["filename"], set()).add(job["id"])
        results = self.results()
        for name, data in results.items():
            inference = json.loads(data)["inference"]
            self.assertIn(inference["job"]["id"], by_name[name.decode()[:-5]], name)
        self.assertEqual(len(results), self.summary()["stored"])
        return results

    def check_verify(self, expected):
        if not has_command("verify"):
            return
        _, out, _ = self.finish(self.start("verify", self.input), expected)
        self.assertRegex(out, r"numbers add up +yes\n")

    def check_no_key(self):
        for folder, _, names in os.walk(self.directory):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    self.assertNotIn(KEY.encode(), f.read(), os.path.join(folder, name))

    def storm(self, documents, kills, seed, options=None, step=None, rate=0.1, other=False, limits=()):
        """One storm from an empty directory to its end, checked. What it came to, in numbers."""
        chance = random.Random(seed)
        self.write_pdfs(documents)
        sandbox = self.storm_sandbox(seed, *limits, rate=rate)
        log = os.path.join(self.directory, "log")
        merged = dict(self.STORM, **{"log.file": log})
        merged.update(options or {})
        someone = OtherClient(sandbox, chance) if other else None
        try:
            killed = self.killed_at_random(sandbox, merged, kills, chance, step or documents // 8 + 2)
            code = self.until_done(sandbox, merged)
        finally:
            if someone:
                someone.stop()
        summary, stats = self.summary(), sandbox.stats()
        hold = merged.get("retry.in_doubt") == "hold"
        extra = self.check_money(sandbox, documents)
        self.check_results(sandbox)
        self.check_no_key()
        failures = self.failures()
        self.assertEqual(len(failures), documents - summary["stored"])
        if hold:
            self.assertEqual((extra, summary["resent"]), (0, 0))
            self.assertEqual(summary["stored"] + summary["in_doubt"], documents)
            self.assertEqual({row["state"] for row in failures}, {"in_doubt"})
        else:
            self.assertEqual((summary["stored"], failures), (documents, []))
            if not killed:
                self.assertEqual(extra, summary["resent"], "every resend was charged twice, in this storm")
        self.assertEqual(code, 0 if not failures else 1)
        self.check_verify(code)
        posts, gets = stats["posts"], stats["gets"]
        again = self.finish(self.start("run", self.input, sandbox=sandbox, options=merged), code)
        stats = sandbox.stats()
        self.assertEqual((stats["posts"], stats["gets"]), (posts, gets), f"a finished batch asked again: {again}")
        return {
            "documents": documents, "killed": killed, "stored": summary["stored"], "in_doubt": summary["in_doubt"],
            "posts": posts, "gets": gets, "429": summary["http_429"], "faults": stats["faults"],
            "charged": stats["charged_pages"], "resent": summary["resent"], "paid twice": extra,
        }


def has_command(name):
    helped = subprocess.run([BINARY, "--help"], capture_output=True, text=True, timeout=60).stdout
    return re.search(rf"(?m)^  {name}\b", helped) is not None


class Storm(StormCase):
    def test_killed_at_random_all_is_stored_and_accounted_for(self):
        numbers = self.storm(150, 12, seed=11)
        self.assertGreaterEqual(numbers["killed"], 6)

    def test_without_a_kill_every_resend_is_an_extra_charge(self):
        numbers = self.storm(60, 0, seed=12)
        self.assertGreater(numbers["resent"], 5)

    def test_held_nothing_is_paid_twice(self):
        numbers = self.storm(120, 8, seed=13, options={"retry.in_doubt": "hold"})
        self.assertGreater(numbers["in_doubt"], 10)

    def test_somebody_else_uses_the_key(self):
        limits = ("--fault", "post:429=0.2", "--fault", "get:429=0.05")
        numbers = self.storm(60, 2, seed=14, limits=limits)
        self.assertGreater(numbers["429"], 0)


class LoggedCase(StormCase):
    def run_log(self, sandbox, expected, options=None):
        log = os.path.join(self.directory, "log")
        merged = dict(self.STORM, **{"log.file": log})
        merged.update(options or {})
        self.finish(self.start("run", self.input, sandbox=sandbox, options=merged), expected)
        return self.summary()


class Fetching(LoggedCase):
    def test_a_result_deleted_by_an_answer_that_broke_off_is_lost_and_says_so(self):
        sandbox = self.fast_sandbox("--delete-when-fetched", "--fault", "result:truncate=0.3", "--seed", "4")
        self.write_pdfs(40)
        summary = self.run_log(sandbox, 1)
        self.assertGreater(summary["lost"], 3)
        self.assertEqual(summary["stored"] + summary["lost"], 40)
        self.assertEqual(sandbox.stats()["accepted"], 40)
        jobs = {job["filename"]: job["id"] for job in sandbox.jobs()}
        for row in self.failures():
            self.assertEqual((row["state"], row["job_id"]), ("lost", jobs[os.path.basename(row["path"])]))
            self.assertTrue(row["detail"])
        self.check_money(sandbox, 40)
        self.check_verify(1)

    def test_a_result_that_broke_off_and_is_still_there_is_asked_for_again(self):
        sandbox = self.fast_sandbox("--fault", "result:truncate=0.3", "--fault", "result:garbage=0.1", "--seed", "4")
        self.write_pdfs(40)
        self.assertEqual(self.run_log(sandbox, None)["lost"], 0)
        self.assertEqual(sandbox.stats()["accepted"], 40)

    def test_delete_when_fetched_and_kills(self):
        """A result is lost only if the crash fell between its answer and its commit; then it is reported."""
        sandbox = self.fast_sandbox("--delete-when-fetched")
        self.write_pdfs(120)
        options = dict(self.STORM, **{"api.timeout": "20s"})
        self.killed_at_random(sandbox, options, 6, random.Random(5), 60)
        self.until_done(sandbox, options)
        summary = self.summary()
        self.assertEqual(summary["stored"] + summary["lost"], 120)
        self.check_money(sandbox, 120)
        self.assertEqual(sum(job["fetched"] for job in sandbox.jobs()), 120)
        self.assertTrue(all(row["job_id"] for row in self.failures()))


class Stopping(StormCase):
    def run_plain(self, sandbox, expected, key=KEY, **options):
        merged = dict(self.FAST, **{"log.level": "debug", "log.file": os.path.join(self.directory, "log")})
        merged.update(options)
        return self.finish(self.start("run", self.input, sandbox=sandbox, options=merged, key=key), expected)

    def log_text(self):
        with open(os.path.join(self.directory, "log"), encoding="utf-8") as f:
            return f.read()

    def test_a_key_revoked_in_the_middle_and_a_good_one_finishes(self):
        """The same jobs, another key: what was sent with the old one is fetched with the new one."""
        liar = Liar()
        self.addCleanup(liar.stop)
        good, said = "md_e2e_a_better_key", itertools.count()

        def revoked(request):
            ok = request.headers.get("authorization") == good or next(said) < 70
            return None if ok else iter([problem(401, "401-001", "the key was revoked"), CLOSE])

        liar.before = revoked
        self.write_pdfs(100)
        _, _, err = self.run_plain(liar, 4)
        self.assertEqual(len([l for l in err.splitlines() if l.startswith("mindee-batch: ")]), 1, err)
        self.assertIn("401", err)
        summary = self.summary()
        self.assertEqual(summary["queued"] + summary["processing"] + summary["stored"], 100)
        self.assertEqual(summary["failed"], 0)
        self.run_plain(liar, 0, key=good)
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["resent"]), (100, 0))
        accepted = [r for r in liar.heard("post") if r.job]
        self.assertEqual(len(accepted), len({r.digest for r in accepted}))
        self.assertEqual(len(accepted), 100)
        for key in (KEY, good):
            self.assertNotIn(key, self.log_text() + err)

    def test_the_first_jobs_that_all_fail_alike_stop_the_run(self):
        liar = Liar()
        self.addCleanup(liar.stop)
        self.write_pdfs(80)
        failed = {"status": 422, "code": "422-009", "title": "t", "detail": "this model reads no invoices"}
        asked, many = itertools.count(1), threading.Event()

        def fail(r, honest):  # 40 polls are on the wire when the first answer comes
            if next(asked) >= 40:
                many.set()
            many.wait(30)
            return answer(200, {"job": {**r.job, "status": "Failed", "error": failed}})

        for i in range(80):
            liar.lie(f"invoice-{i:05}.pdf", poll=fail)
        _, _, err = self.run_plain(liar, 4)
        self.assertIn("this model reads no invoices", err)
        summary = self.summary()
        self.assertEqual((summary["failed"], summary["stored"], summary["lost"]), (0, 0, 0))
        self.assertEqual(summary["queued"] + summary["processing"], 80)
        for i in range(80):
            liar.lie(f"invoice-{i:05}.pdf")
        code, _, _ = self.run_plain(liar, None)
        self.assertEqual((code, self.summary()["stored"]), (0, 80))

    def test_a_few_equal_refusals_stop_the_run_and_condemn_nobody(self):
        liar = Liar()
        self.addCleanup(liar.stop)
        self.write_pdfs(60)
        for i in range(60):
            liar.lie(f"invoice-{i:05}.pdf", post=lambda r, h: problem(
                422, "422-003", "no such option", [{"pointer": "#/text_context", "detail": "too long"}]))
        _, _, err = self.run_plain(liar, 4)
        self.assertIn("422", err)
        self.assertLessEqual(len(liar.heard("post")), 8)
        summary = self.summary()
        self.assertEqual((summary["queued"], summary["failed"]), (summary["documents"], 0))
        for i in range(60):
            liar.lie(f"invoice-{i:05}.pdf")
        self.run_plain(liar, 0)

    def test_broken_files_at_the_head_stop_nothing(self):
        liar = Liar()
        self.addCleanup(liar.stop)
        self.write_pdfs(30)
        for i in range(8):
            liar.lie(f"invoice-{i:05}.pdf", post=lambda r, h: problem(
                422, "422-002", "broken", [{"pointer": "#/file", "detail": "no PDF"}]))
        self.run_plain(liar, 1)
        self.assertEqual((self.summary()["failed"], self.summary()["stored"]), (8, 22))


class Waiting(StormCase):
    OPTIONS = {"limits.uploads": "1", "limits.canary": "1", "polling.first_delay": "20ms", "polling.interval": "20ms",
               "limits.post_per_minute": "1000", "limits.get_per_minute": "6000"}

    def liar(self, documents=6):
        liar = Liar()
        self.addCleanup(liar.stop)
        self.write_pdfs(documents)
        return liar

    def go(self, liar, expected=0, **options):
        merged = dict(self.FAST, **self.OPTIONS)
        merged.update(options)
        return self.finish(self.start("run", self.input, sandbox=liar, options=merged), expected)

    def held_off(self, kind, status, value, wait_s, documents=6, number=3):
        """Request NUMBER of KIND is told to wait: when the next one of that kind came. Never too early."""
        liar, count, told, heard = self.liar(documents), itertools.count(1), [], []

        def before(request):
            if request.kind != kind:
                return None
            heard.append(time.time())
            if next(count) != number:
                return None
            told.append(time.time())
            return iter([problem(status, headers=[("Retry-After", value())]), CLOSE])

        liar.before = before
        self.go(liar)
        self.assertEqual(self.summary()["stored"], documents)
        after = [at for at in heard if at > told[0]]
        self.assertTrue(after)
        self.assertGreaterEqual(min(after), told[0] + wait_s - 0.1, "asked again too early")

    @staticmethod
    def date(seconds):
        at = time.gmtime(int(time.time()) + seconds)
        return time.strftime("%a, %d %b %Y %H:%M:%S GMT", at)

    def test_seconds_after_a_429(self):
        self.held_off("post", 429, lambda: "2", 2)

    def test_a_date_after_a_429(self):
        self.held_off("post", 429, lambda: self.date(3), 2)

    def test_seconds_after_a_429_of_a_poll(self):
        self.held_off("poll", 429, lambda: "2", 2, documents=1, number=1)

    def test_a_date_after_a_429_of_a_result(self):
        self.held_off("result", 429, lambda: self.date(3), 2, documents=1, number=1)

    def test_seconds_after_a_503(self):
        self.held_off("post", 503, lambda: "2", 2, documents=1, number=1)

    def test_a_429_uses_up_no_attempt(self):
        liar, count = self.liar(), itertools.count()
        for i in range(6):
            liar.lie(f"invoice-{i:05}.pdf", post=lambda r, h: problem(429) if next(count) % 4 else None)
        self.go(liar, **{"retry.max_attempts": "2", "limits.post_per_minute": "0", "limits.get_per_minute": "0"})
        self.assertEqual(self.summary()["stored"], 6)
        self.assertGreater(self.summary()["http_429"], 8)

    def test_attempts_answered_by_a_fault_are_bounded(self):
        liar = self.liar()
        liar.lie("invoice-00002.pdf", post=lambda r, h: problem(500))
        self.go(liar, 1, **{"retry.max_attempts": "3"})
        self.assertEqual(len(liar.heard("post", "invoice-00002.pdf")), 3)
        (row,) = self.failures()
        self.assertEqual(row["state"], "failed")
        self.assertEqual(self.summary()["stored"], 5)


class Down(StormCase):
    def test_one_probe_at_a_time_and_it_resumes_by_itself(self):
        liar = Liar()
        self.addCleanup(liar.stop)
        self.write_pdfs(200)
        lock, state = threading.Lock(), {"down": False, "heard": 0, "at once": 0, "most": 0}

        def before(request):
            with lock:
                if not state["down"]:
                    return None
                state["heard"] += 1
                state["at once"] += 1
                if state["heard"] > 120:  # 16 uploads and 64 GETs may have been on their way
                    state["most"] = max(state["most"], state["at once"])
            time.sleep(0.01)

            def say():
                yield problem(503)
                with lock:
                    state["at once"] -= 1
                yield CLOSE

            return say()

        liar.before = before
        options = dict(self.FAST, **{"retry.first_delay": "5ms", "retry.max_delay": "20ms",
                                     "retry.max_attempts": "30", "retry.max_resends": "30"})
        process = self.start("run", self.input, sandbox=liar, options=options)
        wait_for(lambda: len(liar.heard("post")) >= 50, "50 uploads")
        with lock:
            state["down"] = True
        wait_for(lambda: state["heard"] >= 200 or process.poll() is not None, "80 probes")
        with lock:
            state["down"] = False
            self.assertEqual(state["most"], 1)
        _, _, err = self.finish(process, 0)
        self.assertEqual(self.summary()["stored"], 200)
        self.assertEqual(err.count("service.down"), err.count("service.up"))
        self.assertGreaterEqual(err.count("service.up"), 1)
        accepted = [r.digest for r in liar.heard("post") if r.job]
        self.assertLessEqual(len(accepted) - 200, self.summary()["resent"])

    def test_nobody_listens(self):
        """Connections refused are no doubt, and use up no attempt."""
        liar = Liar()
        liar.stop()
        self.write_pdfs(30)
        options = dict(self.FAST, **{"retry.max_attempts": "2", "retry.in_doubt": "hold", "log.level": "debug"})
        log = os.path.join(self.directory, "log")
        options["log.file"] = log
        process = self.start("run", self.input, sandbox=liar, options=options)

        def tries():
            with open(log, encoding="utf-8") as f:
                return len(re.findall("the upload broke off", f.read()))

        wait_for(lambda: os.path.exists(log) and tries() >= 12, "12 tries")
        self.assertIsNone(process.poll())
        again = Liar(port=liar.port)
        self.addCleanup(again.stop)
        self.finish(process, 0)
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["resent"]), (30, 0))
        self.assertEqual(len(again.heard("post")), 30)


class Secrets(StormCase):
    def test_no_file_and_no_line_holds_the_key(self):
        """Everything that goes wrong, in both formats of the log."""
        for log_format in ("text", "json"):
            self.output = os.path.join(self.directory, "out-" + log_format)
            sandbox = self.storm_sandbox(21, "--fail-rate", "0.2", "--fault", "any:garbage=0.1", "--key", KEY)
            self.write_pdfs(40)
            self.write("note.pdf", b"no document")
            options = dict(self.STORM, **{
                "log.format": log_format, "log.file": os.path.join(self.directory, "log-" + log_format)})
            self.finish(self.start("run", self.input, sandbox=sandbox, options=options))
            # refused: the key is wrong now
            bad = self.sandbox("--key", "md_other")
            self.finish(self.start("run", self.input, sandbox=bad, options={"output.directory": self.output + "-2"}), 4)
            for words in (["status"], ["status", "--json"], ["config"], ["verify"], ["models"]):
                if has_command(words[0]):
                    self.finish(self.start(words[0], sandbox=sandbox, words=words[1:]))
        self.check_no_key()
        def once(pairs):
            self.assertEqual(len(dict(pairs)), len(pairs), pairs)
            return dict(pairs)

        with open(os.path.join(self.directory, "log-json"), encoding="utf-8") as f:
            for line in f:
                json.loads(line, object_pairs_hook=once)


if __name__ == "__main__":
    unittest.main()

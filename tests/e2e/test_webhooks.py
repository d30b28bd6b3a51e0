"""Results by webhook: delivered by the sandbox with everything that goes wrong, or by the test's own hand.

MB_HOOK_DOCUMENTS=3000 makes the large batches as large as a month's end.
"""

import hashlib
import hmac
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import unittest

import test_storage
from harness import KEY, MODEL, free_port, wait_for
from liar import Liar, RESET, CLOSE, answer
from test_storm import StormCase

HOOK = "aaaaaaaa-1111-4111-8111-0000000e0001"
SECRET = "hooksecret_0123456789abcdef"
DOCUMENTS = int(os.environ.get("MB_HOOK_DOCUMENTS", "300"))


def signed(body, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def complaints(err):
    """What the program itself said before it ended, without the log."""
    return [line for line in err.splitlines() if line.startswith("mindee-batch: ")]


class HookCase(StormCase):
    SECRETS = (SECRET, KEY)

    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/webhook"

    def hook_sandbox(self, *options, url=None, secret=SECRET):
        return self.fast_sandbox(
            "--webhook", f"{HOOK}={url or self.url},{secret}", "--webhook-pause", "100ms", *options
        )

    def hooked(self, **more):
        return {
            **self.FAST,
            "request.webhook_ids": HOOK,
            "webhook.listen": f"127.0.0.1:{self.port}",
            "webhook.secret": SECRET,
            "webhook.fallback_after": "5s",
            **more,
        }

    def finish(self, process, expected=None):
        code, out, err = super().finish(process, expected)
        for secret in self.SECRETS:
            self.assertNotIn(secret, out + err, "a secret shows")
        return code, out, err

    def start_hooked(self, sandbox, **more):
        return self.start("run", self.input, sandbox=sandbox, options=self.hooked(**more))

    def run_hooked(self, sandbox, expected=0, **more):
        """What it said on standard error, its log included."""
        return self.finish(self.start_hooked(sandbox, **more), expected)[2]

    # --- the receiver, by hand ---

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def request(self, method, path, body=None, headers=None):
        """Status and headers."""
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers
        finally:
            connection.close()

    def deliver(self, body, secret=SECRET, path="/webhook"):
        headers = {"Content-Type": "application/json"}
        if secret is not None:
            headers["X-Signature"] = signed(body, secret)
        return self.request("POST", path, body, headers)[0]

    def healthy(self):
        try:
            return self.request("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def wait_listening(self, process):
        wait_for(lambda: process.poll() is not None or self.healthy(), "the receiver")
        if process.poll() is not None:
            self.fail(f"the run has ended: {self.finish(process)}")

    # --- what must be true afterwards ---

    def summary_now(self):
        _, out, _ = self.finish(self.start("status", words=["--json"]), 0)
        return json.loads(out)

    def settled(self, sandbox):
        """The sandbox's numbers of webhooks once nothing is under way any more."""
        wait_for(lambda: sandbox.stats()["webhooks"]["pending"] == 0, "the last deliveries")
        return sandbox.stats()["webhooks"]

    def outcomes(self, sandbox, outcome):
        """The jobs one of whose deliveries came to that."""
        return [j for j in sandbox.jobs() if any(w["outcome"] == outcome for w in j["webhooks"])]

    def check_bytes(self, sandbox):
        """Each result is, byte for byte, what a GET of one of its document's jobs answers."""
        theirs = {}
        for job in sandbox.jobs():
            path = f"/v2/products/extraction/results/{job['inference_id']}"
            status, body = sandbox.get(path, {"Authorization": KEY})
            if status == 200:
                theirs.setdefault(job["filename"], set()).add(body)
        for name, data in self.results().items():
            self.assertIn(data, theirs[name.decode()[:-5]], name)

    def check_nothing_secret_or_forged(self):
        for folder, _, names in os.walk(self.directory):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    data = f.read()
                self.assertNotIn(b'"forged":true', data, name)
                for secret in self.SECRETS:
                    self.assertNotIn(secret.encode(), data, os.path.join(folder, name))

    def check_all_stored(self, sandbox, documents, resent=0):
        summary = self.summary()
        self.assertEqual((summary["stored"], summary["documents"]), (documents, documents))
        if resent is not None:
            self.assertEqual(summary["resent"], resent)
            self.assertEqual(sandbox.stats()["accepted"], documents + resent)
        self.assertEqual(self.failures(), [])
        self.check_money(sandbox, documents)
        self.check_results(sandbox)
        self.check_bytes(sandbox)
        self.check_verify(0)
        self.check_nothing_secret_or_forged()
        return summary


class Delivered(HookCase):
    WEATHER = (
        "--webhook-duplicate", "0.05", "--webhook-loss", "0.02", "--webhook-bad-signature", "0.01",
        "--webhook-early", "0.05", "--webhook-shuffle", "--seed", "7",
    )
    KEEPS_NOTHING = ("--delete-when-fetched", "--webhook-retries", "8", "--webhook-shuffle")

    def test_in_good_weather_no_job_is_asked_for(self):
        sandbox = self.hook_sandbox()
        self.write_pdfs(50)
        self.run_hooked(sandbox)
        self.assertLessEqual(sandbox.stats()["gets"], 1, "more than the check of the models")
        self.assertEqual(sandbox.stats()["results_served"], 0)
        self.assertEqual(self.settled(sandbox)["delivered"], 50)
        self.check_all_stored(sandbox, 50)

    def test_only_what_was_lost_is_asked_for(self):
        sandbox = self.hook_sandbox(*self.WEATHER)
        self.write_pdfs(DOCUMENTS)
        self.run_hooked(sandbox)
        hooks, stats = self.settled(sandbox), sandbox.stats()
        for kind in ("lost", "forged", "duplicates", "early"):
            self.assertGreater(hooks[kind], 0, f"the weather is too good: {hooks}")
        self.assertEqual((hooks["forged_accepted"], hooks["failed"]), (0, 0))
        self.assertEqual(hooks["delivered"] + hooks["lost"], DOCUMENTS)
        lost = {job["id"] for job in self.outcomes(sandbox, "lost")}
        self.assertEqual({job["id"] for job in sandbox.jobs() if job["fetched"]}, lost)
        self.assertLessEqual(stats["gets"], 3 * len(lost) + 1)
        self.check_all_stored(sandbox, DOCUMENTS)

    def test_running_it_again_sends_nothing_and_listens_in_vain(self):
        sandbox = self.hook_sandbox(*self.WEATHER)
        self.write_pdfs(20)
        self.run_hooked(sandbox)
        before = sandbox.stats()
        self.run_hooked(sandbox)
        after = sandbox.stats()
        self.assertEqual((after["posts"], after["gets"]), (before["posts"], before["gets"]))

    def test_killed_in_the_middle(self):
        sandbox = self.hook_sandbox(*self.WEATHER, "--webhook-retries", "8")
        self.write_pdfs(DOCUMENTS)
        options = self.hooked(**{"retry.in_doubt_wait": "15s"})
        killed = self.killed_at_random(sandbox, options, 6, random.Random(8), DOCUMENTS // 6)
        self.assertGreaterEqual(killed, 3)
        self.until_done(sandbox, options)
        hooks = self.settled(sandbox)
        self.assertEqual(hooks["forged_accepted"], 0)
        self.check_preventable(sandbox)
        self.check_all_stored(sandbox, DOCUMENTS, resent=None)

    def check_preventable(self, sandbox):
        """What was paid twice, no webhook told about: those of all but the last of its jobs never came."""
        jobs = {}
        for job in sandbox.jobs():
            jobs.setdefault(job["filename"], []).append(job)
        for name, of_one in jobs.items():
            for job in of_one[:-1]:
                self.assertEqual([w["outcome"] for w in job["webhooks"]], ["lost"], f"{name} was paid twice: {of_one}")

    def test_a_result_that_is_deleted_when_delivered_is_never_lost(self):
        """The sandbox keeps nothing after a 2xx: all that the ledger then lacks is gone for good."""
        sandbox = self.hook_sandbox(*self.KEEPS_NOTHING)
        self.write_pdfs(150)
        options = self.hooked(**{
            "webhook.fallback_after": "1m", "retry.in_doubt_wait": "15s",
            "limits.post_per_minute": "3000", "limits.pace": "even"})
        chance, killed = random.Random(9), 0
        for _ in range(6):
            process = self.start("run", self.input, sandbox=sandbox, options=options)
            goal = sandbox.stats()["webhooks"]["delivered"] + chance.randrange(1, 16)
            wait_for(
                lambda: process.poll() is not None or sandbox.stats()["webhooks"]["delivered"] >= goal,
                "the next deliveries",
            )
            killed += process.poll() is None
            process.kill()
            process.communicate()
            delivered = {job["filename"] for job in self.outcomes(sandbox, "delivered")}
            self.assertLessEqual(delivered, self.stored_now(), "told to be delivered, and not in the ledger")
        self.assertGreaterEqual(killed, 3)
        self.until_done(sandbox, options)
        self.nothing_lost(sandbox, 150)

    def nothing_lost(self, sandbox, documents):
        self.assertEqual((self.summary()["stored"], self.summary()["lost"]), (documents, 0))
        self.check_money(sandbox, documents)
        self.check_verify(0)

    def test_a_full_disk_takes_no_delivery(self):
        """What can't be stored isn't taken: it comes again, and is there when there is room."""
        test_storage.Full.mount(self, self.output, "9m")
        sandbox = self.hook_sandbox(*self.KEEPS_NOTHING)
        self.write_pdfs(200)
        options = {"webhook.fallback_after": "1m", "retry.in_doubt_wait": "15s"}
        process = self.start_hooked(sandbox, **options)
        wait_for(lambda: sandbox.stats()["webhooks"]["delivered"] >= 20, "20 deliveries")
        test_storage.Full.fill(self, self.output)
        code, _, err = self.finish(process)
        self.assertIn(code, (3, 5), err)
        os.remove(os.path.join(self.output, "ballast"))
        delivered = {job["filename"] for job in self.outcomes(sandbox, "delivered")}
        self.assertLess(len(delivered), 200)
        self.assertLessEqual(delivered, self.stored_now(), "told to be delivered, and not in the ledger")
        self.run_hooked(sandbox, **options)
        self.nothing_lost(sandbox, 200)

    def stored_now(self):
        return {os.path.basename(f["path"]) for f in self.summary_now()["list"] if f["state"] == "stored"}

    def test_before_the_202_of_their_own_upload(self):
        sandbox = self.hook_sandbox("--webhook-early", "1")
        self.write_pdfs(40)
        self.run_hooked(sandbox)
        self.assertEqual(self.settled(sandbox)["early"], 40)
        self.assertLessEqual(sandbox.stats()["gets"], 1, sandbox.stats())
        self.check_all_stored(sandbox, 40)

    def test_a_failure_that_is_told_twice_holds_nothing_up(self):
        """The second one only adds a note: a document that waits for its next attempt goes on waiting for it."""
        sandbox = self.hook_sandbox("--fail-rate", "0.5", "--webhook-duplicate", "1", "--seed", "7")
        self.write_pdfs(60)
        self.run_hooked(sandbox, expected=1, **{"retry.first_delay": "600ms", "retry.max_delay": "2s"})
        summary = self.summary()
        self.assertEqual((summary["queued"], summary["processing"]), (0, 0))
        self.assertEqual(summary["stored"] + summary["failed"], 60)
        self.assertGreater(summary["requests"]["post"], 60)  # some were tried again

    def test_jobs_that_failed(self):
        """A failure's payload names no job: the job, which the alias tells, is asked at once, and its answer decides.
        The service's own faults are tried again."""
        sandbox = self.hook_sandbox("--fail-rate", "0.3", "--seed", "5")
        self.write_pdfs(60)
        self.run_hooked(sandbox, 1)
        stats = sandbox.stats()
        self.assertLessEqual(stats["gets"], stats["jobs"]["failed"] + 1, stats)  # and the endpoints, once
        summary, jobs = self.summary(), {}
        for job in sandbox.jobs():
            jobs.setdefault(job["filename"], []).append(job)
        self.assertGreater(summary["failed"], 0)
        self.assertEqual(summary["stored"] + summary["failed"], 60)
        self.assertGreater(len(sandbox.jobs()), 60, "no fault of the service was tried again")
        failed = {os.path.basename(row["path"]) for row in self.failures()}
        self.assertEqual(failed, {name for name, of_one in jobs.items() if not any(j["charged"] for j in of_one)})
        for row in self.failures():
            self.assertEqual(row["state"], "failed")
            self.assertTrue(row["detail"])
            self.assertTrue(row["code"].startswith("422"), row)
        self.assertEqual(self.summary()["credits"], sandbox.stats()["charged_pages"])
        self.check_bytes(sandbox)
        self.check_verify(1)


class InDoubt(HookCase):
    def adopted(self, **options):
        sandbox = self.hook_sandbox("--fault", "post:reset-after=0.2", "--webhook-duplicate", "0.1", "--seed", "6")
        self.write_pdfs(100)
        self.run_hooked(sandbox, **{"retry.in_doubt_wait": "20s", **options})
        self.assertGreater(sandbox.stats()["faults"], 5)
        summary = self.check_all_stored(sandbox, 100)
        self.assertEqual((summary["in_doubt"], summary["credits"], summary["credits_at_risk"]), (0, 100, 0))

    def test_a_webhook_settles_it(self):
        self.adopted()

    def test_a_webhook_settles_what_is_held(self):
        self.adopted(**{"retry.in_doubt": "hold"})

    def after_crashes(self, crashes, **options):
        """Jobs exist, no answer ever came, and the program is gone, again and again: the last run adopts them."""
        sandbox = self.hook_sandbox(
            "--fault", "post:stall=1", "--latency-median", "4s", "--latency-sigma", "0",
            "--webhook-retries", "8", "--webhook-pause", "200ms",
        )
        self.write_pdfs(4)
        more = {"retry.in_doubt_wait": "30s", "limits.canary": "0", **options}
        for crash in range(crashes):
            process = self.start_hooked(sandbox, **more)
            if crash == 0:
                wait_for(lambda: sandbox.stats()["accepted"] == 4, "4 uploads")
            else:
                wait_for(lambda: self.summary_now()["in_doubt"] == 4, "4 doubts")
            process.kill()
            process.communicate()
        self.assertEqual(sandbox.stats()["webhooks"]["delivered"], 0, "they were to come after the crash")
        self.run_hooked(sandbox, **more)
        self.assertEqual(sandbox.stats()["posts"], 4)
        self.check_all_stored(sandbox, 4)

    def test_after_a_crash_before_the_202(self):
        self.after_crashes(1)

    def test_after_a_crash_before_the_202_held(self):
        self.after_crashes(1, **{"retry.in_doubt": "hold"})

    def test_after_a_second_crash_the_doubt_is_still_waited_for(self):
        self.after_crashes(2)

    def test_after_a_second_crash_what_is_held_is_still_waited_for(self):
        self.after_crashes(2, **{"retry.in_doubt": "hold"})

    def test_the_first_of_two_wins_and_the_second_is_counted(self):
        """Sent again before the first attempt's webhook came: what was paid twice shows."""
        sandbox = self.hook_sandbox(
            "--fault", "post:reset-after=0.3", "--latency-median", "3s", "--latency-sigma", "0", "--seed", "6"
        )
        self.write_pdfs(30)
        self.run_hooked(sandbox, **{"retry.in_doubt_wait": "50ms", "webhook.fallback_after": "1m"})
        summary = self.summary()
        self.assertGreater(summary["resent"], 2)
        self.check_all_stored(sandbox, 30, resent=summary["resent"])
        self.assertEqual(summary["credits"] + summary["credits_at_risk"], 30 + summary["resent"])
        self.assertGreater(summary["credits"], 30)
        first = {}
        for job in sandbox.jobs():
            first.setdefault(job["filename"], job["id"])
        for name, data in self.results().items():
            self.assertEqual(json.loads(data)["inference"]["job"]["id"], first[name.decode()[:-5]])


class ByHand(HookCase):
    """A liar takes the uploads, the test delivers."""

    def liar(self, documents=1):
        liar = Liar()
        self.addCleanup(liar.stop)
        self.write_pdfs(documents)
        return liar

    @staticmethod
    def payload(liar, job, **changes):
        return json.dumps({"inference": liar.inference(job, **changes)}).encode()

    def test_no_alias_and_before_the_202(self):
        """Nothing tells whose it is until the 202 names the job: kept, and adopted then."""
        liar, said = self.liar(), []

        def post(request, honest):
            nameless = {"name": request.job["filename"], "alias": None, "page_count": 1}
            body = self.payload(liar, request.job, file=nameless)
            said.append((self.deliver(body), body))
            return None

        liar.lie("invoice-00000.pdf", post=post)
        self.run_hooked(liar, **{"webhook.fallback_after": "10m"})
        self.assertEqual(said[0][0], 200)
        self.assertEqual(self.results(), {b"invoice-00000.pdf.json": said[0][1]})
        self.assertEqual(self.summary()["orphans"], 0)
        self.assertEqual(liar.heard("poll"), [])

    def test_a_doubt_that_is_settled_before_it_is_one(self):
        """The webhook is there while its upload's answer is still missing, and never comes."""
        liar, said = self.liar(), []

        def post(request, honest):
            said.append(self.deliver(self.payload(liar, request.job)))
            return RESET

        liar.lie("invoice-00000.pdf", post=post)
        self.run_hooked(liar)
        self.assertEqual(said, [200])
        self.assertEqual((self.summary()["stored"], self.summary()["resent"]), (1, 0))
        self.assertEqual(len(liar.heard("post")), 1)

    def test_a_stranger_is_kept_and_shown(self):
        liar, said = self.liar(), []
        stranger = {"id": "5" * 8 + "-5555-4555-8555-" + "5" * 12, "model_id": "m", "filename": "x.pdf", "alias": "theirs"}

        def post(request, honest):
            said.extend(self.deliver(self.payload(liar, stranger)) for _ in range(3))
            said.append(self.deliver(self.payload(liar, request.job)))

        liar.lie("invoice-00000.pdf", post=post)
        self.run_hooked(liar)
        self.assertEqual(said, [200] * 4)
        self.assertEqual((self.summary()["stored"], self.summary()["orphans"]), (1, 1))
        _, out, _ = self.finish(self.start("status"), 0)
        self.assertRegex(out, r"stray webhooks +1 +")

    def test_what_is_no_json_is_no_result(self):
        liar, said = self.liar(), []

        def post(request, honest):
            for junk in (b"", b"{", b"null", b'{"inference":{}}', b"[" * 100000, b"\xff" * 1000):
                said.append(self.deliver(junk))
            said.append(self.deliver(self.payload(liar, request.job)))

        liar.lie("invoice-00000.pdf", post=post)
        self.run_hooked(liar)
        self.assertEqual(said[-1], 200)
        self.assertTrue(all(200 <= status < 500 for status in said), said)
        self.assertEqual(self.summary()["stored"], 1)

    def test_what_is_asked_of_the_receiver(self):
        """While a run waits: paths, methods, sizes, signatures; two secrets, and one in the query."""
        old, new, query = "oldsecret_1234567890", "newsecret_1234567890", "in+the?query=&more"
        self.SECRETS = (*HookCase.SECRETS, old, new, query, "in%2Bthe")
        secrets = self.secret_file(old, new)
        liar = self.liar(2)
        at = "/webhook?secret=in%2Bthe%3Fquery%3D%26more"
        body = {}

        def post(request, honest):
            body[request.name] = self.payload(liar, request.job)

        for i in range(2):
            liar.lie(f"invoice-{i:05}.pdf", post=post)
        process = self.start_hooked(liar, **{
            "webhook.secret": None, "webhook.secret_file": secrets, "webhook.query_secret": query,
            "webhook.fallback_after": "10m"})
        self.wait_listening(process)
        wait_for(lambda: len(body) == 2, "2 uploads")
        mine = body["invoice-00000.pdf"]
        for method, path, status in (
            ("GET", "/healthz", 200), ("HEAD", "/healthz", 200), ("POST", "/healthz", 405),
            ("GET", "/webhook", 405), ("PUT", at, 405), ("DELETE", "/webhook", 405),
            ("GET", "/", 404), ("POST", "/webhook/", 404), ("POST", "/webhooks", 404), ("POST", "/", 404),
        ):
            got, headers = self.request(method, path)
            self.assertEqual(got, status, (method, path))
            if status == 405:
                self.assertTrue(headers["Allow"])
        for given in (None, "wrong", SECRET, ""):
            self.assertEqual(self.deliver(mine, given, at), 401, given)
        for path in ("/webhook", "/webhook?secret=", "/webhook?secret=no", "/webhook?other=1", at + "x"):
            self.assertEqual(self.deliver(mine, new, path), 401, path)
        for text in ("", "0", "z" * 64, signed(mine, new)[:32], signed(mine, new) + "00", "sha256=" + signed(mine, new)):
            self.assertEqual(self.request("POST", at, mine, {"X-Signature": text})[0], 401, text)
        self.assertEqual(self.request("POST", at, mine[:-1] + b" ", {"X-Signature": signed(mine, new)})[0], 401)
        self.too_large(at)
        self.assertEqual(self.summary_now()["stored"], 0)
        self.assertEqual(self.deliver(mine, old, at), 200)
        self.assertEqual(self.deliver(mine, new, at), 200)
        self.assertEqual(self.summary_now()["stored"], 1)
        self.assertEqual(self.deliver(body["invoice-00001.pdf"], new, at), 200)
        self.finish(process, 0)
        self.assertEqual(self.results()[b"invoice-00000.pdf.json"], mine)
        self.assertEqual(self.summary()["stored"], 2)
        self.assertEqual(liar.heard("poll"), [])
        os.remove(secrets)
        self.check_nothing_secret_or_forged()

    def secret_file(self, *secrets):
        path = os.path.join(self.directory, "secrets")
        with open(path, "w", encoding="utf-8") as f:
            f.write("".join(s + "\n" for s in secrets))
        os.chmod(path, 0o600)
        return path

    def too_large(self, at):
        """Refused by its announced length, before its bytes."""
        connection = self.connect()
        try:
            connection.putrequest("POST", at)
            connection.putheader("Content-Length", str(10**10))
            connection.putheader("X-Signature", "0" * 64)
            connection.endheaders()
            self.assertEqual(connection.getresponse().status, 413)
        finally:
            connection.close()

    def test_no_2xx_before_the_commit(self):
        """The ledger can't be written for a while: whatever is answered then, it isn't that it was delivered."""
        liar = self.liar()
        process = self.start_hooked(liar, **{"webhook.fallback_after": "10m"})
        wait_for(lambda: len(liar.heard("post")) == 1 and self.summary_now()["processing"] == 1, "the job on record")
        mine = self.payload(liar, next(iter(liar.jobs.values())))
        ledger = sqlite3.connect(os.path.join(self.output, "ledger.db"), isolation_level=None)
        self.addCleanup(ledger.close)
        ledger.execute("BEGIN IMMEDIATE")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.addCleanup(connection.close)
        connection.request("POST", "/webhook", mine, {"X-Signature": signed(mine)})
        try:
            self.assertEqual(connection.getresponse().status, 503)
        except (OSError, http.client.HTTPException):
            pass  # hung up
        process.kill()
        process.communicate()
        ledger.execute("ROLLBACK")
        self.assertEqual(self.summary_now()["stored"], 0)
        liar.lie("invoice-00000.pdf", poll=lambda r, h: self.deliver(mine) and None)
        self.run_hooked(liar)
        self.assertEqual(self.results(), {b"invoice-00000.pdf.json": mine})

    def test_an_endpoint_that_the_model_has_not(self):
        """Said, and no more than said. The check is one GET, beside the uploads."""
        liar, asked = self.liar(), []
        other = {"id": HOOK[:-1] + "9", "name": "Other", "url": self.url}
        model = {"id": MODEL, "name": "Invoices", "model_type": "extraction", "webhooks": [other]}
        page = {"models": [model], "pagination": {"page": 1, "per_page": 50, "total_pages": 1, "total_items": 1}}

        def before(request):
            if "/v2/search/models" not in request.path:
                return None
            asked.append(request.path)
            return iter([answer(200, page), CLOSE])

        liar.before = before
        liar.lie("invoice-00000.pdf", post=lambda r, h: self.deliver(self.payload(liar, r.job)) and None)
        err = self.run_hooked(liar)
        self.assertEqual(len(asked), 1)
        self.assertEqual(self.summary()["stored"], 1)
        said = [line for line in err.splitlines() if " warning " in line]
        self.assertEqual(len(said), 1, err)
        self.assertIn(HOOK, said[0])

    def test_half_a_request_holds_up_nobody(self):
        """Connections that say nothing, or half, while the run ends: it doesn't wait for them."""
        liar, idle = self.liar(), []
        self.addCleanup(lambda: [s.close() for s in idle])

        def post(request, honest):
            for said in (b"", b"POST /webhook HT", b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
                         b"X-Signature: " + b"0" * 64 + b"\r\n\r\n{"):
                s = socket.create_connection(("127.0.0.1", self.port))
                s.sendall(said)
                idle.append(s)
            self.assertEqual(self.deliver(self.payload(liar, request.job)), 200)

        liar.lie("invoice-00000.pdf", post=post)
        self.run_hooked(liar)
        self.assertEqual(self.summary()["stored"], 1)


class NobodyCalls(HookCase):
    def by_polling(self, sandbox, documents=30, **options):
        """All stored by polling, and one line that says so: that line."""
        self.write_pdfs(documents)
        err = self.run_hooked(sandbox, **{"webhook.fallback_after": "1s", **options})
        self.assertEqual(self.summary()["stored"], documents)
        self.assertEqual(sandbox.stats()["accepted"], documents)
        self.assertEqual(sandbox.stats()["results_served"], documents)
        said = [line for line in err.splitlines() if "polling" in line]
        self.assertEqual(len(said), 1, err)
        self.assertRegex(said[0], r" (warning|error) ")
        return said[0], err

    def test_another_secret(self):
        sandbox = self.hook_sandbox(secret="another_secret_987")
        said, _ = self.by_polling(sandbox)
        self.assertIn("webhook.secret", said)
        hooks = sandbox.stats()["webhooks"]
        self.assertEqual(hooks["delivered"], 0)
        self.assertGreater(hooks["refused"]["4xx"], 0)
        self.check_verify(0)

    def test_another_port(self):
        sandbox = self.hook_sandbox(url=f"http://127.0.0.1:{self.refusing_port()}/webhook")
        said, _ = self.by_polling(sandbox)
        self.assertIn("reach", said)

    def test_what_mindee_says_is_shown(self):
        sandbox = self.hook_sandbox("--webhook-retries", "0", url=f"http://127.0.0.1:{self.refusing_port()}/webhook")
        said, _ = self.by_polling(sandbox)
        self.assertIn("can't be connected to", said)

    def test_another_path_is_seen_at_the_start(self):
        """The URL's query may hold a secret: it shows nowhere."""
        query = "query_secret_13579"
        self.SECRETS = (*HookCase.SECRETS, query)
        sandbox = self.hook_sandbox(url=f"http://127.0.0.1:{self.port}/other?secret={query}")
        _, err = self.by_polling(sandbox, **{"webhook.query_secret": query})
        warned = [line for line in err.splitlines() if "/other" in line and " warning " in line]
        self.assertEqual(len(warned), 1, err)
        self.check_nothing_secret_or_forged()

    def test_after_the_first_few_nobody_waits_for_a_webhook(self):
        """The wait of the others would be as long as that of the first: they are polled as without webhooks."""
        sandbox = self.hook_sandbox("--post-per-minute", "0", url=f"http://127.0.0.1:{self.refusing_port()}/webhook")
        self.by_polling(sandbox, 200, **{"limits.uploads": "2"})


class RefusedCase(HookCase):
    """What can't be listened on: exit 2, one sentence, nothing sent."""

    def refused(self, *words, **options):
        liar = Liar()
        self.addCleanup(liar.stop)
        self.write_pdfs(1)
        err = self.run_hooked(liar, 2, **options)
        said = complaints(err)
        self.assertEqual(len(said), 1, err)
        for word in words:
            self.assertIn(word, said[0])
        self.assertEqual(liar.heard(), [])


class Refused(RefusedCase):
    def test_a_busy_port(self):
        with socket.create_server(("127.0.0.1", self.port)):
            self.refused("webhook.listen", str(self.port), "in use")

    def test_plain_http_for_everybody(self):
        for listen in (f"0.0.0.0:{self.port}", str(self.port), f"[::]:{self.port}"):
            with self.subTest(listen):
                self.refused("webhook.listen", "webhook.tls_cert", **{"webhook.listen": listen})

    def test_no_address(self):
        for listen in ("127.0.0.1", "127.0.0.1:http", "127.0.0.1:99999", "::1:80"):
            with self.subTest(listen):
                self.refused("webhook.listen", **{"webhook.listen": listen})

    def test_no_secret(self):
        self.refused("webhook.secret", **{"webhook.secret": None})

    def test_no_webhook_ids(self):
        self.refused("request.webhook_ids", **{"request.webhook_ids": None})

    def test_no_such_certificate(self):
        missing = os.path.join(self.directory, "none.pem")
        self.refused("webhook.tls_cert", "none.pem", **{"webhook.tls_cert": missing, "webhook.tls_key": missing})

    def test_half_a_pair(self):
        self.refused("webhook.tls_cert", "webhook.tls_key", **{"webhook.tls_cert": "/dev/null"})

    def test_a_certificate_that_is_none(self):
        path = os.path.join(self.directory, "junk.pem")
        with open(path, "w", encoding="utf-8") as f:
            f.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        self.refused("webhook.tls_cert", **{"webhook.tls_cert": path, "webhook.tls_key": path})


class Authority:
    """A certificate authority of the test's own, by openssl."""

    CONFIG = (
        "[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=.\ndatabase=index\nserial=serial\ndefault_md=sha256\npolicy=p\n"
        "copy_extensions=copy\nunique_subject=no\n[p]\ncommonName=supplied\n"
        "[req]\ndistinguished_name=n\nprompt=no\n[n]\ncommonName=webhooks\n"
    )
    NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")

    def __init__(self, directory):
        self.directory = directory
        os.mkdir(directory)
        for name, text in (("cnf", self.CONFIG), ("index", ""), ("serial", "01\n")):
            with open(os.path.join(directory, name), "w", encoding="utf-8") as f:
                f.write(text)
        self.openssl("req", "-x509", *self.NEW_KEY, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30",
                     "-config", "cnf", "-addext", "basicConstraints=critical,CA:TRUE")
        self.ca = os.path.join(directory, "ca.pem")

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.directory, check=True, capture_output=True, timeout=60)

    def issue(self, name, *days):
        """Paths of a new certificate for 127.0.0.1 and its key."""
        self.openssl("req", *self.NEW_KEY, "-keyout", name + ".key", "-out", name + ".csr", "-config", "cnf",
                     "-addext", "subjectAltName=IP:127.0.0.1")
        self.openssl("ca", "-batch", "-notext", "-config", "cnf", "-cert", "ca.pem", "-keyfile", "ca.key",
                     "-in", name + ".csr", "-out", name + ".pem", *(days or ("-days", "29")))
        return tuple(os.path.join(self.directory, name + end) for end in (".pem", ".key"))


@unittest.skipUnless(shutil.which("openssl"), "no openssl")
class Tls(RefusedCase):
    def setUp(self):
        super().setUp()
        self.authority = Authority(os.path.join(self.directory, "ca"))
        self.url = f"https://127.0.0.1:{self.port}/webhook"

    @staticmethod
    def pair(pair):
        return {"webhook.tls_cert": pair[0], "webhook.tls_key": pair[1]}

    def connect(self):
        context = ssl.create_default_context(cafile=self.authority.ca)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=context)

    def test_delivered_by_https(self):
        sandbox = self.hook_sandbox("--webhook-ca", self.authority.ca)
        self.write_pdfs(30)
        err = self.run_hooked(sandbox, **self.pair(self.authority.issue("a")))
        self.assertEqual(self.settled(sandbox)["delivered"], 30)
        self.assertLessEqual(sandbox.stats()["gets"], 1, sandbox.stats())
        self.assertNotIn(" warning ", err)
        self.check_all_stored(sandbox, 30)

    def test_handshakes_that_fail(self):
        """Clear text, junk, a client that trusts nobody here: the others are served, and a line says it."""
        sandbox = self.hook_sandbox("--webhook-ca", self.authority.ca, "--webhook-delay", "1s")
        self.write_pdfs(10)
        process = self.start_hooked(sandbox, **self.pair(self.authority.issue("a")))
        self.wait_listening(process)
        for said in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\x00" * 64, b"\r\n" * 50):
            with socket.create_connection(("127.0.0.1", self.port), timeout=30) as s:
                s.sendall(said)
                try:
                    while s.recv(4096):
                        pass
                except OSError:
                    pass
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as s:
            with self.assertRaises(ssl.SSLError):
                ssl.create_default_context().wrap_socket(s, server_hostname="127.0.0.1")
        _, _, err = self.finish(process, 0)
        self.assertEqual(self.settled(sandbox)["delivered"], 10)
        self.assertEqual(len([line for line in err.splitlines() if re.search(r"without a secure connection [1-9]", line)]), 1, err)

    def test_mindee_trusts_another(self):
        """The sandbox knows no such authority: all by polling, and the reason is in the line."""
        sandbox = self.hook_sandbox("--webhook-retries", "0")
        self.write_pdfs(10)
        err = self.run_hooked(sandbox, **{**self.pair(self.authority.issue("a")), "webhook.fallback_after": "1s"})
        self.assertEqual(self.summary()["stored"], 10)
        said = [line for line in err.splitlines() if "polling" in line]
        self.assertEqual(len(said), 1, err)

    def test_expired(self):
        pair = self.authority.issue("old", "-startdate", "20200101000000Z", "-enddate", "20200201000000Z")
        self.refused("webhook.tls_cert", "expired", "2020-02-01", **self.pair(pair))

    def test_not_yet(self):
        pair = self.authority.issue("new", "-startdate", "20480101000000Z", "-enddate", "20490101000000Z")
        self.refused("webhook.tls_cert", "2048-01-01", **self.pair(pair))

    def test_another_s_key(self):
        (cert, _), (_, key) = self.authority.issue("a"), self.authority.issue("b")
        self.refused("webhook.tls_cert", "webhook.tls_key", **self.pair((cert, key)))

    def test_one_that_ends_soon_is_told_once(self):
        sandbox = self.hook_sandbox("--webhook-ca", self.authority.ca)
        self.write_pdfs(3)
        err = self.run_hooked(sandbox, **self.pair(self.authority.issue("a", "-days", "5")))
        said = [line for line in err.splitlines() if " warning " in line]
        self.assertEqual(len(said), 1, err)
        self.assertIn("webhook.certificate", said[0])

    def served(self):
        context = ssl.create_default_context(cafile=self.authority.ca)
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as s:
            with context.wrap_socket(s, server_hostname="127.0.0.1") as tls:
                return tls.getpeercert()["serialNumber"]

    def test_renewed_while_it_runs(self):
        """SIGHUP: the new one is served; one that can't be used leaves the old one where it is."""
        pair, renewed = self.authority.issue("a"), self.authority.issue("b")
        sandbox = self.hook_sandbox("--webhook-ca", self.authority.ca, "--latency-median", "10m")
        self.write_pdfs(1)
        log = os.path.join(self.directory, "log")
        options = self.hooked(**self.pair(pair), **{"log.file": log, "input.directory": self.input})
        process = self.start("serve", sandbox=sandbox, options=options)
        self.wait_listening(process)
        before = self.served()
        with open(pair[0], "w", encoding="utf-8") as f:
            f.write("nothing")
        process.send_signal(signal.SIGHUP)

        def logged(text):
            with open(log, encoding="utf-8") as f:
                return text in f.read()

        wait_for(lambda: process.poll() is not None or logged("the old one stays"), "the refusal")
        self.assertEqual(self.served(), before)
        for i in range(2):
            shutil.copyfile(renewed[i], pair[i])
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: process.poll() is not None or self.served() != before, "the new certificate")
        self.assertIsNone(process.poll())


class Secrets(HookCase):
    def test_no_file_and_no_line_holds_them(self):
        query = "query_secret_24680"
        self.SECRETS = (*HookCase.SECRETS, query)
        sandbox = self.hook_sandbox(*Delivered.WEATHER, url=f"{self.url}?secret={query}")
        self.write_pdfs(30)
        for log_format in ("text", "json"):
            self.output = os.path.join(self.directory, "out-" + log_format)
            options = self.hooked(**{
                "webhook.query_secret": query, "log.level": "debug", "log.format": log_format,
                "log.file": os.path.join(self.directory, "log-" + log_format)})
            self.finish(self.start("run", self.input, sandbox=sandbox, options=options), 0)
            for words in (["status"], ["status", "--json"], ["config"], ["verify"]):
                self.finish(self.start(words[0], sandbox=sandbox, options=options, words=words[1:]))
        self.check_nothing_secret_or_forged()


if __name__ == "__main__":
    unittest.main()

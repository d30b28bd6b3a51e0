"""`serve` over several batches: one receiver for all, reload, its end."""

import contextlib
import datetime
import os
import re
import signal
import sqlite3
import unittest

from harness import Case, MODEL, free_port, pdf, wait_for

SECRET = "a signing secret"
HOOK = "22222222-2222-4222-8222-00000000e001"


class Service(Case):
    def setUp(self):
        super().setUp()
        self.file = os.path.join(self.directory, "mindee-batch.ini")
        self.log_file = os.path.join(self.directory, "log")
        secrets = os.path.join(self.directory, "secrets")
        with open(secrets, "w", encoding="utf-8") as f:
            os.fchmod(f.fileno(), 0o600)
            f.write(SECRET + "\n")
        self.port = free_port()
        self.webhook = f"[webhook]\nlisten = 127.0.0.1:{self.port}\nsecret_file = {secrets}\nfallback_after = 1h\n"
        self.sections = {"north": "", "south": ""}
        for name in self.sections:
            os.mkdir(os.path.join(self.directory, name))

    def configure(self, plain="", **sections):
        with open(self.file, "w", encoding="utf-8") as f:
            f.write(f"[api]\nmodel_id = {MODEL}\n[log]\nfile = {self.log_file}\n{plain}\n")
            for name in self.sections:
                f.write(f"[batch.{name}]\ndirectory = {name}\noutput = out-{name}\n{sections.get(name, '')}\n")

    def serve(self, sandbox):
        begun = self.log().count("serve.ready")
        settings = {**self.FAST, "output.directory": None}
        process = self.start("serve", sandbox=sandbox, options=settings, words=("-c", self.file))
        wait_for(lambda: self.log().count("serve.ready") > begun, "the service")
        return process

    def stop(self, process, expected=0):
        process.send_signal(signal.SIGTERM)
        return self.finish(process, expected)

    def log(self):
        if not os.path.exists(self.log_file):
            return ""
        with open(self.log_file, encoding="utf-8") as f:
            return f.read()

    def put(self, batch, number):
        with open(os.path.join(self.directory, batch, f"{number}.pdf"), "wb") as f:
            f.write(pdf(number))

    def results_of(self, batch):
        root = os.path.join(self.directory, f"out-{batch}", "results")
        return sorted(os.listdir(root)) if os.path.isdir(root) else []

    def reload(self, process, outcome):
        heard = self.log().count(outcome)
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.log().count(outcome) > heard, outcome)

    def rules(self, batch):
        path = os.path.join(self.directory, f"out-{batch}", "ledger.db")
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as db:
            return [row[0] for row in db.execute("SELECT rule FROM schedule_rule ORDER BY rule")]

    def test_one_receiver_serves_all_batches(self):
        hook = f"{HOOK}=http://127.0.0.1:{self.port}/webhook,{SECRET}"
        sandbox = self.sandbox(
            "--webhook", hook, "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "300ms"
        )
        self.configure(self.webhook + f"[request]\nwebhook_ids = {HOOK}\n")
        for i in range(6):
            self.put("north", i)
            self.put("south", 100 + i)
        process = self.serve(sandbox)
        wait_for(lambda: len(self.results_of("north")) == 6, "north's results")
        wait_for(lambda: len(self.results_of("south")) == 6, "south's results")
        self.stop(process)
        stats = sandbox.stats()
        self.assertEqual(stats["accepted"], 12)
        log = self.log()
        self.assertEqual(log.count("webhook.listening"), 1)
        matched = sorted(int(re.search(r"of ours (\d+)", line)[1])
                         for line in log.splitlines() if "webhook.closed" in line)
        self.assertEqual(matched, [6, 6], "each batch has its own deliveries")

    def test_between_their_runs_each_batch_gets_its_own(self):
        """The runs end in doubt; the webhooks come when both ledgers are closed."""
        due = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=10)
        rules = {name: f"schedule = daily {due:%H:%M}" for name in self.sections}
        sandbox = self.sandbox(
            "--webhook", f"{HOOK}=http://127.0.0.1:{self.port}/webhook,{SECRET}", "--webhook-retries", "0",
            "--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "4s", "--latency-sigma", "0.1",
            "--fault", "post:reset-after=1")
        self.configure(
            self.webhook + f"[request]\nwebhook_ids = {HOOK}\n[retry]\nin_doubt = hold\nin_doubt_wait = 100ms\n"
            "[limits]\ncanary = 16\n", **rules)
        for i in range(4):
            self.put("north", i)
            self.put("south", 100 + i)
        process = self.serve(sandbox)
        wait_for(lambda: self.rules("north") and self.rules("south"), "the rules' first sight")
        self.stop(process)
        for name in self.sections:
            with contextlib.closing(sqlite3.connect(os.path.join(self.directory, f"out-{name}", "ledger.db"))) as db, db:
                db.execute("UPDATE schedule_rule SET since = ?", (int(due.timestamp() * 1000) - 3600_000,))
        process = self.serve(sandbox)
        wait_for(lambda: self.log().count("[run.end]") == 2, "both runs")
        self.assertEqual(self.results_of("north") + self.results_of("south"), [])
        wait_for(lambda: len(self.results_of("north")) == 4, "north's results")
        wait_for(lambda: len(self.results_of("south")) == 4, "south's results")
        hooks = sandbox.stats()["webhooks"]
        self.assertEqual((hooks["delivered"], hooks["failed"]), (8, 0))
        self.stop(process)
        self.assertEqual(sandbox.stats()["posts"], 8)

    def test_a_broken_file_changes_nothing_and_a_good_one_does(self):
        sandbox = self.fast_sandbox()
        schedules = {name: "schedule = last-business-day 18:00" for name in self.sections}
        self.configure(**schedules)
        process = self.serve(sandbox)
        self.assertEqual(self.rules("north"), ["last-business-day 18:00"])
        self.configure("[limits]\nuploads = many\n[nonsense]\nkey = 1\n",
                       north="schedule = last-busyness-day 18:00")
        self.reload(process, "serve.reload_refused")
        wait_for(lambda: self.log().count("serve.reload_refused") >= 2, "every error")
        self.assertIn("mindee-batch.ini:6", self.log())
        self.assertIn("nonsense", self.log())
        self.assertNotIn("serve.reloaded", self.log())
        self.assertIsNone(process.poll())
        self.assertEqual(self.rules("north"), ["last-business-day 18:00"])
        schedules["north"] = "schedule = business-day+2 06:30, last-day 23:00"
        self.configure("[log]\nlevel = debug\n", **schedules)
        self.reload(process, "serve.reloaded")
        wait_for(lambda: self.rules("north") == ["business-day+2 06:30", "last-day 23:00"], "the new rules")
        self.assertEqual(self.rules("south"), ["last-business-day 18:00"])
        self.stop(process)

    def test_what_cannot_change_is_named_and_stays(self):
        sandbox = self.fast_sandbox()
        schedules = {name: "schedule = last-business-day 18:00" for name in self.sections}
        self.configure(**schedules)
        process = self.serve(sandbox)
        changed = {**schedules, "south": "schedule = last-day 18:00\nledger.path = elsewhere.db"}
        self.configure("[api]\nkey = md_another_key_0123456789\n", **changed)
        self.reload(process, "serve.reloaded")
        named = [line for line in self.log().splitlines() if "serve.needs_restart" in line]
        self.assertTrue(any("batch south: " in line and "ledger.path" in line for line in named), named)
        self.assertTrue(all("another_key" not in line for line in self.log().splitlines()))
        wait_for(lambda: self.rules("south") == ["last-day 18:00"], "the new rule, in the old ledger")
        self.assertFalse(os.path.exists(os.path.join(self.directory, "elsewhere.db")))
        del self.sections["south"]
        self.configure(**schedules)
        self.reload(process, "serve.reload_refused")
        self.assertIn("needs a restart", self.log())
        self.stop(process)

    def test_every_mistake_is_named_at_the_start(self):
        sandbox = self.fast_sandbox()
        os.rmdir(os.path.join(self.directory, "south"))
        self.configure(south="schedule = daily 04:00")
        process = self.start("serve", sandbox=sandbox, options={"output.directory": None}, words=("-c", self.file))
        _, _, err = self.finish(process, expected=2)
        self.assertIn("batch north: there is nothing to stay for: set schedule.when", err)
        self.assertIn("batch south: ", err)
        self.assertIn("/south", err)
        self.assertEqual(sandbox.stats()["posts"], 0)


if __name__ == "__main__":
    unittest.main()

"""Polls and webhooks that cross, failed jobs, kills, and doubts that are held: what the sandbox charged is what the
ledger says, and nothing is charged twice. MB_CROSSING_SEEDS: so many seeds; ./dev soak does fifty.

A poll's answer is held back for longer than the webhook of the same job is, and the job is sent again as soon as the
webhook says that it failed: so the answer "Failed" comes when the next attempt has been accepted."""

import os
import random

from test_webhooks import HookCase

SEEDS = int(os.environ.get("MB_CROSSING_SEEDS", "4"))
KILLS = 20  # a document comes before each
UNDISTURBED = 30  # documents of the last run, which isn't killed: a kill forgets the polls that would cross


class Crossing(HookCase):
    def crossing(self, seed):
        chance = random.Random(seed)
        sandbox = self.hook_sandbox(
            "--fail-rate", "0.3", "--webhook-delay", f"{chance.randrange(350, 600)}ms", "--webhook-duplicate", "0.2",
            "--webhook-early", "0.1", "--seed", str(seed), "--fault", f"job:slow=1,{chance.randrange(700, 1000)}ms",
        )
        options = self.hooked(**{
            "retry.in_doubt": "hold",
            "retry.in_doubt_wait": "1s",
            "retry.max_attempts": "20",
            "webhook.fallback_after": f"{chance.randrange(1, 60)}ms",  # polled before the webhook comes
            "log.level": "error",
        })
        killed = 0
        for i in range(KILLS):
            self.write_pdfs(1, first=i)
            killed += self.killed_at_random(sandbox, options, 1, chance, 6)
        self.write_pdfs(UNDISTURBED, first=KILLS)
        self.until_done(sandbox, options)
        return sandbox, killed

    def check_books(self, sandbox, seed):
        stats, summary = sandbox.stats(), self.summary()
        charged = {}
        for job in sandbox.jobs():
            charged.setdefault(job["filename"], []).append(job["charged"])
        twice = sorted(name for name, of_one in charged.items() if sum(map(bool, of_one)) > 1)
        self.assertEqual(twice, [], f"seed {seed}: charged twice although doubts are held")
        self.assertEqual(summary["resent"], 0, f"seed {seed}")
        self.assertEqual(summary["documents"], KILLS + UNDISTURBED, f"seed {seed}")
        # what is held in doubt may have been charged: that is known as a risk
        self.assertEqual(summary["processing"], 0, f"seed {seed}: {summary}")
        self.assertLessEqual(summary["credits"], stats["charged_pages"], f"seed {seed}: {summary}")
        self.assertGreaterEqual(
            summary["credits"] + summary["credits_at_risk"], stats["charged_pages"], f"seed {seed}: {summary}"
        )
        self.check_bytes(sandbox)

    def test_what_was_charged_is_known(self):
        first = int(os.environ.get("MB_CROSSING_FIRST", "1"))
        for seed in range(first, first + SEEDS):
            with self.subTest(seed=seed):
                if seed != first:
                    self.doCleanups()
                    self.setUp()
                sandbox, killed = self.crossing(seed)
                self.check_books(sandbox, seed)
                self.assertGreater(killed, KILLS // 4)

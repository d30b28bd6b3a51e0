"""Results that expired: a minute of its own, the grace in which a 404 may still be a lagging replica."""

import unittest

import test_storm
from harness import wait_for


class Expiry(test_storm.LoggedCase):
    def test_results_that_expired_are_lost_with_their_jobs(self):
        sandbox = self.fast_sandbox("--retention", "1s")
        self.write_pdfs(30)
        options = dict(self.FAST, **{"polling.first_delay": "1m", "polling.planner": "fixed"})
        process = self.start("run", self.input, sandbox=sandbox, options=options)
        wait_for(lambda: sandbox.stats()["jobs"]["expired"] == 30, "30 expired results")
        process.kill()
        process.communicate()
        self.run_log(sandbox, 1, {"polling.interval": "2s", "polling.planner": "fixed"})
        summary = self.summary()
        jobs = {job["id"] for job in sandbox.jobs()}
        # the last upload's 202 may not have been recorded before the kill: in doubt, sent again, and stored
        self.assertEqual(summary["lost"] + summary["stored"], 30)
        self.assertLessEqual(summary["stored"], summary["resent"])
        self.assertGreaterEqual(summary["lost"], 14)
        for row in self.failures():
            self.assertEqual(row["state"], "lost")
            self.assertIn(row["job_id"], jobs)
        posts = sandbox.stats()["posts"]
        self.run_log(sandbox, 1)
        self.assertEqual(sandbox.stats()["posts"], posts, "sent again in silence")


if __name__ == "__main__":
    unittest.main()

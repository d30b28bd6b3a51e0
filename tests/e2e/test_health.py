"""`status --health`, which a container's HEALTHCHECK runs: 0 while the ledger can be read, or isn't there yet."""

import os

from harness import Case


class Health(Case):
    def health(self, expected):
        return self.finish(self.start("status", words=["--health"]), expected)

    def test_before_and_after_a_run_and_with_a_broken_ledger(self):
        self.assertIn("nothing was sent yet", self.health(0)[1])
        self.assertFalse(os.path.exists(self.output), "looking makes nothing")
        self.write_pdfs(2)
        self.run_batch(sandbox=self.fast_sandbox())
        self.assertIn(": well", self.health(0)[1])
        with open(os.path.join(self.output, "ledger.db"), "r+b") as ledger:
            ledger.write(b"no ledger" * 1000)
        _, out, err = self.health(3)
        self.assertNotIn("well", out)
        self.assertIn("ledger", err)

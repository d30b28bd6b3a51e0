"""Times are told as the schedule's clocks show them: in the log's lines, in status and in explain."""

import json
import unittest

from harness import Case, wait_for

IN_PARIS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00"
IN_UTC = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


class Times(Case):
    ZONE = {"schedule.timezone": "Europe/Paris", "log.level": "info"}

    def told(self, zone):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        _, err = self.run_batch(sandbox=sandbox, options=zone)[-2:]
        shown = self.finish(self.start("status", options=zone), 0)[1]
        history = self.finish(self.start("explain", self.input + "/invoice-00000.pdf", options=zone), 0)[1]
        return err, shown, history

    def test_in_its_zone(self):
        log, shown, history = self.told(self.ZONE)
        self.assertRegex(log, f"(?m)^{IN_PARIS} info the run begins ")
        self.assertRegex(shown, f"the last one ended {IN_PARIS}")
        self.assertRegex(history, f"(?m)^  {IN_PARIS}  ")
        for text in (log, shown, history):
            self.assertNotRegex(text, IN_UTC)

    def test_of_a_run_at_work(self):
        sandbox = self.sandbox("--latency-median", "10m")
        self.write_pdfs(1)
        run = self.start("run", self.input, sandbox=sandbox, options=self.ZONE)
        wait_for(lambda: sandbox.stats()["accepted"] == 1, "the upload")
        shown = self.finish(self.start("status", options=self.ZONE), 0)[1]
        self.assertRegex(shown, f"\na run is at work: process {run.pid} on host .* since {IN_PARIS}\n")
        held = self.finish(self.start("run", self.input, sandbox=sandbox, options=self.ZONE), 3)[2]
        self.assertRegex(held, f"another run is at work on it: process {run.pid} on host .* since {IN_PARIS}\n")
        for text in (shown, held):
            self.assertNotRegex(text, IN_UTC)
        told = json.loads(self.finish(self.start("status", options=self.ZONE, words=("--json",)), 0)[1])
        self.assertRegex(told["holder"], f" since {IN_UTC}$")

    def test_without_one_in_utc(self):
        log, shown, history = self.told({"log.level": "info"})
        for text in (log, shown, history):
            self.assertRegex(text, IN_UTC)

    def test_programs_are_told_in_utc(self):
        log, _, _ = self.told({**self.ZONE, "log.format": "json"})
        for line in log.splitlines():
            if line.startswith("{"):
                self.assertRegex(json.loads(line)["time"], f"^{IN_UTC}$")
        numbers = json.loads(self.finish(self.start("status", options=self.ZONE, words=("--json",)), 0)[1])
        self.assertRegex(numbers["finished_at"], f"^{IN_UTC}$")


if __name__ == "__main__":
    unittest.main()

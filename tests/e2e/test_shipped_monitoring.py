"""What is shipped for Prometheus and Grafana: rules that are rules, and panels of numbers that there are."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import Case, pdf

CONFIG = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "config")
ALERTS = os.path.join(CONFIG, "prometheus-alerts.yml")
# Of families that are there only where there is something to tell.
ELSEWHERE = {
    "mindee_batch_webhook_certificate_expiry_timestamp_seconds",
    "mindee_batch_handover_lag",
    "mindee_batch_nodes",
}


def panels():
    with open(os.path.join(CONFIG, "grafana-dashboard.json"), encoding="utf-8") as f:
        return json.load(f)["panels"]


class Shipped(Case):
    def families(self):
        self.write("one.pdf", pdf(1))
        file = os.path.join(self.directory, "mindee.prom")
        process = self.start("run", self.input, sandbox=self.fast_sandbox(), options={**self.FAST, "metrics.file": file})
        process.communicate()
        with open(file, encoding="utf-8") as f:
            return set(re.findall(r"^# TYPE (\w+)", f.read(), re.MULTILINE))

    def test_they_ask_for_what_there_is(self):
        families = self.families() | ELSEWHERE
        with open(ALERTS, encoding="utf-8") as f:
            text = f.read()
        self.assertGreaterEqual(len(panels()), 8)
        text += "\n".join(target["expr"] for panel in panels() for target in panel["targets"])
        asked = {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bmindee_batch_\w+", text)}
        self.assertEqual(asked - families, set())
        for name in ("InDoubtHeld", "OldestJob", "LimitRefusals", "ScheduleMissed", "CertificateExpires", "HandoverLag",
                     "LedgerWriteFails", "NodeDead"):
            self.assertIn(f"- alert: {name}\n", text)

    @unittest.skipUnless(shutil.which("promtool"), "there is no promtool (Debian's prometheus)")
    def test_prometheus_takes_the_rules_and_what_panels_ask(self):
        exprs = [target["expr"] for panel in panels() for target in panel["targets"]]
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as f:
            rules = [{"record": f"panel:{i}", "expr": e.replace("$batch", ".*").replace("$__rate_interval", "5m")}
                     for i, e in enumerate(exprs)]
            json.dump({"groups": [{"name": "panels", "rules": rules}]}, f)
            f.flush()
            done = subprocess.run(["promtool", "check", "rules", ALERTS, f.name], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(f"{len(exprs)} rules found", done.stdout)


if __name__ == "__main__":
    unittest.main()

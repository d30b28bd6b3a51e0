"""Documents carry their settings: a run sends its own alone, and a service isn't reloaded into another model while
documents were sent with the first one."""

import os
import signal

from harness import MODEL, Case, pdf, wait_for

OTHER_MODEL = "22222222-2222-4222-8222-0000000e0002"


class Settings(Case):
    def files(self, name, count, first=0):
        """Files that are named one by one."""
        return [self.write(f"{name}-{i}.pdf", pdf(i)).decode() for i in range(first, first + count)]

    def models_of(self, sandbox):
        return sorted((job["filename"].rsplit("-", 1)[0], job["model_id"]) for job in sandbox.jobs())


    def test_a_doubt_is_not_sent_to_another_model(self):
        sandbox = self.fast_sandbox("--fault", "post:reset-after=1", "--seed", "3")
        first = self.files("first", 2)
        self.run_batch(*first, sandbox=sandbox, expected=1, options={"retry.in_doubt": "hold"})
        self.assertEqual(self.summary()["in_doubt"], 2)
        sandbox.stop()
        self._cleanups.pop()
        second = self.files("second", 3, 10)
        sandbox = self.fast_sandbox()
        _, _, err = self.run_batch(*second, sandbox=sandbox, expected=0, options={"api.model_id": OTHER_MODEL})
        self.assertEqual(self.models_of(sandbox), [("second", OTHER_MODEL)] * 3)
        summary = self.summary()
        self.assertEqual((summary["in_doubt"], summary["stored"], summary["resent"]), (2, 3, 0))
        self.assertIn("in doubt 2)", err)
        self.run_batch(*first, sandbox=sandbox, expected=0)
        self.assertEqual(self.summary()["stored"], 5)
        self.assertEqual(self.models_of(sandbox)[:2], [("first", MODEL)] * 2)

    def test_a_job_that_failed_by_mindees_fault_waits_for_its_own_model(self):
        sandbox = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "2s",
                               "--fail-rate", "1", "--seed", "5")
        first, second = self.files("first", 6), self.files("second", 2, 10)
        process = self.start("run", *first, sandbox=sandbox, options=self.FAST)
        wait_for(lambda: sandbox.stats()["accepted"] == 6, "six uploads")
        process.kill()
        process.wait()
        self.run_batch(*second, sandbox=sandbox, expected=1, options={"api.model_id": OTHER_MODEL, "retry.max_attempts": "1"})
        sent = self.models_of(sandbox)
        self.assertEqual(sent.count(("first", MODEL)), 6, sent)
        self.assertEqual(sent.count(("first", OTHER_MODEL)), 0, sent)

    def test_a_reload_to_another_model_changes_nothing(self):
        sandbox = self.fast_sandbox()
        settings = os.path.join(self.directory, "serve.ini")

        def write(model):
            with open(settings, "w", encoding="utf-8") as f:
                f.write(f"[api]\nbase_url = {sandbox.url}\nmodel_id = {model}\n[watch]\nenabled = yes\nquiet = 100ms\n"
                        f"rescan = 1s\n[input]\ndirectory = {self.input}\n[output]\ndirectory = {self.output}\n"
                        f"[limits]\nstate = {self.directory}/state\npost_per_minute = 0\nget_per_minute = 0\n"
                        "[polling]\nfirst_delay = 50ms\ninterval = 50ms\n")

        write(MODEL)
        self.write("a.pdf", pdf(1))
        bare = {"output.directory": None, "limits.state": None, "api.model_id": None}
        process = self.start("serve", sandbox=None, options=bare, words=("-c", settings, "--log-format", "json"))
        wait_for(lambda: sandbox.stats()["results_served"] == 1, "the first result")
        write(OTHER_MODEL)
        process.send_signal(signal.SIGHUP)
        self.write("b.pdf", pdf(2))
        wait_for(lambda: sandbox.stats()["results_served"] == 2, "the second result")
        process.send_signal(signal.SIGTERM)
        _, _, err = self.finish(process, expected=0)
        self.assertEqual({model for _, model in self.models_of(sandbox)}, {MODEL})
        self.assertIn("serve.reload_refused", err)
        self.assertNotIn("serve.reloaded", err)
        self.assertIn("output.directory of its own", err)

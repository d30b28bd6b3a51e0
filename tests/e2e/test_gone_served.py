"""What was rejected and is deleted, converted, dismissed or excluded counts no more: beside a service that watches, by
a scheduled run, and where we moved it."""

import os
import signal
import unittest

from comings import Comings
from harness import pdf, wait_for
from test_dismiss import Dismissing
from test_periods import ScheduleCase

TEXT = b"no document\n"


class Watched(Comings, Dismissing):
    def watch(self, **more):
        process = self.start("serve", sandbox=self.service, options={
            **self.FAST, "input.directory": self.input, "watch.enabled": "yes", "watch.quiet": "20ms",
            "watch.rescan": "1s", **more})
        wait_for(lambda: os.path.exists(os.path.join(self.output, ".control")), "the service")
        return process

    def becomes(self, **numbers):
        def there():
            now = self.status()
            return all(now[name] == value for name, value in numbers.items())

        wait_for(there, str(numbers))

    def setUp(self):
        super().setUp()
        self.service = self.fast_sandbox()
        self.put("invoices", "good.pdf", data=pdf(0))
        for name in ("deleted", "converted", "dismissed", "excluded"):
            self.put("invoices", f"{name}.txt", data=TEXT + name.encode())

    def test_each_of_the_four_ways(self):
        process = self.watch()
        self.becomes(rejected=4, stored=1, files=5)
        os.unlink(self.path("deleted.txt"))
        self.becomes(rejected=3, files=4)
        os.unlink(self.path("converted.txt"))
        self.put("invoices", "converted.pdf", data=pdf(1))
        self.becomes(rejected=2, stored=2, files=4)
        self.dismiss(self.path("dismissed.txt"))
        self.becomes(rejected=1, dismissed=1, files=4)
        process.send_signal(signal.SIGTERM)
        self.finish(process, 1)  # one is left
        self.assertEqual([os.path.basename(row["path"]) for row in self.failures()], ["excluded.txt"])
        process = self.watch(**{"input.exclude": "+EXCLUDED.*"})
        self.becomes(rejected=0, dismissed=1, files=3)
        process.send_signal(signal.SIGTERM)
        self.finish(process, 0)
        self.assertEqual(self.failures(), [])
        self.go(self.service, input__exclude="+excluded.*")
        self.numbers(files=3, documents=3, stored=2, dismissed=1, rejected=0, left_out=1)
        self.assertEqual(self.service.stats()["posts"], 2)

    def test_where_we_moved_them(self):
        """What we moved isn't gone, not even when somebody clears the place away: a person's word settles it."""
        away = os.path.join(self.directory, "away")
        self.go(self.service, expected=1, input__move_rejected=away)
        self.assertEqual(sorted(os.listdir(self.input)), ["good.pdf"])
        os.unlink(os.path.join(away, "deleted.txt"))
        self.go(self.service, expected=1, input__move_rejected=away)
        self.numbers(files=5, rejected=4)
        self.dismiss(self.path("converted.txt"), os.path.join(away, "dismissed.txt"))
        self.go(self.service, expected=1, input__move_rejected=away)
        self.numbers(files=5, rejected=2, dismissed=2)
        self.dismiss("--rejected")
        self.go(self.service, input__move_rejected=away)
        self.numbers(files=5, documents=5, stored=1, dismissed=4, rejected=0)
        self.assertEqual(self.failures(), [])


class Scheduled(Comings, ScheduleCase, Dismissing):
    def test_the_next_runs_end(self):
        """Of a schedule, too: the exit code in the period's row is that of what is there."""
        service = self.fast_sandbox()
        self.put("invoices", "good.pdf", data=pdf(0))
        for name in ("deleted", "converted", "dismissed"):
            self.put("invoices", f"{name}.txt", data=TEXT + name.encode())
        self.go(service, expected=1)
        self.as_if_asked_for(service, days=1)
        os.unlink(self.path("deleted.txt"))
        os.unlink(self.path("converted.txt"))
        self.put("invoices", "converted.pdf", data=pdf(1))
        self.dismiss(self.path("dismissed.txt"))
        process = self.serve(service)
        wait_for(self.done, "the run")
        self.stop(process)
        self.assertEqual({row[2] for row in self.done()}, {0})
        self.numbers(files=3, documents=3, stored=2, dismissed=1, rejected=0)
        self.assertEqual(self.failures(), [])


if __name__ == "__main__":
    unittest.main()

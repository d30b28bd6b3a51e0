"""On a machine without /etc/hosts `localhost` is still this machine: to listen at, to be called at, to be asked at."""

import os
import shutil
import subprocess
import unittest

from test_webhooks import HOOK, SECRET, HookCase

ALONE = ["unshare", "--mount", "--map-root-user", "sh", "-c",
         "mount --bind /dev/null /etc/hosts && exec \"$0\" \"$@\""]


def can_be_made():
    if not shutil.which("unshare"):
        return False
    if os.geteuid() == 0:
        ALONE.remove("--map-root-user")
    return subprocess.run(ALONE + ["true"], capture_output=True, check=False).returncode == 0


@unittest.skipUnless(can_be_made(), "a mount namespace can't be made")
class NoHosts(HookCase):
    def command(self, *arguments, **keywords):
        return ALONE + super().command(*arguments, **keywords)

    def test_a_run_with_webhooks(self):
        self.url = self.url.replace("127.0.0.1", "localhost")
        sandbox = self.fast_sandbox("--webhook", f"{HOOK}={self.url},{SECRET}", "--webhook-pause", "100ms",
                                    "--latency-median", "300ms")
        sandbox.url = sandbox.url.replace("127.0.0.1", "localhost")
        self.write_pdfs(3)
        self.run_hooked(sandbox, **{"webhook.listen": f"localhost:{self.port}", "webhook.fallback_after": "60s"})
        self.assertEqual(self.summary()["stored"], 3)
        hooks = self.settled(sandbox)
        self.assertEqual((hooks["delivered"], hooks["failed"]), (3, 0))


if __name__ == "__main__":
    unittest.main()

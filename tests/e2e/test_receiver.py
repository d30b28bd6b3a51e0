"""The receiver of webhooks in the long run: its secrets change, strangers crowd it, hope comes back."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import threading
import unittest

from harness import wait_for
from liar import Liar
from test_webhooks import SECRET, Authority, HookCase

NEW_SECRET = "renewed_secret_0123456789"


class ReceiverCase(HookCase):
    SECRETS = (*HookCase.SECRETS, NEW_SECRET)

    def liar(self):
        liar = Liar()
        self.addCleanup(liar.stop)
        return liar

    def log_path(self):
        return os.path.join(self.directory, "log")

    def logged(self, text):
        if not os.path.exists(self.log_path()):
            return 0
        with open(self.log_path(), encoding="utf-8") as f:
            return f.read().count(text)

    def payload(self, liar, job):
        return json.dumps({"inference": liar.inference(job)}).encode()


class SecretFile(ReceiverCase):
    def setUp(self):
        super().setUp()
        self.file = os.path.join(self.directory, "secrets")
        self.keep(SECRET)

    def keep(self, *secrets, mark="", end="\n"):
        with open(self.file, "w", encoding="utf-8", newline="") as f:
            f.write(mark + "".join(secret + end for secret in secrets))
        os.chmod(self.file, 0o600)

    def renewed(self, command):
        liar = self.liar()
        liar.lie("invoice-00000.pdf", poll=lambda r, h: None)
        self.write_pdfs(1)
        block = threading.Event()
        self.addCleanup(block.set)
        liar.lie("invoice-00000.pdf", post=lambda r, h: block.wait() and None)  # the run is kept busy
        options = self.hooked(**{"webhook.secret": None, "webhook.secret_file": self.file,
                                 "log.file": self.log_path(), "input.directory": self.input})
        process = self.start(command, sandbox=liar, options=options)
        self.wait_listening(process)
        wait_for(lambda: process.poll() is not None or liar.heard("post") or self.logged("run.start"), "the run")
        stranger = b'{"inference": {"id": "x", "job": {"id": "y"}, "result": {}}}'
        wait_for(lambda: self.deliver(stranger) == 200, "the first delivery")
        self.assertEqual(self.deliver(stranger, NEW_SECRET), 401)

        self.keep(NEW_SECRET, mark="\ufeff", end="\r\n")
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: process.poll() is not None or self.logged("webhook.secret_file") == 1, "the new secret")
        self.assertEqual(self.deliver(stranger, NEW_SECRET), 200)
        self.assertEqual(self.deliver(stranger, SECRET), 401)

        os.unlink(self.file)  # what can't be read changes nothing
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: process.poll() is not None or self.logged("the old secrets stay") == 1, "the refusal")
        self.assertEqual(self.deliver(stranger, NEW_SECRET), 200)
        self.assertIsNone(process.poll())

    def test_serve_reads_it_again(self):
        self.renewed("serve")

    def test_a_run_finds_the_new_one_by_itself(self):
        """SIGHUP drains it: it looks at the file, once a minute."""
        sandbox = self.hook_sandbox("--latency-median", "10m")
        self.write_pdfs(1)
        process = self.start_hooked(sandbox, **{
            "webhook.secret": None, "webhook.secret_file": self.file, "log.file": self.log_path()})
        self.wait_listening(process)
        self.assertEqual(self.deliver(b"{}"), 200)
        self.assertEqual(self.deliver(b"{}", NEW_SECRET), 401)
        self.keep(NEW_SECRET)
        wait_for(lambda: self.deliver(b"{}", NEW_SECRET) == 200, "the new secret")
        self.assertEqual(self.deliver(b"{}", SECRET), 401)
        self.keep()  # empty: half of a renewal
        wait_for(lambda: self.logged("the old secrets stay") == 1, "the warning")
        self.assertEqual(self.deliver(b"{}", NEW_SECRET), 200)
        self.assertIsNone(process.poll())


class Crowd(ReceiverCase):
    """As many connections as there may be, and more, all of them quiet: what is delivered beside them is taken, well
    before their own time is over."""

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)

    def crowded(self, count, said):
        sandbox = self.hook_sandbox("--latency-median", "10m")
        self.write_pdfs(1)
        process = self.start_hooked(sandbox)
        self.wait_listening(process)
        with contextlib.ExitStack() as stack:
            for _ in range(count):
                s = stack.enter_context(socket.create_connection(("127.0.0.1", self.port), timeout=30))
                s.sendall(said)
            for _ in range(3):
                self.assertEqual(self.deliver(b"{}"), 200)
        self.assertIsNone(process.poll())

    def test_idle_connections_give_way(self):
        self.crowded(700, b"")

    def test_half_lines_give_way(self):
        self.crowded(500, b"POST /webh")

    def test_half_requests_give_way(self):
        self.crowded(500, b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nX-Signature: "
                          + b"0" * 64 + b"\r\n\r\n{")


@unittest.skipUnless(shutil.which("openssl"), "no openssl")
class Versions(ReceiverCase):
    def setUp(self):
        super().setUp()
        self.authority = Authority(os.path.join(self.directory, "ca"))
        self.certificate, self.key = self.authority.issue("a")

    def connect(self):
        context = ssl.create_default_context(cafile=self.authority.ca)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=context)

    def handshake(self, version):
        context = ssl.create_default_context(cafile=self.authority.ca)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as s:
            try:
                with context.wrap_socket(s, server_hostname="127.0.0.1") as tls:
                    return tls.version()
            except (ssl.SSLError, OSError):
                return None

    def test_only_tls_1_2_and_1_3(self):
        sandbox = self.hook_sandbox("--latency-median", "10m")
        self.write_pdfs(1)
        process = self.start_hooked(sandbox, **{"webhook.tls_cert": self.certificate, "webhook.tls_key": self.key})
        self.wait_listening(process)
        self.assertIsNone(self.handshake(ssl.TLSVersion.TLSv1))
        self.assertIsNone(self.handshake(ssl.TLSVersion.TLSv1_1))
        self.assertEqual(self.handshake(ssl.TLSVersion.TLSv1_2), "TLSv1.2")
        self.assertEqual(self.handshake(ssl.TLSVersion.TLSv1_3), "TLSv1.3")


class Hope(ReceiverCase):
    def test_it_comes_back_with_one_webhook(self):
        """Three jobs were found by polling first; then webhooks come, and nobody polls any more."""
        liar, came = self.liar(), []
        self.write_pdfs(8)

        def post(request, honest):
            came.append(request.name)
            hook = threading.Timer(0.3, self.deliver, (self.payload(liar, request.job),))
            if len(came) == 4:  # before its 202
                wait_for(lambda: {r.name for r in liar.heard("result")} >= set(came[:3]), "three results")
                self.assertEqual(self.deliver(self.payload(liar, request.job)), 200)
            elif len(came) > 4:  # after it, and long before it counts as late
                hook.start()

        for i in range(8):
            liar.lie(f"invoice-{i:05}.pdf", post=post)
        self.run_hooked(liar, **{"webhook.fallback_after": "2s", "limits.uploads": "1"})
        self.assertEqual(self.summary()["stored"], 8)
        self.assertEqual({r.name for r in liar.heard("poll")}, set(came[:3]))


if __name__ == "__main__":
    unittest.main()

"""Mindee can't be reached: how long a run has patience, and what it says of a proxy or a certificate in between."""

import http.server
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest

from harness import Case, pdf, wait_for


class Refusing(http.server.ThreadingHTTPServer):
    """A proxy that answers everything with STATUS, or one that passes PASSES requests on first."""

    daemon_threads = True

    def __init__(self, status, target=None, passes=0):
        super().__init__(("127.0.0.1", 0), RefusingHandler)
        self.status, self.target, self.passes, self.seen = status, target, passes, []
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def stop(self):
        self.shutdown()
        self.server_close()


class RefusingHandler(http.server.BaseHTTPRequestHandler):
    def refuse(self):
        self.server.seen.append(self.command)
        self.send_response(self.server.status)
        self.send_header("Proxy-Authenticate", "Basic")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_CONNECT = do_GET = do_POST = refuse

    def log_message(self, *_):
        pass


class Hanging:
    """Takes connections and answers nothing; counts those that came."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.taken = []
        threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        while True:
            try:
                self.taken.append(self.socket.accept()[0])
            except OSError:
                return

    def stop(self):
        self.socket.close()
        for connection in self.taken:
            connection.close()


class Silence(Case):
    def stopped(self, server):
        self.addCleanup(server.stop)
        return server

    def test_a_run_ends_when_patience_is_over_and_goes_on_later(self):
        self.write_pdfs(3)
        port = self.refusing_port()
        options = {"api.base_url": f"http://127.0.0.1:{port}", "api.patience": "1s"}
        _, _, err = self.run_batch(sandbox=None, expected=5, options=options)
        self.assertIn(f"no answer from http://127.0.0.1:{port} for 1", err)
        self.assertIn("api.patience", err)
        self.assertIn("3 documents wait", err)
        self.assertEqual(self.summary()["queued"], 3)
        sandbox = self.fast_sandbox()
        self.run_batch(sandbox=sandbox)
        self.assertEqual(sandbox.stats()["posts"], 3)

    def test_a_batch_with_nothing_to_ask_is_not_silent(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        watch = {**self.FAST, "input.directory": self.input, "watch.enabled": "yes", "watch.quiet": "0s",
                 "api.patience": "300ms"}
        process = self.start("serve", sandbox=sandbox, options=watch)
        wait_for(lambda: len(self.results()) == 1, "the result")
        time.sleep(1)
        self.write("later.pdf", pdf(7))
        wait_for(lambda: len(self.results()) == 2, "the other result")
        process.send_signal(signal.SIGTERM)
        _, _, err = self.finish(process, 0)
        self.assertNotIn("mindee.silent", err)

    def test_a_process_that_was_stopped_asks_again_first(self):
        server = self.stopped(Hanging())
        self.write_pdfs(1)
        options = {**self.FAST, "api.base_url": server.url, "api.patience": "4s",
                   "api.timeout": "1s", "retry.max_resends": "50"}
        process = self.start("run", self.input, options=options)
        wait_for(lambda: server.taken, "the request")
        process.send_signal(signal.SIGSTOP)
        time.sleep(6)
        process.send_signal(signal.SIGCONT)
        began = time.monotonic()
        _, _, err = self.finish(process, 5)
        self.assertIn("no answer from", err)
        self.assertGreater(time.monotonic() - began, 2, "the time that it was stopped counted")

    def test_a_proxy_that_refuses(self):
        self.write_pdfs(2)
        for status in (407, 403):
            proxy = self.stopped(Refusing(status))
            options = {"api.base_url": f"https://127.0.0.1:{self.refusing_port()}", "api.proxy": proxy.url}
            _, _, err = self.run_batch(expected=4, sandbox=None, options=options)
            self.assertIn("the proxy refuses", err)
            self.assertIn(str(status), err)
            self.assertIn("api.proxy", err)
        self.assertEqual(self.summary()["queued"], 2)

    def test_a_proxy_that_does_not_reach_mindee_is_waited_for(self):
        self.write_pdfs(1)
        proxy = self.stopped(Refusing(503))
        options = {"api.base_url": f"https://127.0.0.1:{self.refusing_port()}", "api.proxy": proxy.url, "api.patience": "1s"}
        _, _, err = self.run_batch(expected=5, sandbox=None, options=options)
        self.assertIn("no answer from", err)
        self.assertGreater(len(proxy.seen), 1)

    def test_a_certificate_that_is_not_trusted(self):
        if not shutil.which("openssl"):
            self.skipTest("needs openssl")
        cert, key = os.path.join(self.directory, "cert.pem"), os.path.join(self.directory, "key.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
             "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
            check=True, capture_output=True,
        )
        server = Refusing(500)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        self.stopped(server)
        self.write_pdfs(1)
        url = server.url.replace("http:", "https:")
        _, _, err = self.run_batch(expected=4, sandbox=None, options={"api.base_url": url})
        self.assertIn("the server's certificate isn't trusted", err)
        self.assertIn("api.ca_file", err)
        self.assertEqual(self.summary()["queued"], 1)


if __name__ == "__main__":
    unittest.main()

"""Notices by mail: what arrives, and mail servers that refuse, keep silent, drip, break off or aren't there."""

import base64
import email
import email.policy
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
import unittest

from harness import Case, wait_for

PASSWORD = "Pa55-that-nobody-may-read"
TO = "accounts@example.com"


class MailServer:
    """Speaks SMTP to whoever comes; DEED is how it is wrong. What it took is in MESSAGES, all it heard in LINES."""

    def __init__(self, deed="takes", context=None):
        self.deed, self.context = deed, context
        self.messages, self.lines, self.connections = [], [], 0
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def stop(self):
        self.stopped.set()
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()

    def serve(self, connection):
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as lines:
                self.talk(connection, lines)
        except OSError:
            pass

    def say(self, connection, text):
        if self.deed == "drips":
            for byte in text.encode():
                connection.sendall(bytes([byte]))
                if self.stopped.wait(1):
                    return
        connection.sendall(text.encode() + b"\r\n")

    def talk(self, connection, lines):
        if self.deed == "silent":
            self.stopped.wait()
            return
        self.say(connection, "220 stand-in ESMTP")
        while line := lines.readline():
            self.lines.append(line)
            word = line.split()[0].upper() if line.split() else b""
            if word == b"EHLO":
                self.say(connection, "250-stand-in\r\n250 AUTH PLAIN" if self.context else "250 stand-in")
            elif word == b"AUTH":
                if len(line.split()) < 3:
                    self.say(connection, "334 ")
                    self.lines.append(lines.readline())
                self.say(connection, "235 ok")
            elif word == b"RCPT" and self.deed == "refuses":
                self.say(connection, "550 5.1.1 nobody of that name")
            elif word == b"DATA":
                self.say(connection, "354 go on")
                if not self.take(connection, lines):
                    return
            elif word == b"QUIT":
                self.say(connection, "221 bye")
                return
            else:
                self.say(connection, "250 ok")

    def take(self, connection, lines):
        message = []
        while True:
            line = lines.readline()
            if self.deed == "breaks off":
                return False
            if line in (b".\r\n", b""):
                break
            message.append(line[1:] if line.startswith(b".") else line)
        if self.deed == "mute at last":
            self.stopped.wait()
            return False
        self.messages.append(b"".join(message))
        self.say(connection, "250 taken")
        if self.deed == "mute after":
            self.stopped.wait()
            return False
        return True


def warnings_of_mail(err):
    return [line for line in err.splitlines() if re.search(r"\b(WARN|WARNING|warning|ERROR)\b", line) and "mail" in line]


class Mail(Case):
    # One try is enough: a run's end doesn't wait for so long a pause.
    ONCE = {"retry.first_delay": "10m", "retry.max_delay": "10m"}

    def server(self, *arguments):
        server = MailServer(*arguments)
        self.addCleanup(server.stop)
        return server

    def options(self, server, scheme="smtp", user=""):
        port = server if isinstance(server, int) else server.port
        return {"notify.mail": f"{scheme}://{user}127.0.0.1:{port}", "notify.mail_to": TO}

    def finish(self, process, expected=None):
        code, out, err = super().finish(process, expected)
        self.assertNotIn(PASSWORD, out + err)
        return code, out, err

    def password_file(self):
        path = os.path.join(self.directory, "mail-password")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as f:
            f.write(PASSWORD + "\n")
        return path

    def test_a_message_with_the_numbers_and_where_the_report_is(self):
        sandbox, server = self.fast_sandbox(), self.server()
        self.write_pdfs(3)
        self.write("broken.pdf", b"nothing of a PDF")
        self.output = os.path.join(self.directory, "Prüfung.out")
        options = {**self.options(server), "notify.mail_to": f"{TO}, cfo@example.com", "notify.mail_from": "mb@example.com"}
        self.run_batch(sandbox=sandbox, expected=1, options=options)
        self.assertEqual(len(server.messages), 1)
        raw = server.messages[0]
        self.assertTrue(all(len(line) <= 80 and line.endswith(b"\r\n") for line in raw.splitlines(keepends=True)), raw)
        self.assertTrue(raw.isascii())
        message = email.message_from_bytes(raw, policy=email.policy.default)
        self.assertEqual(message.defects, [])
        self.assertIn("3 of 4 documents stored", message["Subject"])
        self.assertEqual(message["Auto-Submitted"], "auto-generated")
        self.assertEqual([str(a.addr_spec) for a in message["To"].addresses], [TO, "cfo@example.com"])
        self.assertEqual(message["From"].addresses[0].addr_spec, "mb@example.com")
        self.assertLess(abs(time.time() - message["Date"].datetime.timestamp()), 600)
        self.assertRegex(message["Message-ID"], r"^<mb-[0-9a-f]{16}-notice-1@example\.com>$")
        self.assertEqual(message.get_content_type(), "text/plain")
        text = message.get_content().replace("\r\n", "\n")
        self.assertRegex(text, r"(?m)^stored +3$")
        self.assertRegex(text, r"(?m)^rejected +1$")
        self.assertIn(f"Report: {self.output}/report", text)
        self.assertIn(f"Results: {self.output}\n", text)
        heard = b"".join(server.lines)
        self.assertIn(b"MAIL FROM:<mb@example.com>", heard)
        self.assertIn(b"RCPT TO:<accounts@example.com>\r\nRCPT TO:<cfo@example.com>", heard)

    def one_warning(self, process, expected=0, among=()):
        _, _, err = self.finish(process, expected)
        self.assertEqual(len(warnings_of_mail(err)), 1, err)
        for word in among:
            self.assertIn(word, warnings_of_mail(err)[0])

    def start_with(self, name, options, **keywords):
        """Each with an output of its own, so that they can run side by side."""
        mine = {**self.FAST, "output.directory": os.path.join(self.directory, name), **options}
        return self.start("run", self.input, options=mine, **keywords)

    def test_servers_that_do_not_take_it_leave_the_run_as_it_is(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        deeds = ("refuses", "silent", "drips", "breaks off", "mute at last")
        running = [(deed, self.start_with(deed, self.options(self.server(deed)), sandbox=sandbox)) for deed in deeds]
        nobody = self.start_with("nobody", self.options(self.refusing_port()), sandbox=sandbox)
        for deed, process in running:
            with self.subTest(deed):
                self.one_warning(process, among=["550 5.1.1"] if deed == "refuses" else [])
        self.one_warning(nobody)

    def test_who_takes_it_and_says_no_more_holds_up_nothing(self):
        sandbox, server = self.fast_sandbox(), self.server("mute after")
        self.write_pdfs(1)
        _, _, err = self.run_batch(sandbox=sandbox, options=self.options(server))
        self.assertEqual(len(server.messages), 1)
        self.assertEqual(warnings_of_mail(err), [])

    def test_what_was_not_taken_goes_with_the_next_run(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        holder = self.hold_port()
        self.run_batch(sandbox=sandbox, options={**self.options(holder.getsockname()[1]), **self.ONCE})
        server = self.server()
        self.run_batch(sandbox=sandbox, options=self.options(server))
        wait_for(lambda: len(server.messages) == 2, "both messages")
        ids = [email.message_from_bytes(raw)["Message-ID"] for raw in server.messages]
        self.assertEqual(len(set(ids)), 2)

    def test_a_password_goes_over_tls_alone(self):
        sandbox, server = self.fast_sandbox(), self.server()
        self.write_pdfs(1)
        options = {**self.options(server, user="me@"), "notify.mail_password_file": self.password_file()}
        self.one_warning(self.start_with("clear", {**options, **self.ONCE}, sandbox=sandbox), among=["STARTTLS"])
        self.assertEqual(server.messages, [])
        self.assertNotIn(b"AUTH", b"".join(server.lines))

    @unittest.skipUnless(shutil.which("openssl"), "no openssl")
    def test_smtps_with_a_password(self):
        cert, key = (os.path.join(self.directory, name) for name in ("cert.pem", "key.pem"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
            check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        sandbox, server = self.fast_sandbox(), self.server("takes", context)
        self.write_pdfs(1)
        options = {**self.options(server, "smtps", "me%40example.com@"), "notify.mail_password_file": self.password_file()}
        self.one_warning(self.start_with("stranger", {**options, **self.ONCE}, sandbox=sandbox))  # nobody trusts it
        self.assertEqual(server.lines, [])
        self.run_batch(sandbox=sandbox, options={**options, "api.ca_file": cert})
        self.assertEqual(len(server.messages), 1)
        said = base64.b64encode(b"\0me@example.com\0" + PASSWORD.encode())
        self.assertIn(said, b" ".join(server.lines).split())

    def test_options_that_are_wrong(self):
        self.write_pdfs(1)
        sandbox = self.fast_sandbox()
        good = {"notify.mail": "smtps://mail.example.com", "notify.mail_to": TO}
        for wrong, word in (
            ({"notify.mail": "https://mail.example.com"}, "smtps://"),
            ({"notify.mail": "smtp://"}, "smtps://"),
            ({"notify.mail": "smtps://mail.example.com/path"}, "smtps://"),
            ({"notify.mail": f"smtps://me:{PASSWORD}@mail.example.com"}, "password_file"),
            ({"notify.mail": "smtps://mail.example.com:99999"}, "smtps://"),
            ({"notify.mail_to": None}, "notify.mail_to"),
            ({"notify.mail_to": "nobody"}, "notify.mail_to"),
            ({"notify.mail_to": "a@example.com\r\nBcc: b@example.com"}, "notify.mail_to"),
            ({"notify.mail_from": "a@example.com>\r\nRCPT TO:<b@example.com"}, "notify.mail_from"),
            ({"notify.mail": "smtps://me@mail.example.com"}, "mail_password_file"),
            ({"notify.mail": "smtps://me@mail.example.com", "notify.mail_password_file": "/nowhere/x"}, "/nowhere/x"),
        ):
            with self.subTest(wrong):
                _, _, err = self.run_batch(sandbox=sandbox, expected=2, options={**good, **wrong})
                self.assertIn(word, err)
        self.assertEqual(sandbox.stats()["posts"], 0)


if __name__ == "__main__":
    unittest.main()

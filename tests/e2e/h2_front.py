"""An HTTP/2 server in front of a sandbox: what it is told to refuse it refuses, the rest it passes on.

    h2_front.py CERTIFICATE KEY HOST PORT RULE...

RULE is WHAT=N[,N]...: what becomes of the Nth POST that comes, the first being 1; "every K" is written /K. WHAT:

    refuse          not passed on: REFUSED_STREAM when its headers are there
    refuse-body     not passed on: the same once its whole body is there
    goaway          not passed on: once its body is there a GOAWAY says so; the connection stays open
    goaway-close    the same, and the connection is closed
    goaway-slow     a GOAWAY that counts in all that came so far; this one's answer takes three seconds
    cut             passed on, and its stream is cut by INTERNAL_ERROR instead of an answer
    cut-goaway      passed on, and instead of an answer a GOAWAY that owns up to it, and the connection is closed

It prints "listening on https://127.0.0.1:PORT", and a line "WHAT N" for each rule that applied.
"""

import http.client
import socket
import ssl
import sys
import threading
import time

from hyperframe.frame import GoAwayFrame

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.settings

HOP = {"connection", "keep-alive", "transfer-encoding"}
posts, lock = 0, threading.Lock()


def rule_for(rules, number):
    for what, numbers in rules:
        for n in numbers:
            if number % int(n[1:]) == 0 if n.startswith("/") else number == int(n):
                return what
    return None


class Connection:
    def __init__(self, sock, upstream, rules):
        self.sock, self.upstream, self.rules = sock, upstream, rules
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.lock = threading.Lock()
        self.streams = {}
        self.theirs = f"http://{upstream[0]}:{upstream[1]}".encode()
        self.ours = f"https://127.0.0.1:{sock.getsockname()[1]}".encode()
        self.over, self.last = False, None

    def flush(self):
        data = self.h2.data_to_send()
        if data:
            self.sock.sendall(data)

    def serve(self):
        with self.lock:
            self.h2.initiate_connection()
            self.flush()
        while not self.over:
            try:
                data = self.sock.recv(65536)
            except OSError:
                data = b""
            if not data:
                break
            with self.lock:
                try:
                    for event in self.h2.receive_data(data):
                        self.take(event)
                    self.flush()
                except (OSError, h2.exceptions.ProtocolError):
                    break
        with self.lock:
            self.over = True
            self.sock.close()

    def reset(self, stream, code):
        self.streams.pop(stream, None)
        self.h2.reset_stream(stream, code)

    def goaway(self, last, close):
        """By hand: h2 takes a connection for closed after its own, and what is older may still be answered."""
        self.flush()
        self.sock.sendall(GoAwayFrame(0, last_stream_id=last, error_code=0).serialize())
        self.last = last
        if close:
            self.over = True
            self.sock.shutdown(socket.SHUT_RDWR)

    def take(self, event):
        global posts
        if isinstance(event, h2.events.RequestReceived):
            headers = [(k, v) for k, v in event.headers if not k.startswith(":") and k not in HOP]
            pseudo = dict(h for h in event.headers if h[0].startswith(":"))
            what = None
            if pseudo[":method"] == "POST":
                with lock:
                    posts += 1
                    number = posts
                what = rule_for(self.rules, number)
                if what:
                    print(what, number, flush=True)
            self.streams[event.stream_id] = [pseudo, headers, bytearray(), what]
            if what == "refuse":
                self.reset(event.stream_id, h2.errors.ErrorCodes.REFUSED_STREAM)
        elif isinstance(event, h2.events.DataReceived):
            if event.stream_id in self.streams:
                self.streams[event.stream_id][2] += event.data
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            else:
                self.h2.increment_flow_control_window(event.flow_controlled_length or 1)
        elif isinstance(event, h2.events.StreamReset):
            self.streams.pop(event.stream_id, None)
        if isinstance(event, (h2.events.RequestReceived, h2.events.DataReceived)) and event.stream_ended:
            self.whole(event.stream_id)

    def whole(self, stream):
        if stream not in self.streams or self.last is not None and stream > self.last:
            return
        what = self.streams[stream][3]
        if what == "refuse-body":
            self.reset(stream, h2.errors.ErrorCodes.REFUSED_STREAM)
        elif what in ("goaway", "goaway-close"):
            below = [s for s in self.streams if s < stream]
            self.goaway(max(below, default=max(stream - 2, 0)), what == "goaway-close")
        else:
            if what == "goaway-slow":
                self.goaway(max(self.streams), False)
            threading.Thread(target=self.pass_on, args=(stream, *self.streams[stream]), daemon=True).start()

    def pass_on(self, stream, pseudo, headers, body, what):
        if what == "goaway-slow":
            time.sleep(3)
        upstream = http.client.HTTPConnection(*self.upstream, timeout=60)
        upstream.request(pseudo[":method"], pseudo[":path"], bytes(body), dict(headers))
        answer = upstream.getresponse()
        content = answer.read().replace(self.theirs, self.ours)
        upstream.close()
        fields = [(k.lower(), v) for k, v in answer.getheaders() if k.lower() not in HOP | {"content-length"}]
        try:
            with self.lock:
                if self.over or stream not in self.streams:
                    return
                if what == "cut":
                    self.reset(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
                elif what == "cut-goaway":
                    self.goaway(stream, True)
                else:
                    self.h2.send_headers(stream, [(":status", str(answer.status)), *fields])
                    self.send(stream, content)
                    self.streams.pop(stream, None)
                self.flush()
        except (OSError, h2.exceptions.ProtocolError):
            pass

    def send(self, stream, content):
        """Answers are smaller than a window."""
        for at in range(0, max(len(content), 1), 16000):
            self.h2.send_data(stream, content[at:at + 16000], end_stream=at + 16000 >= len(content))


def main():
    cert, key, host, port = sys.argv[1:5]
    rules = [(w.split("=")[0], w.split("=")[1].split(",")) for w in sys.argv[5:]]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.set_alpn_protocols(["h2"])
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(f"listening on https://127.0.0.1:{server.getsockname()[1]}", flush=True)
        while True:
            sock, _ = server.accept()

            def begin(sock=sock):
                try:
                    Connection(context.wrap_socket(sock, server_side=True), (host, int(port)), rules).serve()
                except OSError:
                    pass

            threading.Thread(target=begin, daemon=True).start()


if __name__ == "__main__":
    main()

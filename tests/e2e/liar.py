"""A server that speaks the API when it wants to, and lies where it is told to.

    liar = Liar()
    liar.lie("a.pdf", post=..., poll=..., result=...)

Each of the three is called with the request and the honest answer, and returns what is sent instead: bytes as they
are, a list or generator of bytes (sent one by one), CLOSE (closes the connection without a word), RESET, or None for
the honest answer. A document is known by its file's name, so others in the same batch are served honestly. Everything
that arrived is in `requests`; connections that only arrived count in `connections`.
"""

import hashlib
import json
import re
import socket
import struct
import threading
import uuid

CLOSE, RESET = object(), object()


class Request:
    def __init__(self, method, path, headers):
        self.method, self.path, self.headers = method, path, headers
        self.body, self.digest, self.length = b"", None, 0  # digest: the file's SHA-256
        self.name = self.alias = None  # of an upload; of its job, for the others
        self.connection = self.number = 0  # which connection, and which request on it
        self.job = None

    @property
    def kind(self):
        if self.method == "POST":
            return "post"
        return "poll" if self.path.startswith("/v2/jobs/") else "result"


def answer(status, body, headers=(), content_type="application/json", reason="Whatever"):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} {reason}"]
    names = {name.lower() for name, _ in headers}
    if content_type and "content-type" not in names:
        lines.append(f"Content-Type: {content_type}")
    if "content-length" not in names and "transfer-encoding" not in names:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def problem(status, code="x-001", detail="it was refused", errors=(), **more):
    return answer(
        status,
        {"status": status, "title": "t", "detail": detail, "code": code, "errors": list(errors)},
        content_type="application/problem+json",
        **more,
    )


class Trap:
    """A port that nobody may ever connect to."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.heard = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                try:
                    self.heard.append(connection.recv(65536))
                except OSError:
                    self.heard.append(b"")

    def stop(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()


class Liar:
    def __init__(self, port=0):
        self.listener = socket.create_server(("127.0.0.1", port), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.lock = threading.Lock()
        self.lies = {}
        self.requests = []
        self.connections = 0
        self.jobs = {}
        self.stopping = threading.Event()
        self.before = None  # called with each request whose headers were read, its body not yet
        self.during = None  # called with the request and how much of its body has come
        self.incomplete = 0  # bodies that were given up half way
        threading.Thread(target=self.listen, daemon=True).start()

    def lie(self, name, **hooks):
        self.lies[name] = hooks

    def stop(self):
        self.stopping.set()
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()

    # --- what was heard ---

    def heard(self, kind=None, name=None):
        with self.lock:
            return [
                r
                for r in self.requests
                if (kind is None or r.kind == kind) and (name is None or r.name == name)
            ]

    # --- one connection ---

    def listen(self):
        while not self.stopping.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                number = self.connections
            threading.Thread(target=self.serve, args=(connection, number), daemon=True).start()

    def serve(self, connection, number):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(60)
        stream = connection.makefile("rb", buffering=65536)
        count = 0
        try:
            while not self.stopping.is_set():
                request = self.read_head(stream)
                if request is None:
                    break
                count += 1
                request.connection, request.number = number, count
                early = self.before(request) if self.before else None
                if early is None:
                    self.read_body(stream, request, connection)
                with self.lock:
                    self.requests.append(request)
                if early is None:
                    early = self.reply(request)
                if not self.send(connection, early):
                    break
        except (OSError, ValueError):
            pass
        finally:
            try:
                stream.close()
                connection.close()
            except OSError:
                pass

    @staticmethod
    def read_head(stream):
        line = stream.readline(65536)
        if not line:
            return None
        method, path, _ = line.decode("latin-1").split(" ", 2)
        headers = {}
        while True:
            line = stream.readline(65536)
            if line in (b"\r\n", b"\n", b""):
                break
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        return Request(method, path, headers)

    def read_body(self, stream, request, connection):
        length = int(request.headers.get("content-length", "0"))
        if request.headers.get("expect"):
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = bytearray()
        while len(body) < length:
            block = stream.read1(min(65536, length - len(body)))
            if not block:
                self.incomplete += 1
                raise OSError("cut off")
            body += block
            if self.during:
                self.during(request, len(body))
        request.body, request.length = bytes(body), length
        if request.method != "POST":
            return
        boundary = request.headers["content-type"].partition("boundary=")[2].strip('"').encode()
        for part in request.body.split(b"--" + boundary)[1:-1]:
            head, _, content = part[:-2].partition(b"\r\n\r\n")
            if b'name="file"' in head:
                request.name = re.search(rb'filename="([^"]*)"', head)[1].decode(errors="replace")
                request.digest = hashlib.sha256(content).hexdigest()
            elif b'name="alias"' in head:
                request.alias = content.decode()

    @staticmethod
    def send(connection, reply):
        if reply is RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if reply is CLOSE:
            return False
        if isinstance(reply, bytes):
            reply = [reply]
        for piece in reply:
            if piece is CLOSE:
                return False
            connection.sendall(piece)
        return True

    # --- what is said ---

    def reply(self, request):
        honest = self.honest(request)
        hook = self.lies.get(request.name, {}).get(request.kind)
        said = hook(request, honest) if hook else None
        return honest if said is None else said

    def honest(self, request):
        path = request.path.split("?")[0]
        if request.method == "POST":
            return self.enqueue(request)
        if path.startswith("/v2/jobs/"):
            job = self.jobs.get(path[len("/v2/jobs/"):])
            if not job:
                return problem(404, "404-001", "no such job")
            request.name, request.alias, request.job = job["filename"], job["alias"], job
            return answer(200, {"job": self.processed(job)})
        if path.startswith("/v2/products/extraction/results/"):
            job = self.jobs.get(path.rsplit("/", 1)[1])
            if not job:
                return problem(404, "404-002", "no such result")
            request.name, request.alias, request.job = job["filename"], job["alias"], job
            return answer(200, {"inference": self.inference(job)})
        return problem(404)

    def enqueue(self, request):
        job = {
            "id": str(uuid.uuid4()),
            "model_id": "11111111-1111-4111-8111-0000000e0001",
            "filename": request.name,
            "alias": request.alias,
            "created_at": "2026-08-31T10:00:00.000Z",
            "completed_at": None,
            "status": "Processing",
            "result_url": None,
            "webhooks": [],
            "error": None,
        }
        job["polling_url"] = f"{self.url}/v2/jobs/{job['id']}"
        with self.lock:
            self.jobs[job["id"]] = job
        request.job = job
        return answer(202, {"job": job})

    def processed(self, job, /, **changes):
        return {
            **job,
            "status": "Processed",
            "completed_at": "2026-08-31T10:00:00.200Z",
            "result_url": f"{self.url}/v2/products/extraction/results/{job['id']}",
            **changes,
        }

    def inference(self, job, /, **changes):
        return {
            "id": job["id"],
            "job": {"id": job["id"]},
            "model": {"id": job["model_id"]},
            "file": {"name": job["filename"], "alias": job["alias"], "page_count": 1},
            "result": {"fields": {"supplier_name": {"value": "SYNTHETIC"}}},
            **changes,
        }

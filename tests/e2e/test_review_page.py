"""`review serve`: who may talk to it, what it answers, and a clerk at work in a real browser, with keys alone."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import unittest
import unittest.mock

import axe
from browser import ALT, CONTROL, DELETE, ENTER, ESCAPE, PAGE_DOWN, PAGE_UP, RIGHT, SHIFT, TAB, UP, Browser, needs_browser
from harness import BINARY, KEY, MODEL, Case, Sandbox, wait_for

SAMPLES, FLAWS = 48, 20
ASSETS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src", "review_page", "assets")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src blob:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
made = None


def jpeg_size(data):
    """Across and down, as the pixels lie in the file."""
    at = 2
    while not 0xC0 <= data[at + 1] <= 0xC3:
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")


def run_samples(home, samples, *options):
    """A run over SAMPLES into HOME/out; whoever settles records copies that."""
    sandbox = Sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "30ms", *options)
    try:
        settings = {
            **Case.FAST,
            "output.directory": home + "/out",
            "limits.state": home + "/state",
            "api.model_id": MODEL,
            "api.base_url": sandbox.url,
            "request.confidence": "true",
            "request.polygon": "true",
        }
        words = [word for key, value in settings.items() for word in ("-s", f"{key}={value}")]
        environment = {**os.environ, "MINDEE_V2_API_KEY": KEY}
        subprocess.run([BINARY, "run", samples, *words], check=True, env=environment, capture_output=True)
    finally:
        sandbox.stop()


def count_open(output):
    listed = subprocess.run([BINARY, "review", "--json", "-s", f"output.directory={output}"], capture_output=True, check=False)
    return len(json.loads(listed.stdout)["records"])


def setUpModule():
    """Once for all: samples with flaws, and a run over them. Where the machine is so busy that all results come at once, the
    one with another bank account may come before the others of its supplier, which are those that have a new one then."""
    global made
    made = tempfile.mkdtemp(prefix="mb-review-page-")
    unittest.addModuleCleanup(shutil.rmtree, made)
    flaws = [BINARY, "sandbox", "--samples", str(SAMPLES), made + "/samples", "--flaws", str(FLAWS)]
    subprocess.run(flaws, check=True, stdout=subprocess.DEVNULL)
    os.unlink(made + "/samples/expected.json")
    for _ in range(10):
        run_samples(made, made + "/samples")
        if count_open(made + "/out") == FLAWS:
            return
        shutil.rmtree(made + "/out")
        shutil.rmtree(made + "/state")
    raise AssertionError("the results never came in an order in which what is planted is found, and nothing else")


class Served(Case):
    def setUp(self):
        super().setUp()
        shutil.copytree(made + "/out", self.output)
        self.page = None

    def serve(self, *words):
        self.page = self.start("review", "serve", words=words)
        self.address = self.page.stdout.readline().decode().strip()
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/#([0-9a-f]{64})", self.address)
        self.assertTrue(found, self.address)
        self.port, self.token = int(found[1]), found[2]

    def ask(self, method, path, body=None, token=True, **headers):
        """The status, the headers and the body. Headers are named with _; None leaves one away."""
        sent = {"Host": f"127.0.0.1:{self.port}"}
        if token:
            sent["X-Review-Token"] = self.token if token is True else token
        if isinstance(body, dict):
            body = json.dumps(body)
            sent["Content-Type"] = "application/json"
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            if body is not None:
                body = body.encode() if isinstance(body, str) else body
                sent.setdefault("Content-Length", str(len(body)))
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders()
            if body is not None:
                connection.send(body)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def status(self, *arguments, **keywords):
        status, headers, _ = self.ask(*arguments, **keywords)
        for name, value in HEADERS.items():
            self.assertEqual(headers.get(name), value, (name, arguments, status))
        self.assertFalse([name for name in headers if name.lower().startswith("access-control-")])
        return status

    def get(self, path):
        status, _, body = self.ask("GET", path)
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def post(self, path, **body):
        status, _, answer = self.ask("POST", path, body)
        return status, json.loads(answer)

    def open_records(self):
        return self.get("/api/list")["records"]

    def listed(self, *words, expected=1):
        _, out, _ = self.finish(self.start("review", words=("--json", *words)), expected)
        return json.loads(out)["records"]

    def audit(self):
        with sqlite3.connect(os.path.join(self.output, "review.db")) as db:
            return list(db.execute("SELECT action, record, field, after FROM audit WHERE record <> '' ORDER BY id"))


class Strangers(Served):
    """Each of what keeps them out, by plain HTTP."""

    def test_who_may_talk_to_it(self):
        self.serve()
        port, anywhere = self.port, "/api/list"
        self.assertEqual(self.status("GET", anywhere), 200)
        self.assertEqual(self.status("GET", anywhere, Host=f"localhost:{port}"), 200)
        self.assertEqual(self.status("GET", anywhere, Host=f"[::1]:{port}"), 200)
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}", f"127.0.0.1.evil.example:{port}"):
            self.assertEqual(self.status("GET", anywhere, Host=host), 421, host)
            self.assertEqual(self.status("GET", "/", token=False, Host=host), 421, host)
        own = f"http://127.0.0.1:{port}"
        self.assertEqual(self.status("GET", anywhere, Origin=own, Sec_Fetch_Site="same-origin"), 200)
        self.assertEqual(self.status("GET", "/", token=False, Sec_Fetch_Site="none"), 200)
        for origin in ("http://evil.example", "null", f"https://127.0.0.1:{port}", "http://127.0.0.1:1"):
            self.assertEqual(self.status("GET", anywhere, Origin=origin), 403, origin)
        for site in ("cross-site", "same-site"):
            self.assertEqual(self.status("GET", anywhere, Sec_Fetch_Site=site), 403, site)
        for method in ("OPTIONS", "PUT", "DELETE", "HEAD", "PATCH"):
            self.assertEqual(self.status(method, anywhere), 405, method)
        self.assertEqual(self.status("OPTIONS", "/api/decide", Origin=own), 405)
        self.assertEqual(self.status("POST", anywhere, {}), 405)
        with open("/proc/net/tcp", encoding="ascii") as f:
            listening = [row.split()[1] for row in f if row.split()[3] == "0A"]
        self.assertIn(f"0100007F:{port:04X}", listening)  # and at no other address
        self.assertNotIn(f"00000000:{port:04X}", listening)
        for path in ("/nowhere", "/api/record/..%2f..%2fledger.db", "/../ledger.db", "/api/page/d0123456789abcdef/x"):
            self.assertEqual(self.status("GET", path), 404, path)

    def test_bodies(self):
        self.serve()
        for kind in ("text/plain", "application/x-www-form-urlencoded", None):
            self.assertEqual(self.status("POST", "/api/decide", "{}", Content_Type=kind), 415)
        self.assertEqual(self.status("POST", "/api/decide", "x" * 65537, Content_Type="application/json"), 413)
        self.assertEqual(self.status("POST", "/api/decide", b"", Content_Type="application/json", Content_Length=None, Transfer_Encoding="chunked"), 411)
        for body in ("", "{}", "[]", "nothing", '{"record":"x"}'):
            self.assertEqual(self.status("POST", "/api/decide", body, Content_Type="application/json"), 400, body)

    def test_tokens(self):
        self.serve()
        for path in ("/", "/review.css", "/review.js"):
            self.assertEqual(self.status("GET", path, token=False), 200)
        self.assertEqual(self.status("GET", "/api/list", token=False), 401)
        wrong = [self.status("GET", "/api/list", token=f"{i:064x}") for i in range(24)]
        self.assertEqual(wrong, [401] * 19 + [429] * 5)
        self.assertEqual(self.status("GET", "/api/list"), 200)  # nobody else can lock the clerk out
        self.page.send_signal(signal.SIGTERM)
        _, out, err = self.finish(self.page, 0)
        self.assertNotIn(self.token, out + err)
        first = self.token
        self.serve()
        self.assertNotEqual(self.token, first)

    def test_it_listens_on_loopback_alone(self):
        self.serve("--port", "0")
        with open("/proc/net/tcp", encoding="ascii") as f:
            listening = [line.split()[1] for line in f if line.split()[3] == "0A" and line.split()[1].endswith(f":{self.port:04X}")]
        self.assertEqual(listening, [f"0100007F:{self.port:04X}"])

    def test_the_script_writes_texts_alone(self):
        for name in os.listdir(ASSETS):
            with open(os.path.join(ASSETS, name), encoding="utf-8") as f:
                text = f.read()
            self.assertNotRegex(text, r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc", name)
            self.assertNotRegex(text.replace("http://www.w3.org/2000/svg", ""), r"https?://", name)
            self.assertNotRegex(text, r"\sstyle=|\son[a-z]+=", name)


class Answers(Served):
    def test_the_list_is_what_review_says(self):
        self.serve()
        page, told = self.open_records(), self.listed()
        self.assertEqual(len(page), FLAWS)
        for ours, theirs in zip(page, told):
            for name in ("record", "file", "status"):
                self.assertEqual(ours[name], theirs[name])
            said = [{k: v for k, v in r.items() if k in theirs["reasons"][0]} for r in ours["reasons"]]
            self.assertEqual([r["text"] for r in said], [r["text"] for r in theirs["reasons"]])
        self.assertLess(self.resident(), 64 * 1024)

    def resident(self):
        with open(f"/proc/{self.page.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1])

    def test_a_record_and_its_pictures(self):
        self.serve()
        kinds = set()
        for item in self.open_records():
            record = self.get("/api/record/" + item["record"])
            self.assertEqual(record["version"], item["version"])
            paths = [f["path"] for f in record["fields"]]
            self.assertEqual(len(paths), len(set(paths)))
            self.assertEqual(paths[0], "supplier_name")  # the order of the columns
            marked = [f for f in record["fields"] if f.get("locations")]
            self.assertTrue(all(place["page"] >= 1 for f in marked for place in f["locations"]))
            status, headers, body = self.ask("GET", f"/api/page/{item['record']}/1")
            kind = item["file"].rsplit(".", 1)[1].lower()
            kinds.add(kind)
            jpeg = kind in ("pdf", "jpg", "jpeg")
            self.assertEqual((status, headers["Content-Type"]), (200, "image/jpeg" if jpeg else "image/png"), item["file"])
            self.assertEqual(body[:3] if jpeg else body[1:4], b"\xff\xd8\xff" if jpeg else b"PNG")
            self.assertEqual(self.status("GET", f"/api/page/{item['record']}/99"), 404)
        self.assertGreaterEqual(kinds, {"pdf", "jpg"})
        self.assertEqual(self.status("GET", "/api/record/d0123456789abcdef"), 404)
        self.assertEqual(self.status("GET", "/api/page/d0123456789abcdef/1"), 404)
        self.assertLess(self.resident(), 64 * 1024)

    def test_a_file_that_changed_or_is_gone(self):
        samples = os.path.join(self.directory, "samples")
        shutil.copytree(made + "/samples", samples)
        own = os.path.join(self.directory, "own")
        os.mkdir(own)
        run_samples(own, samples)
        self.output = own + "/out"
        self.serve()
        changed, gone = [r for r in self.open_records() if r["file"].endswith(".pdf")][:2]
        with open(os.path.join(samples, changed["file"]), "ab") as f:
            f.write(b"\n")
        os.unlink(os.path.join(samples, gone["file"]))
        status, _, body = self.ask("GET", f"/api/page/{changed['record']}/1")
        self.assertEqual(status, 410)
        self.assertIn("changed since it was sent", json.loads(body)["error"])
        status, _, body = self.ask("GET", f"/api/page/{gone['record']}/1")
        self.assertEqual(status, 404)
        self.assertIn("isn't there any more", json.loads(body)["error"])
        for r in (changed, gone):
            self.assertEqual(self.post("/api/decide", record=r["record"], version=r["version"], action="accept", corrections=[], note="")[0], 200)

    def test_decisions(self):
        self.serve()
        records = self.open_records()
        wrong = next(r for r in records if r["reasons"][0]["code"] == "total-sum")
        one, two, three = [r for r in records if r is not wrong][:3]
        right = re.search(r"= ([\d.]+), not", wrong["reasons"][0]["text"])[1]

        def decide(record, version=None, **more):
            body = {"record": record["record"], "version": version or record["version"], "corrections": [], "note": "", **more}
            return self.post("/api/decide", **body)

        self.assertEqual(decide(one, action="nothing")[0], 422)
        self.assertEqual(decide({"record": "d0123456789abcdef", "version": "1"}, action="accept")[0], 404)
        bad = [{"path": "total_amount", "value": "1.234,50"}]
        status, answer = decide(one, action="accept", corrections=bad)
        self.assertEqual(status, 422)
        self.assertIn("1.234,50", answer["error"])
        status, answer = decide(one, action="accept", corrections=[{"path": "totl_amount", "value": "1"}])
        self.assertEqual(status, 422)
        self.assertIn("total_amount", answer["error"])
        self.assertEqual(self.audit(), [])
        status, answer = decide(one, action="accept")
        self.assertEqual((status, answer["status"]), (200, "accepted"))
        status, newer = decide(one, action="reject")  # as the other tab still has it
        self.assertEqual((status, newer["status"], newer["version"]), (409, "accepted", answer["version"]))
        self.assertEqual(decide(two, action="reject", note="twice")[1]["status"], "rejected")
        self.assertEqual(decide(three, action="later")[1]["status"], "later")
        fix = [{"path": "total_amount", "value": right}]
        status, found = self.post("/api/check", record=wrong["record"], corrections=fix + bad[:0])
        self.assertEqual((status, found["reasons"], found["refused"]), (200, [], []))
        self.assertTrue(all(s["ok"] for s in found["sums"]))
        status, found = self.post("/api/check", record=wrong["record"], corrections=[{"path": "date", "value": "never"}])
        self.assertEqual((status, [r["path"] for r in found["refused"]]), (200, ["date"]))
        self.assertEqual(decide(wrong, action="accept", corrections=fix)[1]["status"], "corrected")
        told = {r["record"]: r["status"] for r in self.listed("--all", expected=1)}
        self.assertEqual([told[r["record"]] for r in (one, two, three, wrong)], ["accepted", "rejected", "later", "corrected"])
        actions = [action for action, *_ in self.audit()]
        self.assertEqual([a for a in actions if a != "correct"], ["accept", "reject", "later", "accept"])
        again = self.get("/api/record/" + two["record"])
        self.assertEqual(decide(two, again["version"], action="reopen")[1]["status"], "review")

    def test_a_sum_that_nobody_checks_is_neither_right_nor_wrong(self):
        for words, expected in (((), {True}), (("-s", "checks.off=total-sum,lines-sum"), {None})):
            self.serve(*words)
            key = next(r["record"] for r in self.open_records() if r["reasons"][0]["code"] == "required-missing")
            self.assertEqual({s["ok"] for s in self.get("/api/record/" + key)["sums"]}, expected)

    def test_killed_between_a_decision_and_its_answer(self):
        for delay in (0, 0.001, 0.004, 0.02):
            self.serve()
            record = self.open_records()[0]
            killer = threading.Timer(delay, self.page.kill)
            killer.start()
            status = None
            try:
                status, _ = self.post("/api/decide", record=record["record"], version=record["version"], action="accept", corrections=[], note="")
            except (OSError, http.client.HTTPException):
                pass
            killer.join()
            self.page.wait()
            (now,) = self.listed(record["record"], "--all", expected=None)
            self.assertIn(now["status"], ("review", "accepted"))
            if status == 200:
                self.assertEqual(now["status"], "accepted")
            self.assertEqual([r for a, r, *_ in self.audit() if r == record["record"]], [record["record"]] * (now["status"] == "accepted"))
        self.finish(self.start("verify"), 0)

    def test_it_opens_a_browser(self):
        told, browser = os.path.join(self.directory, "told"), os.path.join(self.directory, "browser")
        with open(os.open(browser, os.O_WRONLY | os.O_CREAT, 0o700), "w", encoding="utf-8") as f:
            f.write(f'#!/bin/sh\nprintf %s "$1" >{told}.new\nmv {told}.new {told}\n')
        with unittest.mock.patch.dict(os.environ, BROWSER=browser):
            self.serve("--open")
        wait_for(lambda: os.path.exists(told), "the browser")
        with open(told, encoding="utf-8") as f:
            self.assertEqual(f.read(), self.address)

    def test_how_it_ends(self):
        self.serve("--idle", "300ms")
        _, _, err = self.finish(self.page, 0)
        self.assertIn("--idle", err)
        for number in (signal.SIGINT, signal.SIGTERM):
            self.serve()
            self.page.send_signal(number)
            self.finish(self.page, 0)
        for words in (("--port", "x"), ("--port", "70000"), ("--idle", "soon")):
            _, _, err = self.finish(self.start("review", "serve", words=words), 2)
            self.assertIn(words[0], err)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            _, _, err = self.finish(self.start("review", "serve", words=("--port", str(taken.getsockname()[1]))), 2)
            self.assertIn("--port", err)


@needs_browser
class Clerk(Served):
    """With chromium."""

    @classmethod
    def setUpClass(cls):
        """One browser for all: each test's page has an origin of its own."""
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def browse(self, browser=None):
        browser = browser or self.browser
        browser.open("about:blank")
        browser.log()
        browser.open(self.address)
        browser.wait("return document.body.dataset.record")
        return browser

    def decided(self, browser, count):
        browser.wait(f"return document.body.dataset.decided === '{count}'", f"decision {count}")

    def test_twenty_records_with_keys_alone(self):
        self.serve()
        expected, took, seen = {}, [], []
        browser = self.browse()
        self.assertNotIn(self.token, browser.run("return location.href"))
        for count in range(1, FLAWS + 1):
            shown = browser.wait(f"return document.body.dataset.record !== {json.dumps(seen[-1] if seen else '')} && document.body.dataset.record")
            seen.append(shown)
            record = self.get("/api/record/" + shown)
            beside = "const s = document.getElementById('sheet'); return s.hidden || s.dataset.record === document.body.dataset.record"
            self.assertTrue(browser.run(beside), "another record's page beside these fields")
            self.assertTrue(browser.run("return ['INPUT','TEXTAREA','SELECT'].includes(document.activeElement.tagName)"))
            took.append(int(browser.run("return document.body.dataset.shownIn")))
            reason = record["reasons"][0]
            if reason["code"] == "total-sum":
                self.assertEqual(browser.run("return document.activeElement.dataset.path"), "total_amount")
                browser.type(re.search(r"= ([\d.]+), not", reason["text"])[1])
                browser.wait("return document.querySelector('.reasons .done')", "the check of what was typed")
                browser.press(CONTROL, ENTER)
                expected[shown] = "corrected"
            elif reason["code"] == "required-missing":
                browser.type("RE-4711/26")
                self.assertEqual(browser.run("return document.activeElement.value"), "RE-4711/26")
                browser.press(CONTROL, ENTER)
                expected[shown] = "corrected"
            elif reason["code"] == "duplicate-number":
                browser.press(CONTROL, DELETE)
                expected[shown] = "rejected"
            elif reason["code"] == "iban-new":
                browser.press(CONTROL, RIGHT)
                expected[shown] = "later"
            else:
                browser.press(ENTER if reason["code"] == "line-product" else TAB)
                browser.press(CONTROL, ENTER)
                expected[shown] = "accepted"
            self.decided(browser, count)
        browser.wait("return document.body.dataset.done")
        self.assertEqual(len(set(seen)), FLAWS)
        self.assertEqual(browser.log(), [])
        # From the key to the next record's field, the first one aside. Half of them within 100 ms is what is wanted; where
        # forty processes have the machine, too, the best one tells whether the page could.
        long = bool(os.environ.get("MB_E2E_LONG"))
        self.assertLess(sorted(took[1:])[len(took) // 2 if long else 0], 100, took)
        told = {r["record"]: r["status"] for r in self.listed("--all", expected=0)}
        self.assertEqual({key: told[key] for key in seen}, expected)
        action = {"corrected": "accept", "accepted": "accept", "rejected": "reject", "later": "later"}
        trail = [(a, record) for a, record, *_ in self.audit() if a != "correct"]
        self.assertEqual(trail, [(action[expected[key]], key) for key in seen])
        self.finish(self.start("verify"), 0)

    def test_two_tabs(self):
        self.serve()
        browser = self.browse()
        first, shown = browser.tab(), browser.run("return document.body.dataset.record")
        browser.new_tab()
        browser.open(self.address)
        self.assertEqual(browser.wait("return document.body.dataset.record"), shown)
        browser.press(CONTROL, DELETE)
        self.decided(browser, 1)
        browser.switch(first)
        browser.press(CONTROL, ENTER)
        self.assertIn("Not taken", browser.wait("return document.getElementById('banner').textContent"))
        self.assertEqual(browser.run("return document.body.dataset.record"), shown)
        self.assertIn("rejected", browser.run("return document.getElementById('title').textContent"))
        self.assertEqual([a for a, record, *_ in self.audit() if record == shown], ["reject"])

    def test_what_was_typed_outlives_its_tab(self):
        self.serve()
        browser = self.browse()
        path, read = browser.run("return [document.activeElement.dataset.path, document.activeElement.value]")
        old = browser.tab()
        browser.type("12345.67")
        browser.wait("return document.querySelector('.changed, .bad, .refused') && document.activeElement.value === '12345.67'")
        key = browser.run("return document.body.dataset.record")
        wait_for(lambda: self.get("/api/record/" + key)["drafts"] == [{"path": path, "value": "12345.67"}], "the draft")
        browser.new_tab()
        new = browser.tab()
        browser.switch(old)
        browser.call("DELETE", "/window")
        browser.switch(new)
        browser.open(self.address)
        browser.wait("return document.body.dataset.record")
        self.assertEqual(browser.run(f"return document.querySelector('#fields [data-path=\"{path}\"]').value"), "12345.67")
        browser.press(ESCAPE)
        self.assertEqual(browser.run("return document.activeElement.value"), read)
        wait_for(lambda: self.get("/api/record/" + key)["drafts"] == [], "no draft")

    def test_the_other_keys(self):
        self.serve()
        browser = self.browse()
        first = browser.run("return document.body.dataset.record")
        browser.press("?")
        self.assertTrue(browser.run("return document.getElementById('help').open"))
        browser.press(ESCAPE)
        browser.press(CONTROL, DELETE)
        self.decided(browser, 1)
        browser.press(CONTROL, "z")
        browser.wait("return document.getElementById('banner').textContent.includes('taken back')")
        self.assertEqual(browser.run("return document.body.dataset.record"), first)
        self.assertEqual([a for a, *_ in self.audit()], ["reject", "reopen"])
        browser.press(CONTROL, RIGHT)
        browser.wait(f"return document.body.dataset.record !== '{first}'")
        browser.press(CONTROL, UP)
        browser.wait(f"return document.body.dataset.record === '{first}'")
        browser.press("/")
        self.assertTrue(browser.run("return document.getElementById('find').open"))
        browser.type("duplicate-number")
        browser.press(ENTER)
        browser.wait("return !document.getElementById('find').open")
        browser.wait("return document.querySelector('#reasons').textContent.includes('one supplier')")
        browser.press(CONTROL, "d")
        browser.wait("return document.querySelector('#other table') && document.querySelector('#other img, #other .said')")
        path = browser.run("return document.activeElement.dataset.path")
        self.assertEqual(browser.wait("return document.querySelectorAll('polygon.lit').length && document.querySelector('polygon.lit').dataset.path"), path)
        self.assertEqual(browser.log(), [])

    def test_lines_are_added_and_taken_away(self):
        """With keys alone; what came of it is in checks, exports and the trail, and can be taken back."""
        self.serve()
        browser = self.browse()
        browser.press("/")
        browser.type("total-sum")
        browser.press(ENTER)
        browser.wait("return !document.getElementById('find').open")
        key = browser.wait("return document.getElementById('reasons').textContent.includes('not') && document.body.dataset.record")
        record = self.get("/api/record/" + key)
        lines = next(x for x in record["lists"] if x["list"] == "line_items")
        last, new = len(lines["rows"]), lines["next"]
        self.assertEqual(new, last + 1)
        columns = [c["column"] for c in lines["columns"]]
        amount = next(f["value"] for f in record["fields"] if f["path"] == f"line_items[{last}].total_price")

        def focused():
            return browser.run("return document.activeElement.dataset.path")

        def sums(text):
            browser.wait(f"return document.getElementById('sums').textContent.includes({json.dumps(text)})", text)

        def to(path):
            while focused() != path:
                browser.press(TAB)

        to("line_items[1]." + columns[0])
        browser.press(ALT, ENTER)
        self.assertEqual(focused(), f"line_items[{new}].{columns[0]}")
        sums(", 1 without an amount")
        to(f"line_items[{new}].description")
        browser.type("Freight")
        to(f"line_items[{new}].total_price")
        browser.type(amount)
        browser.wait("return document.getElementById('reasons').textContent.includes('Line items')", "the lines' sum is wrong now")
        browser.press(SHIFT, TAB)
        for _ in columns:
            browser.press(SHIFT, TAB)
        self.assertTrue(focused().startswith(f"line_items[{last}]."))
        browser.press(ALT, DELETE)
        browser.wait("return !document.getElementById('reasons').textContent.includes('Line items')", "right again")
        self.assertEqual(browser.run("return [...document.querySelectorAll('tr.gone')].map((e) => e.dataset.row)"), [f"line_items[{last}]"])
        kept = [d["path"] for d in self.get("/api/record/" + key)["drafts"]]
        self.assertEqual(kept, [f"+line_items[{new}]", f"line_items[{new}].description", f"line_items[{new}].total_price", f"-line_items[{last}]"])
        browser.open("about:blank")
        browser.open(self.address)  # the tab died
        browser.wait("return document.body.dataset.record")
        browser.press("/")
        browser.type(record["file"])
        browser.press(ENTER)
        browser.wait(f"return document.body.dataset.record === '{key}'")
        browser.wait("return document.querySelectorAll('tr.gone, tr.added').length === 2", "both lines as they were")
        browser.press(CONTROL, ENTER)
        self.decided(browser, 1)
        trail = [(action, field, after) for action, _, field, after in self.audit() if field]
        self.assertEqual(trail, [
            ("correct: add a row", f"line_items[{new}]", ""),
            ("correct", f"line_items[{new}].description", "Freight"),
            ("correct", f"line_items[{new}].total_price", amount),
            ("correct: take a row away", f"line_items[{last}]", ""),
        ])
        self.assertEqual(self.exported_lines(key), [*range(1, last), new])
        browser.press(CONTROL, "z")
        browser.wait("return document.getElementById('banner').textContent.includes('taken back')")
        self.assertEqual(browser.run("return [...document.querySelectorAll('tr.gone')].map((e) => e.dataset.row)"), [f"line_items[{last}]"])
        to(f"line_items[{last}]." + columns[0])
        browser.press(ALT, DELETE)
        browser.wait("return !document.querySelector('tr.gone') && document.getElementById('reasons').textContent.includes('Line items')", "it is back")
        to(f"line_items[{new}]." + columns[0])
        browser.press(ALT, DELETE)
        browser.wait("return document.querySelector('tr.gone') && !document.getElementById('reasons').textContent.includes('Line items')")
        browser.press(CONTROL, ENTER)
        self.decided(browser, 1)
        self.assertEqual(self.exported_lines(key), [*range(1, new)])
        self.assertEqual(browser.log(), [])

    def exported_lines(self, key):
        self.finish(self.start("export", words=("--table", "line_items", "--format", "jsonl", "--to", self.directory + "/lines.jsonl")), None)
        with open(self.directory + "/lines.jsonl", encoding="utf-8") as f:
            rows = [json.loads(line) for line in f]
        return [row["_n"] for record in rows if record["record"]["_record"] == key for row in record["tables"]["line_items"]]

    def test_pages_and_places(self):
        self.serve()
        browser = self.browse()
        two = next(r["record"] for r in self.open_records() if self.get("/api/record/" + r["record"])["pages"] == 2)
        while browser.run("return document.body.dataset.record") != two:
            shown = browser.run("return document.body.dataset.record")
            while browser.run("return document.body.dataset.record") == shown:
                browser.press(ENTER)
        shows = "const i = document.querySelector('#sheet:not([hidden]) img'); return i && i.alt.startsWith('Page {} of')"
        browser.wait(shows.format(1))
        browser.press(PAGE_DOWN)
        browser.wait(shows.format(2))
        self.assertEqual(browser.run("return document.getElementById('pages').textContent"), "page 2 of 2")
        browser.press(PAGE_UP)
        browser.wait(shows.format(1))
        wide = browser.run("return document.getElementById('sheet').offsetWidth")
        browser.press(ALT, "+")
        self.assertAlmostEqual(browser.run("return document.getElementById('sheet').offsetWidth") / wide, 1.25, places=1)
        browser.press(ALT, "0")
        self.assertEqual(browser.run("return document.getElementById('sheet').offsetWidth"), wide)
        browser.run("document.querySelector('#sheet polygon[data-path=date]').dispatchEvent(new MouseEvent('mousedown', {bubbles: true}))")
        self.assertEqual(browser.run("return document.activeElement.dataset.path"), "date")
        self.assertEqual(browser.run("return document.querySelector('#sheet polygon.lit').dataset.path"), "date")
        self.assertEqual(browser.run("return document.getElementById('banner').hidden"), True)
        self.assertEqual(browser.log(), [])

    def test_hostile_values(self):
        evil = "<img src=x onerror=\"document.title='evil'\"><script>document.title='evil'</script>"
        far = [{"page": 0, "polygon": [[-5, -5], [9e9, 0], [2, 2]]}, {"page": 7, "polygon": "x"}, {"page": 0, "polygon": [[None], [0, 1], 3]}]
        fields = {
            "supplier_name": {"value": evil, "confidence": evil, "locations": far},
            "invoice_number": {"value": "\u202e4711\u2066'>", "locations": [{"polygon": [[0.1, 0.1]] * 5000, "page": 0}]},
            "javascript:alert(1)": {"value": "javascript:alert(1)"},
            "note": {"value": "x" * 5_000_000},
            "total_amount": {"value": 1, "confidence": "Low", "locations": None},
            "line_items": {"items": [{"fields": {"</textarea><b>": {"value": evil + "\n" + evil}}}]},
        }
        answers = os.path.join(self.directory, "answers")
        name = "'><svg onload=alert(1)>.pdf"
        os.mkdir(answers)
        with open(os.path.join(answers, name + ".json"), "w", encoding="utf-8") as f:
            json.dump({"inference": {"result": {"fields": fields}}}, f)
        self.write(name, b"%PDF-1.4\n" + b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
                   b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
        own = os.path.join(self.directory, "own")
        os.mkdir(own)
        run_samples(own, self.input, "--answers", answers)
        self.output = own + "/out"
        self.serve()
        browser = self.browse()
        self.assertEqual(browser.run("return document.title"), "1 of 1 · Review")
        self.assertEqual(browser.run("return [document.scripts.length, document.querySelectorAll('#fields img, #fields script, #fields b, svg svg').length]"), [1, 0])
        self.assertEqual(browser.run("return document.querySelector('#fields [data-path=supplier_name]').value"), evil)
        self.assertTrue(browser.run("return document.querySelector('#fields [data-path=note]').readOnly"))
        browser.press("?")
        browser.press(ESCAPE)
        browser.wait("return document.querySelector('#sheet:not([hidden]) img')", "the picture")
        self.assertGreater(browser.run("return document.querySelectorAll('#sheet polygon').length"), 0)
        self.assertTrue(browser.run("return [...document.querySelectorAll('polygon')].every((p) => p.getAttribute('points').split(/[ ,]/).every((n) => n >= 0 && n <= 1000))"))
        self.assertEqual(browser.run("return document.title"), "1 of 1 · Review")
        self.assertTrue(browser.run("return document.getElementById('banner').hidden"))
        self.assertEqual(browser.log(), [])

    def test_a_photo_that_was_turned(self):
        """A phone says in the file how it was held: the picture stands upright, and the places on it are where Mindee saw them."""
        (sample, *_) = sorted(name for name in self.files_of(made + "/samples") if name.endswith(".jpg"))
        with open(os.path.join(made, "samples", sample), "rb") as f:
            photo = f.read()
        across, down = jpeg_size(photo)
        turned = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
        self.write("photo.jpg", photo[:2] + b"\xff\xe1" + (len(turned) + 2).to_bytes(2, "big") + turned + photo[2:])
        corner = [{"page": 0, "polygon": [[0, 0], [0.5, 0], [0.5, 0.25], [0, 0.25]]}]
        fields = {"supplier_name": {"value": "A", "confidence": "Low", "locations": corner}}
        own, answers = os.path.join(self.directory, "own"), os.path.join(self.directory, "answers")
        os.mkdir(own)
        os.mkdir(answers)
        with open(os.path.join(answers, "photo.jpg.json"), "w", encoding="utf-8") as f:
            json.dump({"inference": {"result": {"fields": fields}}}, f)
        self.write("plain.jpg", photo)
        with open(os.path.join(answers, "plain.jpg.json"), "w", encoding="utf-8") as f:
            json.dump({"inference": {"result": {"fields": {"supplier_name": {"value": "B", "confidence": "Low"}}}}}, f)
        run_samples(own, self.input, "--answers", answers)
        self.output = own + "/out"
        self.serve()
        browser = self.browse()

        def find(name):
            browser.press("/")
            browser.type(name)
            browser.press(ENTER)

        find("photo.jpg")
        browser.wait("return document.querySelector('#sheet:not([hidden]) polygon')", "the picture")
        self.assertEqual(browser.run("const i = document.querySelector('#sheet img'); return [i.naturalWidth, i.naturalHeight]"), [down, across])
        box = "const b = document.querySelector(arguments[0]).getBoundingClientRect(); return [b.left, b.top, b.width, b.height]"
        sheet, mark = browser.run(box, "#sheet"), browser.run(box, "#sheet polygon")
        self.assertAlmostEqual(sheet[2] / sheet[3], down / across, places=2)
        for ours, theirs in zip(mark, [sheet[0], sheet[1], sheet[2] / 2, sheet[3] / 4]):
            self.assertAlmostEqual(ours, theirs, delta=2)
        browser.run("saidUnmarked = false")  # it may have been the first one
        find("plain.jpg")
        self.assertIn("sent no places", browser.wait("return document.getElementById('banner').textContent"))
        self.assertEqual(browser.run("return document.querySelectorAll('#sheet polygon').length"), 0)

    def files_of(self, directory):
        return [os.path.relpath(os.path.join(folder, name), directory) for folder, _, names in os.walk(directory) for name in names]

    def test_anybody_can_use_it(self):
        """axe-core finds nothing, whatever is shown."""
        axe.script()  # without it the test is skipped
        self.serve()
        dark = Browser(dark=True)
        self.addCleanup(dark.close)
        for browser in (self.browser, dark):
            for what in self.all_that_is_shown(browser):
                self.assertEqual(axe.findings(browser), [], what)
        for r in self.open_records():
            self.post("/api/decide", record=r["record"], version=r["version"], action="later")
        for browser in (self.browser, dark):
            browser.open("about:blank")
            browser.open(self.address)
            browser.wait("return document.body.dataset.done")
            self.assertEqual(axe.findings(browser), [], "nothing to settle")

    def all_that_is_shown(self, browser):
        self.browse(browser)
        browser.wait("return document.querySelector('#sheet:not([hidden]) img')", "the picture")
        yield "a record"
        browser.press("?")
        browser.wait("return document.getElementById('help').open")
        yield "the keys"
        browser.press(ESCAPE)
        browser.press("/")
        browser.wait("return document.getElementById('find').open")
        yield "a search"
        browser.type("duplicate-number")
        browser.press(ENTER)
        browser.wait("return document.querySelector('#reasons').textContent.includes('one supplier')")
        browser.press(CONTROL, "d")
        browser.wait("return document.querySelector('#other table')", "the older one")
        yield "a record beside another"
        browser.press(CONTROL, "d")
        browser.run("document.querySelector('#fields [data-path=total_amount]').focus()")
        browser.type("1.234,50")
        browser.wait("return document.querySelector('#fields .refused')", "a refusal")
        browser.press(CONTROL, ENTER)
        browser.wait("return !document.getElementById('banner').hidden", "why not")
        yield "a record with a value that can't be"
        browser.open("about:blank")
        browser.open(self.address.replace(self.token, "0" * 64))
        browser.wait("return document.getElementById('said').textContent.includes('whole address')")
        yield "a page that nobody may see"

    def test_it_says_that_the_server_is_gone(self):
        self.serve()
        browser = self.browse()
        self.page.kill()
        self.page.wait()
        browser.press(CONTROL, ENTER)
        self.assertIn("doesn't answer", browser.wait("return document.getElementById('banner').textContent"))


if __name__ == "__main__":
    unittest.main()

"""Debian's chromium, driven over WebDriver (plain HTTP and JSON, chromium-driver): a window that a test can look into."""

import base64
import http.client
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
CONTROL, SHIFT, ALT, ENTER, TAB, ESCAPE, DELETE = "\ue009", "\ue008", "\ue00a", "\ue007", "\ue004", "\ue00c", "\ue017"
RIGHT, UP, PAGE_UP, PAGE_DOWN = "\ue014", "\ue013", "\ue00e", "\ue00f"
PATIENCE = 60


def needs_browser(case):
    there = shutil.which("chromium") and shutil.which("chromedriver")
    return case if there else unittest.skip("needs chromium and chromium-driver")(case)


class Browser:
    def __init__(self, width=1280, height=800, dark=False):
        self.home = tempfile.mkdtemp(prefix="mb-browser-")
        self.start_driver()
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
        arguments += [f"--user-data-dir={self.home}/profile", f"--window-size={width},{height}"]
        if dark:
            arguments += ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"]
        options = {"binary": shutil.which("chromium"), "args": arguments}
        wanted = {"alwaysMatch": {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}
        self.session = None
        self.session = self.call("POST", "", {"capabilities": wanted})["sessionId"]
        self.call("POST", "/window/rect", {"width": width, "height": height})

    def start_driver(self):
        """The port that it finds free may be somebody else's when it takes it, for IPv6 too: then it ends, and is tried again."""
        for _ in range(10):
            self.driver = subprocess.Popen(
                ["chromedriver", "--port=0"],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env={**os.environ, "HOME": self.home},
            )
            said = ""
            while line := self.driver.stdout.readline():
                said += line
                started = re.search(r"on port (\d+)\.", line)
                if started:
                    self.port = int(started[1])
                    return
            self.driver.stdout.close()
            self.driver.wait(timeout=PATIENCE)
        raise AssertionError(f"chromedriver doesn't start: {said}")

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            path = "/session" + (f"/{self.session}" if self.session else "") + path
            text = None if method in ("GET", "DELETE") else json.dumps(body or {})
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            value = json.loads(answer.read())["value"]
        finally:
            connection.close()
        if answer.status >= 400:
            raise AssertionError(f"{method} {path}: {value.get('error')}: {value.get('message')}")
        return value

    def open(self, address):
        self.call("POST", "/url", {"url": address})

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def run_async(self, script, *arguments):
        return self.call("POST", "/execute/async", {"script": script, "args": list(arguments)})

    def wait(self, script, what=None):
        """Until SCRIPT gives something; what it gives."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            value = self.run(script)
            if value:
                return value
            time.sleep(0.02)
        raise AssertionError(f"waited in vain for {what or script}")

    def press(self, *keys):
        """One after the other while those before are held: press(CONTROL, ENTER)."""
        actions = [{"type": "keyDown", "value": key} for key in keys]
        actions += [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def type(self, text):
        for key in text:
            self.press(key)

    def log(self):
        """What the console has, without what was read before."""
        return [f"{line['level']} {line['message']}" for line in self.call("POST", "/se/log", {"type": "browser"})]

    def new_tab(self):
        handle = self.call("POST", "/window/new", {"type": "tab"})["handle"]
        self.switch(handle)
        return handle

    def tab(self):
        return self.call("GET", "/window")

    def switch(self, handle):
        self.call("POST", "/window", {"handle": handle})

    def screenshot(self, path):
        """A PNG, JPEG or WebP, by its ending."""
        kind = {".jpg": "jpeg", ".webp": "webp"}.get(os.path.splitext(path)[1], "png")
        wanted = {"format": kind, **({} if kind == "png" else {"quality": 85})}
        taken = self.call("POST", "/goog/cdp/execute", {"cmd": "Page.captureScreenshot", "params": wanted})
        with open(path, "wb") as f:
            f.write(base64.b64decode(taken["data"]))

    def close(self):
        try:
            if self.session:
                self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(timeout=PATIENCE)
            self.driver.stdout.close()
            shutil.rmtree(self.home, ignore_errors=True)

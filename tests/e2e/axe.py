"""axe-core, which finds what keeps people from reading a page: from npm, into a directory beside the program."""

import os
import shutil
import subprocess
import unittest

from harness import BINARY

VERSION = "4.10.3"
HOME = os.path.join(os.path.dirname(BINARY), "peer", "axe")


def script():
    """Its text; without npm, or where npm can't reach its registry, the test is skipped."""
    path = os.path.join(HOME, "node_modules", "axe-core", "axe.min.js")
    if not os.path.exists(path):
        if not shutil.which("npm"):
            raise unittest.SkipTest("axe-core: there is no npm")
        os.makedirs(HOME, exist_ok=True)
        install = ["npm", "install", "--prefix", HOME, "--no-audit", "--no-fund", "--no-save", "--loglevel=error"]
        retries = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
        done = subprocess.run([*install, *retries, f"axe-core@{VERSION}"], capture_output=True, text=True, check=False)
        if done.returncode:
            raise unittest.SkipTest(f"axe-core: npm can't get it: {done.stderr.strip()[:200]}")
    with open(path, encoding="utf-8") as f:
        return f.read()


def findings(browser):
    """What is wrong with the page that BROWSER shows: [rule and place]."""
    browser.run(script())
    found = browser.run_async("const done = arguments[0]; axe.run().then(r => done(r.violations));")
    return [f"{one['id']}: {node['html'][:200]}: {node.get('failureSummary', '')}" for one in found for node in one["nodes"]]

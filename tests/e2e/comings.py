"""What tests of files that come again use: which content lies under which name, by the sandbox's own books."""

import hashlib
import json
import os
import re

from harness import Case


def sha(data):
    return hashlib.sha256(data).hexdigest()


class Comings(Case):
    def setUp(self):
        super().setUp()
        self.away = os.path.join(self.directory, "done")
        self.moving = {"input.move_stored": self.away}
        self.sandboxes = []

    def sandbox(self, *options):
        seed = () if "--seed" in options else ("--seed", str(len(self.sandboxes) + 1))  # no two jobs have one id
        self.sandboxes.append(super().sandbox(*options, *seed))
        return self.sandboxes[-1]

    def put(self, *below, data):
        """A file that comes to a path below the test's directory, whole."""
        path = os.path.join(self.directory, *below)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".arrives", "wb") as f:
            f.write(data)
        os.rename(path + ".arrives", path)
        return path

    def go(self, sandbox, *paths, expected=0, words=(), **options):
        """A run; its output. Options with `__` for the dot."""
        options = {name.replace("__", "."): value for name, value in options.items()}
        return self.run_batch(*paths, sandbox=sandbox, expected=expected, options=options, words=words)[1]

    def move(self, sandbox, *paths, expected=0, **options):
        return self.go(sandbox, *paths, expected=expected, **{**self.moving, **options})

    def words(self, name, *paths, words=(), expected=0, options=None):
        """What a command about the ledger says."""
        return self.finish(self.start(name, *paths, words=words, options=options or {}), expected)[1]

    def status(self, *words):
        return json.loads(self.words("status", words=["--json", *words]))

    # --- which content is it ---

    def by_job(self):
        return {job["id"]: job["sha256"] for sandbox in self.sandboxes for job in sandbox.jobs()}

    @staticmethod
    def job_of(payload):
        return json.loads(payload)["inference"]["job"]["id"]

    def stands(self):
        """The SHA-256 of the document whose payload lies under each name, its results' folder being the root."""
        jobs = self.by_job()
        return {os.fsdecode(name): jobs.get(self.job_of(data)) for name, data in self.results().items()}

    def assert_stands(self, expected):
        """EXPECTED: the content of the document for each name, without its .json."""
        self.assertEqual(self.stands(), {f"{name}.json": sha(data) for name, data in expected.items()})

    @staticmethod
    def tree(root):
        found = {}
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as f:
                    found[os.path.relpath(path, root)] = f.read()
        return found

    def explained(self, path):
        """What `explain` says of each file that was at PATH: its SHA-256 and the name of its result."""
        out = self.words("explain", path)
        return list(zip(re.findall(r"^  SHA-256 ([0-9a-f]{64})$", out, re.M),
                        re.findall(r"^  result +results/(.*)$", out, re.M)))

    def assert_explained(self, path, *contents):
        """By a path that it has or had: its digest, and a result that is its own document's; newest first."""
        found = self.explained(path)
        self.assertEqual([digest for digest, _ in found], [sha(data) for data in contents], path)
        stands = self.stands()
        for digest, name in found:
            self.assertEqual(stands.get(name), digest, f"{path}: {name}")

    # --- what is always true ---

    def numbers(self, **expected):
        summary = self.summary()
        self.assertEqual({name: summary[name] for name in expected}, expected)

    def sound(self, *paths, options=None, expected=0):
        """`verify`, and that results/ holds each file's result and nothing else."""
        out = self.words("verify", *(paths or (self.input,)), options=options, expected=expected)
        listed = self.status()["list"]
        results = [row["result"][len("results/"):] for row in listed if row.get("result")]
        self.assertEqual(len(results), len(set(results)), "two files of one name")
        self.assertEqual(sorted(results), sorted(self.stands()))
        return out

    def sends_nothing(self, *paths, expected=0, **options):
        sandbox = self.fast_sandbox()
        self.go(sandbox, *paths, expected=expected, **options)
        stats = sandbox.stats()
        self.assertEqual((stats["posts"], stats["gets"]), (0, 0))

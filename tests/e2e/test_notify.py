"""Word gets out: notices when a run ends, and each result to whoever comes next, past sinks that fail."""

import http.server
import json
import os
import signal
import socket
import sqlite3
import struct
import subprocess
import threading
import unittest
import urllib.parse

from harness import BINARY, Case, KEY, PATIENCE, free_port, pdf, wait_for

TOKEN = "T0K3N-that-nobody-may-read"


class Sink(http.server.ThreadingHTTPServer):
    """Takes POSTs; what it does to the first of them is in PLAN: a status, (status, headers), "reset", "hang"."""

    daemon_threads = True

    def __init__(self, *plan, held_from=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.plan, self.lock = list(plan), threading.Lock()
        self.seen, self.taken = [], []  # requests as they came; those answered 2xx
        self.held_from = held_from  # the so-manieth request and those after it wait for the release
        self.released, self.stopped = threading.Event(), threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/hook/{TOKEN}?token={TOKEN}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def stop(self):
        self.stopped.set()
        self.released.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        sink = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with sink.lock:
            sink.seen.append((self.headers, body))
            nth = len(sink.seen)
            deed = sink.plan.pop(0) if sink.plan else 200
        if sink.held_from and nth >= sink.held_from:
            sink.released.wait()
        if sink.stopped.is_set():
            return
        if deed == "hang":
            sink.stopped.wait()
        elif deed == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        else:
            status, headers = deed if isinstance(deed, tuple) else (deed, {})
            if status < 300:
                with sink.lock:
                    sink.taken.append((self.headers, body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *_):
        pass


class NotifyCase(Case):
    def sink(self, *plan, **keywords):
        sink = Sink(*plan, **keywords)
        self.addCleanup(sink.stop)
        return sink

    def script(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\n" + text)
        os.chmod(path, 0o700)
        return path

    def read(self, name):
        path = os.path.join(self.directory, name)
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8") as f:
            return f.read()

    def finish(self, process, expected=None):
        code, out, err = super().finish(process, expected)
        self.assertNotIn(TOKEN, out + err, "the address's secret shows")
        return code, out, err

    def ledger_rows(self, query):
        ledger = os.path.join(self.output, "ledger.db")
        database = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()

    def stored_order(self):
        """Documents in the order their results were stored."""
        return [str(row[0]) for row in self.ledger_rows("SELECT document FROM result ORDER BY id")]

    def outstanding(self):
        return self.ledger_rows("SELECT count(*) FROM notice")[0][0]


def documents(requests):
    return [headers["X-Mindee-Batch-Document"] for headers, _ in requests]


def first_times(items):
    return list(dict.fromkeys(items))


class Notices(NotifyCase):
    def test_the_summary_arrives_past_a_server_that_fails_first(self):
        sandbox = self.fast_sandbox()
        sink = self.sink(500, "reset", (429, {"Retry-After": "1"}), 503, (302, {"Location": "/"}))
        self.write_pdfs(5)
        self.write("notes.txt", b"not a document\n")
        self.run_batch(sandbox=sandbox, expected=1, options={"notify.url": sink.url})
        self.assertEqual(len(sink.seen), 6)
        self.assertEqual(len({headers["Idempotency-Key"] for headers, _ in sink.seen}), 1)
        headers, body = sink.taken[0]
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertNotIn("Authorization", headers)
        self.assertNotIn(KEY, str(headers) + body.decode())
        told, summary = json.loads(body), self.summary()
        self.assertEqual({name: told[name] for name in summary}, summary)
        self.assertEqual(
            {name: told[name] for name in ("event", "batch", "period", "exit", "reason", "output")},
            {"event": "run_ended", "batch": None, "period": None, "exit": 1, "reason": None,
             "output": os.path.realpath(self.output)},
        )
        self.assertIn("5 of 6 documents stored, 1 rejected", told["text"])
        self.assertEqual(self.outstanding(), 0)

    def test_what_could_not_be_told_is_told_by_the_next_run(self):
        sandbox = self.fast_sandbox()
        sink = self.sink((503, {"Retry-After": "3600"}))
        self.write_pdfs(1)
        options = {"notify.url": sink.url}
        _, _, err = self.run_batch(sandbox=sandbox, options=options)
        self.assertIn("notify.left", err)
        self.assertEqual((len(sink.seen), len(sink.taken), self.outstanding()), (1, 0, 1))
        self.run_batch(sandbox=sandbox, options=options)
        keys = [headers["Idempotency-Key"] for headers, _ in sink.seen]
        self.assertEqual((len(sink.taken), self.outstanding()), (2, 0))
        self.assertEqual(keys[0], keys[1])
        self.assertNotEqual(keys[1], keys[2])

    def test_a_refusal_is_not_asked_again(self):
        sandbox = self.fast_sandbox()
        sink = self.sink(404)
        self.write_pdfs(1)
        _, _, err = self.run_batch(sandbox=sandbox, options={"notify.url": sink.url})
        self.assertIn("notify.given_up", err)
        self.assertIn("http_404", err)
        self.assertEqual((len(sink.seen), self.outstanding()), (1, 0))

    def test_an_old_notice_is_not_told(self):
        sandbox = self.fast_sandbox()
        sink = self.sink((503, {"Retry-After": "3600"}))
        self.write_pdfs(1)
        options = {"notify.url": sink.url, "notify.when": "end"}
        self.run_batch(sandbox=sandbox, options=options)
        database = sqlite3.connect(os.path.join(self.output, "ledger.db"))
        with database:
            database.execute("UPDATE notice SET created_at = created_at - 90000000")
        database.close()
        _, _, err = self.run_batch(sandbox=sandbox, options=options)
        self.assertIn("notify.given_up", err)
        self.assertEqual((len(sink.taken), self.outstanding()), (1, 0))
        keys = [headers["Idempotency-Key"] for headers, _ in sink.seen]
        self.assertEqual(len(set(keys)), 2, "the old one came again")

    def test_a_refused_key_and_a_reached_budget_need_a_person(self):
        sink = self.sink()
        self.write_pdfs(4)
        options = {"notify.url": sink.url, "notify.when": "trouble"}
        sandbox = self.fast_sandbox("--revoke-key-after", "1")
        self.run_batch(sandbox=sandbox, expected=4, options=options)
        told = json.loads(sink.taken[0][1])
        self.assertEqual((told["event"], told["exit"]), ("needs_attention", 4))
        self.assertIn("Mindee refuses", told["reason"])
        self.assertIn(told["reason"][:60], told["text"])
        sandbox = self.fast_sandbox()
        options["output.directory"] = os.path.join(self.directory, "other")
        budget = {**options, "limits.max_credits": "2"}
        self.run_batch(sandbox=sandbox, expected=5, options=budget)
        told = json.loads(sink.taken[1][1])
        self.assertEqual((told["event"], told["exit"], told["stored"]), ("needs_attention", 5, 2))
        self.run_batch(sandbox=sandbox, options=options)
        self.assertEqual(len(sink.taken), 2, "a run that went well is no trouble")
        self.write("notes.txt", b"not a document\n")
        self.run_batch(sandbox=sandbox, expected=1, options=options)
        told = json.loads(sink.taken[2][1])
        self.assertEqual((told["event"], told["exit"], told["rejected"]), ("run_ended", 1, 1))
        self.assertEqual([f["name"] for f in told["failures"]], ["notes.txt"])

    def test_a_run_that_is_stopped_is_told(self):
        sandbox = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "600s")
        sink = self.sink()
        self.write_pdfs(2)
        process = self.start("run", self.input, sandbox=sandbox, options={**self.FAST, "notify.url": sink.url})
        wait_for(lambda: sandbox.stats()["accepted"] == 2, "the uploads")
        process.send_signal(signal.SIGINT)
        self.finish(process, 5)
        told = json.loads(sink.taken[0][1])
        self.assertEqual((told["event"], told["exit"], told["processing"]), ("needs_attention", 5, 2))

    def test_each_batch_has_its_own_word(self):
        sandbox = self.fast_sandbox()
        all_of_them, own, handed = self.sink(), self.sink(), self.sink()
        self.write_pdfs(2)
        other = os.path.join(self.directory, "other")
        os.mkdir(other)
        with open(os.path.join(other, "a.pdf"), "wb") as f:
            f.write(pdf(77))
        file = os.path.join(self.directory, "batches.ini")
        with open(file, "w", encoding="utf-8") as f:
            f.write(
                f"[notify]\nurl = {all_of_them.url}\n"
                f"[batch.north]\ndirectory = {self.input}\noutput = {self.output}\n"
                f"[batch.south]\ndirectory = {other}\noutput = {other}-out\n"
                f"notify.url = {own.url}\non_stored.url = {handed.url}\n"
            )
        options = {**self.FAST, "output.directory": None}
        process = self.start("run", sandbox=sandbox, options=options, words=("-c", file))
        self.finish(process, 0)
        told = [json.loads(body) for sink in (all_of_them, own) for _, body in sink.taken]
        self.assertEqual([(t["batch"], t["stored"]) for t in told], [("north", 2), ("south", 1)])
        self.assertIn("mindee-batch south: 1 of 1", told[1]["text"])
        self.assertEqual([h["X-Mindee-Batch-Batch"] for h, _ in handed.taken], ["south"])

    def test_without_a_ledger_there_is_word_all_the_same(self):
        sandbox = self.fast_sandbox()
        sink = self.sink(500)
        self.write_pdfs(1)
        os.mkdir(self.output)
        with open(os.path.join(self.output, "ledger.db"), "wb") as f:
            f.write(b"no ledger at all" * 1000)
        self.run_batch(sandbox=sandbox, expected=3, options={"notify.url": sink.url})
        told = json.loads(sink.taken[0][1])
        self.assertEqual((told["event"], told["exit"]), ("needs_attention", 3))
        self.assertNotIn("stored", told)

    def test_a_command_gets_it_on_its_standard_input_and_not_the_key(self):
        sandbox = self.fast_sandbox()
        script = self.script(
            "tell",
            f'cd "{self.directory}"\necho try >>tries\n'
            '[ $(wc -l <tries) -ge 3 ] || { echo "first words" >&2; echo "not yet" >&2; exit 3; }\n'
            'env >environment\nls /proc/self/fd >open\ncat >told\nprintf "%s\\n" "$@" >arguments\n'
            "head -c 3000000 /dev/zero\n",
        )
        self.write_pdfs(2)
        command = f"{script} 'two words' \"a \\\"b\\\"\" $HOME;id"
        _, _, err = self.run_batch(sandbox=sandbox, options={"notify.command": command})
        self.assertIn(": exit code 3: not yet (", err)
        self.assertEqual(json.loads(self.read("told"))["stored"], 2)
        self.assertEqual(self.read("arguments"), 'two words\na "b"\n$HOME;id\n')
        self.assertNotIn(KEY, self.read("environment"))
        self.assertNotIn("MINDEE_V2", self.read("environment"))
        self.assertEqual(self.read("open").split(), ["0", "1", "2", "3"], "3 is ls's own")

    def test_a_command_that_is_not_there_is_found_out_before_anything_is_sent(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        plain = os.path.join(self.directory, "plain")
        with open(plain, "w", encoding="utf-8"):
            pass
        for option in ("notify.command", "on_stored.command"):
            for command, words in (
                ("/no/such/program -x", "No such file"),
                ("no-such-program", "$PATH"),
                ("bin/program", "whole path"),
                (plain, "chmod"),
                ("/bin/echo 'open", "quote"),
            ):
                _, _, err = self.run_batch(sandbox=sandbox, expected=2, options={option: command})
                self.assertIn(option, err)
                self.assertIn(words, err)
        self.assertEqual(sandbox.stats()["posts"], 0)

    def test_addresses_are_https_and_their_secrets_are_masked(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(1)
        for option in ("notify.url", "on_stored.url"):
            url = f"http://hooks.example.com/{TOKEN}"
            _, _, err = self.run_batch(sandbox=sandbox, expected=2, options={option: url})
            self.assertIn(option, err)
            self.assertIn("https", err)
            shown = subprocess.run(
                [BINARY, "config", "-s", f"{option}=https://hooks.example.com/{TOKEN}"],
                capture_output=True, text=True, check=True, env=self.environment(),
            ).stdout
            self.assertIn(option, shown)
            self.assertNotIn(TOKEN, shown)
        self.assertEqual(sandbox.stats()["posts"], 0)


class Handovers(NotifyCase):
    def hand_over(self, sandbox, expected=0, **options):
        settings = {name.replace("__", "."): value for name, value in options.items()}
        return self.run_batch(sandbox=sandbox, expected=expected, options=settings)

    def test_each_result_in_order_past_a_server_that_fails(self):
        sandbox = self.fast_sandbox()
        sink = self.sink(500, "reset", 200, (429, {"Retry-After": "1"}), 200, 404, "reset")
        self.write_pdfs(12)
        self.write("Rechnung é 100%.pdf", pdf(999))
        self.write("copy.pdf", pdf(3))
        self.hand_over(sandbox, on_stored__url=sink.url)
        order = self.stored_order()
        self.assertEqual(len(order), 13)
        self.assertEqual(documents(sink.taken), order)
        self.assertEqual(first_times(documents(sink.seen)), order, "the next before the one before")
        self.assertEqual(len(sink.seen), 13 + 5)
        results, paths = self.results(), []
        for headers, body in sink.taken:
            path = os.path.relpath(
                urllib.parse.unquote_to_bytes(headers["X-Mindee-Batch-Path"]),
                os.fsencode(os.path.realpath(self.input)),
            )
            paths.append(path)
            self.assertEqual(results[path + b".json"], body)
            self.assertEqual(headers["Content-Type"], "application/json")
            self.assertNotIn("X-Mindee-Batch-Period", headers)
        self.assertIn("Rechnung é 100%.pdf".encode(), paths)
        keys = {h["X-Mindee-Batch-Document"]: h["Idempotency-Key"] for h, _ in sink.taken}
        self.assertEqual(len(set(keys.values())), 13)
        for headers, _ in sink.seen:
            self.assertEqual(headers["Idempotency-Key"], keys[headers["X-Mindee-Batch-Document"]])

    def test_a_run_goes_on_while_the_sink_hangs(self):
        sandbox = self.fast_sandbox()
        sink = self.sink(held_from=1)
        self.write_pdfs(30)
        options = {**self.FAST, "on_stored.url": sink.url, "on_stored.timeout": f"{PATIENCE}s"}
        process = self.start("run", self.input, sandbox=sandbox, options=options)
        summary = os.path.join(self.output, "summary.json")
        wait_for(lambda: os.path.exists(summary), "the end of the run")
        self.assertEqual(self.summary()["stored"], 30)
        self.assertEqual((len(sink.seen), sink.taken), (1, []))
        sink.released.set()
        self.finish(process, 0)
        self.assertEqual(documents(sink.taken), self.stored_order())

    def test_what_a_hanging_sink_left_goes_with_the_next_run(self):
        sandbox = self.fast_sandbox()
        sink = self.sink(200, 200, held_from=3)
        self.write_pdfs(6)
        _, _, err = self.hand_over(sandbox, on_stored__url=sink.url, on_stored__timeout="500ms")
        self.assertRegex(err, r"\(through on_stored\.url, results 4\).*\[on_stored\.left\]")
        self.assertEqual(len(sink.taken), 2)
        sink.held_from = None
        self.hand_over(sandbox, on_stored__url=sink.url)
        self.assertEqual(documents(sink.taken), self.stored_order())
        posts = sandbox.stats()["posts"]
        self.hand_over(sandbox, on_stored__url=sink.url)
        self.assertEqual(len(sink.taken), 6, "a third run has nothing to hand over")
        self.assertEqual(sandbox.stats()["posts"], posts)

    def test_an_interrupt_does_not_wait_for_a_sink(self):
        sandbox = self.fast_sandbox()
        sink = self.sink(held_from=1)
        self.write_pdfs(3)
        options = {**self.FAST, "on_stored.url": sink.url, "on_stored.timeout": "1h"}
        process = self.start("run", self.input, sandbox=sandbox, options=options)
        wait_for(lambda: os.path.exists(os.path.join(self.output, "summary.json")), "the end")
        process.send_signal(signal.SIGINT)
        _, _, err = self.finish(process, 0)
        self.assertIn("results 3)", err)

    def test_one_signal_is_enough_to_end_a_run_whose_sink_hangs(self):
        sandbox = self.fast_sandbox(
            "--webhook", "22222222-2222-4222-8222-00000000e002=http://127.0.0.1:9/webhook,secret"
        )
        sink = self.sink(held_from=3)
        self.write_pdfs(5)
        port = free_port()
        options = {
            **self.FAST,
            "input.directory": self.input,
            "webhook.listen": f"127.0.0.1:{port}",
            "webhook.secret": "secret",
            "webhook.fallback_after": "0",
            "request.webhook_ids": "22222222-2222-4222-8222-00000000e002",
            "on_stored.url": sink.url,
            "on_stored.timeout": "1h",
        }
        process = self.start("serve", sandbox=sandbox, options=options)
        wait_for(lambda: len(sink.seen) == 3 and len(self.stored_order()) == 5, "the results")
        process.send_signal(signal.SIGTERM)
        _, _, err = self.finish(process, 0)
        self.assertIn("results 3)", err)
        self.assertEqual(len(sink.seen), 3)

    def test_killed_in_the_middle_each_is_handed_over_at_least_once_and_in_order(self):
        sandbox = self.fast_sandbox()
        sink = self.sink()
        self.write_pdfs(20)
        options = {**self.FAST, "on_stored.url": sink.url, "on_stored.timeout": f"{PATIENCE}s"}
        for stop_at in (4, 9, 17):
            sink.held_from = stop_at
            process = self.start("run", self.input, sandbox=sandbox, options=options)
            wait_for(lambda: len(sink.seen) >= stop_at, "the handovers")
            process.kill()
            process.wait()
            sink.released.set()  # those that hang answer nobody
            wait_for(lambda: len(sink.taken) == len(sink.seen), "the answers")
            sink.released.clear()
        sink.held_from = None
        self.hand_over(sandbox, on_stored__url=sink.url)
        self.assertEqual(first_times(documents(sink.taken)), self.stored_order())
        self.assertEqual(len(set(documents(sink.taken))), 20)

    def test_a_new_sink_begins_with_what_comes_next_or_with_all(self):
        sandbox = self.fast_sandbox()
        now, everything = self.sink(), self.script("all", f'cat >/dev/null; echo $MINDEE_BATCH_DOCUMENT >>"{self.directory}/all.txt"')
        self.write_pdfs(3)
        self.hand_over(sandbox)
        self.write_pdfs(2, first=3)
        self.hand_over(sandbox, on_stored__url=now.url)
        self.assertEqual(documents(now.taken), self.stored_order()[3:])
        self.write_pdfs(1, first=5)
        self.hand_over(
            sandbox, on_stored__url=now.url, on_stored__command=everything,
            on_stored__from="beginning",
        )
        self.assertEqual(documents(now.taken), self.stored_order()[3:])
        self.assertEqual(self.read("all.txt").split(), self.stored_order())

    def test_a_command_gets_payload_and_names(self):
        sandbox = self.fast_sandbox()
        script = self.script(
            "take",
            f'cd "{self.directory}"\nmkdir -p taken\ncat >taken/$MINDEE_BATCH_DOCUMENT\n'
            'cmp -s taken/$MINDEE_BATCH_DOCUMENT "$MINDEE_BATCH_RESULT_FILE" || echo differs >>wrong\n'
            '[ -f "$MINDEE_BATCH_PATH" ] || echo no input >>wrong\n'
            "echo $MINDEE_BATCH_DOCUMENT >>order\n"
            "env | grep -c md_e2e >>keys\nexit 0\n",
        )
        self.write_pdfs(6)
        self.hand_over(sandbox, on_stored__command=script)
        self.assertEqual(self.read("order").split(), self.stored_order())
        self.assertEqual(self.read("wrong"), "")
        self.assertEqual(set(self.read("keys").split()), {"0"})

    def test_a_command_that_hangs_or_fails_is_left_and_said(self):
        sandbox = self.fast_sandbox()
        script = self.script(
            "hang", f'trap "" TERM\necho x >>"{self.directory}/tries"\n[ -f "{self.directory}/go" ] || sleep 3600\n'
        )
        self.write_pdfs(2)
        _, _, err = self.hand_over(sandbox, on_stored__command=script, on_stored__timeout="300ms")
        self.assertIn("results 2)", err)
        self.assertEqual(self.summary()["stored"], 2)
        _, _, err = self.hand_over(
            sandbox, on_stored__command="/bin/sh -c 'echo no disk >&2; exit 9'",
            on_stored__timeout="1s",
        )
        self.assertIn(": exit code 9: no disk (", err)
        with open(os.path.join(self.directory, "go"), "w", encoding="utf-8"):
            pass
        _, _, err = self.hand_over(sandbox, on_stored__command=script)
        self.assertNotIn("on_stored.left", err)
        self.assertEqual(self.ledger_rows("SELECT result FROM handover WHERE sink = 2"), [(2,)])

    def test_serve_tries_for_as_long_as_it_stays(self):
        sandbox = self.fast_sandbox(
            "--webhook", "22222222-2222-4222-8222-00000000e002=http://127.0.0.1:9/webhook,secret"
        )
        sink = self.sink(503, 503, "hang", 503, 503, 503, "hang", 503, 503)
        self.write_pdfs(3)
        port = free_port()
        options = {
            **self.FAST,
            "input.directory": self.input,
            "webhook.listen": f"127.0.0.1:{port}",
            "webhook.secret": "secret",
            "webhook.fallback_after": "0",
            "request.webhook_ids": "22222222-2222-4222-8222-00000000e002",
            "on_stored.url": sink.url,
            "on_stored.timeout": "1s",
            "notify.url": sink.url,
        }
        process = self.start("serve", sandbox=sandbox, options=options)
        wait_for(lambda: len(sink.taken) == 3, "the results")
        self.assertIsNone(process.poll())
        self.assertEqual(documents(sink.taken), self.stored_order())
        process.send_signal(signal.SIGTERM)
        _, _, err = self.finish(process, 0)
        self.assertIn("notify.works_again", err)
        self.assertEqual(json.loads(sink.taken[3][1])["event"], "run_ended")


if __name__ == "__main__":
    unittest.main()

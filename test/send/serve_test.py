"""The whole program at work: an event goes in over HTTP, its message comes out over SMTP, once.

Usage: serve_test.py PATH/TO/winback PATH/TO/winback_smtp_sink, from the project's root. Only here are
the HTTP server and the mail sender linked into one program.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

WINBACK, SINK = sys.argv[1:3]
PATIENCE_S = 60

PLAYBOOK = {
    "workspace.yaml": """
name: Tiny
zone: Europe/Berlin
currency: EUR
language: en
from: {name: Tiny, address: hello@tiny.example}
address: 1 Street
base_url: http://127.0.0.1:8080
brand_url: https://tiny.example
""",
    "policies.yaml": "quiet_hours: off\n",
    "segments/buyers.yaml": "name: Buyers\ncondition: user.orders.count >= 1\n",
    "segments/twice.yaml": "name: Twice\ncondition: user.orders.count >= 2\n",
    "templates/hello.en.liquid": "---\nchannel: email\nsubject: Hello\n---\n<p>Hello</p>\n",
}
JOURNEY = """
name: Journey
enter: {{segment: {0}}}
hold_out: {{share: 0}}
goal: {{event: Cup Won, within: 30d}}
steps:
  - message: {{id: hello, template: hello}}
"""


class Served(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        for name, text in PLAYBOOK.items():
            self.write(name, text)
        for segment in ("buyers", "twice"):
            self.write(f"journeys/{segment}.yaml", JOURNEY.format(segment))
        self.data = str(self.folder / "data")
        self.write_key = self.key("write")
        self.token = self.key("api", "--scope", "write", "--scope", "send", "--scope", "personal")
        sink, line = self.start([SINK, "--out", str(self.folder / "out")], "port ")
        server, line = self.start(
            [WINBACK, "serve", "--data", self.data, "--playbook", str(self.folder), "--port", "0",
             "--smtp-host", "127.0.0.1", "--smtp-port", line.split()[1], "--smtp-tls", "none"],
            "listening on ")
        self.server = server
        self.url = line.split()[2]

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.lstrip())

    def key(self, kind, *more):
        made = subprocess.run([WINBACK, "key", "create", "--kind", kind, "--data", self.data, *more],
                              capture_output=True, text=True, check=True, timeout=PATIENCE_S)
        return made.stdout.strip()

    def start(self, command, until, errors=None):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for line in process.stdout:
            if line.startswith(until):
                return process, line
        self.fail(f"{command[0]} ended before it said '{until}'")

    def ask(self, path, body=None, method=None):
        request = urllib.request.Request(
            self.url + path, None if body is None else json.dumps(body).encode(),
            {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"},
            method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def order(self, number):
        traits = {"email": "ann@x.test"}
        if number == 1:
            traits["consent"] = {"email": {"state": "granted", "source": "test"}}
        self.ask("/v1/batch", {"writeKey": self.write_key, "batch": [
            {"type": "identify", "userId": "ann", "traits": traits},
            {"type": "track", "userId": "ann", "event": "Order Completed",
             "properties": {"order_id": str(number), "revenue": 5}}]})

    # The messages of the customer, once there are `count` and none is under way any more.
    def messages(self, count):
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            self.assertIsNone(self.server.poll(), "the server has ended")
            entries = self.ask("/api/v1/customers/ann/timeline")["entries"]
            found = [entry for entry in entries if entry["kind"] == "message"]
            if len(found) >= count and all(m["state"] not in ("queued", "sending") for m in found):
                return found
        self.fail(f"waited in vain for {count} messages")

    def test_a_message_leaves_once_and_unsubscribing_stops_the_next(self):
        self.order(1)
        first = self.messages(1)[0]
        self.assertEqual("sent", first["state"])
        html = self.ask("/api/v1/messages/" + first["key"])["rendered"]["html"]
        link = self.url + re.search(r'"http://127.0.0.1:8080(/u/[^"]+)"', html)[1]
        with urllib.request.urlopen(link, b"List-Unsubscribe=One-Click", PATIENCE_S) as answer:
            self.assertEqual(200, answer.status)
        self.order(2)
        states = sorted((m["state"], m["reason"]) for m in self.messages(2) if m["reason"])
        self.assertEqual([("refused", "no_consent")], states)
        taken = (self.folder / "out").read_text().splitlines()
        self.assertEqual(1, len(taken), taken)
        self.assertIn("<ann@x.test>", taken[0])

    def test_a_template_is_tested_and_saved_and_stays_saved(self):
        draft = {"language": "en", "fields": {"subject": "Good day"}, "body": "<p>Good day</p>\n"}
        tested = self.ask("/api/v1/templates/hello/test", {**draft, "to": ["me@y.test"]})
        self.assertEqual("sent", tested["results"][0]["state"], tested)
        taken = (self.folder / "out").read_text().splitlines()
        self.assertEqual(1, len(taken), taken)
        self.assertRegex(taken[0], "^<test[0-9a-f]{32}@tiny.example> <?me@y.test")
        saved = self.ask("/api/v1/templates/hello/languages/en", {**draft, "version": 1}, "PUT")
        self.assertEqual((2, True), (saved["version"], saved["in_folder"]))
        self.assertIn("Good day", (self.folder / "templates/hello.en.liquid").read_text())
        # A start with the same folder finds nothing new in it.
        self.server.terminate()
        self.server.wait(PATIENCE_S)
        again, line = self.start(
            [WINBACK, "serve", "--data", self.data, "--playbook", str(self.folder), "--port", "0"],
            "playbook ")
        self.assertIn("version 2", line)
        again.terminate()
        again.wait(PATIENCE_S)

    def test_a_text_that_never_reached_the_folder_is_named_when_it_is_overruled(self):
        self.server.terminate()
        self.server.wait(PATIENCE_S)
        alone, line = self.start(
            [WINBACK, "serve", "--data", self.data, "--port", "0"], "listening on ")
        self.url = line.split()[2]
        saved = self.ask("/api/v1/templates/hello/languages/en",
                         {"version": 1, "fields": {"subject": "Alone"}, "body": "x"}, "PUT")
        self.assertEqual((2, False), (saved["version"], saved["in_folder"]))
        alone.terminate()
        alone.wait(PATIENCE_S)
        for named in (True, False):
            with open(self.folder / "errors", "w") as errors:
                again, line = self.start(
                    [WINBACK, "serve", "--data", self.data, "--playbook", str(self.folder),
                     "--port", "0"], "playbook ", errors)
                self.assertIn("version 3", line)
                again.terminate()
                again.wait(PATIENCE_S)
            text = (self.folder / "errors").read_text()
            self.assertEqual(named, "hello.en.liquid was saved on a page as version 2" in text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

"""A server with a little data, for the checks of its API from outside."""
import base64
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

PATIENCE_S = 120
SKIPPED = 77


def tools(folder, *packages):
    """The programs of PyPI packages in a folder of their own; ends with 77 out of its reach."""
    folder = pathlib.Path(folder)
    marker = folder / ("ready-" + "-".join(packages))
    if not marker.exists():
        made = subprocess.run([sys.executable, "-m", "venv", str(folder)], capture_output=True)
        pip = [str(folder / "bin/pip"), "install", "--quiet", "--disable-pip-version-check",
               "--retries", "1", "--timeout", "30", *packages]
        if made.returncode != 0 or subprocess.run(pip, timeout=600).returncode != 0:
            print("skipped: PyPI cannot be reached, and the tools are not installed")
            sys.exit(SKIPPED)
        marker.touch()
    return folder / "bin"


class Served:
    """`winback serve` on a copy of the shipped playbook, with a token that has every right."""

    def __init__(self, winback, folder, *options):
        self.folder = pathlib.Path(folder)
        self.winback = winback
        self.data = str(self.folder / "data")
        shutil.copytree("playbook", self.folder / "playbook")
        self.write_key = self.key("write")
        self.token = self.key("api", "--scope", "admin")
        self.options = options
        self.start()
        self.fill()

    def start(self):
        self.process = subprocess.Popen(
            [self.winback, "serve", "--data", self.data, "--playbook",
             str(self.folder / "playbook"), "--port", "0", *self.options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.url = None
        for line in self.process.stdout:
            if line.startswith("listening on "):
                self.url = line.split()[2]
                break
        assert self.url, self.process.stderr.read()

    def stop(self):
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def key(self, kind, *more):
        made = subprocess.run([self.winback, "key", "create", "--kind", kind, "--data", self.data,
                               *more], capture_output=True, text=True, check=True,
                              timeout=PATIENCE_S)
        return re.search(r"\S+$", made.stdout.strip()).group(0)

    def ask(self, path, method="GET", body=None, token=True, headers=None):
        """Status, headers and body; JSON bodies are read."""
        request = urllib.request.Request(self.url + path, method=method)
        if token:
            request.add_header("Authorization", "Bearer " + self.token)
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            answer = urllib.request.urlopen(request, timeout=PATIENCE_S)
        except urllib.error.HTTPError as error:
            answer = error
        text = answer.read().decode()
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status, answer.headers, json.loads(text) if is_json and text else text

    def send(self, events):
        basic = base64.b64encode((self.write_key + ":").encode()).decode()
        status, _, answer = self.ask("/v1/batch", "POST", {"batch": events}, token=False,
                                     headers={"Authorization": "Basic " + basic})
        assert status == 200, answer

    def fill(self):
        """A regular whose orders stopped, a newcomer and a visitor."""
        now = time.time()
        events = []
        for user, days in (("ada", range(300, 100, -20)), ("bob", (40, 10))):
            events.append({"type": "identify", "userId": user,
                           "traits": {"email": user + "@example.com", "name": user.title()}})
            for n, day in enumerate(days):
                at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - day * 86400))
                events.append({"type": "track", "userId": user, "event": "Order Completed",
                               "timestamp": at,
                               "properties": {"order_id": f"{user}-{n}", "revenue": 20 + n}})
        events.append({"type": "identify", "userId": "eve", "traits": {"name": "Eve"}})
        self.send(events)

"""The real winback: data folders, events brought in, and who it says meets a condition."""
import json
import pathlib
import random
import shutil
import signal
import subprocess
import urllib.request

from calendar_steps import DAY, iso
from language import text
from world import FIELDS

PATIENCE_S = 120
ATTEMPTS = 5  # Orders to which no model can be fitted are replaced by others.
WORKSPACE = """name: Shop
zone: {}
currency: GBP
from: {{address: hello@shop.example}}
address: 1 Street
base_url: https://shop.example
brand_url: https://shop.example
"""
# Reads every property, so that all are kept in memory.
KEEPER = 'ev("*").where(e, ' + " || ".join(f"e.{field} == 0" for field in FIELDS) + ").any()"


class Refused(Exception):
    """What winback would not take."""


class Shop:
    def __init__(self, winback, folder):
        self.winback, self.folder = winback, pathlib.Path(folder)
        self.empty = {}

    def run(self, *words):
        done = subprocess.run([self.winback, *map(str, words)], capture_output=True, text=True,
                              timeout=PATIENCE_S, check=False)
        if done.returncode != 0:
            raise Refused(done.stderr or done.stdout)
        return done.stdout

    def playbook(self, zone, segments):
        folder = self.folder / "playbook"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "segments").mkdir(parents=True)
        (folder / "workspace.yaml").write_text(WORKSPACE.format(zone))
        (folder / "policies.yaml").write_text('quiet_hours: {from: "23:00", to: "05:00"}\n')
        for name, condition in {"keeper": KEEPER, **segments}.items():
            (folder / "segments" / f"{name}.yaml").write_text(
                f"name: {name}\ncondition: {json.dumps(condition, ensure_ascii=False)}\n")
        return folder

    def data(self, zone, segments):
        """A new folder with the playbook loaded."""
        key = json.dumps([zone, segments])
        if key not in self.empty:
            made = self.folder / f"empty{len(self.empty)}"
            self.serve(made, ["--playbook", self.playbook(zone, segments)], lambda url: None)
            self.empty[key] = made
        data = self.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self.empty[key], data)
        return data

    def serve(self, data, options, use):
        """Calls `use` with the address of a server."""
        server = subprocess.Popen([self.winback, "serve", "--data", data, "--port", "0", *options],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True)
        address = next((line.split()[2] for line in server.stdout
                        if line.startswith("listening on")), None)
        try:
            if address is not None:
                use(address)
        finally:
            server.send_signal(signal.SIGTERM)
            _, errors = server.communicate(timeout=PATIENCE_S)
        if address is None:
            raise Refused(errors)

    def enlist(self, data, lists):
        """Static lists, made and filled over the API."""
        made = self.run("key", "create", "--kind", "api", "--scope", "admin", "--data", data)
        token = made.split()[-1]

        def post(url, body):
            request = urllib.request.Request(url, json.dumps(body).encode(), {
                "Authorization": "Bearer " + token, "Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                assert answer.status in (200, 201)

        def fill(address):
            for name, members in lists.items():
                post(f"{address}/api/v1/lists", {"name": name})
                post(f"{address}/api/v1/lists/{name}/members", {"members": members})

        self.serve(data, [], fill)

    def bring(self, data, lines):
        (self.folder / "map.yaml").write_text("format: segment-jsonl\n")
        (self.folder / "events.jsonl").write_text("".join(line + "\n" for line in lines))
        self.run("import", self.folder / "events.jsonl", "--map", self.folder / "map.yaml",
                 "--data", data, "--strict", "--json")

    def members(self, data, condition, now=None):
        at = [] if now is None else ["--at", iso(now)]
        answer = self.run("segment", "members", condition, "--data", data, "--json", "--limit",
                          "100000", *at)
        return sorted(json.loads(answer)["members"])


class Asked:
    """Events arrive in any order; a condition is asked at a moment, by a scan of the columns."""

    name = "asked"

    def __init__(self, shop, world, segments):
        self.shop, self.data = shop, shop.data(world.zone, segments_text(segments))
        shop.bring(self.data, [event.line() for event in world.events])
        if world.lists:
            shop.enlist(self.data, world.lists)

    def members(self, condition, now):
        return self.shop.members(self.data, text(condition), now)


class Kept:
    """Events arrive in their order on a virtual clock; members are those that the engine kept."""

    name = "kept"

    def __init__(self, shop, world, segments):
        self.shop, self.data = shop, shop.folder / "replayed"
        for attempt in range(ATTEMPTS):
            try:
                self.replay(world, segments, attempt)
                return
            except Refused as refused:
                if "did not converge" not in str(refused) or attempt + 1 == ATTEMPTS:
                    raise

    def replay(self, world, segments, attempt):
        source = self.shop.folder / "source"
        shutil.rmtree(source, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        self.shop.bring(source, [*buyers(world.now, attempt), *(e.line() for e in world.events)])
        self.shop.run("replay", "--data", source, "--playbook",
                      self.shop.playbook(world.zone, segments_text(segments)), "--out", self.data,
                      "--days", "400", "--json")

    def members(self, segment):
        found = self.shop.members(self.data, f'in_segment("{segment}")')
        return [name for name in found if not name.startswith("buyer")]


def segments_text(segments):
    return {name: text(condition) for name, condition in segments.items()}


def buyers(now, attempt):
    """Orders long ago, to which the models of a replay can be fitted; the last event is at `now`."""
    dice = random.Random(attempt)
    for number in range(300):
        rate, at = dice.gammavariate(0.8, 1 / 60), dice.randrange(780)
        order = 0
        while at < 1199:
            yield json.dumps({"type": "track", "userId": f"buyer{number}",
                              "event": "Order Completed", "messageId": f"b{number}-{order}",
                              "timestamp": iso(now - int((1200 - at) * DAY)),
                              "properties": {"order_id": f"{number}-{order}",
                                             "revenue": dice.randrange(5, 90)}})
            order += 1
            at += max(1, dice.expovariate(rate))
            if dice.random() < 0.15:
                break
    yield json.dumps({"type": "track", "userId": "buyer0", "event": "Page Viewed",
                      "messageId": "last", "timestamp": iso(now), "properties": {}})

"""Events reach those who watch within a second, from end to end.

Starts `winback serve` on a new data folder, watches /api/v1/events/live, sends events as a shop
would, and reads them on the stream; then stops the server and sees the stream end.
"""
import base64
import http.client
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

WITHIN_SECONDS = 1.0
ENDED_WITHIN_SECONDS = 8.0


def key_of(binary, data, *arguments):
    out = subprocess.run([binary, "key", "create", "--data", data, *arguments], check=True,
                         capture_output=True, text=True).stdout
    return re.search(r"\b(?:wk|at)_[\w-]+", out).group(0)


def start(binary, data):
    server = subprocess.Popen([binary, "serve", "--data", data, "--port", "0"],
                              stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        found = re.match(r"listening on http://127\.0\.0\.1:(\d+)", line)
        if found:
            return server, int(found.group(1))
    raise SystemExit("the server did not start")


def watch(port, token, path="/api/v1/events/live", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Authorization": "Bearer " + token, **headers})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    assert answer.headers["Content-Type"] == "text/event-stream"
    return answer


def next_arrival(stream):
    event = {}
    while True:
        line = stream.readline()
        if not line:
            return None
        text = line.decode().rstrip("\n")
        if text == "" and event.get("event") == "arrival":
            return event["id"], json.loads(event["data"])
        if text == "":
            event = {}
        elif not text.startswith(":"):
            name, _, value = text.partition(": ")
            event[name] = value


def post(port, key, path, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    user = base64.b64encode((key + ":").encode()).decode()
    connection.request("POST", path, json.dumps(body), {"Authorization": "Basic " + user})
    return connection.getresponse().status


def change(port, token, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, json.dumps(body or {}),
                       {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status < 300, text
    return json.loads(text) if text else None


def story(binary, data):
    write_key = key_of(binary, data, "--kind", "write", "--name", "Till")
    token = key_of(binary, data, "--kind", "api", "--name", "Watcher", "--scope", "admin")
    blind = key_of(binary, data, "--kind", "api", "--name", "Numbers", "--scope", "read")
    server, port = start(binary, data)
    try:
        refused = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        refused.request("GET", "/api/v1/events/live", headers={"Authorization": "Bearer " + blind})
        assert refused.getresponse().status == 403

        stream = watch(port, token)
        problems = watch(port, token, "/api/v1/events/live?problems=true")
        slowest = 0.0
        for number in range(5):
            begun = time.monotonic()
            event = {"userId": f"u{number}", "event": "Order Completed",
                     "properties": {"order_id": str(number), "total": 10}}
            assert post(port, write_key, "/v1/track", event) == 200
            last, arrival = next_arrival(stream)
            slowest = max(slowest, time.monotonic() - begun)
            assert arrival["customer"] == f"u{number}" and arrival["key"] == "Till"
            assert json.loads(arrival["raw"]) == event
            assert json.loads(arrival["decoded"])["properties"]["total"] == 10
            assert arrival["problems"] == []
        assert slowest < WITHIN_SECONDS, slowest

        assert post(port, write_key, "/v1/track", {"event": "Nobody"}) == 200
        _, arrival = next_arrival(problems)
        assert not arrival["taken"] and arrival["problems"][0]["code"] == "no_user_anon_id"

        # Who lost the connection goes on where it was.
        again = watch(port, token, **{"Last-Event-ID": last})
        _, arrival = next_arrival(again)
        assert arrival["problems"][0]["code"] == "no_user_anon_id"

        # Who may not watch any more is sent away, also when nothing arrives.
        guest = change(port, token, "POST", "/api/v1/keys",
                       {"kind": "api", "name": "Guest", "scopes": ["personal"]})
        watched = watch(port, guest["key"])
        change(port, token, "DELETE", "/api/v1/keys/" + guest["id"])
        begun = time.monotonic()
        while next_arrival(watched) is not None:  # What was sent before.
            pass
        assert time.monotonic() - begun < ENDED_WITHIN_SECONDS

        server.send_signal(signal.SIGTERM)
        assert next_arrival(again) is None
        assert server.wait(timeout=20) == 0
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()
    print(f"slowest of 5 events: {slowest * 1000:.1f} ms from sending to watching")


def main():
    data = tempfile.mkdtemp(prefix="winback_live_")
    try:
        story(sys.argv[1], data + "/data")
    finally:
        shutil.rmtree(data)


if __name__ == "__main__":
    main()

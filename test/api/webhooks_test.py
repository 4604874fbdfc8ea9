"""Webhooks of the whole program: made, tested, killed in the middle, and told after all.

Usage: webhooks_test.py PATH/TO/winback, from the project's root.
"""
import base64
import hashlib
import hmac
import http.server
import json
import queue
import subprocess
import sys
import tempfile
import threading
import time

import served

WINBACK = sys.argv[1]


class Receiver(http.server.ThreadingHTTPServer):
    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.got = queue.Queue()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.put((dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def check_signature(secret, headers, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    names = {name.lower(): value for name, value in headers.items()}
    signed = f"{names['webhook-id']}.{names['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert "v1," + mac in names["webhook-signature"].split(" "), names
    return names["webhook-id"]


def delivered(server, path):
    """The newest delivery, once what came back is written down: its body may be here before."""
    end = time.monotonic() + served.PATIENCE_S
    while True:
        newest = server.ask(path + "/deliveries")[2]["deliveries"][0]
        if newest["state"] == "delivered":
            return newest["id"]
        assert time.monotonic() < end, newest
        time.sleep(0.01)


def main():
    receiver = Receiver()
    port = receiver.server_address[1]
    with tempfile.TemporaryDirectory() as folder:
        server = served.Served(WINBACK, folder, "--webhooks-to", "loopback")
        hook = {"url": f"http://127.0.0.1:{port}/hook", "events": ["consent.changed"]}
        key = {"Idempotency-Key": "one"}
        status, _, made = server.ask("/api/v1/webhooks", "POST", hook, headers=key)
        assert status == 201, made
        again = server.ask("/api/v1/webhooks", "POST", hook, headers=key)
        assert again[2] == made and again[1]["Idempotent-Replayed"] == "true"
        assert len(server.ask("/api/v1/webhooks")[2]["webhooks"]) == 1
        path = "/api/v1/webhooks/" + made["id"]
        assert "secret" not in server.ask(path)[2]
        assert server.ask(path + "/test", "POST")[0] == 202
        check_signature(made["secret"], *receiver.got.get(timeout=served.PATIENCE_S))
        delivery = delivered(server, path)
        assert server.ask(f"{path}/deliveries/{delivery}/replay", "POST")[0] == 202
        check_signature(made["secret"], *receiver.got.get(timeout=served.PATIENCE_S))
        delivered(server, path)
        assert server.ask(path + "/replay", "POST")[2] == {"replayed": 0}
        trail = server.ask("/api/v1/audit?what=webhook")[2]["entries"]
        told = [(one["what"], one["after"]) for one in trail if one["target"] == made["id"]]
        assert told[:3] == [("webhook.replay_failed", {"replayed": 0}),
                            ("webhook.replay", {"delivery": delivery}),
                            ("webhook.test", {"delivery": delivery})], told

        # Nobody listens; the event is durable, and the server is killed.
        receiver.shutdown()
        receiver.server_close()
        change = {"channel": "email", "state": "denied", "reason": "by phone"}
        status, _, answer = server.ask("/api/v1/customers/ada/consent", "POST", change)
        assert status == 200, answer
        waiting = server.ask(path + "/deliveries?state=waiting")[2]["deliveries"]
        server.process.kill()
        server.process.communicate()
        receiver = Receiver(port)
        process = subprocess.Popen([WINBACK, "serve", "--data", server.data, "--port", "0",
                                    "--webhooks-to", "loopback"], stdout=subprocess.DEVNULL)
        try:
            headers, body = receiver.got.get(timeout=served.PATIENCE_S)
            told = check_signature(made["secret"], headers, body)
            assert [one["webhook_id"] for one in waiting] in ([told], []), (waiting, told)
            event = json.loads(body)
            assert event["type"] == "consent.changed" and event["data"]["state"] == "denied", event
        finally:
            process.terminate()
            process.wait(timeout=served.PATIENCE_S)
    print("told, although the server was killed in between")


main()

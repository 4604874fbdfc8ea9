"""A workspace that keeps silent customers for a time: the sweep with the real server.

Usage: keeping_test.py PATH/TO/winback, from the project's root. Takes up to two minutes, because a
moment of the day has to pass; it passes while the server is down.
"""
import datetime
import sys
import tempfile
import time
import zoneinfo

import served

AHEAD_S = 15  # So that the server has seen the rule before its moment.


def day(days):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - days * 86400))


def until(what, of):
    end = time.monotonic() + served.PATIENCE_S
    while time.monotonic() < end:
        found = of()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("waited in vain: " + what)


def keep(server, query=""):
    status, _, answer = server.ask("/api/v1/workspace/keep" + query)
    assert status == 200, answer
    return answer


def main():
    with tempfile.TemporaryDirectory() as folder, served.Served(sys.argv[1], folder) as server:
        server.send([{"type": "track", "userId": name, "event": "Order Completed",
                      "timestamp": day(days), "properties": {"order_id": name, "revenue": 5}}
                     for name, days in (("gone", 900), ("left", 760), ("here", 700))])
        assert keep(server)["would_erase"] is None
        assert keep(server, "?silent_customers=2y")["would_erase"] == 2
        assert server.ask("/api/v1/workspace/keep?silent_customers=5mo")[0] == 400

        zone = zoneinfo.ZoneInfo(server.ask("/api/v1/workspace")[2]["zone"])
        moment = datetime.datetime.now(zone) + datetime.timedelta(seconds=60 + AHEAD_S)
        moment = moment.replace(second=0, microsecond=0)
        status, _, answer = server.ask("/api/v1/workspace", "PATCH", {
            "keep": {"silent_customers": "2y", "at": moment.strftime("%H:%M")}})
        assert status == 200 and answer["keep"]["silent_customers"] == "2y", answer
        told = keep(server)
        assert told["would_erase"] == 2 and told["last_run"] is None, told
        assert datetime.datetime.fromisoformat(told["next_run"].replace("Z", "+00:00")) == moment
        time.sleep(AHEAD_S - 5)
        server.stop()
        time.sleep(max(0.0, moment.timestamp() - time.time() + 1))
        server.start()

        run = until("the sweep", lambda: keep(server)["last_run"])
        assert run["erased"] == 2 and run["left"] == 0, run
        for name, erased in (("gone", True), ("left", True), ("here", False), ("ada", False)):
            _, _, customer = server.ask("/api/v1/customers/" + name)
            assert customer["erased"] == erased, customer
        entries = server.ask("/api/v1/audit?what=workspace.sweep")[2]["entries"]
        assert len(entries) == 1, entries
        assert entries[0]["who"]["kind"] == "rule" and entries[0]["after"]["erased"] == 2, entries
        assert "gone" not in str(entries), entries
        server.stop()
        server.start()
        assert server.ask("/api/v1/customers/gone")[2]["erased"]
        assert len(server.ask("/api/v1/audit?what=workspace.sweep")[2]["entries"]) == 1
    print("who was silent for too long is erased, once, and nobody else")


main()

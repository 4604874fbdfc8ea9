"""A preview that is told while it is counted, over a real connection.

Usage: preview_test.py PATH/TO/winback, from the project's root.
"""
import json
import sys
import tempfile
import urllib.request

import served

CUSTOMERS = 400
PATH = "/api/v1/segments/preview"
LINES = "application/x-ndjson"


def costly(parts):
    """Each part compares eight thousand sums for each customer."""
    numbers = "[" + ", ".join(str(n) for n in range(90)) + "]"
    return " && ".join(
        f"{numbers}.all(x, {numbers}.all(y, x + y < {1000 + part} + size(user.name)))"
        for part in range(parts))


def open_lines(server, condition):
    request = urllib.request.Request(server.url + PATH, method="POST",
                                     data=json.dumps({"condition": condition}).encode())
    request.add_header("Authorization", "Bearer " + server.token)
    request.add_header("Content-Type", "application/json")
    request.add_header("Accept", LINES)
    return urllib.request.urlopen(request, timeout=served.PATIENCE_S)


def lines_tell_how_far_it_is(server):
    draft = {"condition": costly(5)}
    status, _, whole = server.ask(PATH, "POST", draft)
    assert status == 200 and whole["customers"] > CUSTOMERS, whole
    with open_lines(server, draft["condition"]) as answer:
        assert answer.headers["Content-Type"] == LINES
        lines = [json.loads(line) for line in answer]
    counting = [line["counting"] for line in lines[:-1]]
    assert counting, "the count ended before its first line; make it dearer"
    for before, after in zip(counting, counting[1:]):
        assert before["looked_at"] < after["looked_at"] <= after["all"], counting
        assert before["customers"] <= after["customers"] <= after["of"], counting
    assert counting[0]["customers"] < whole["customers"]
    last = lines[-1]
    assert last.pop("now") >= whole.pop("now")
    assert last == whole
    return len(counting)


def what_ends_early_is_one_line(server):
    with open_lines(server, "user.orders.count >= 1") as answer:
        assert [json.loads(line)["customers"] for line in answer] == [2]
    # Nothing to count: the mistakes, as without lines.
    with open_lines(server, "user.orders.count >") as answer:
        assert answer.headers["Content-Type"].startswith("application/json")
        assert json.loads(answer.read())["diagnostics"]


def who_leaves_ends_the_count(server):
    """Far more of them than would fit side by side, and none is in the way of the next."""
    for _ in range(40):
        with open_lines(server, costly(20)) as answer:
            assert "counting" in json.loads(answer.readline())
    status, _, answer = server.ask(PATH, "POST", {"condition": "user.orders.count >= 1"})
    assert (status, answer["customers"]) == (200, 2), answer


def main():
    with tempfile.TemporaryDirectory() as folder, served.Served(sys.argv[1], folder) as server:
        server.send([{"type": "identify", "userId": f"u{n}", "traits": {"name": "U"}}
                     for n in range(CUSTOMERS)])
        lines = lines_tell_how_far_it_is(server)
        what_ends_early_is_one_line(server)
        who_leaves_ends_the_count(server)
    print(f"{lines} lines before the count")


main()

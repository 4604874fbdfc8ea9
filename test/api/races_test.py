"""What several people do at once, each as if alone.

Usage: races_test.py PATH/TO/winback, from the project's root.
"""
import concurrent.futures
import sys
import tempfile

import served

PEOPLE = 8


def main():
    with tempfile.TemporaryDirectory() as folder, served.Served(sys.argv[1], folder) as server:
        def make(_):
            draft = {"name": "Race", "condition": "user.orders.count >= 2"}
            status, _, answer = server.ask("/api/v1/segments", "POST", draft)
            return status, answer.get("id")

        with concurrent.futures.ThreadPoolExecutor(PEOPLE) as pool:
            made = sorted(pool.map(make, range(PEOPLE)), key=str)
        wanted = [(201, "race")] + [(201, f"race_{n}") for n in range(2, PEOPLE + 1)]
        assert made == wanted, made
        there = {one["id"] for one in server.ask("/api/v1/segments")[2]["segments"]}
        assert {one for _, one in wanted} <= there
    print(f"{PEOPLE} segments of one name were made at once")


main()

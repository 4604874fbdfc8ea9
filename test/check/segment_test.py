"""winback segment: what whoever counts is told, and what is counted from the histories.

Usage: segment_test.py PATH/TO/winback, from the project's root.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

WINBACK = sys.argv[1]


def winback(*words):
    run = subprocess.run([WINBACK, *map(str, words)], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout, run.stderr


class Segment(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.folder.name)
        cls.data = folder / "data"
        (folder / "map.yaml").write_text("format: segment-jsonl\n")
        events = [{"type": "track", "event": "Shoe Tried", "userId": f"c{n}", "messageId": f"m{n}",
                   "timestamp": "2026-03-01T10:00:00Z", "properties": {"size": 40 + n}}
                  for n in range(5)]
        events.append({"type": "identify", "userId": "c0", "messageId": "i0",
                       "timestamp": "2026-03-01T10:00:00Z", "traits": {"shoe_size": 41}})
        (folder / "events.jsonl").write_text("".join(json.dumps(e) + "\n" for e in events))
        code, _, err = winback("import", folder / "events.jsonl", "--map", folder / "map.yaml",
                               "--data", cls.data, "--strict", "--json")
        assert code == 0, err

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def count(self, condition, *words):
        return winback("segment", "count", condition, "--data", self.data, *words)

    def test_a_property_that_no_definition_reads_is_counted_from_the_histories(self):
        asks = 'ev("Shoe Tried").where(e, e.size > 42).any()'
        code, out, err = self.count(asks)
        self.assertEqual((code, out.split(" customers")[0]), (0, "2 of 5"))
        self.assertIn("1:29: warning: No definition of the playbook reads the property 'size' yet, so "
                      "this is counted from the histories", err)
        code, out, err = self.count(asks, "--json")
        self.assertEqual((code, json.loads(out)), (0, {"customers": 2, "of": 5}))
        code, out, _ = winback("segment", "members", asks, "--data", self.data)
        self.assertEqual((code, out.split()), (0, ["c3", "c4"]))
        code, out, _ = self.count(asks, "--at", "2026-01-01", "--json")
        self.assertEqual((code, json.loads(out)["of"]), (0, 0))

    def test_names_that_nobody_has_seen_are_warned_of(self):
        code, out, err = self.count('ev("Shoe Tired").none() && in_list("x") && user.shoesize == null')
        self.assertEqual((code, out.split(" customers")[0]), (0, "0 of 5"))
        self.assertIn("warning: there is no event 'Shoe Tired' yet; did you mean 'Shoe Tried'?", err)
        self.assertIn("warning: there is no list 'x' yet", err)
        self.assertIn("warning: nobody has a trait 'shoesize' yet; did you mean user.shoe_size?", err)

    def test_all_mistakes_are_told_and_nothing_is_counted(self):
        code, out, err = self.count('user.a = 1 and consent("emial") == "granted"')
        self.assertEqual((code != 0, out), (True, ""))
        self.assertIn("write == to compare", err)
        self.assertIn("write &&", err)
        self.assertIn("unknown channel 'emial'; did you mean 'email'?", err)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

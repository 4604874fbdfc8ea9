"""winback check: what it prints and how it ends.

Usage: check_test.py PATH/TO/winback, from the project's root.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

WINBACK = sys.argv[1]


class Checked(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.playbook = pathlib.Path(scratch.name) / "playbook"
        shutil.copytree("playbook", self.playbook)

    def check(self, *options):
        run = subprocess.run([WINBACK, "check", str(self.playbook), *options],
                             capture_output=True, text=True, check=False)
        return run.returncode, run.stdout

    def change(self, name, old, new):
        path = self.playbook / name
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1))

    def test_the_shipped_playbook_passes(self):
        code, out = self.check()
        self.assertEqual(code, 0, out)
        self.assertIn("no mistake\n", out)

    def test_a_warning_does_not_fail(self):
        (self.playbook / "snippets/spare.liquid").write_text("x")
        code, out = self.check()
        self.assertEqual(code, 0, out)
        self.assertIn("unused_snippet", out)
        self.assertIn("no mistake, 1 warnings", out)

    def test_a_mistake_that_only_a_rendering_shows_fails(self):
        self.change("templates/lapsing_hello.en.liquid", "{{ workspace.url }}/new",
                    "{{ workspace.site }}/new")
        code, out = self.check()
        self.assertEqual(code, 1, out)
        self.assertIn("templates/lapsing_hello.en.liquid:11:31: ", out)
        self.assertIn("'workspace' has no 'site'", out)
        self.assertIn("dead_link", out)
        code, out = self.check("--json")
        self.assertEqual(code, 1)
        codes = {entry["code"] for entry in json.loads(out)}
        self.assertEqual(codes, {"unknown_variable", "dead_link"})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

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

    def codes(self):
        code, out = self.check("--json")
        return code, [(e["code"], e["file"], e["line"], e["column"]) for e in json.loads(out)]

    def test_an_offer_goes_with_no_transactional_template(self):
        for path in (self.playbook / "templates").glob("lapsing_offer.*"):
            path.write_text(path.read_text().replace("channel: email\n",
                                                     "channel: email\ntransactional: true\n"))
        self.assertEqual(self.codes(),
                         (1, [("transactional_offer", "journeys/lapsing.yaml", 25, 40)]))

    def test_a_file_of_windows_is_like_any_other(self):
        for path in [*self.playbook.rglob("*.liquid"), *self.playbook.rglob("*.yaml")]:
            path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
        self.assertEqual(self.codes(), (0, []))

    def test_a_topic_is_one_of_the_workspace(self):
        self.change("templates/lapsing_hello.en.liquid", "topic: letters", "topic: leters")
        code, found = self.codes()
        self.assertEqual(code, 1)
        self.assertIn(("unknown_topic", "templates/lapsing_hello.en.liquid", 3, 8), found)

    def test_what_any_customer_writes_is_never_html(self):
        self.change("templates/lapsing_hello.en.liquid", "It has been quiet",
                    "{{ customer.company | raw }} It has been quiet")
        self.assertEqual(self.codes(), (1, [
            ("value_as_html", "templates/lapsing_hello.en.liquid", 9, 4)]))

    def test_a_snippet_is_given_what_it_reads(self):
        self.change("snippets/greeting.tr.liquid", "{{ name }}", "{{ nmae }}")
        self.assertEqual(self.codes(), (1, [
            ("unknown_variable", "snippets/greeting.tr.liquid", 1, 43)]))

    def test_links_and_pictures_lead_somewhere(self):
        self.change("templates/lapsing_hello.en.liquid", "We read every answer.",
                    "<a href=\"mailto:\">e</a><img src=\"/a.png\" alt=\"\">")
        self.assertEqual(self.codes(), (1, [
            ("dead_link", "templates/lapsing_hello.en.liquid", 13, 19),
            ("dead_image", "templates/lapsing_hello.en.liquid", 13, 24)]))

    def test_a_link_in_the_folder_is_told_of(self):
        path = self.playbook / "templates/lapsing_hello.tr.liquid"
        path.rename(self.playbook / "spare.txt")
        path.symlink_to(self.playbook / "spare.txt")
        code, found = self.codes()
        self.assertEqual(code, 0)
        self.assertIn(("symbolic_link", "templates/lapsing_hello.tr.liquid", 1, 1), found)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

"""winback expr: trees, texts and cases, and how each ends.

Usage: expr_test.py PATH/TO/winback, from the project's root.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

WINBACK = sys.argv[1]


def expr(*words, text=""):
    run = subprocess.run([WINBACK, "expr", *words], input=text, capture_output=True, text=True,
                         check=False)
    return run.returncode, run.stdout, run.stderr


class Expr(unittest.TestCase):
    def test_a_text_becomes_a_tree_and_the_text_again(self):
        text = '// vip\nuser.plan == "gold" // paid\n&& ev("a").within("9d").count() >= 2\n'
        code, tree, _ = expr("tree", text=text)
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(tree)["all"][1]["events"]["within"], "9d")
        self.assertEqual(expr("text", text=tree), (0, text, ""))

    def test_narrowings_keep_their_order_through_json(self):
        text = 'ev("a").within("90d").where(e, e.x > 1).before(ago("1d")).any()\n'
        code, tree, _ = expr("tree", text=text)
        self.assertEqual(code, 0)
        self.assertEqual(expr("text", text=tree), (0, text, ""))

    def test_the_deepest_condition_has_a_tree_that_is_read(self):
        text = "".join(f"user.a == {n} {('&&', '||')[n % 2]} (" for n in range(61))
        code, tree, err = expr("tree", text=text + "user.b == 1" + ")" * 61)
        self.assertEqual(code, 0, err)
        code, again, err = expr("text", text=tree)
        self.assertEqual(code, 0, err)
        self.assertEqual(expr("tree", text=again), (0, tree, ""))

    def test_a_mistake_of_a_text_has_a_caret_and_ends_with_1(self):
        code, out, err = expr("tree", text="user.a >")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("1:9: error: the condition ends where a value should come", err)

    def test_a_mistake_of_a_tree_has_a_pointer_and_ends_with_1(self):
        code, _, err = expr("text", text='{"all": [{"trait": "a", "op": "=", "value": 1}]}')
        self.assertEqual(code, 1)
        self.assertIn("at '/all/0/op': ", err)
        self.assertEqual(expr("text", text="{")[0], 1)
        for number in ("1e999", "-1e999"):
            code, out, err = expr("text", text=f'{{"trait": "a", "op": "==", "value": {number}}}')
            self.assertEqual((code, out), (1, ""))
            self.assertIn("too large", err)

    def test_cases_that_fail_are_named_and_a_bad_line_is_one_of_them(self):
        with tempfile.TemporaryDirectory() as folder:
            cases = pathlib.Path(folder) / "cases.jsonl"
            cases.write_text('{"file": "f", "section": "s", "name": "n", "expr": "1 + 1", '
                             '"expect": {"int": "3"}}\n{"expr": "1 / 0", "expect_error": []}\n')
            code, out, _ = expr("conformance", str(cases))
            self.assertEqual(code, 1)
            self.assertIn("FAILED f/s/n (line 1)\n  expected 3 of 1 + 1\n  got      2\n", out)
            self.assertTrue(out.endswith("1 passed, 1 failed\n"))
            cases.write_text('{"expr": "1 == 1"}\nnothing\n{"expr": "2", "expect": {"double": 1e999}}\n'
                             '{"expr": "x", "bindings": {"x": {"object": {"a": 1}}}}\n{"expr": "true"}\n')
            code, out, _ = expr("conformance", str(cases))
            self.assertEqual(code, 1)
            self.assertIn("FAILED line 2\n  got      no JSON", out)
            self.assertIn("FAILED line 3\n  got      a number is beyond", out)
            self.assertIn("FAILED line 4\n", out)
            self.assertTrue(out.endswith("2 passed, 3 failed\n"), out)
        self.assertEqual(expr("conformance", "/nowhere")[0], 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

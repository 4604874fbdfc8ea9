"""Asks every route for what its description allows and for what it forbids (schemathesis).

No answer may be a 5xx or outside of its description. Nothing leaves the machine: there is no mail
server, and webhooks are kept.
Usage: fuzz_test.py PATH/TO/winback FOLDER/FOR/TOOLS [EXAMPLES], from the project's root.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import served

WINBACK, TOOLS = sys.argv[1:3]
EXAMPLES = sys.argv[3] if len(sys.argv) > 3 else "10"
# What the description cannot say: texts that only a parser can judge (conditions, addresses,
# templates), and a token whose rights the run itself may take away.
UNFIT = "positive_data_acceptance,object_level_authorization,use_after_free"

# Answers with chosen fields lack members that whole ones have; conventions_test.cc looks at them.
HOOKS = """
import schemathesis

@schemathesis.hook
def map_query(context, query):
    if isinstance(query, dict):
        query.pop("fields", None)
    return query
"""


def main():
    bin_folder = served.tools(TOOLS, "schemathesis")
    with tempfile.TemporaryDirectory() as folder, served.Served(
            WINBACK, folder, "--webhooks-to", "nobody") as server:
        (pathlib.Path(folder) / "hooks.py").write_text(HOOKS)
        run = subprocess.run(
            [str(bin_folder / "schemathesis"), "run", server.url + "/api/v1/openapi.json",
             "--header", "Authorization: Bearer " + server.token,
             "--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES,
             "--checks", "all", "--exclude-checks", UNFIT, "--continue-on-failure",
             # These end what the run itself lives on, or never end.
             "--exclude-path-regex", "/(users|keys|sessions|me|events/live)\\b",
             "--seed", "1", "--no-color", "--warnings", "off"], cwd=folder,
            env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": folder})
        assert server.process.poll() is None, "the server ended"
        status, _, answer = server.ask("/readyz", token=False)
        assert status == 200, answer
    sys.exit(run.returncode)


main()

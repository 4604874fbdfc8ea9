"""Asks every route for what its description allows and for what it forbids (schemathesis).

No answer may be a 5xx or outside of its description. Nothing leaves the machine: there is no mail
server, and webhooks are kept.
Usage: fuzz_test.py PATH/TO/winback FOLDER/FOR/TOOLS [EXAMPLES], from the project's root.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import served

WINBACK, TOOLS = sys.argv[1:3]
EXAMPLES = sys.argv[3] if len(sys.argv) > 3 else "10"
# What the description cannot say: texts that only a parser can judge (conditions, addresses,
# templates), and a token whose rights the run itself may take away. An address that is longer than
# any may be ends in 431 before it is looked at, and any bytes at all are a file.
CONFIG = """
[checks]
positive_data_acceptance.enabled = false
object_level_authorization.enabled = false
use_after_free.enabled = false
negative_data_rejection.expected-statuses = [
    "400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428", "429", "431"]

[[operations]]
include-name = "POST /api/v1/imports"
checks.negative_data_rejection.enabled = false
"""


def whole_answers(description):
    """The description without `fields`: answers with chosen fields lack members that whole ones
    have; conventions_test.cc looks at them."""
    for item in description["paths"].values():
        for operation in item.values():
            if "parameters" in operation:
                operation["parameters"] = [one for one in operation["parameters"]
                                           if not one.get("$ref", "").endswith("/Fields")]
    return description


def main():
    bin_folder = served.tools(TOOLS, "schemathesis")
    with tempfile.TemporaryDirectory() as folder, served.Served(
            WINBACK, folder, "--webhooks-to", "nobody") as server:
        _, _, description = server.ask("/api/v1/openapi.json")
        described = pathlib.Path(folder) / "openapi.json"
        described.write_text(json.dumps(whole_answers(description)))
        (pathlib.Path(folder) / "schemathesis.toml").write_text(CONFIG)
        run = subprocess.run(
            [str(bin_folder / "schemathesis"), "run", str(described), "--url", server.url,
             "--header", "Authorization: Bearer " + server.token,
             "--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES,
             "--continue-on-failure",
             # These end what the run itself lives on, or never end.
             "--exclude-path-regex", "/(users|keys|sessions|me|events/live)\\b",
             "--seed", "1", "--no-color", "--warnings", "off"], cwd=folder)
        assert server.process.poll() is None, "the server ended"
        status, _, answer = server.ask("/readyz", token=False)
        assert status == 200, answer
    sys.exit(run.returncode)


main()

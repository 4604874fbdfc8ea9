"""Judges the description of the API with a validator from PyPI.

Usage: description_test.py PATH/TO/winback FOLDER/FOR/TOOLS, from the project's root.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import served

WINBACK, TOOLS = sys.argv[1:3]


def main():
    bin_folder = served.tools(TOOLS, "openapi-spec-validator")
    with tempfile.TemporaryDirectory() as folder, served.Served(WINBACK, folder) as server:
        status, headers, document = server.ask("/api/v1/openapi.json")
        assert status == 200 and headers["ETag"]
        path = pathlib.Path(folder) / "openapi.json"
        path.write_text(json.dumps(document))
        subprocess.run([str(bin_folder / "openapi-spec-validator"), "--schema", "3.1", str(path)],
                       check=True)
    print(f"{len(document['paths'])} paths are described well")


main()

"""schemathesis calls every operation of every document with valid and invalid data, and finds no contradiction."""

import pytest

from published_tools import NAMES, find

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
WAITING = ["waitForRequests", "waitForStatus", "streamRequests"]  # they answer late, or never end
KEYS = {
    "estateprime": "Authorization: Basic c2J4X3NjaGVtYXRoZXNpczpzZWNyZXQ=",
    "opendoor": "Authorization: Basic sbx_schemathesis",
    "admin": "X-Sandbox-Workspace: schemathesis",
}


@pytest.mark.parametrize("name", [name for name in NAMES if name != "all"])
def test_schemathesis(documents, server, tmp_path, name):
    header = KEYS.get(name, "Authorization: Bearer sbx_schemathesis")
    target = [documents / f"{name}.json", "--url", server.url, "--header", header]
    bounds = [
        "--max-examples",
        "25",
        "--seed",
        "42",
        "--phases",
        "examples,coverage,fuzzing",
        "--no-color",
        "--warnings",
        "off",
    ]
    waiting = [each for id in WAITING for each in ("--exclude-operation-id", id)]
    find("schemathesis").run("run", *target, "--checks", CHECKS, *bounds, *waiting, cwd=tmp_path)

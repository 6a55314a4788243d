"""Apollo Client's links work with Opendoor's endpoint as docs/your-client.md says."""

import json
import shutil

from published_tools import CLIENTS, TOOLS, find

PRINTED = """\
HttpLink: OFFERED
GET: OFFERED
PersistedQueryLink: OFFERED
BatchHttpLink: Batched requests are not supported
no credential: Unauthorized
"""


def test_apollo_client(server, tmp_path):
    find("tsc")  # npm's tools are there
    shutil.copy(CLIENTS / "apollo.js", tmp_path)
    (tmp_path / "package.json").write_text(json.dumps({"type": "module"}))
    (tmp_path / "node_modules").symlink_to(TOOLS / "node_modules")
    assert find("node").run("apollo.js", server.url, cwd=tmp_path) == PRINTED

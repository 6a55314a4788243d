"""openapi-typescript's types of every document compile, and a client that uses them works under Node."""

import json
import shutil

from published_tools import CLIENTS, NAMES, TOOLS, assert_called, find

# Without the flag a field with a default is required in requests too.
FLAGS = ["--default-non-nullable=false"]
COMPILER = ["--strict", "--target", "es2022", "--module", "nodenext", "--moduleResolution", "nodenext"]


def test_openapi_typescript_and_openapi_fetch(documents, server, tmp_path):
    node, generator, compiler = find("node"), find("openapi-typescript"), find("tsc")
    for name in NAMES:
        generator.run(documents / f"{name}.json", *FLAGS, "-o", f"{name}.ts", cwd=tmp_path)
    shutil.copy(CLIENTS / "client.ts", tmp_path)
    (tmp_path / "package.json").write_text(json.dumps({"type": "module"}))
    (tmp_path / "node_modules").symlink_to(TOOLS / "node_modules")
    compiler.run(*COMPILER, "--outDir", "built", *(f"{name}.ts" for name in (*NAMES, "client")), cwd=tmp_path)
    assert_called(node.run("built/client.js", server.url, cwd=tmp_path))

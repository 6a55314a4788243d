"""openapi-python-client makes whole clients of every document, mypy accepts them, and they work."""

import re
import shutil

from published_tools import CLIENTS, NAMES, TOOLS, assert_called, find

# What this generator cannot express: one response that is GraphQL's language, one body that may be YAML.
KNOWN = {"admin": ["GET /__admin/specs/{provider}.graphql", "PUT /__admin/scenarios/{name}"]}


def test_openapi_python_client(documents, server, tmp_path):
    generator, mypy, python = find("openapi-python-client"), find("mypy"), TOOLS / "python/bin/python"
    for name in NAMES:
        arguments = ["--path", documents / f"{name}.json", "--output-path", name, "--meta", "none"]
        printed = generator.run("generate", *arguments, cwd=tmp_path)
        warned = re.findall(r"WARNING parsing (\S+ \S+) within", printed)
        assert warned == KNOWN.get(name, []), printed
        assert "Unable to" not in printed
    shutil.copy(CLIENTS / "openapi_python_client.py", tmp_path / "client.py")
    # its own template client.py has the same mistake for every document
    checked = [each for each in tmp_path.rglob("*.py") if each.parent == tmp_path or each.name != "client.py"]
    flags = ["--follow-imports", "silent", "--python-executable", python, "--ignore-missing-imports"]
    mypy.run(*flags, *checked, cwd=tmp_path)
    assert_called(find("python").run("client.py", server.url, cwd=tmp_path))

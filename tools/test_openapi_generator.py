"""openapi-generator makes clients of every document in Python and Go, and they work."""

import os
import shutil
from pathlib import Path

import pytest

from published_tools import CLIENTS, NAMES, assert_called, find

GO_PACKAGES = Path("/usr/share/gocode")  # where Debian installs Go's libraries
# It reads OpenAPI 3.0. Its support of 3.1 is a beta that drops types of several kinds.
QUIET = ["--global-property", "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"]


def generate(documents, folder, language, name, *more):
    """Makes a client. It names what it cannot read as an error, and goes on."""
    find("java")
    source = ["-i", documents / f"{name}-3.0.json", "-g", language, "-o", folder, "--package-name", name]
    printed = find("openapi-generator-cli").run("generate", *source, *QUIET, *more, cwd=documents)
    assert "ERROR" not in printed, printed[-8000:]


IMPORT_ALL = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    for each in pkgutil.walk_packages(importlib.import_module(name).__path__, f"{name}."):
        importlib.import_module(each.name)
"""


def test_python(documents, server, tmp_path):
    for name in NAMES:
        generate(documents, tmp_path / name, "python", name)
    shutil.copy(CLIENTS / "openapi_generator.py", tmp_path / "client.py")
    paths = {"PYTHONPATH": os.pathsep.join(str(tmp_path / name) for name in NAMES)}
    python = find("python")
    python.run("-c", IMPORT_ALL, *NAMES, cwd=tmp_path, **paths)
    assert_called(python.run("client.py", server.url, cwd=tmp_path, **paths))


def test_go(documents, server, tmp_path):
    go = find("go")
    if not (GO_PACKAGES / "src/gopkg.in/validator.v2").is_dir():
        pytest.skip("not run: Debian's golang-gopkg-validator.v2-dev is missing, which a choice of types needs")
    sources = tmp_path / "src/clients"
    variables = {"GOPATH": f"{tmp_path}:{GO_PACKAGES}", "GO111MODULE": "off", "GOCACHE": str(tmp_path / "cache")}
    for name in NAMES:
        generate(documents, sources / name, "go", name, "--additional-properties=withGoMod=false")
    shutil.copy(CLIENTS / "main.go", sources)
    go.run("vet", "clients/...", cwd=sources, **variables)
    go.run("build", "-o", "client", "clients", cwd=sources, **variables)
    assert_called(find(str(sources / "client")).run(server.url, cwd=sources))

"""A server, and its published documents as files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from published_tools import NAMES
from running_server import Server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server in memory."""
    started = Server()
    yield started
    assert started.stop() == 0


@pytest.fixture(scope="session")
def documents(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every published document: `ebay.json`, and `ebay-3.0.json` in the older form."""
    folder = tmp_path_factory.mktemp("documents")
    for name in NAMES:
        path = {"admin": "/__admin/openapi.json", "all": "/openapi.json"}.get(name, f"/__admin/specs/{name}.json")
        for version, suffix in (("3.1", ""), ("3.0", "-3.0")):
            answer = requests.get(f"{server.url}{path}", params={"version": version}, timeout=30)
            (folder / f"{name}{suffix}.json").write_bytes(answer.content)
    return folder

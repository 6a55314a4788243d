"""The README's examples run, in order, against a real server, and print what it says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from examples import Page, Reading
from sandbox import ROOT, Server

PAGE = Page(ROOT / "README.md")


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Reading]]:
    """Two servers of their own: the examples build on each other, and are run in two ways."""
    servers = Server(), Server()
    yield [Reading(PAGE, server.url, tmp_path_factory.mktemp("readme")) for server in servers]
    assert [server.stop() for server in servers] == [0, 0]


@pytest.mark.parametrize("with_curl", [False, True])
@pytest.mark.parametrize("number", range(len(PAGE.examples)))
def test_an_example_prints_what_the_readme_says(readings: list[Reading], number: int, with_curl: bool):
    """In order, each way on a server of its own, since the examples build on each other."""
    reading, example = readings[with_curl], PAGE.examples[number]
    printed = reading.run(example, with_curl)
    assert reading.agrees(example, printed), printed


def test_every_example_is_followed_by_its_output():
    assert all(example.expected for example in PAGE.examples)
    assert len(PAGE.examples) >= 5


def test_every_link_leads_somewhere():
    inside = [link for link in PAGE.links if "://" not in link]
    assert inside
    assert [link for link in inside if not (PAGE.path.parent / Path(link.partition("#")[0])).exists()] == []


def test_every_row_names_a_provider_with_its_operations_and_has_an_example():
    from offer_sandbox.providers import providers

    rows = [line for line in PAGE.text.splitlines() if line.startswith("| `")]
    assert {row.split("`")[1] for row in rows} == set(providers())
    for row in rows:
        provider = providers()[row.split("`")[1]]
        for operation in provider.parts.operations:
            assert {"token": "token endpoint"}.get(operation.name, operation.name) in row
        assert any(root in example.text for root in provider.roots for example in PAGE.examples)

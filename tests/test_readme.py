"""The README's examples run, in order, against a real server, and print what it says."""

from pathlib import Path

import pytest

from doc_examples import Page, Reading
from running_server import ROOT, Server

PAGE = Page(ROOT / "README.md")


@pytest.mark.parametrize("with_curl", [False, True])
def test_the_examples_print_what_the_readme_says(tmp_path: Path, with_curl: bool):
    """In order, each way on a server of its own, since the examples build on each other."""
    server = Server()
    reading = Reading(PAGE, server.url, tmp_path)
    for number, example in enumerate(PAGE.examples):
        printed = reading.run(example, with_curl)
        assert reading.agrees(example, printed), (number, example.text, printed)
    assert server.stop() == 0


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

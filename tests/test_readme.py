"""The README's examples run, in order, against a real server, and print what it says."""

import re
from pathlib import Path

import pytest

from catalog_steps import CATALOG
from doc_examples import Page, Reading
from offer_sandbox.providers import providers
from running_server import ROOT, Server

PAGE = Page(ROOT / "README.md")


@pytest.mark.parametrize("with_curl", [False, True])
def test_the_examples_print_what_the_readme_says(tmp_path: Path, with_curl: bool):
    """In order, each way on a server of its own, since the examples build on each other."""
    server = Server()
    reading = Reading(PAGE, server.url, tmp_path)
    for number, example in enumerate(PAGE.examples * 2):
        printed = reading.run(example, with_curl)
        assert reading.agrees(example, printed), (number, example.text, printed)
    assert server.stop() == 0


def test_every_example_is_followed_by_its_output():
    assert all(example.expected for example in PAGE.examples)
    assert len(PAGE.examples) >= 2


def test_it_is_short():
    assert len(PAGE.text.splitlines()) <= 150


def test_every_link_leads_somewhere():
    inside = [link for link in PAGE.links if "://" not in link]
    assert inside
    assert [link for link in inside if not (PAGE.path.parent / Path(link.partition("#")[0])).exists()] == []


def test_every_provider_has_its_documentation_and_a_walk_through():
    for name, provider in providers().items():
        assert any(link in PAGE.links for link in provider.links), name
        assert f"docs/providers/{name}.md" in PAGE.links


def test_the_counts_of_outcomes_are_true():
    evidence = [entry["evidence"] for entry in CATALOG]
    documented, seen, inferred = (
        sum(map(evidence.count, each)) for each in (("seed", "docs"), ["observed"], ["inferred"])
    )
    said = re.search(
        r"(\d+) of the (\d+) outcomes come from .* (\d+) are marked `observed`.*other (\d+) are marked `inferred`",
        " ".join(PAGE.text.split()),
    )
    assert said is not None
    assert [int(number) for number in said.groups()] == [documented, len(evidence), seen, inferred]

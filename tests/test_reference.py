"""The reference in `docs/reference`: as fresh as the product, whole, and with links that lead somewhere."""

import ast
import json
import re
import shutil
from pathlib import Path

import pytest
import requests

from catalog_steps import CATALOG
from doc_examples import Page
from offer_sandbox.configuration import settings
from offer_sandbox.exchange import notices
from offer_sandbox.providers import providers
from offer_sandbox.resources import bundled
from offer_sandbox.rules.request_triggers import QUERY_TRIGGERS
from reference_pages import ledger, pages
from running_server import ROOT, Client

FILES = sorted(pages.FOLDER.glob("*.md"))


def text_of(name: str) -> str:
    """A page of the reference."""
    return (pages.FOLDER / name).read_text()


def test_every_page_is_fresh():
    assert pages.stale() == []


def test_a_stale_page_and_a_page_too_many_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(pages.FOLDER, tmp_path, dirs_exist_ok=True)
    ebay = text_of("ebay.md")
    monkeypatch.setattr(pages, "FOLDER", tmp_path)
    (tmp_path / "ebay.md").write_text(ebay.replace("150022", "150099"))
    (tmp_path / "other.md").write_text("")
    assert pages.stale() == ["ebay.md", "other.md"]
    (tmp_path / "ebay.md").write_text(ebay.replace("# eBay", "# The eBay", 1))
    (tmp_path / "other.md").unlink()
    assert pages.stale() == [], "a beginning is written by hand"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path):
    for link in Page(path).links:
        if "://" not in link:
            target, _, heading = link.partition("#")
            found = (path.parent / target).resolve() if target else path
            assert found.exists(), link
            titles = re.findall(r"^#+ (.*)$", found.read_text(), re.MULTILINE)
            names = {re.sub(r"[^a-z0-9 _-]", "", title.lower()).replace(" ", "-") for title in titles}
            assert not heading or heading in names, link


def test_the_index_leads_to_every_page():
    assert set(Page(pages.FOLDER / "README.md").links) >= {each.name for each in FILES} - {"README.md"}


@pytest.mark.parametrize("name", sorted(providers()))
def test_a_providers_page_has_everything(name: str):
    provider, text = providers()[name], text_of(f"{name}.md")
    entries = [each for each in CATALOG if each["provider"] == name]
    for each in entries:
        assert f"| `{each['outcome']}` | {each['status']} | {each['kind']} | {each['evidence']} |" in text
    for each in (*provider.progressions, *provider.switches, *provider.limits, *provider.topics):
        assert each in text
    for operation in provider.parts.operations:
        assert f"| `{operation.name}` | `{operation.method} {operation.path}` |" in text
    for collection in json.loads((bundled("fixtures") / f"{name}.json").read_text()):
        assert f"| `{collection}` |" in text
    for link in provider.links:
        assert link in text


def test_every_magic_value_is_on_one_page():
    text = text_of("magic-values.md")
    for each in CATALOG:
        magic = each["triggers"]["magic"]
        if magic and magic["field"] != "header.authorization":
            row = f"| `{magic['value']}` | `{magic['field']}` | `{each['operation']}` | `{each['outcome']}` |"
            assert row in text


def test_every_flag_is_on_its_page():
    text = text_of("flags.md")
    for each in settings():
        assert f"| `{each.flag}` | `{each.variable}` |" in text


def test_the_headers_are_those_of_the_product(client: Client):
    text = text_of("headers.md")
    asked, told = text.split("## Responses")
    named = set(re.findall(r"^\| `([^`]+)`", asked, re.MULTILINE))
    assert named == {*notices._HEADERS.values(), "Prefer", *QUERY_TRIGGERS}
    answer = client.send(item={"listingId": "110000150020"}, headers={"X-Sandbox-Outcom": "x"})
    own = {each.lower() for each in answer.headers if each.lower().startswith(("x-sandbox", "link"))}
    assert {each.lower() for each in re.findall(r"^\| `([^`]+)`", told, re.MULTILINE)} == own


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/nothing", None),
        ("GET", "/state/ebay/nothing", None),
        ("GET", "/state/ebay/offers/nothing", None),
        ("POST", "/clock/advance", {"by": "soon"}),
        ("POST", "/state/covent/offers/off_accepted/transitions", {"to": "expired"}),
        ("GET", "/scenarios/nothing", None),
    ],
)
def test_the_type_of_a_problem_is_listed(client: Client, method: str, path: str, body: object):
    problem: requests.Response = client.call(method, f"/__admin{path}", json=body)
    assert f"| `{problem.json()['type']}` |" in text_of("problems.md")


def test_every_statement_is_proven_by_tests_that_exist():
    text, known = text_of("proof.md"), set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        known |= {each.name for each in ast.walk(ast.parse(path.read_text())) if isinstance(each, ast.FunctionDef)}
    rows = dict(re.findall(r"^\| `([a-z]+:[0-9a-z]+)` \| .* \| (.*) \|$", text, re.MULTILINE))
    assert rows.keys() == ledger.statements().keys()
    for key, held in rows.items():
        if ledger.statements()[key]["kind"] == "behaviour":
            assert set(re.findall(r"`(\w+)`", held)) <= known
            assert held.startswith("`test_")
        else:
            assert ledger.statements()[key]["reason"].split()[0] in held

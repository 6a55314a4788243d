"""The pages of docs/: their examples run against a real server, their links lead somewhere, nothing is left out."""

import html
import importlib.util
import json
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest

from doc_examples import ADDRESS, Page, Reading
from offer_sandbox.providers import providers
from running_server import ROOT, Server, run

FOLDER = ROOT / "docs"
PACKAGE = ROOT / "sandbox" / "offer_sandbox"
INDEX = Page(FOLDER / "README.md")
WORDS = ("glossary.md", "comparison.md")  # pages that only explain
PAGES = [
    Page(path) for path in sorted([*FOLDER.glob("*.md"), *FOLDER.glob("providers/*.md")]) if path.name not in WORDS
]

WITHOUT_EXAMPLES = [Page(path) for path in sorted(FOLDER.glob("decisions/*.md"))]
SCENARIOS = [pytest.param(page, name, id=f"{page.path.stem}-{name}") for page in PAGES for name in page.scenarios]
Opened = Callable[[Page, bool], Reading]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Opens a page, each way on a server that all pages share: their workspaces keep them apart."""
    ca = tmp_path_factory.mktemp("ca")
    servers = Server(ca=ca), Server(ca=ca)
    readings: dict[tuple[str, bool], Reading] = {}

    def open_page(page: Page, with_curl: bool) -> Reading:
        key = page.name, with_curl
        if key not in readings:
            readings[key] = Reading(page, servers[with_curl].url, tmp_path_factory.mktemp("page"))
        return readings[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OFFER_SANDBOX_CA", str(ca))
        yield open_page
    assert [server.stop() for server in servers] == [0, 0]


# A page without a shell example reads the same by `requests` and by curl.
READINGS = [(page, curl) for page in PAGES for curl in (False, True) if not curl or "curl " in str(page.examples)]


@pytest.mark.parametrize(
    ("page", "with_curl"), READINGS, ids=[f"{page.path.stem}-{curl}" for page, curl in READINGS]
)
def test_the_examples_print_what_their_page_says(opened: Opened, page: Page, with_curl: bool):
    """In order, since the examples of a page build on each other, and again on the same server."""
    reading = opened(page, with_curl)
    for time in (
        ("first", "second") if ADDRESS in str(page.examples) else ("first",)
    ):  # else each has its own server
        for number, example in enumerate(page.examples):
            printed = reading.run(example, with_curl)
            assert reading.agrees(example, printed), (time, number, example.text, printed)


@pytest.mark.parametrize(("page", "name"), SCENARIOS)
def test_a_scenario_is_sound_and_plays_as_it_expects(opened: Opened, page: Page, name: str):
    reading = opened(page, False)
    checked = run("validate", f"{name}.yaml", cwd=reading.folder)
    assert (checked.returncode, checked.stdout) == (0, f"{name}.yaml: ok\n")
    played = run("play", f"{name}.yaml", "--url", reading.url, cwd=reading.folder)
    assert played.returncode == 0, played.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
def test_a_page_is_whole(page: Page):
    """Every example is followed by its output, and stands in the page's own workspace, or on a server of its own."""
    assert page == INDEX or page.examples
    assert [example.text for example in page.examples if not example.expected] == []
    naming = re.compile(r"""(?:sbx_|X-Sandbox-Workspace(?:: |": "))([a-z0-9_-]+)""")
    named = {name for example in page.examples for name in naming.findall(example.text)}
    text = "".join(example.text for example in page.examples)
    own = ("offer_sandbox" in text or "offer-sandbox exec" in text) and not named
    assert page == INDEX or own or named == {page.path.stem}


@pytest.mark.parametrize(
    "page", [*PAGES, *WITHOUT_EXAMPLES, *(Page(FOLDER / name) for name in WORDS)], ids=lambda page: page.name
)
def test_every_link_leads_somewhere(page: Page):
    inside = [link for link in page.links if "://" not in link]
    assert page != INDEX or inside
    for link in inside:
        target, _, heading = link.partition("#")
        path = (page.path.parent / target).resolve() if target else page.path
        assert path.exists(), link
        assert not heading or heading in headings(Page(path)), link


def test_the_index_leads_to_every_page():
    assert {*WORDS, *(str(page.path.relative_to(FOLDER)) for page in PAGES)} - {"README.md"} <= set(INDEX.links)
    decisions = Page(FOLDER / "decisions" / "README.md")
    assert {page.path.name for page in WITHOUT_EXAMPLES} - {"README.md"} == set(decisions.links)


@pytest.mark.parametrize("provider", sorted(providers()))
def test_a_providers_page_names_its_operations(provider: str):
    text = (FOLDER / "providers" / f"{provider}.md").read_text()
    assert [each.name for each in providers()[provider].parts.operations if f"`{each.name}`" not in text] == []


def test_the_page_of_settings_has_all_of_them():
    text = (FOLDER / "settings.md").read_text()
    for name, provider in providers().items():
        for setting, values in provider.switches.items():
            spelled = ", ".join(f"`{json.dumps(value)}`" for value in values)
            assert f"| `{setting}` | {spelled} |" in text
        for setting in provider.progressions:
            assert f"| `{setting}` |" in text
        for setting in provider.limits:
            assert f"| `{setting}` |" in text
        if provider.contracts:
            assert f"| `{name}` | {', '.join(f'`{json.dumps(each)}`' for each in provider.contracts)}" in text


def test_addresses_with_a_question_mark_are_quoted():
    """Or zsh takes them for patterns."""
    shell = [example.text for page in PAGES for example in page.examples if example.language == "sh"]
    assert [text for text in shell if re.search(r"(?<!['\"])https?://[^\s'\"]*\?", text)] == []


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_picture_shows_what_the_commands_print():
    spec = importlib.util.spec_from_file_location("capture", FOLDER / "images" / "capture.py")
    assert spec is not None
    assert spec.loader is not None
    capture = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(capture)
    drawn = [
        html.unescape("".join(re.findall(r">([^<]*)<", row))) for row in capture.IMAGE.read_text().splitlines()
    ]
    shown = "".join("".join(drawn).replace("\xa0", " ").split())
    assert [line for line, _ in capture.lines() if "".join(line.split()) not in shown] == []


def test_commands_that_are_not_run_are_understood():
    """`serve` never ends by itself, so its lines are read by its own parser, as every indented command is."""
    lines = [
        line.strip() for page in PAGES for line in page.text.splitlines() if line.startswith("    offer-sandbox ")
    ]
    assert lines
    for line in lines:
        _, verb, *arguments = shlex.split(line, comments=True)
        import_module(f"offer_sandbox.cli.{verb}").command.make_context(verb, arguments)


def test_the_trace_of_a_call_names_what_is_there():
    rows = re.findall(
        r"^\| .+ \| (`.+?\.py`.*?) \| (`.+`) \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE
    )
    assert len(rows) > 10
    for files, functions in rows:
        code = "".join((PACKAGE / path).read_text() for path in re.findall("`(.+?)`", files))
        for name in re.findall(r"`(?:\w+\.)?(\w+)`", functions):
            assert re.search(rf"^ *(async def|def|class) {name}\b", code, re.MULTILINE), (files, name)


def headings(page: Page) -> set[str]:
    """The names by which a page's headings are linked to."""
    titles = re.findall(r"^#+ (.*)$", page.text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 _-]", "", title.lower()).replace(" ", "-") for title in titles}

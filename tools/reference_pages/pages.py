"""The pages of the reference by file name, and their beginnings, which are written by hand."""

from collections.abc import Mapping

from offer_sandbox.providers import providers
from reference_pages import common, fixtures, ledger, llms
from reference_pages.markdown import table
from reference_pages.providers import magic_values, page

BY_HAND = ("headers.md",)
FOLDER = ledger.ROOT / "docs" / "reference"
LLMS = ledger.ROOT / "llms.txt"
MARKER = "<!-- Everything below this line is made from the product: `make reference`. -->"
_TITLES = {
    "magic-values.md": "All magic values, with the operation at which each acts",
    "settings.md": "Settings of a workspace, with defaults",
    "flags.md": "Flags, variables and verbs",
    "control-api.md": "Calls of the control API",
    "headers.md": "Headers and query parameters of the sandbox itself",
    "problems.md": "Types of problem documents",
    "scenario-file.md": "Members of a scenario file",
    "fixtures.md": "Initial records, each with its id, state and what it is about",
    "proof.md": "Documented statements, each with the tests that hold it",
}


def texts() -> Mapping[str, str]:
    """Returns the content of every page. Raises FileNotFoundError if a page has no beginning."""
    made = {
        "magic-values.md": magic_values(),
        "settings.md": common.settings_of_workspaces(),
        "flags.md": common.flags(),
        "control-api.md": common.control_api(),
        "problems.md": common.problems(),
        "scenario-file.md": common.scenario_file(),
        "fixtures.md": fixtures.page(),
        "proof.md": common.proof(),
        "README.md": _index(),
        **{f"{name}.md": page(each) for name, each in providers().items()},
    }
    return {name: f"{_joined(name, text).rstrip()}\n" for name, text in made.items()}


def _joined(name: str, generated: str) -> str:
    """Returns a page with its own beginning."""
    beginning, mark, _ = (FOLDER / name).read_text().partition(MARKER)
    assert mark, f"{name} has no line {MARKER}"
    return f"{beginning}{MARKER}\n\n{generated}"


def _index() -> str:
    own = [
        (f"[{each.title}]({name}.md)", "Everything about this provider")
        for name, each in sorted(providers().items())
    ]
    rows = [*own, *((f"[{name.removesuffix('.md')}]({name})", title) for name, title in _TITLES.items())]
    return table(("Page", "What it has"), rows)


def write() -> None:
    """Writes every page, and `llms.txt`."""
    for name, text in texts().items():
        (FOLDER / name).write_text(text)
    LLMS.write_text(llms.text())


def stale() -> list[str]:
    """Returns the names of the pages that are not as they would be written, and of files that are no page."""
    current = texts()
    there = {each.name: each.read_text() for each in FOLDER.glob("*.md") if each.name not in BY_HAND}
    wrong = [name for name in {*current, *there} if current.get(name) != there.get(name)]
    return sorted([*wrong, *(["llms.txt"] if LLMS.read_text() != llms.text() else [])])

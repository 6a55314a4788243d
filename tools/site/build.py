"""Builds the site from the Markdown of the project into a folder. Broken links are errors."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
_TREES = (
    (
        "Begin",
        (
            "README",
            "docs/your-client",
            "docs/use-in-ci",
            "docs/in-your-tests",
            "docs/command-line",
            "docs/troubleshooting",
        ),
    ),
    (
        "Providers",
        tuple(f"docs/providers/{name}" for name in ("covent", "ebay", "estateprime", "opendoor", "sibi")),
    ),
    ("Reference", ("docs/reference/README",)),
    ("Project", ("CHANGELOG", "CONTRIBUTING", "SECURITY", "docs/decisions/README")),
)
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<link>[^)\s#]*)(?:#[^)\s]*)?\)")


def build(target: Path) -> int:
    """Builds the site into a folder. Returns Sphinx's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        shutil.copy(Path(__file__).with_name("conf.py"), source)
        shutil.copytree(ROOT / "docs", source / "docs")
        for name in _PAGES:
            shutil.copy(ROOT / name, source)
        shutil.copy(ROOT / "llms.txt", source)
        for page in source.rglob("*.md"):
            page.write_text(_within(page.read_text(), page.parent.relative_to(source)))
        (source / "index.md").write_text(_index(source))
        command = [
            sys.executable,
            "-m",
            "sphinx",
            "-q",
            "-W",
            "--keep-going",
            "-b",
            "html",
            str(source),
            str(target),
        ]
        code = subprocess.run(command, check=False).returncode
        if code == 0:
            shutil.copy(ROOT / "llms.txt", target)
        return code


def _within(text: str, folder: Path) -> str:
    """Returns a page without links to files that the site does not have: their text remains."""

    def kept(match: re.Match[str]) -> str:
        link = match["link"]
        if "://" in link or not link:
            return match[0]
        place = (ROOT / folder / link).resolve()
        name = place.relative_to(ROOT).as_posix() if place.is_file() and place.is_relative_to(ROOT) else ""
        return match[0] if name.startswith("docs/") or name in _PAGES else match["text"]

    return _LINK.sub(kept, text)


def _index(source: Path) -> str:
    """Returns the first page: the contents by subject. Every page is in one of its trees."""
    listed = {each for _, names in _TREES for each in names}
    guides = sorted(
        f"docs/{each.stem}" for each in (source / "docs").glob("*.md") if f"docs/{each.stem}" not in listed
    )
    below = {
        "Reference": sorted(f"docs/reference/{each.stem}" for each in (source / "docs/reference").glob("*.md")),
        "Project": sorted(f"docs/decisions/{each.stem}" for each in (source / "docs/decisions").glob("*.md")),
    }
    trees = [*_TREES[:2], ("Guides", tuple(guides)), *_TREES[2:]]
    parts = ["# Offer Sandbox\n\nA local server that replaces five offer APIs in development, tests and demos.\n"]
    for title, names in trees:
        every = dict.fromkeys([*names, *below.get(title, [])])
        parts.append(f"```{{toctree}}\n:caption: {title}\n:maxdepth: 1\n\n" + "\n".join(every) + "\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1]).resolve()))

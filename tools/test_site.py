"""The site: built without a warning, whole, with a search that works offline."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from published_tools import find
from running_server import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. A broken link would have been an error."""
    folder = tmp_path_factory.mktemp("site")
    python = Path(find("sphinx-build").path).with_name("python")
    done = subprocess.run(
        [python, ROOT / "tools/site/build.py", folder], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def test_every_page_is_there(site: Path):
    for page in (ROOT / "docs").rglob("*.md"):
        assert (site / page.relative_to(ROOT)).with_suffix(".html").exists()
    assert (site / "llms.txt").read_text() == (ROOT / "llms.txt").read_text()


def test_the_contents_lead_to_every_guide(site: Path):
    text = (site / "index.html").read_text()
    for page in (ROOT / "docs").glob("*.md"):
        assert f'href="docs/{page.stem}.html"' in text or page.name == "README.md"


def test_the_search_finds_words_of_the_pages(site: Path):
    index = json.loads(re.sub(r"^Search\.setIndex\(|\)$", "", (site / "searchindex.js").read_text()))
    for word, page in (("underwrit", "docs/providers/opendoor"), ("webhook", "docs/receive-webhooks")):
        places = [index[each].get(word, []) for each in ("terms", "titleterms")]
        numbers = {number for each in places for number in (each if isinstance(each, list) else [each])}
        assert page in [index["docnames"][number] for number in numbers]


def test_it_needs_no_other_host(site: Path):
    for page in site.rglob("*.html"):
        assert not re.findall(r'(?:src|href)="(?:https?:)?//[^"]+\.(?:js|css|woff2?)"', page.read_text()), page

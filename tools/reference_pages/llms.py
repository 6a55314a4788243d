"""The file `llms.txt`: the pages of the project with what each is for, for programs that read documentation."""

import re

from reference_pages import ledger

_ROW = re.compile(r"^\| (?P<task>[^|]+) \| \[[^\]]+\]\((?P<link>[^)]+)\) \|$", re.MULTILINE)
_WALK = re.compile(r"\[(?P<task>[^\]]+)\]\((?P<link>providers/[a-z]+\.md)\)")
_BEGINNING = """# Offer Sandbox

> A local server that replaces five offer APIs in development, tests and demos: Covent, Opendoor (GraphQL),
> eBay Negotiation, Sibi and EstatePrime. It answers their documented endpoints in each provider's own form,
> keeps state, has its own clock, and produces every documented outcome on request.

Start it with `offer-sandbox serve`. The credential `sbx_<workspace>` opens a workspace. The header
`X-Sandbox-Outcome` asks for an outcome, `offer-sandbox catalog --json` lists all of them, and `offer-sandbox why`
explains a call. The control API is below `/__admin`, described in `/__admin/openapi.json`. `offer-sandbox mcp`
offers the same as tools.
"""


def text() -> str:
    """Returns the content of `llms.txt`."""
    guides = (ledger.ROOT / "docs" / "README.md").read_text()
    reference = (ledger.ROOT / "docs" / "reference" / "README.md").read_text()
    pages = [("Guides", _lines(guides, _ROW, "docs/")), ("Providers", _lines(guides, _WALK, "docs/"))]
    rows = re.findall(r"^\| \[([^\]]+)\]\(([^)]+)\) \| ([^|]+) \|$", reference, re.MULTILINE)
    listed = "".join(f"- [{name}](docs/reference/{link}): {what}\n" for name, link, what in rows)
    return "\n".join(
        [_BEGINNING, *(f"## {title}\n\n{lines}" for title, lines in pages), f"## Reference\n\n{listed}"]
    )


def _lines(page: str, row: re.Pattern[str], folder: str) -> str:
    found = ((each["task"], each["link"]) for each in row.finditer(page))
    return "".join(f"- [{link.removesuffix('.md')}]({folder}{link}): {task}\n" for task, link in found)

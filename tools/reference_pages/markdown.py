"""Tables and lists of Markdown."""

from collections.abc import Iterable, Sequence


def code(text: object) -> str:
    """Returns text as code, or a dash for nothing."""
    shown = str(text).replace("|", "\\|").replace("\n", " ")
    fence = "``" if "`" in shown else "`"
    return f"{fence}{shown}{fence}" if shown else "-"


def cell(text: object) -> str:
    """Returns text for a cell of a table, on one line."""
    return " ".join(str(text).split()).replace("|", "\\|") or "-"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table, or a sentence if there are no rows. The cells are Markdown already."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return "None.\n"
    head = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
    return "\n".join([*head, *lines]) + "\n"


def section(title: str, *parts: str) -> str:
    """Returns a section of a page."""
    return "\n".join([f"## {title}\n", *(part.rstrip("\n") + "\n" for part in parts if part)])


def items(texts: Iterable[str]) -> str:
    """Returns a list."""
    return "".join(f"- {text}\n" for text in texts)

"""Prints the coverage of outcomes, and its gap beside a recording, as text, Markdown or JSON."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

FORMATS = ("text", "json", "markdown")
Document = dict[str, Any]


def report(document: Document, form: str) -> str:
    """Returns the coverage, as `GET /__admin/coverage` returns it, in one of FORMATS."""
    return _printed(document, form, _markdown if form == "markdown" else _text)


def gap_report(document: Document, form: str) -> str:
    """Returns the outcomes of a recording, as `recording.gap` returns them, in one of FORMATS."""
    return _printed(document, form, _gap_markdown if form == "markdown" else _gap_text)


def _printed(document: Document, form: str, lines: Callable[[Document], Iterator[str]]) -> str:
    if form == "json":
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return "".join(f"{line}\n" for line in lines(document))


def summary(document: Document) -> str:
    """Returns the numbers in one line."""
    operations = len(document["operations"])
    if not operations:
        return "no operation was called"
    subject = "the operation" if operations == 1 else f"the {operations} operations"
    return f"{share(document)} ({document['percent']:g} %) of {subject} that were called".replace(
        "operation that were", "operation that was"
    )


def shortfall(document: Document, minimum: float) -> str:
    """Returns the sentence about a coverage that is lower than the minimum, or an empty string."""
    percent = document["percent"]
    if percent >= minimum:
        return ""
    return f"{percent:g} % of the outcomes are covered, and at least {minimum:g} % are required"


def share(numbers: Document) -> str:
    """Returns the numbers of served outcomes and of all."""
    return f"{numbers['served']} of {numbers['total']} outcome{'' if numbers['total'] == 1 else 's'}"


def _text(document: Document) -> Iterator[str]:
    yield f"outcome coverage: {summary(document)}"
    width = max((len(each["operation"]) for each in document["operations"]), default=0)
    for operation in document["operations"]:
        yield f"{operation['operation']:<{width}}  {operation['served']} of {operation['total']}"
        for each in _missing(document, operation):
            yield f"    not covered: {name_of(each['id'])} ({each['status']}), {each['title']}"


def _markdown(document: Document) -> Iterator[str]:
    yield f"Outcome coverage: {summary(document)}"
    yield ""
    if not document["operations"]:
        return
    yield from ("| Operation | Covered | Outcomes | |", "|---|---|---|---|")
    for each in document["operations"]:
        yield f"| `{each['operation']}` | {each['served']} | {each['total']} | {each['percent']:g} % |"
    missing = [each for each in document["outcomes"] if not each["served"]]
    if missing:
        yield from ("", "| Not covered | Status | Meaning |", "|---|---|---|")
    for each in missing:
        yield f"| `{each['id']}` | {each['status']} | {cell(each['title'])} |"


def _gap_text(document: Document) -> Iterator[str]:
    yield from _gap_numbers(document)
    for each in document["outcomes"]:
        if not each["served"]:
            yield f"not covered: {each['id']} ({each['status']}), {_times(each)}"
            if each["scenario"]:
                yield f"    scenario: {each['scenario']}"
            yield f"    in a test: {each['test']}"
    for each in document["outcomes"]:
        if each["served"]:
            yield f"covered: {each['id']} ({each['status']}), {_times(each)}"


def _gap_numbers(document: Document) -> Iterator[str]:
    yield f"{document['file']}: {_responses(document['responses'])}"
    if document["unclear"]:
        yield f"{_responses(document['unclear'])} that several outcomes can have, because only the status fits"
    if document["unknown"]:
        yield f"{_responses(document['unknown'])} without a documented outcome"
    yield f"the tests cover {share(document)} in the recording"


def _gap_markdown(document: Document) -> Iterator[str]:
    for each in _gap_numbers(document):
        yield from (f"{each}.", "")
    if document["outcomes"]:
        yield from ("| Outcome | Status | Times | Covered | Test |", "|---|---|---|---|---|")
    for each in sorted(document["outcomes"], key=lambda each: bool(each["served"])):
        test = "" if each["served"] else f"`{cell(each['test'])}`"
        covered = "yes" if each["served"] else "no"
        yield f"| `{each['id']}` | {each['status']} | {each['times']} | {covered} | {test} |"


def _responses(number: int) -> str:
    return f"{number} response{'' if number == 1 else 's'}"


def _times(outcome: Document) -> str:
    return "once" if outcome["times"] == 1 else f"{outcome['times']} times"


def name_of(outcome: str) -> str:
    """Returns the last part of the id of an outcome."""
    return outcome.rpartition(".")[2]


def cell(text: str) -> str:
    """Returns a text for a cell of a table in Markdown."""
    return text.replace("|", r"\|")


def _missing(document: Document, operation: Document) -> Iterable[Document]:
    return (
        each for each in document["outcomes"] if not each["served"] and each["operation"] == operation["operation"]
    )

"""Checks that each `OFFER_SANDBOX_*` variable is known and that `serve` accepts its value."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from offer_sandbox import cli
from offer_sandbox.cli import background, serve
from offer_sandbox.cli.checks import Check, ok, warning, wrong
from offer_sandbox.cli.serve_flags import configuration
from offer_sandbox.configuration import settings
from offer_sandbox.environment import PREFIX, given, hidden, variable


def checks(flags: Mapping[str, Any]) -> Iterator[Check]:
    """Checks every variable that is set, for a server started with these flags."""
    names, known = given(), known_names()
    for name in names:
        if name not in known:
            yield warning(f"{PREFIX}{name}", "unknown variable", _meant(name, known))
    refused = dict(_refused(flags, [name for name in names if name in known]))
    for name, why in refused.items():
        yield wrong(f"{PREFIX}{name}", why, "set another value, or unset it")
    accepted = [f"{PREFIX}{name}" for name in names if name in known and name not in refused and variable(name)]
    if accepted:
        yield ok("variables", f"accepted: {', '.join(accepted)}")
    elif not any(map(variable, names)):
        yield ok("variables", f"no {PREFIX}* variable is set")


def known_names() -> set[str]:
    """Returns the names of the variables without the prefix. Some of them have no flag of `serve`."""
    from offer_sandbox.publish.export.pytest import VARIABLE
    from offer_sandbox.server import authority
    from offer_sandbox.testing.shared_server import ANNOUNCEMENT

    unflagged = {background.FOLDER, authority.VARIABLE, VARIABLE, ANNOUNCEMENT.removeprefix(PREFIX)}
    return {each.name.upper() for each in settings()} | unflagged


def _meant(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name.upper(), sorted(known), 1)
    return (
        f"did you mean {PREFIX}{near[0]}?"
        if near
        else "unset it (`offer-sandbox serve --help` lists the flags, and each has a variable)"
    )


def _refused(flags: Mapping[str, Any], names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yields each variable that prevents `serve` from starting, and the error it causes.

    `serve` reports one error at a time. The cause is the variable without which that error changes or disappears.
    """
    out: list[str] = []
    while (why := _refusal(flags, out)) is not None:
        found = next((name for name in names if name not in out and _refusal(flags, [*out, name]) != why), None)
        if found is None:
            return
        yield found, why
        out.append(found)


def _refusal(flags: Mapping[str, Any], without: Sequence[str]) -> str | None:
    with hidden(without):
        try:
            serve.options_of(configuration(dict(flags)))
        except cli.Misuse as error:
            return str(error)
    return None

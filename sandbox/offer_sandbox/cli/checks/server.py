"""How a running server fares, by what it says of itself; knows nothing of where it runs."""

import http.client
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any, NamedTuple

from offer_sandbox import __version__
from offer_sandbox.cli.checks import Check, ok, warning, wrong

_SECONDS = 5.0
_MAX_COUNT = 10_000_000
_FIGURE = re.compile(r"^offer_sandbox_(workspaces|store_errors_total) ([0-9.e+]+)$", re.MULTILINE)
_NO_SANDBOX = "is it a sandbox? --url is its address without a path"


class _Answer(NamedTuple):
    status: int
    text: str

    def member(self, name: str) -> str:
        """A member of a JSON object, nothing where there is none."""
        try:
            found: Any = json.loads(self.text)[name]
        except (ValueError, LookupError, TypeError):
            return ""
        return str(found)


class _Silence(Exception):
    """Nobody has answered; the message says why."""


def checks(url: str) -> Iterator[Check]:
    """Whether it answers and is of this version, whether it can work and what it has counted."""
    try:
        yield (alive := _health(_asked(url, "/health")))
        if alive.status != "wrong":
            yield _readiness(_asked(url, "/health/ready"))
            yield _metrics(_asked(url, "/metrics"))
    except _Silence as error:
        remedy = "start one there with `offer-sandbox serve`, or name another address with --url"
        yield wrong("server", f"{url} does not answer: {error}", remedy)


def _health(answer: _Answer) -> Check:
    version = answer.member("version")
    if answer.status != 200 or answer.member("status") != "ok" or not version:
        return wrong("server", f"/health answers {answer.status} and no version", _NO_SANDBOX)
    if version != __version__:
        remedy = f"look at it with the program of version {version}: this one may expect something else"
        return warning("server", f"it is of version {version}, this program of {__version__}", remedy)
    return ok("server", f"it is of version {version}, as this program")


def _readiness(answer: _Answer) -> Check:
    if answer.status == 200:
        return ok("readiness", "it can write its store")
    reason = answer.member("detail") or f"/health/ready answers {answer.status}"
    return wrong("readiness", f"it is not ready: {reason}", "look at its folder with --data; its log says more")


def _metrics(answer: _Answer) -> Check:
    figures = {name: float(value) for name, value in _FIGURE.findall(answer.text)}
    if answer.status != 200 or "store_errors_total" not in figures:
        return wrong("metrics", f"/metrics answers {answer.status} and no figures of a sandbox", _NO_SANDBOX)
    workspaces, failures = (f"{figures.get(name, 0):.0f}" for name in ("workspaces", "store_errors_total"))
    found = f"{workspaces} workspaces, {failures} failures of the store"
    return ok("metrics", found) if failures == "0" else warning("metrics", found, "its log says which")


def _asked(url: str, path: str) -> _Answer:
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}{path}", timeout=_SECONDS) as answer:  # noqa: S310 - http only
            return _Answer(answer.status, answer.read(_MAX_COUNT).decode(errors="replace"))
    except urllib.error.HTTPError as refusal:
        with refusal:
            return _Answer(refusal.code, refusal.read(_MAX_COUNT).decode(errors="replace"))
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise _Silence(getattr(reason, "strerror", None) or str(reason) or type(error).__name__) from None

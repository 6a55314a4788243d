"""Checks a running server by its responses to /health, /health/ready and /metrics."""

import http.client
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any, NamedTuple

from offer_sandbox import __version__
from offer_sandbox.cli.checks import Check, ok, warning, wrong
from offer_sandbox.cli.failed_call import reason

_SECONDS = 5.0
_MAX_COUNT = 10_000_000
_FIGURE = re.compile(r"^offer_sandbox_(workspaces|store_errors_total) ([0-9.e+]+)$", re.MULTILINE)
_NO_SANDBOX = "check that --url is the URL of a sandbox, without a path"


class _Answer(NamedTuple):
    status: int
    text: str

    def member(self, name: str) -> str:
        """Returns a member of the JSON object as text, or an empty string if there is none."""
        try:
            found: Any = json.loads(self.text)[name]
        except (ValueError, LookupError, TypeError):
            return ""
        return str(found)


class _Silence(Exception):
    """There was no response. The message is the reason."""


def checks(url: str) -> Iterator[Check]:
    """Checks the server's version, then its readiness and its metrics. Stops if the first check is wrong."""
    try:
        yield (alive := _health(_asked(url, "/health")))
        if alive.status != "wrong":
            yield _readiness(_asked(url, "/health/ready"))
            yield _metrics(_asked(url, "/metrics"))
    except _Silence as error:
        remedy = "start a server there with `offer-sandbox serve`, or choose another URL with --url"
        yield wrong("server", f"the request to {url} failed: {error}", remedy)


def _health(answer: _Answer) -> Check:
    version = answer.member("version")
    if answer.status != 200 or answer.member("status") != "ok" or not version:
        return wrong("server", f"/health returned {answer.status} without a sandbox's version", _NO_SANDBOX)
    if version != __version__:
        remedy = f"run doctor of version {version}, because this one may expect other responses"
        return warning("server", f"version {version}, but this program has version {__version__}", remedy)
    return ok("server", f"version {version}, same as this program")


def _readiness(answer: _Answer) -> Check:
    if answer.status == 200:
        return ok("readiness", "the server can write to its store")
    obstacle = answer.member("detail") or f"/health/ready returned {answer.status}"
    return wrong("readiness", f"the server is not ready: {obstacle}", "check its folder with --data, and its log")


def _metrics(answer: _Answer) -> Check:
    figures = {name: float(value) for name, value in _FIGURE.findall(answer.text)}
    if answer.status != 200 or "store_errors_total" not in figures:
        return wrong("metrics", f"/metrics returned {answer.status} without the metrics of a sandbox", _NO_SANDBOX)
    workspaces, failures = (f"{figures.get(name, 0):.0f}" for name in ("workspaces", "store_errors_total"))
    found = f"{workspaces} workspaces, {failures} store errors"
    return ok("metrics", found) if failures == "0" else warning("metrics", found, "see the errors in its log")


def _asked(url: str, path: str) -> _Answer:
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}{path}", timeout=_SECONDS) as answer:  # noqa: S310 - http only
            return _Answer(answer.status, answer.read(_MAX_COUNT).decode(errors="replace"))
    except urllib.error.HTTPError as refusal:
        with refusal:
            return _Answer(refusal.code, refusal.read(_MAX_COUNT).decode(errors="replace"))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _Silence(reason(error)) from None

"""Notices: warnings about input that was probably meant differently, such as a misspelt header of the sandbox."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache

from offer_sandbox.contract import INFRASTRUCTURE, Request
from offer_sandbox.rules.request_triggers import QUERY_TRIGGERS
from offer_sandbox.world.keys import suffix_of, workspace_of

_HEADERS = {
    name.lower(): name
    for name in ("X-Sandbox-Outcome", "X-Sandbox-Delay", "X-Sandbox-Fault", "X-Sandbox-Workspace")
}
_RESPONSE_HEADERS = frozenset(  # a client may send a recorded response's headers
    ("x-sandbox-request-id", "x-sandbox-trigger", "x-sandbox-reason", "x-sandbox-notice")
)
_SHOWN = 40  # characters of a value
_TOKEN = re.compile(r"[0-9a-f]{32,}|[a-z]+-[a-z0-9]{32}|v\^1#.*")  # the secret of a key, or an issued token
_UNSET = re.compile(
    r"undefined|null|none|nil|nan|\[object object\]|\$\{.*\}|\{\{.*\}\}|%[a-z_]+%|\$[a-z_][a-z0-9_]*|<[^>]*>",
    re.IGNORECASE,
)


def of_request(request: Request) -> tuple[str, ...]:
    """Returns the notices about the names of headers and query parameters."""
    found = [text for name in request.headers if name.startswith("x-s") and (text := _of_header(name))]
    found += [text for name, _ in request.query if name.startswith("_") and (text := _of_parameter(name))]
    return tuple(found)


def of_credential(authorization: str, names: tuple[str, ...], keyed: bool, workspace: str) -> tuple[str, ...]:
    """Returns the notices about a credential: a placeholder that was not replaced, and text after the dot of a key
    that has no meaning. `names` are the values that may be keys. `keyed` is whether the server issues keys."""
    placeholder = next(filter(None, (_of_value(value) for value in (*names, _value(authorization)))), "")
    if placeholder:
        return (f"{placeholder}. The call uses the workspace {workspace}",)
    return () if keyed else tuple(filter(None, map(_of_suffix, names)))


@lru_cache(maxsize=1024)
def _of_header(name: str) -> str:
    if name in _HEADERS or name in _RESPONSE_HEADERS:
        return ""
    nearest = get_close_matches(name, _HEADERS, 1, 0.8)
    if not nearest and not name.startswith("x-sandbox-"):
        return ""
    meant = (
        f" (did you mean {_HEADERS[nearest[0]]}?)"
        if nearest
        else f" (known headers: {', '.join(_HEADERS.values())})"
    )
    return f"the header {name[:_SHOWN]!r} has no effect{meant}"


@lru_cache(maxsize=1024)
def _of_parameter(name: str) -> str:
    nearest = get_close_matches(name, QUERY_TRIGGERS, 1, 0.7)
    if name in QUERY_TRIGGERS or not nearest:
        return ""
    return f"the query parameter {name[:_SHOWN]!r} has no effect (did you mean {nearest[0]}?)"


def _value(authorization: str) -> str:
    """Returns the part of an Authorization header after its scheme."""
    return authorization.partition(" ")[2].strip()


def _of_value(value: str) -> str:
    """Returns the notice about a value that looks like a placeholder, or an empty string."""
    shown = f"the credential {value[:_SHOWN]!r}"
    if value and _UNSET.fullmatch(value):
        return f"{shown} looks like a variable that was not set"
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return f"{shown} is in quotation marks"
    if value.lower().startswith(("bearer ", "basic ")):
        return f"{shown} has its scheme twice"
    return ""


def _of_suffix(name: str) -> str:
    """Returns the notice about the text after the dot of a key if it is neither a magic word nor a secret."""
    suffix, workspace = suffix_of(name), workspace_of(name)
    words = [each for each in suffix.split(".") if each]
    if not words or words[-1] in INFRASTRUCTURE or any(map(_TOKEN.fullmatch, words)) or _TOKEN.fullmatch(suffix):
        return ""
    nearest = get_close_matches(words[-1], INFRASTRUCTURE, 1, 0.7)
    meant = f" (did you mean {nearest[0]}?)" if nearest else ""
    return f"the workspace is {workspace}, and {suffix[:_SHOWN]!r} after the dot has no meaning{meant}"


def notices(request: Request, of_identity: tuple[str, ...], of_result: tuple[str, ...] = ()) -> Iterator[str]:
    """Yields every notice about a call, each once."""
    yield from dict.fromkeys((*of_identity, *of_request(request), *of_result))

"""The redaction of what a trace file holds beside the journal, which has no secrets already."""

import re
from functools import cache
from typing import Any

from offer_sandbox.exchange.live_keys import LiveKeys
from offer_sandbox.exchange.redaction import header_without_secret, path_without_secrets, without_secrets
from offer_sandbox.exchange.secret_names import REDACTED, secret_name, speaks_secret
from offer_sandbox.providers import providers
from offer_sandbox.world.json_codec import dump, load

_MAX_LINES, _MAX_LINE = 40, 400
_HARMLESS = "AssertionError"  # its name has the word assertion, as credentials of OAuth do
_QUOTES = ("'", '"')
_SCHEMES = ("bearer", "basic")
_LAST_WORD = re.compile(r"([\w-]+)(?:\s+(?:is|was|are))?[\s:=('\"]*$")
_OPEN_ENDS = (":", "=", "(", "[", "{", ",")  # a value may follow in the next line


def value_without_secrets(value: Any) -> Any:
    """Returns a JSON value without secrets, whether their names or their forms tell them."""
    return load(_live_keys().without_in_json(dump(without_secrets(value))))


def path_without_credentials(path: str) -> str:
    """Returns a path without secrets."""
    return _live_keys().without(path_without_secrets(path))


def id_without_secrets(test: str) -> str:
    """Returns the id of a test. Its names stay, and its parameters in brackets lose their secrets."""
    names, bracket, parameters = test.partition("[")
    end = "]" if parameters.endswith("]") else ""
    return names + bracket + text_without_secrets(parameters.removesuffix(end)) + end


def text_without_secrets(text: str) -> str:
    """Returns the first lines of a text. A line that names a secret is redacted, and so are the next ones if the
    value may be there."""
    shown, awaited = [], False
    for line in text.encode("utf-8", "replace").decode().splitlines()[:_MAX_LINES]:
        telling = line.replace(_HARMLESS, "")
        clean = REDACTED if awaited else _live_keys().without(header_without_secret("", telling))
        shown.append((line if clean == telling else clean)[:_MAX_LINE])
        awaited = _awaits_value(telling) or (awaited and telling.strip()[-1:] in _QUOTES)
    return "\n".join(shown)


def _awaits_value(line: str) -> bool:
    """Returns whether a line ends with the name of a secret, whose value may be in the next line."""
    if speaks_secret(line) and line.rstrip().endswith(_OPEN_ENDS):
        return True
    last = _LAST_WORD.search(line)
    return last is not None and (secret_name(last[1]) or last[1].lower() in _SCHEMES)


@cache
def _live_keys() -> LiveKeys:
    return LiveKeys.of(providers().values())

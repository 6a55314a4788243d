"""Recognizes credentials by the names of their fields, headers and parameters."""

import re
from functools import lru_cache

REDACTED = "(redacted)"
_WORDS = frozenset(
    (
        "assertion",
        "auth",
        "authorization",
        "bearer",
        "cookie",
        "credential",
        "credentials",
        "jwt",
        "key",
        "passphrase",
        "passwd",
        "password",
        "pwd",
        "secret",
        "session",
        "signature",
        "token",
    )
)
_ENDINGS = (
    "accesskey",
    "apikey",
    "authkey",
    "credential",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "secretkey",
    "sessid",
    "sessionid",
    "sessionkey",
    "signature",
    "signingkey",
    "token",
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_HINTS = (*sorted(_WORDS), "sessid")
_MAX_NAME, _MAX_LOOKS = 60, 5_000
_NAME = re.compile(r"[A-Za-z0-9_.-]{0,60}")
_DELIMITER = re.compile(r"[\"'\\]{0,4}\s{0,8}[:=>\"']")


def hints(text: str) -> bool:
    """Returns whether a text may contain a name of a credential. Quick, and True for some texts without one."""
    lowered = text.lower()
    return any(hint in lowered for hint in _HINTS)  # much faster than one expression for all


@lru_cache(maxsize=4096)
def secret_name(name: str) -> bool:
    """Returns whether a field or parameter with this name is a credential. Its name then contains a word such as
    `key` or `password`, in any case style (`apiKey`, `API_KEY`, `x-api-key`), or ends with one (`apikey`)."""
    words = [word.lower() for word in _WORD.findall(name)]
    return any(word in _WORDS or word.endswith(_ENDINGS) for word in words) or "".join(words).endswith(_ENDINGS)


@lru_cache(maxsize=4096)
def secret_header(name: str) -> bool:
    """Returns whether a header with this name is a credential. Its case style may be lost, so that the word can be
    anywhere in the name."""
    plain = name.lower().replace("-", "").replace("_", "")
    return any(word in plain for word in _WORDS)


def speaks_secret(text: str) -> bool:
    """Returns whether a text of any format spells out the name of a credential, followed by `:`, `=`, a quotation
    mark or the end of a tag. Also True for a text with thousands of similar names."""
    lowered, looks = text.lower(), 0
    for hint in _HINTS:
        end = 0
        while (place := lowered.find(hint, end)) >= 0:
            name, end = _name_around(text, place)
            if _DELIMITER.match(text, end) and secret_name(name):
                return True
            end = max(end, place + 1)
            looks += 1
            if looks > _MAX_LOOKS:
                return True
    return False


def _name_around(text: str, place: int) -> tuple[str, int]:
    """Returns the name that has a place of the text, and where it ends."""
    before = _NAME.match(text[max(0, place - _MAX_NAME) : place][::-1])
    after = _NAME.match(text, place)
    assert before is not None
    assert after is not None
    return before[0][::-1] + after[0], after.end()

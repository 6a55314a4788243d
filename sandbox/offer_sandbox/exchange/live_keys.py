"""Finds issued keys and real credentials wherever they are, and however they are encoded."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from offer_sandbox.contract import Provider
from offer_sandbox.exchange.readings import Readings
from offer_sandbox.exchange.secret_names import REDACTED, speaks_secret
from offer_sandbox.world.json_codec import dump, load
from offer_sandbox.world.keys import without_keys

_SHORTEST = 12  # characters, also in base64
_JWT = r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\."
_PLAIN = re.compile(r"(?:[A-Za-z0-9_#-]|\\[^A-Za-z0-9])*")
_DONE = re.compile(rf"[A-Za-z0-9_.-]{{1,60}}[\"'\\]*\s?[:=]\s?[\"'\\]*{re.escape(REDACTED)}")
_SIGNS = (b"sbx_", b"%", b"&", rb"\\u", rb"\\x", rb"\u0000")
_RUN = re.compile(rb"[A-Za-z0-9+/_-]{28,}")


class LiveKeys:
    """The credentials that open something: keys and tokens that a server has issued, and real ones of a provider,
    which `patterns` find."""

    def __init__(self, patterns: Sequence[str]) -> None:
        # one by one: an expression that begins with a letter is found much faster than one of several
        self._patterns = [re.compile(each) for each in (*patterns, _JWT)]
        self._raw_patterns = [re.compile(each.encode()) for each in (*patterns, _JWT)]
        self._readings = Readings(["sbx_", *map(_beginning, patterns)])
        self._remembered = lru_cache(maxsize=256)(self._is_real)

    @classmethod
    def of(cls, providers: Iterable[Provider]) -> "LiveKeys":
        """Returns the live keys of these providers."""
        return cls([pattern for provider in providers for pattern in provider.live_keys])

    def is_real(self, credential: str) -> bool:
        """Returns whether a credential is a real one of a provider, also in base64 or escapes. The latest results
        are cached."""
        return self._remembered(credential)

    def _is_real(self, text: str) -> bool:
        real = self._patterns[:-1]
        return any(each.search(reading) for reading in self._readings.of(text) for each in real)

    def without_in_json(self, printed: bytes) -> bytes:
        """Returns JSON without these credentials. An issued key in plain text loses its secret. A text with any
        other one, or with one in base64, escapes, gzip or UTF-16, is redacted."""
        return dump(self._without(load(printed))) if self._may_have_some(printed) else printed

    def _may_have_some(self, printed: bytes) -> bool:
        """Returns whether JSON may have a credential. Quick, and True for some JSON without one."""
        return (
            any(sign in printed for sign in _SIGNS)
            or any(each.search(printed) for each in self._raw_patterns)
            or any(found != found.lower() for found in _RUN.findall(printed))
        )

    def _without(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.without(value) if len(value) >= _SHORTEST else value
        if isinstance(value, dict):
            return {name: self._without(item) for name, item in value.items()}
        return [self._without(item) for item in value] if isinstance(value, list) else value

    def without(self, text: str) -> str:
        """Returns a text without these credentials."""
        found = self._readings.of(text)
        plain = without_keys(next(found))
        if any(each.search(plain) for each in self._patterns) or any(map(self._opens, found)):
            return REDACTED
        return plain

    def _opens(self, text: str) -> bool:
        found = any(each.search(text) for each in self._patterns)
        return found or without_keys(text) != text or speaks_secret(_DONE.sub("", text))


def _beginning(pattern: str) -> str:
    """Returns the plain characters with which a pattern begins."""
    found = _PLAIN.match(pattern)
    return found[0].replace("\\", "") if found else ""

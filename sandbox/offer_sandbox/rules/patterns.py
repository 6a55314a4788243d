"""Compiles the patterns of rules, which match in linear time."""

from functools import lru_cache
from typing import Any, NamedTuple

import jsonschema_rs

_SIZES = tuple(1 << power for power in range(9, 19))  # bytes. `(a{1000}){1000}` is rejected immediately
_CACHE_BYTES = 1 << 18  # of each pattern's automaton, which grows while it matches


class Pattern(NamedTuple):
    """A compiled pattern. `size` limits the bytes of its program, and therefore the work for a byte of text."""

    size: int
    validator: Any

    def found_in(self, text: str) -> bool:
        """Returns whether the text contains the pattern."""
        return bool(self.validator.is_valid(text))


class PatternError(ValueError):
    """A pattern that is malformed, too large, or could take more than linear time to match."""


@lru_cache(maxsize=1024)
def pattern(text: str) -> Pattern:
    """Compiles a pattern that matches in linear time. Raises PatternError for any other (back-references,
    look-around)."""
    for size in _SIZES:
        options = jsonschema_rs.RegexOptions(size_limit=size, dfa_size_limit=_CACHE_BYTES)
        try:
            return Pattern(
                size, jsonschema_rs.validator_for({"type": "string", "pattern": text}, pattern_options=options)
            )
        except (jsonschema_rs.ValidationError, ValueError):  # too large for this size, or malformed
            continue
    raise PatternError(
        f"the pattern {text[:80]!r} is malformed or too large, or it needs more than linear time"
        " (as back-references and look-around do)"
    )

"""Compiles the patterns of rules, which match in linear time."""

from functools import lru_cache
from typing import Any

import jsonschema_rs

_MAX_PROGRAM_BYTES = 1 << 18  # bytes of a compiled pattern. `(a{1000}){1000}` is rejected immediately


class PatternError(ValueError):
    """A pattern that is malformed, too large, or could take more than linear time to match."""


@lru_cache(maxsize=1024)
def pattern(text: str) -> Any:
    """Compiles a pattern that matches in linear time. Raises PatternError for any other (back-references,
    look-around)."""
    options = jsonschema_rs.RegexOptions(size_limit=_MAX_PROGRAM_BYTES)
    try:
        return jsonschema_rs.validator_for({"type": "string", "pattern": text}, pattern_options=options)
    except (jsonschema_rs.ValidationError, ValueError):
        raise PatternError(
            f"the pattern {text[:80]!r} is malformed or too large, or it needs more than linear time"
            " (as back-references and look-around do)"
        ) from None

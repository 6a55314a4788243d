"""The limit on the work that the conditions of rules may cost one call."""

PATTERN_LIMIT = 1 << 25  # for one pattern and one text, about 5 ms at worst
CALL_LIMIT = 1 << 29  # for all conditions of a call, about 0.1 s at worst
VALUE = 4_096  # for one value to compare, which takes half a microsecond
COMPILED_BYTE = 128  # for each byte of a pattern to compile


class TooMuchWork(Exception):
    """A condition would cost too much, so that it does not hold. The message gives the reason in one sentence."""


class MatchBudget:
    """The work that is left for the conditions of one call.

    The unit is one byte of a compiled pattern and one byte of text, which takes about 0.15 ns at worst.
    """

    def __init__(self, units: int = CALL_LIMIT) -> None:
        self._left = units

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return self._left <= 0

    def spend_on_values(self, number: int) -> None:
        """Takes the work for this many values to compare. Raises TooMuchWork."""
        self._spend(number * VALUE)

    def spend_on_pattern(self, size: int, text: str) -> None:
        """Takes the work for matching a text with a pattern of this size in bytes. Raises TooMuchWork."""
        length = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        if size * length > PATTERN_LIMIT:
            raise TooMuchWork(
                f"is too long for this pattern ({length} bytes, and the limit is {PATTERN_LIMIT // size})"
            )
        self._spend(size * length)

    def spend_on_compilation(self, size: int) -> None:
        """Takes the work for compiling a pattern of this size in bytes. Raises TooMuchWork."""
        self._spend(size * COMPILED_BYTE)

    def _spend(self, units: int) -> None:
        if self._left > 0:
            self._left -= units
        if self._left <= 0:
            raise TooMuchWork(
                "was not compared, because the conditions of the rules are too much work for one call"
            )

"""When cyclic garbage is looked for: often and little at a time, since each look is a pause for every client.

Python looks whenever there are so many more objects than before. Once the journal is full there are no more, so
that the young objects become hundreds of thousands, and the next look takes a tenth of a second.
"""

import gc

_CALLS = 1_000
_BYTES = 4 * 1024 * 1024
_LOOKS = 200  # until what has been set aside is looked at too


class Garbage:
    """Counts what requests leave behind."""

    def __init__(self) -> None:
        self._calls = 0
        self._bytes = 0
        self._looks = 0

    def add(self, size: int) -> bool:
        """Counts a call with so many bytes of body (a refused one lives on in the cycles of its refusal, whatever
        its size). Whether it is time to look."""
        self._calls += 1
        self._bytes += size
        if self._calls < _CALLS and self._bytes <= _BYTES:
            return False
        self._calls = self._bytes = 0
        return True

    def collect(self) -> None:
        """Looks at what is new, and sets aside what lives: later looks pass over it."""
        self._looks += 1
        if self._looks > _LOOKS:
            self._looks = 0
            gc.unfreeze()
        gc.collect()
        gc.freeze()

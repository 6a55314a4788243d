"""Collects cyclic garbage often and in small amounts, because each collection pauses every client.

Python collects when the number of objects has grown by a certain amount. Once the journal is full, that number no
longer grows and Python collects too rarely. Hundreds of thousands of young objects accumulate, and the next
collection takes a tenth of a second.
"""

import gc

_CALLS = 1_000
_BYTES = 4 * 1024 * 1024
_LOOKS = 200  # collections until the objects that were set aside are included again


class Garbage:
    """Counts calls and their bytes to decide when to collect."""

    def __init__(self) -> None:
        self._calls = 0
        self._bytes = 0
        self._looks = 0

    def add(self, size: int) -> bool:
        """Counts a call with a body of `size` bytes. Returns whether it is time to collect.

        The reference cycles of a refusal keep the refused body in memory, however large it is.
        """
        self._calls += 1
        self._bytes += size
        if self._calls < _CALLS and self._bytes <= _BYTES:
            return False
        self._calls = self._bytes = 0
        return True

    def collect(self) -> None:
        """Collects the new garbage and sets aside the remaining objects, so that later collections skip them."""
        self._looks += 1
        if self._looks > _LOOKS:
            self._looks = 0
            gc.unfreeze()
        gc.collect()
        gc.freeze()

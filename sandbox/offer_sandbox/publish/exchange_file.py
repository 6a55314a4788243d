"""A file with all exchanges of a server, one JSON object per line, which no call of the control API shortens."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from offer_sandbox.exchange.journal_entry import CallRecord
from offer_sandbox.world.json_codec import dump

log = logging.getLogger("offer_sandbox")


class ExchangeFile:
    """Appends each exchange to a file, as the journal has it. Several processes can use the file."""

    def __init__(self, path: Path, written: Callable[[bytes], bytes]) -> None:
        """Takes the file, and a function that returns a printed entry without live keys."""
        self._path = path
        self._written = written
        self._failed = False

    def __call__(self, record: CallRecord) -> None:
        """Appends an exchange. A failure is logged once, and the exchange goes on."""
        try:
            with self._path.open("ab", buffering=0) as stream:
                stream.write(self._written(dump(record.entry())) + b"\n")
        except OSError as error:
            if not self._failed:
                self._failed = True
                log.error("the exchanges cannot be written to %s: %s", self._path, error.strerror or error)


def exchanges_in(path: Path) -> Iterator[dict[str, Any]]:
    """Yields the exchanges of a file, in the order in which they ended."""
    with path.open("rb") as stream:
        yield from map(json.loads, stream)

"""How many file descriptors a process may have, and so how many connections."""

import math
from contextlib import suppress

MOST_CONNECTIONS = 10_000
_KEPT_FREE = 64  # for the store, log, webhooks and files
_RESERVED = 16  # of these for the store and for files that a call opens
_LEAST = 8  # connections that a process with a very low limit takes all the same


def limits() -> tuple[float, float] | None:
    """How many the process may have now, and how far it may raise that itself, infinite where nothing bounds it;
    None on systems without such limits (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    soft, hard = (
        math.inf if each == resource.RLIM_INFINITY else each for each in resource.getrlimit(resource.RLIMIT_NOFILE)
    )
    return soft, hard


def raise_limit() -> None:
    """Raises the process's limit as far as the system lets it."""
    with suppress(ImportError, ValueError, OSError):  # macOS has a lower one that it does not tell
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != hard:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def most_connections() -> int:
    """How many connections the process accepts where nobody says how many."""
    return int(max(min(_soft() - _KEPT_FREE, MOST_CONNECTIONS), _LEAST))


def lowest_reserved(lowest_free: int) -> float:
    """The lowest number that no connection's descriptor should have, infinite where the system does not number
    them from 0 on."""
    return max(_soft() - _RESERVED, lowest_free + _LEAST)


def _soft() -> float:
    found = limits()
    return math.inf if found is None else found[0]

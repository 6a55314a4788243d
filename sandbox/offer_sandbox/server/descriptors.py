"""The limits on the file descriptors of a process, and so on its connections."""

import math
from contextlib import suppress

MOST_CONNECTIONS = 10_000
_KEPT_FREE = 64  # descriptors for the store, log, webhooks and files
_RESERVED = 16  # of these, descriptors for the store and for files that a call opens
_LEAST = 8  # connections that a process accepts even with a very low limit


def limits() -> tuple[float, float] | None:
    """Returns the current limit of the process and the highest limit that it may set itself.

    A limit is infinite if there is no bound. Returns None on systems without such limits (Windows).
    """
    try:
        import resource
    except ImportError:
        return None
    soft, hard = (
        math.inf if each == resource.RLIM_INFINITY else each for each in resource.getrlimit(resource.RLIMIT_NOFILE)
    )
    return soft, hard


def raise_limit() -> None:
    """Raises the limit of the process as far as the system allows."""
    with suppress(ImportError, ValueError, OSError):  # macOS has a lower limit that it does not report
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != hard:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def most_connections() -> int:
    """Returns the default for the number of connections that the process accepts."""
    return int(max(min(_soft() - _KEPT_FREE, MOST_CONNECTIONS), _LEAST))


def lowest_reserved(lowest_free: int) -> float:
    """Returns the lowest descriptor number that is reserved and that no connection should have.

    It is infinite if the system does not number descriptors from 0.
    """
    return max(_soft() - _RESERVED, lowest_free + _LEAST)


def _soft() -> float:
    found = limits()
    return math.inf if found is None else found[0]

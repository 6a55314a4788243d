"""How many file descriptors a process may have, and so how many connections."""

MOST_CONNECTIONS = 10_000
_KEPT_FREE = 64  # for the store, log, webhooks and files
_LEAST = 8


def raise_limit() -> int | None:
    """Raises the process's limit as far as the system lets it; what it is then, None where there is none."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
        except (ValueError, OSError):  # macOS has a lower one that it does not tell
            pass
    return None if soft == resource.RLIM_INFINITY else soft


def most_connections(limit: int | None) -> int:
    """How many connections a process with so many descriptors accepts where nobody says how many."""
    return MOST_CONNECTIONS if limit is None else max(min(limit - _KEPT_FREE, MOST_CONNECTIONS), _LEAST)

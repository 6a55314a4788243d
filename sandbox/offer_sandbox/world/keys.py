"""Sandbox keys, `sbx_<workspace>` with an optional `.` and anything; the one place that knows their form."""

import re

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_KEY = re.compile(rf"sbx_({_NAME.pattern})(?:\.(.*))?", re.DOTALL)


def valid_name(name: str) -> bool:
    """Whether a workspace may have that name."""
    return bool(_NAME.fullmatch(name))


def workspace_of(key: str) -> str | None:
    """The workspace that a key names, None for anything that is no sandbox key."""
    fit = _KEY.fullmatch(key)
    return fit.group(1) if fit else None


def last_word(key: str) -> str:
    """What stands after the last dot of a sandbox key, empty without one."""
    fit = _KEY.fullmatch(key)
    return (fit.group(2) or "").rpartition(".")[2] if fit else ""


def pretends(key: str) -> bool:
    """Whether a text begins like a sandbox key and is none."""
    return key[:3].lower() == "sbx" and not _KEY.fullmatch(key)

"""Sandbox keys, `sbx_<workspace>` with an optional `.` and anything; the one place that knows their form."""

import hashlib
import hmac
import re

from offer_sandbox.world.rng import hex_secret

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_ISSUED = re.compile(rf"(sbx_{NAME.pattern}\.)(?:[0-9a-f]{{40}}|[a-z]{{1,20}}-[a-z0-9]{{32}})")
_KEY = re.compile(rf"sbx_({NAME.pattern})(?:\.(.*))?", re.DOTALL)


def valid_name(name: str) -> bool:
    """Whether a workspace may have that name."""
    return bool(NAME.fullmatch(name))


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


def without_keys(text: str) -> str:
    """A text without the secrets of keys that were issued and of tokens that were minted, wherever they stand."""
    return _ISSUED.sub(r"\1(redacted)", text) if "sbx_" in text else text


def issue(name: str) -> str:
    """A new key to a workspace, `sbx_<workspace>.<secret>`; a dot and a word may be added to it."""
    return f"sbx_{name}.{hex_secret()}"


def fingerprint(key: str) -> bytes:
    """The SHA-256 of a key as it was issued, without what was added to it: all that is kept of one."""
    fit = _KEY.fullmatch(key)
    name, rest = (fit.group(1), fit.group(2) or "") if fit else ("", "")
    return hashlib.sha256(f"sbx_{name}.{rest.partition('.')[0]}".encode()).digest()


def opens(key: str, stored: bytes | None) -> bool:
    """Whether a key is the one whose fingerprint was kept; it takes as long to say yes as to say no."""
    same = hmac.compare_digest(fingerprint(key), stored or bytes(32))
    return same and stored is not None

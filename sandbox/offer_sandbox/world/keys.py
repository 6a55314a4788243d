"""The format of sandbox keys: `sbx_<workspace>`, optionally followed by `.` and any text. Defined only here."""

import hashlib
import hmac
import re

from offer_sandbox.world.rng import hex_secret

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
# the beginning of a secret is enough, because a text may have been cut
_ISSUED = re.compile(
    rf"(sbx_{NAME.pattern}\.)(?:[0-9a-f]{{16,40}}|[a-z]{{1,20}}-[a-z0-9]{{12,32}}|v\^1#[A-Za-z0-9+/=^#._-]{{12,}})"
)
_KEY = re.compile(rf"sbx_({NAME.pattern})(?:\.(.*))?", re.DOTALL)


def valid_name(name: str) -> bool:
    """Returns whether a workspace may have this name."""
    return bool(NAME.fullmatch(name))


def workspace_of(key: str) -> str | None:
    """Returns the workspace that a key names, or None if the text is not a sandbox key."""
    fit = _KEY.fullmatch(key)
    return fit.group(1) if fit else None


def suffix_of(key: str) -> str:
    """Returns the text after the first dot of a sandbox key, or an empty string without one."""
    fit = _KEY.fullmatch(key)
    return (fit.group(2) or "") if fit else ""


def last_word(key: str) -> str:
    """Returns the text after the last dot of a sandbox key, or an empty string without a dot."""
    return suffix_of(key).rpartition(".")[2]


def pretends(key: str) -> bool:
    """Returns whether a text starts like a sandbox key but is not one."""
    return key[:3].lower() == "sbx" and not _KEY.fullmatch(key)


def without_keys(text: str) -> str:
    """Returns a text in which the secrets of all issued keys and minted tokens are redacted."""
    return _ISSUED.sub(r"\1(redacted)", text) if "sbx_" in text else text


def issue(name: str) -> str:
    """Returns a new key for a workspace, `sbx_<workspace>.<secret>`. Clients may append a dot and a suffix."""
    return f"sbx_{name}.{hex_secret()}"


def fingerprint(key: str) -> bytes:
    """Returns the SHA-256 of a key as issued, without an appended suffix. Only this hash of a key is stored."""
    fit = _KEY.fullmatch(key)
    name, rest = (fit.group(1), fit.group(2) or "") if fit else ("", "")
    return hashlib.sha256(f"sbx_{name}.{rest.partition('.')[0]}".encode()).digest()


def opens(key: str, stored: bytes | None) -> bool:
    """Returns whether a key has the stored fingerprint. Takes equally long for a match and a mismatch."""
    same = hmac.compare_digest(fingerprint(key), stored or bytes(32))
    return same and stored is not None

"""The redaction of credentials in requests, which are recognized by their names."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

from offer_sandbox.world.json_codec import DocumentError, dump, parse

REDACTED = "(redacted)"
_NAMES = (
    "accesstoken",
    "apikey",
    "assertion",
    "authorization",
    "clientsecret",
    "idtoken",
    "passwd",
    "password",
    "refreshtoken",
    "secret",
    "token",
)
_PARTS_OF_HEADERS = ("apikey", "authorization", "cookie", "credential", "password", "secret", "token")
_HINTS = ("token", "key", "assertion", "secret", "passw")  # each name in _SPOKEN contains one of these
_SPOKEN = re.compile(
    r"(access_?token|api_?key|assertion|client_?secret|id_?token|passwd|password|refresh_?token)\\?[\"']?\s*[:=]",
    re.IGNORECASE,
)


def secret_name(name: str) -> bool:
    """Returns whether a query parameter, form field or JSON key with this name is a credential."""
    return _plain(name) in _NAMES


def secret_header(name: str) -> bool:
    """Returns whether a header with this name is a credential."""
    plain = _plain(name)
    return any(part in plain for part in _PARTS_OF_HEADERS)


def headers_without_secrets(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Returns the headers without credentials."""
    return {name: header_without_secret(name, value) for name, value in headers}


def header_without_secret(name: str, value: str) -> str:
    """Returns a header's value without credentials. A Referer keeps only its URL without user, query and
    fragment."""
    if secret_header(name):
        return REDACTED
    if name.lower() != "referer":
        return value
    page = re.split(r"[?#]", value)[0]
    return re.sub(r"//[^/@]*@", "//", page) + ("" if page == value else f"?{REDACTED}")


def target_without_secrets(target: str, every: bool = False) -> str:
    """Returns a request target without the values of secret query parameters, or of all parameters if `every` is
    set. The user of an absolute URL is removed too."""
    address, mark, query = target.partition("?")
    if not address.startswith("/"):
        address = re.sub(r"^([a-z]+://)[^/@]*@", r"\1", address, flags=re.IGNORECASE)
    return address + mark + "&".join(_argument_without_secret(each, every) for each in query.split("&"))


def _argument_without_secret(argument: str, hidden: bool) -> str:
    name, mark, _ = argument.partition("=")
    return f"{name}={REDACTED}" if mark and (hidden or secret_name(unquote_plus(name))) else argument


def body_without_secrets(text: str, parsed: Callable[[], Any] | None = None) -> str:
    """Returns a body without credentials. In JSON and forms, the values with secret names are redacted. Any other
    text that mentions a secret name is redacted completely. `parsed` returns the JSON value if it is already
    known, or raises DocumentError."""
    if not _speaks(text) and "\\u" not in text and "%" not in text and not _mentions(text):
        return text
    try:
        value = parse(text) if parsed is None else parsed()
    except DocumentError:
        return _form_without_secrets(text)
    clean = without_secrets(value)
    return text if clean == value else dump(clean).decode()


def without_secrets(value: Any) -> Any:
    """Returns a JSON value without secrets. A value is secret by its name, or if it is a text that spells out a
    secret name."""
    if isinstance(value, dict):
        return {name: REDACTED if secret_name(name) else without_secrets(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return REDACTED if isinstance(value, str) and _speaks(value) else value


def _form_without_secrets(text: str) -> str:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        pairs = []
    if not pairs:
        return REDACTED if _speaks(text) or _mentions(text) else text
    if not any(secret_name(name) or _speaks(value) for name, value in pairs):
        return REDACTED if "\n" in text and (_speaks(text) or _mentions(text)) else text
    return urlencode([(name, REDACTED if secret_name(name) else without_secrets(value)) for name, value in pairs])


def _speaks(text: str) -> bool:
    """Returns whether a text spells out a secret name followed by `:` or `=`. Most texts do not, and a search for
    fragments of the names detects that much faster."""
    lowered = text.lower()
    return any(hint in lowered for hint in _HINTS) and bool(_SPOKEN.search(text))


def _mentions(text: str) -> bool:
    """Returns whether a text contains `secret`, `token`, `authorization` or `passw` after a quotation mark or a
    form separator."""
    return bool(re.search(r"[\"'=&?](secret|token|authorization|passw)", text, re.IGNORECASE))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())

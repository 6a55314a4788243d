"""What of a request nobody is to be told, by the names that credentials have; keeps nothing."""

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
_HINTS = ("token", "key", "assertion", "secret", "passw")  # each name of _SPOKEN has one of them
_SPOKEN = re.compile(
    r"(access_?token|api_?key|assertion|client_?secret|id_?token|passwd|password|refresh_?token)\\?[\"']?\s*[:=]",
    re.IGNORECASE,
)


def secret_name(name: str) -> bool:
    """Whether a query argument, form field or JSON member of that name is a credential."""
    return _plain(name) in _NAMES


def secret_header(name: str) -> bool:
    """Whether a header is a credential by its name."""
    plain = _plain(name)
    return any(part in plain for part in _PARTS_OF_HEADERS)


def headers_without_secrets(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers as they may be told."""
    return {name: header_without_secret(name, value) for name, value in headers}


def header_without_secret(name: str, value: str) -> str:
    """A header's value as it may be told; of the page that a browser came from the address alone."""
    if secret_header(name):
        return REDACTED
    if name.lower() != "referer":
        return value
    page = re.split(r"[?#]", value)[0]
    return re.sub(r"//[^/@]*@", "//", page) + ("" if page == value else f"?{REDACTED}")


def target_without_secrets(target: str, every: bool = False) -> str:
    """The target of a request as it may be told: less the values of such arguments, or of `every` one, and less
    the user of an absolute address."""
    address, mark, query = target.partition("?")
    if not address.startswith("/"):
        address = re.sub(r"^([a-z]+://)[^/@]*@", r"\1", address, flags=re.IGNORECASE)
    return address + mark + "&".join(_argument_without_secret(each, every) for each in query.split("&"))


def _argument_without_secret(argument: str, hidden: bool) -> str:
    name, mark, _ = argument.partition("=")
    return f"{name}={REDACTED}" if mark and (hidden or secret_name(unquote_plus(name))) else argument


def body_without_secrets(text: str, parsed: Callable[[], Any] | None = None) -> str:
    """A body as it may be told: JSON and forms less the values of such names; another text that speaks of one is
    not told at all. `parsed` gives its JSON value where that is known, or raises DocumentError."""
    if not _speaks(text) and "\\u" not in text and "%" not in text and not _mentions(text):
        return text
    try:
        value = parse(text) if parsed is None else parsed()
    except DocumentError:
        return _form_without_secrets(text)
    clean = without_secrets(value)
    return text if clean == value else dump(clean).decode()


def without_secrets(value: Any) -> Any:
    """A JSON value less what stands under such names, and texts that spell one out."""
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
    """Whether a text spells such a name out. Most do not, which looking for a part of each tells much sooner."""
    lowered = text.lower()
    return any(hint in lowered for hint in _HINTS) and bool(_SPOKEN.search(text))


def _mentions(text: str) -> bool:
    """Whether a text holds one of the names, in quotes or as a field's."""
    return bool(re.search(r"[\"'=&?](secret|token|authorization|passw)", text, re.IGNORECASE))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())

"""The redaction of credentials in requests, which are recognized by their names."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

from offer_sandbox.exchange.readings import Readings
from offer_sandbox.exchange.secret_names import REDACTED, hints, secret_header, secret_name, speaks_secret
from offer_sandbox.world.json_codec import DocumentError, dump, parse

_USER = re.compile(r"(//|/)[^/@\s?#:]*:[^/@\s?#]*@")
_SCHEME = re.compile(r"\b(basic|bearer|digest|negotiate)\s+\S", re.IGNORECASE)
_READINGS = Readings()
_ASSIGNED = re.compile(r"(?<![A-Za-z0-9_.-])([A-Za-z0-9_.-]++)([=:])(?! )([^/;&,?#]*)")


def headers_without_secrets(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Returns the headers without credentials."""
    return {name: header_without_secret(name, value) for name, value in headers}


def header_without_secret(name: str, value: str) -> str:
    """Returns a header's value without credentials. A Referer keeps only its URL without user, query and
    fragment."""
    if secret_header(name) or _SCHEME.search(value) or speaks_secret(value):
        return REDACTED
    if name.lower() != "referer":
        return _USER.sub(r"\1", value) if "@" in value else value
    page = re.split(r"[?#]", value)[0]
    return path_without_secrets(page) + ("" if page == value else f"?{REDACTED}")


def path_without_secrets(path: str) -> str:
    """Returns a path or URL without the user of a URL, and without the values of names such as `;token=...`."""
    if "@" in path:
        path = _USER.sub(r"\1", path)
    return _ASSIGNED.sub(_argument, path) if hints(path) else path


def _argument(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}{REDACTED}" if secret_name(found[1]) else found[0]


def target_without_secrets(target: str, every: bool = False) -> str:
    """Returns a request target without the values of secret query parameters, or of all parameters if `every` is
    set. The user of a URL is removed too."""
    address, mark, query = target.partition("?")
    return path_without_secrets(address) + mark + "&".join(_parameter(each, every) for each in query.split("&"))


def _parameter(argument: str, hidden: bool) -> str:
    name, mark, value = argument.partition("=")
    plain = unquote_plus(name), unquote_plus(value)
    return f"{name}={REDACTED}" if mark and (hidden or parameter_without_secret(*plain) != plain[1]) else argument


def parameter_without_secret(name: str, value: str) -> str:
    """Returns the value of a query parameter without credentials."""
    return REDACTED if secret_name(name) else str(_without_secrets(value))


def body_without_secrets(text: str, parsed: Callable[[], Any] | None = None) -> str:
    """Returns a body without credentials. In JSON and forms, the values with secret names are redacted. Any other
    text that spells out a secret name is redacted completely. `parsed` returns the JSON value if it is already
    known, or raises DocumentError."""
    if "\0" in text and bytes_with_secrets(text.encode()):  # UTF-16, perhaps
        return REDACTED
    if not (hints(text) or "@" in text or "\\" in text or "%" in text):
        return text
    try:
        value = parse(text) if parsed is None else parsed()
    except DocumentError:
        return _form_without_secrets(text)
    clean = _without_secrets(value)
    return text if clean == value else dump(clean).decode()


def without_secrets(value: Any) -> Any:
    """Returns a JSON value without secrets. A value is secret by its name, or if it is a text that spells out a
    secret name. A text with JSON is treated like JSON."""
    text = dump(value).decode()
    return _without_secrets(value) if hints(text) or "@" in text or "\\\\u" in text else value


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        hidden = "value" in value and any(_names_secret(value.get(each)) for each in ("name", "key", "field"))
        return {
            name: REDACTED if secret_name(name) or (hidden and name == "value") else _without_secrets(item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    return _text_without_secrets(value) if isinstance(value, str) else value


def _names_secret(name: Any) -> bool:
    return isinstance(name, str) and secret_name(name)


def _text_without_secrets(text: str) -> str:
    """Returns a text in JSON without secrets."""
    if "@" in text:
        text = _USER.sub(r"\1", text)
    if not hints(text) and "\\" not in text:
        return text
    if text.lstrip()[:1] in ("{", "["):
        return body_without_secrets(text)
    return REDACTED if speaks_secret(text) else text


def _form_without_secrets(text: str) -> str:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        pairs = []
    if not pairs or "\n" in text:
        return REDACTED if speaks_secret(text) else text
    clean = [(name, parameter_without_secret(name, value)) for name, value in pairs]
    return text if clean == pairs else urlencode(clean)


def bytes_with_secrets(body: bytes) -> bool:
    """Returns whether bytes that are no UTF-8 text hold a credential in any form in which they can be read."""
    return any(speaks_secret(text) for text in _READINGS.of_bytes(body))

"""Exports a call as one curl command for a POSIX shell."""

import base64
import re
from shlex import quote

from offer_sandbox.publish.export.request import Call, Message, message
from offer_sandbox.world.journal import Entry

_MAX_WORD = 100_000  # bytes: operating systems limit the size of one program argument
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def curl(entry: Entry, call: Call) -> str:
    """Returns the command. It prints the response headers and body. A body that cannot be a shell argument is
    piped into curl."""
    sent = message(entry, call)
    text = _text(sent.body) if len(sent.body) <= _MAX_WORD else None
    options = [_start(sent), *_headers(sent), *_data(sent, text), quote(f"{call.url}{sent.target}")]
    command = " \\\n  ".join(options) + "\n"
    if text is None:
        return f"printf %s {base64.b64encode(sent.body).decode()} | base64 -d | {command}"
    return command


def _start(sent: Message) -> str:
    """Returns the command's beginning with its general options. For curl, the response to a HEAD request with a
    body continues until the server closes the connection."""
    start = "curl -sS -i --globoff" + (" --path-as-is" if "%2E" in sent.target else "")
    if sent.method == "HEAD":
        return f"{start} -X HEAD --ignore-content-length" if sent.body else f"{start} -I"
    usual = "POST" if sent.body else "GET"
    return start if sent.method == usual else f"{start} -X {quote(sent.method)}"


def _headers(sent: Message) -> list[str]:
    """Returns the header options. They suppress the headers that curl adds by default and that the server would
    read. A HEAD request with a body asks the server to close the connection."""
    unwanted = ["accept:", *(["content-type:"] if sent.body else [])]
    if sent.method == "HEAD" and sent.body:
        unwanted.append("connection: close")
    left = [f"-H {quote(each)}" for each in unwanted if not sent.brings(each.partition(":")[0])]
    return [f"-H {_header(name, value)}" for name, value in sent.headers] + left


def _header(name: str, value: str) -> str:
    """Returns a header as a shell argument. Bytes that are not text are written with printf."""
    raw = value.encode("latin-1", "replace")
    text = _text(raw)
    if text is None:
        return f"\"$(printf '{_spelled(f'{name}: '.encode() + raw)}')\""
    return quote(f"{name}: {text}" if text else f"{name};")  # curl omits an empty header that ends in a colon


def _spelled(raw: bytes) -> str:
    """Returns bytes as a printf format that no shell changes."""
    return "".join(chr(each) if re.match(rb"[a-zA-Z0-9 :]", bytes([each])) else f"\\{each:03o}" for each in raw)


def _data(sent: Message, text: str | None) -> list[str]:
    if text is None:
        return ["--data-binary @-"]
    if not text:
        return []
    return [f"{'--data-raw' if text.startswith('@') else '--data-binary'} {quote(text)}"]  # @ would name a file


def _text(raw: bytes) -> str | None:
    """Returns bytes as text that a person can read and paste, or None if they are not such text."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text

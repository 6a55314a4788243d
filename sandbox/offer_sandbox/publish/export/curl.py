"""A call as one command for a POSIX shell with curl."""

import base64
import re
from shlex import quote

from offer_sandbox.publish.export.request import Call, Message, message
from offer_sandbox.world.journal import Entry

_MAX_WORD = 100_000  # bytes: systems bound what one argument of a program may hold
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def curl(entry: Entry, call: Call) -> str:
    """The command; it prints the answer's headers and body. A body that a shell's word cannot hold is piped
    into it."""
    sent = message(entry, call)
    text = _text(sent.body) if len(sent.body) <= _MAX_WORD else None
    options = [_start(sent), *_headers(sent), *_data(sent, text), quote(f"{call.url}{sent.target}")]
    command = " \\\n  ".join(options) + "\n"
    if text is None:
        return f"printf %s {base64.b64encode(sent.body).decode()} | base64 -d | {command}"
    return command


def _start(sent: Message) -> str:
    """curl's own switches. A HEAD with a body is one that curl knows only as a call whose answer goes on until
    the server closes."""
    start = "curl -sS -i --globoff" + (" --path-as-is" if "%2E" in sent.target else "")
    if sent.method == "HEAD":
        return f"{start} -X HEAD --ignore-content-length" if sent.body else f"{start} -I"
    usual = "POST" if sent.body else "GET"
    return start if sent.method == usual else f"{start} -X {quote(sent.method)}"


def _headers(sent: Message) -> list[str]:
    """The headers, and none of those that curl would add by itself and the server reads."""
    unwanted = ["accept:", *(["content-type:"] if sent.body else [])]
    if sent.method == "HEAD" and sent.body:
        unwanted.append("connection: close")
    left = [f"-H {quote(each)}" for each in unwanted if not sent.brings(each.partition(":")[0])]
    return [f"-H {_header(name, value)}" for name, value in sent.headers] + left


def _header(name: str, value: str) -> str:
    """A word of the shell; bytes that are no text are spelled by printf."""
    raw = value.encode("latin-1", "replace")
    text = _text(raw)
    if text is None:
        return f"\"$(printf '{_spelled(f'{name}: '.encode() + raw)}')\""
    return quote(f"{name}: {text}" if text else f"{name};")  # with a colon alone curl leaves it out


def _spelled(raw: bytes) -> str:
    """Bytes as a format of printf that no shell changes."""
    return "".join(chr(each) if re.match(rb"[a-zA-Z0-9 :]", bytes([each])) else f"\\{each:03o}" for each in raw)


def _data(sent: Message, text: str | None) -> list[str]:
    if text is None:
        return ["--data-binary @-"]
    if not text:
        return []
    return [f"{'--data-raw' if text.startswith('@') else '--data-binary'} {quote(text)}"]  # @ names a file


def _text(raw: bytes) -> str | None:
    """The bytes as text that can be read and pasted, None if they are none."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text

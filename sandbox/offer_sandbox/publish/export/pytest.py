"""Exports a call as a pytest file, formatted as code formatters leave it, that needs only pytest and requests."""

import re
import textwrap
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from offer_sandbox.environment import PREFIX
from offer_sandbox.publish.export.request import Call, Message, message
from offer_sandbox.world.journal import Entry
from offer_sandbox.world.json_codec import print_decimal

VARIABLE = "URL"  # the environment variable that the file reads, without its prefix
_SERVER = f"{PREFIX}{VARIABLE}"
_WIDTH = 88
_MAX_DELAY = 630  # seconds: the longest delay of a rule, and half a minute more


def pytest(entry: Entry, call: Call) -> str:
    """Returns the file. It restores the records that the recorded call changed, makes the call, restores the
    records that this call changed (so that the test can run again), and asserts the status and the outcome."""
    sent = message(entry, call)
    changes = [change for change in entry.get("changes", ()) if _own(entry, change, call)]
    parts = [
        _documentation(entry),
        _imports(bool(changes)),
        f"URL = {_call('os.environ.get', [_text(_SERVER), _text(call.url)], 0)}\n",
        _putting_back(entry, call, changes) if changes else "",
        _test(entry, sent, bool(changes)),
    ]
    return "".join(parts)


def _own(entry: Entry, change: dict[str, Any], call: Call) -> bool:
    """Returns whether the change can be undone and belongs to the provider. Records that a rule put into another
    provider remain."""
    owner = change.get("provider", entry["provider"])
    return bool(owner == entry["provider"] and change["collection"] in call.collections)


def _documentation(entry: Entry) -> str:
    name = entry["operation"] or f"a call of {entry['provider']}"
    text = f"Outcome {entry['outcome'] or 'none'}. Recorded at {entry['at']} in workspace {entry['workspace']}."
    reason = _plain_words(entry.get("reason") or "")
    lines = [
        f'"""Repeats a call: {name}, which returned {entry["response"]["status"]}.',
        "",
        *textwrap.wrap(text, _WIDTH),
        *textwrap.wrap(f"Reason: {reason}" if reason else "", _WIDTH, break_long_words=False),
        *textwrap.wrap(f"Needs pytest and requests. Set {_SERVER} to use another server.", _WIDTH),
        '"""',
    ]
    return "\n".join(lines) + "\n"


def _plain_words(text: str) -> str:
    """Returns text that cannot end a docstring or contain an escape."""
    return "".join(sign if sign.isprintable() else " " for sign in text).replace("\\", "/").replace('"', "'")


def _imports(changing: bool) -> str:
    quoting = "from urllib.parse import quote\n" if changing else ""
    return f"\nimport os\n{quoting}\nimport requests\n\n"


def _putting_back(entry: Entry, call: Call, changes: Iterable[dict[str, Any]]) -> str:
    text = [{name: change[name] for name in ("collection", "id", "before")} for change in changes]
    control = {
        "Authorization": f"Bearer sbx_{entry['workspace']}",
        "X-Sandbox-Workspace": entry["workspace"],
    }
    return _PUT_BACK.format(
        provider=entry["provider"],
        control=_literal(control, 0),
        collections=_literal(list(call.collections), 0),
        changes=_literal(text, 0),
    )


def _test(entry: Entry, sent: Message, changing: bool) -> str:
    words = re.sub(r"\W+", "_", str(entry["outcome"] or f"{entry['provider']}_refused"), flags=re.ASCII)
    arguments = [
        _text(sent.method),
        f'f"{{URL}}{sent.target}"',  # percent-encoded, so nothing in it needs an escape
        f"headers={_block('{', '}', _headers(sent), 2)}",
        *([f"data={_bytes(sent.body)}"] if sent.body else []),
        "allow_redirects=False",
        f"timeout={_MAX_DELAY}",
    ]
    lines = [
        f"\n\ndef test_{words}():",
        *(["    restore(CHANGES)"] if changing else []),
        f"    response = {_call('requests.request', arguments, 1)}",
        *(["    restore(changes_of(response))"] if changing else []),
        f"    assert response.status_code == {entry['response']['status']}",
        f"    {_outcome(entry)}",
    ]
    return "\n".join(lines) + "\n"


def _outcome(entry: Entry) -> str:
    if entry["outcome"] is None:
        return 'assert "X-Sandbox-Outcome" not in response.headers'
    left, right = 'response.headers["X-Sandbox-Outcome"]', f'== "{entry["outcome"]}"'
    if len(f"    assert {left} {right}") <= _WIDTH:
        return f"assert {left} {right}"
    apart = " " if len(f"        {left} {right}") <= _WIDTH else f"\n{' ' * 8}"
    return f"assert (\n        {left}{apart}{right}\n    )"


def _headers(sent: Message) -> list[str]:
    """Returns the headers. None stops requests from adding a default header that the server would read."""
    absent = [] if sent.brings("accept") else [f"{_text('accept')}: None"]
    return [f"{_text(name)}: {_header(value)}" for name, value in sent.headers] + absent


def _header(value: str) -> str:
    return _text(value) if value.isascii() else _bytes(value.encode("latin-1", "replace"))


def _bytes(raw: bytes) -> str:
    try:
        return f"{_text(raw.decode('utf-8'))}.encode()"
    except UnicodeDecodeError:
        signs = (chr(each) if 32 <= each < 127 and each != 92 else f"\\x{each:02x}" for each in raw)
        return "b" + _quoted(list(signs))


def _text(text: str) -> str:
    return _quoted([repr(sign)[1:-1] for sign in text])


def _quoted(signs: list[str]) -> str:
    """Returns characters that are already escaped, in the quotation marks that need fewer escapes."""
    mark = "'" if signs.count('"') > signs.count("'") else '"'
    return mark + "".join(f"\\{sign}" if sign == mark else sign for sign in signs) + mark


def _literal(value: Any, depth: int) -> str:
    """Returns a JSON value as Python code, with each member on its own line."""
    if isinstance(value, dict):
        return _block(
            "{", "}", [f"{_text(name)}: {_literal(each, depth + 1)}" for name, each in value.items()], depth
        )
    if isinstance(value, list | tuple):
        return _block("[", "]", [_literal(each, depth + 1) for each in value], depth)
    if isinstance(value, str):
        return _text(value)
    return print_decimal(value).lower() if isinstance(value, Decimal) else repr(value)


def _call(function: str, arguments: list[str], depth: int) -> str:
    return function + _block("(", ")", arguments, depth)


def _block(start: str, end: str, items: list[str], depth: int) -> str:
    """Returns items on their own lines. The comma after the last one keeps formatters from joining the lines."""
    inner = "".join(f"{'    ' * (depth + 1)}{item},\n" for item in items)
    return f"{start}\n{inner}{'    ' * depth}{end}" if items else f"{start}{end}"


_PUT_BACK = '''\
STATE = f"{{URL}}/__admin/state/{provider}"
CONTROL = {control}
COLLECTIONS = {collections}
CHANGES = {changes}


def restore(changes):
    """Restores the records that a call changed, and deletes those that it created."""
    for change in reversed(changes):
        if change["collection"] not in COLLECTIONS:
            continue
        record = f"{{STATE}}/{{change['collection']}}/{{quote(str(change['id']), safe='')}}"
        if change["before"] is None:
            response = requests.delete(record, headers=CONTROL, timeout=30)
            assert response.status_code in (204, 404), response.text
        else:
            before = change["before"]
            response = requests.put(record, json=before, headers=CONTROL, timeout=30)
            assert response.status_code in (200, 201), response.text


def changes_of(response):
    """Returns the changes of a call, from the sandbox's journal."""
    url = f"{{URL}}/__admin/requests/{{response.headers['X-Sandbox-Request-Id']}}"
    entry = requests.get(url, headers=CONTROL, timeout=30).json()
    return entry.get("changes", [])
'''

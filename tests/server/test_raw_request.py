"""The journal tells a request as it came, without its credentials."""

import json

import pytest

from raw_http import raw
from running_server import Client

SECRET = "sbx_verysecret"


def told(client: Client, line: bytes, headers: list[tuple[str, str]], body: bytes = b"") -> dict:
    """What the journal says of a request that is sent as these bytes."""
    sent = [("Host", "localhost"), ("x-SANDBOX-workspace", client.workspace), *headers]
    lines = b"".join(f"{name}: {value}\r\n".encode() for name, value in sent)
    assert raw(client.url, line + b" HTTP/1.1\r\n" + lines + b"\r\n" + body)
    [entry] = client.admin("GET", "/requests?limit=1")["requests"]
    assert SECRET not in json.dumps(entry)
    assert entry["request"]["raw"]["headers"][:2] == [
        ["Host", "localhost"],
        ["x-SANDBOX-workspace", client.workspace],
    ]
    return {**entry["request"]["raw"], "headers": entry["request"]["raw"]["headers"][2:]}


def test_target_and_headers_are_as_they_came(client: Client):
    headers = [
        ("AUTHORIZATION", f"Bearer {SECRET}"),
        ("Accept", "text/html"),
        ("accept", "application/json"),
        ("X_Custom", "1"),
        ("Transfer-Encoding", "chunked"),
    ]
    found = told(client, b"GET /offers%2Foffer-123?b=%20&a&b=+", headers, b"0\r\n\r\n")
    assert found == {
        "target": "/offers%2Foffer-123?b=%20&a&b=+",
        "headers": [["AUTHORIZATION", "(redacted)"], *map(list, headers[1:])],
    }


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (f"/offers/1?access_token={SECRET}&a=b", "/offers/1?access_token=(redacted)&a=b"),
        (f"/offers/1?%74oken={SECRET}", "/offers/1?%74oken=(redacted)"),
        (f"http://user:{SECRET}@localhost/offers/1?a", "http://localhost/offers/1?a"),
        ("/offers//a@b?c", "/offers//a@b?c"),
    ],
)
def test_credentials_in_the_target_are_not_told(client: Client, sent: str, kept: str):
    assert told(client, f"GET {sent}".encode(), [])["target"] == kept


def test_of_a_confidential_call_no_argument_is_told(client: Client):
    path = "/oauth2/authorize?client_id=me&state=" + SECRET
    found = told(client, f"GET {path}".encode(), [("Cookie", f"a={SECRET}"), ("Referer", f"http://x/?{SECRET}")])
    assert found == {
        "target": "/oauth2/authorize?client_id=(redacted)&state=(redacted)",
        "headers": [["Cookie", "(redacted)"], ["Referer", "http://x/?(redacted)"]],
    }


def test_long_ones_are_cut(client: Client):
    found = told(client, b"GET /offers/" + b"a" * 3_000, [("X-Long", "b" * 3_000)] + [("X", "y")] * 150)
    assert len(found["target"]) == 2_048
    assert found["headers"][0] == ["X-Long", "b" * 2_048]
    assert len(found["headers"]) == 98

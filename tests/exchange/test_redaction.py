"""What the journal keeps of requests that hold credentials, wherever and however they stand."""

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from marshmallow import Schema, fields

from offer_sandbox.contract import Provider
from offer_sandbox.exchange.live_keys import LiveKeys
from offer_sandbox.exchange.redaction import (
    body_without_secrets,
    header_without_secret,
    path_without_secrets,
    without_secrets,
)
from offer_sandbox.exchange.secret_names import REDACTED, secret_name
from offer_sandbox.providers import providers


@pytest.mark.parametrize(
    "body",
    [
        '{"password": "SECRET", "a": 1}',
        '{"a": [{"client_secret": "SECRET"}]}',
        '{"clientSecret": "SECRET"}',
        '{"password": 1234567890, "b": "SECRET-not"}'.replace('"b": "SECRET-not"', '"api_key": ["SECRET"]'),
        '{"Password": {"value": "SECRET"}}',
        '{"pass\\u0077ord": "SECRET"}',
        '{"password": "SECRET',
        '{"query": "mutation { login(password: \\"SECRET\\") }"}',
        "grant_type=refresh_token&refresh_token=SECRET",
        "a=1&pass%77ord=SECRET",
        "hello\npassword=SECRET",
        '--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nSECRET\r\n--x--',
    ],
)
def test_no_secret_is_kept(body):
    assert "SECRET" not in body_without_secrets(body)


@pytest.mark.parametrize(
    "body",
    [
        '{"offeredItems": [{"listingId": "1"}],  "message": "100% yours"}',
        '{"postalCode": "94104", "code": "x"}',
        '{"name": "Ada \\u00e9"}',
        "a=1&b=2%20c",
        "{not json",
        "",
        "the token of our esteem",
    ],
)
def test_what_holds_none_is_kept_to_the_letter(body):
    assert body_without_secrets(body) == body


def test_a_response_that_repeats_a_credential_is_redacted():
    assert without_secrets({"terms": {"apiKey": "SECRET", "a": 1}}) == {"terms": {"apiKey": REDACTED, "a": 1}}
    inner = '{"pass\\u0077ord": "SECRET", "a": 1}'
    assert without_secrets({"notes": inner}) == {"notes": f'{{"password":"{REDACTED}","a":1}}'}
    assert without_secrets({"at": "http://u:SECRET@a/b"}) == {"at": "http://a/b"}
    assert without_secrets([1, None, {"notes": "kept"}]) == [1, None, {"notes": "kept"}]


def test_the_rest_of_a_body_is_kept():
    assert body_without_secrets('{"a": 1.50, "token": "SECRET"}') == f'{{"a":1.50,"token":"{REDACTED}"}}'


@pytest.mark.parametrize(
    "name",
    ["Authorization", "Cookie", "X-Api-Key", "apikey", "X-Access-Token", "X-Amz-Security-Token", "Set-Cookie"],
)
def test_headers_that_are_credentials_are_not_kept(name):
    assert header_without_secret(name, "SECRET") == REDACTED


@pytest.mark.parametrize(
    "address", ["http://a/cb?code=SECRET", "http://a/#access_token=SECRET", "http://u:SECRET@a/b"]
)
def test_of_the_page_before_only_the_address_is_kept(address):
    assert "SECRET" not in header_without_secret("referer", address)
    assert header_without_secret("referer", "http://a/b") == "http://a/b"


def test_names_are_compared_whatever_their_style():
    assert all(map(secret_name, ("accessToken", "Access_Token", "ACCESS-TOKEN", "api_key", "Password")))
    assert not any(map(secret_name, ("postalCode", "tokens", "code", "notes", "monkey", "keyboard", "author")))


LIVE = LiveKeys(["PRD-[0-9a-f]{6}"])
KEY = f"sbx_team.{'0123456789abcdef' * 2}01234567"


def in_utf_16(text: str) -> bytes:
    return text.encode("utf-16")


@pytest.mark.parametrize("secret", [KEY, "App-PRD-0123456789ab-cdef0123"])
@pytest.mark.parametrize(
    "encode",
    [
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.b64encode(f"a:{text}".encode()).decode(),
        lambda text: "pre" + base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
        lambda text: base64.b64encode(gzip.compress(text.encode())).decode(),
        lambda text: base64.b64encode(in_utf_16(text)).decode(),
        lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
        lambda text: quote("".join(f"\\u{ord(sign):04x}" for sign in text)),
        lambda text: "".join(f"&#x{ord(sign):x};" for sign in text),
        lambda text: "x" * 1_000_000 + base64.b64encode(text.encode()).decode(),
        lambda text: "aB3/" * 40_000 + " " + base64.b64encode(f"12345{text}".encode()).decode(),
    ],
    ids=map(str, range(10)),
)
def test_live_keys_are_found_in_every_encoding(encode, secret):
    assert LIVE.without(f"note: {encode(secret)}") == REDACTED
    entry = json.dumps({"a": [{"b": encode(secret)}], "c": "kept"}).encode()
    assert json.loads(LIVE.without_in_json(entry)) == {"a": [{"b": REDACTED}], "c": "kept"}


def test_an_issued_key_in_plain_text_loses_its_secret_only():
    assert (
        LIVE.without(f"the key {KEY}.rate_limited of team") == "the key sbx_team.(redacted).rate_limited of team"
    )
    assert LIVE.without("the key sbx_team of a workspace") == "the key sbx_team of a workspace"


@pytest.mark.parametrize(
    "text",
    [
        "4b231de1-3916-402b-9357-2128ec67a08b",
        "sendOfferToInterestedBuyersAgain",
        "100% & <b>",
        "C:\\users\\ada",
        "x" * 60,
    ],
)
def test_other_texts_are_kept(text):
    assert LIVE.without(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "key" * 300_000,
        "key " * 250_000,
        "/a:" * 300_000,
        "a" * 1_000_000 + "key",
        "%25" * 100_000,
        "<a>" * 300_000,
    ],
)
def test_hostile_texts_take_linear_time(text):
    """Twice as much text takes no more than a few times as long: an expression with backtracking takes hours."""
    for redact in (body_without_secrets, path_without_secrets, LIVE.without):
        redact(text)


def test_no_documented_field_has_the_name_of_a_credential():
    """A documented field with such a name would be redacted too. Only eBay's tokens have one, rightly."""
    names = {name for provider in providers().values() for name in documented_names(provider)}
    assert {name for name in names if secret_name(name)} == {"token", "refresh_token"}


def documented_names(provider: Provider) -> Iterator[str]:
    """The names of all fields of a provider's schemas."""
    schemas = [*provider.parts.records.values()]
    schemas += [
        part for each in provider.parts.operations for part in vars(each).values() if isinstance(part, Schema)
    ]
    for schema in schemas:
        yield from field_names(schema)


def field_names(schema: Schema) -> Iterator[str]:
    """The names of a schema's fields, at every depth."""
    for name, field in schema.fields.items():
        yield field.data_key or name
        inner: Any = field
        while isinstance(inner, fields.List):
            inner = inner.inner
        if isinstance(inner, fields.Nested):
            yield from field_names(inner.schema)

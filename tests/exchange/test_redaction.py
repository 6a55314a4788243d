"""What the journal keeps of requests that hold credentials, wherever and however they stand."""

import re

import pytest

from offer_sandbox.exchange import redaction
from offer_sandbox.exchange.redaction import REDACTED, body_without_secrets, header_without_secret, secret_name


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
    assert not any(map(secret_name, ("postalCode", "tokens", "code", "notes", "key")))


def test_every_name_that_is_spelt_out_has_one_of_the_hints():
    names = re.findall(r"[a-z_?]+", redaction._SPOKEN.pattern.partition(")")[0])
    assert len(names) > 6
    assert [name for name in names if not any(hint in name for hint in redaction._HINTS)] == []

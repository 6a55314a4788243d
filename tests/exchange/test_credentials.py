"""Basic credentials that are no base64 of a text: refused in the provider's dialect, never a mistake of ours."""

import http.client

import pytest

from offer_sandbox.contract import from_base64
from running_server import EBAY_TOKEN, Client


@pytest.mark.parametrize(
    ("value", "text"),
    [("c2J4X2E6Yg==", "sbx_a:b"), (" c2J4X2E6Yg== ", "sbx_a:b"), ("", ""), ("!!", ""), ("/w==", ""), ("café", "")],
)
def test_what_is_no_base64_of_a_text_is_nothing(value, text):
    assert from_base64(value) == text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/offers", 401),
        ("POST", EBAY_TOKEN, 401),
        ("GET", "/graphql?query={__typename}", 200),  # there any key opens
        ("GET", "/nobody", 404),
        ("GET", "/__admin/clock", 200),
    ],
)
def test_a_credential_beyond_ascii_is_refused_like_any_other(client: Client, method, path, status):
    connection = http.client.HTTPConnection(client.url.removeprefix("http://"), timeout=30)
    headers = {"Authorization": "Basic caf\xe9", "X-Sandbox-Workspace": client.workspace}
    connection.request(method, path, None, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == status

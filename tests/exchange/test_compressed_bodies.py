"""Request bodies that a client compressed: gzip is read, within the bound, and any other coding refused by name."""

import gzip
import json
import zlib

import pytest
import requests

from offer_sandbox.providers.covent import samples
from running_server import EBAY_SEND, EBAY_TOKEN, Client, outcome

CREATE = json.dumps(samples.CREATE_OFFER).encode()
SEND = b'{"offeredItems": [{"listingId": "110000000001", "discountPercentage": "10"}]}'
MIB = 1024 * 1024


def covent(client: Client, body: bytes, coding: str) -> requests.Response:
    headers = {"Authorization": "Bearer sbx_test", "Accept": "application/json", "Content-Encoding": coding}
    return client.call(
        "POST", "/api/v1/offers", data=body, headers={**headers, "Content-Type": "application/json"}
    )


def ebay(client: Client, path: str, body: bytes, coding: str, media_type: str) -> requests.Response:
    return client.ebay("POST", path, data=body, headers={"Content-Encoding": coding, "Content-Type": media_type})


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", "identity, gzip"])
def test_gzip_means_what_is_in_it(client: Client, coding: str):
    answer = covent(client, gzip.compress(CREATE), coding)
    assert answer.status_code == 200, answer.text
    [told] = client.admin("GET", "/requests?limit=1")["requests"]
    assert json.loads(told["request"]["body"]) == samples.CREATE_OFFER
    assert told["request"]["headers"]["content-encoding"] == coding


def test_a_body_without_a_coding_is_itself(client: Client):
    assert covent(client, CREATE, "identity").status_code == 200
    assert covent(client, CREATE, "").status_code == 200


def test_an_exported_call_is_not_compressed(client: Client):
    covent(client, gzip.compress(CREATE), "gzip")
    [told] = client.admin("GET", "/requests?limit=1")["requests"]
    curl = client.call("GET", f"/__admin/requests/{told['id']}/export?as=curl").text
    assert "content-encoding" not in curl.lower()
    assert next(iter(samples.CREATE_OFFER)) in curl


def test_graphql_and_the_control_api_read_it_too(client: Client):
    sent = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    body = gzip.compress(b'{"query": "{ __typename }"}')
    answer = client.call("POST", "/graphql", data=body, headers={**sent, "Authorization": "Basic sbx_test"})
    assert answer.json() == {"data": {"__typename": "Query"}}
    body = gzip.compress(b'{"switches": {"estateprime.require_json": true}}')
    answer = client.call("PUT", "/__admin/settings", data=body, headers=sent)
    assert answer.status_code == 200, answer.text
    assert client.admin("GET", "/settings")["switches"]["estateprime.require_json"] is True


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip"])
def test_another_coding_is_refused_by_name(client: Client, coding: str):
    before = client.world()
    for answer in (
        covent(client, CREATE, coding),
        ebay(client, EBAY_SEND, SEND, coding, "application/json"),
    ):
        assert answer.status_code in (400, 415), answer.text
        assert outcome(answer) == "unsupported_media_type"
        assert f"the content coding must be gzip or absent, not {coding}" in answer.headers["X-Sandbox-Reason"]
    assert client.world() == before
    graphql = client.call(
        "POST",
        "/graphql",
        json={"query": "{ __typename }"},
        headers={"Authorization": "Basic sbx_test", "Content-Encoding": coding},
    )
    assert outcome(graphql) == "unsupported_media_type"
    control = client.call("PUT", "/__admin/settings", json={}, headers={"Content-Encoding": coding})
    assert (control.status_code, control.json()["type"].rpartition(":")[2]) == (415, "unsupported-media-type")
    assert coding in control.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [CREATE, gzip.compress(CREATE)[:-9], gzip.compress(CREATE) + b"more", b"\x1f\x8b", zlib.compress(CREATE)],
    ids=["plain", "cut", "more", "begun", "zlib"],
)
def test_what_is_no_gzip_is_refused(client: Client, body: bytes):
    answer = covent(client, body, "gzip")
    assert answer.status_code == 400
    assert answer.headers["X-Sandbox-Reason"].startswith("body: the body is not valid gzip: ")
    token = ebay(client, EBAY_TOKEN, body, "gzip", "application/x-www-form-urlencoded")
    assert token.json()["error"] in ("invalid_request", "invalid_client")
    control = client.call("PUT", "/__admin/settings", data=body, headers={"Content-Encoding": "gzip"})
    assert (control.status_code, control.json()["type"].rpartition(":")[2]) == (400, "malformed-json")


def test_what_inflates_beyond_the_bound_is_too_large(client: Client):
    """A thousandth of what it means comes over the wire, and no more than the bound of it is made."""
    blanks = CREATE + b" " * (MIB - len(CREATE))
    assert covent(client, gzip.compress(blanks), "gzip").status_code == 200
    answer = covent(client, gzip.compress(blanks + b" "), "gzip")
    assert (answer.status_code, outcome(answer)) == (413, "payload_too_large")
    assert covent(client, gzip.compress(b" " * 500 * MIB), "gzip").status_code == 413
    control = client.call(
        "PUT", "/__admin/settings", data=gzip.compress(b" " * 2 * MIB), headers={"Content-Encoding": "gzip"}
    )
    assert control.status_code == 413

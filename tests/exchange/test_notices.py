"""`X-Sandbox-Notice`: a warning for each input that was probably meant differently, and the same in the journal."""

import base64

import pytest
import requests

from running_server import EBAY_FIND, Client, Server

MARKET = {"X-EBAY-C-MARKETPLACE-ID": "EBAY_US"}


def notices(response: requests.Response) -> list[str]:
    """The lines of the header, which `requests` joins with commas."""
    raw = response.raw.headers.getlist("X-Sandbox-Notice")
    assert all(line.isascii() for line in raw)
    return raw


def find(
    url: str, authorization: str = "Bearer sbx_notices", query: str = "", **headers: str
) -> requests.Response:
    """A call of eBay's find."""
    sent = {**MARKET, "Authorization": authorization, **headers}
    return requests.get(f"{url}{EBAY_FIND}{query}", headers=sent, timeout=30)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"X-Sandbox-Outcom": "150022"}, "the header 'x-sandbox-outcom' has no effect (did you mean X-Sandbox-Outcome?)"),
        ({"X-Sanbox-Delay": "5"}, "the header 'x-sanbox-delay' has no effect (did you mean X-Sandbox-Delay?)"),
        ({"X-Sandbox-Country": "5"}, "the header 'x-sandbox-country' has no effect (known headers: "),
        ({"query": "?__outcom=success"}, "the query parameter '__outcom' has no effect (did you mean __outcome?)"),
        ({"query": "?_code=404"}, "the query parameter '_code' has no effect (did you mean __code?)"),
        ({"authorization": "Bearer sbx_notices.rate_limit"}, "the workspace is notices, and 'rate_limit' after the dot"
         " has no meaning (did you mean rate_limited?)"),
        ({"authorization": "Bearer sbx_ci.run-42"}, "the workspace is ci, and 'run-42' after the dot has no meaning"),
    ],
)  # fmt: skip
def test_a_misspelt_name_is_reported_with_the_nearest_one(server: Server, given: dict[str, str], expected: str):
    response = find(server.url, **given)
    assert response.status_code == 200, response.text
    [notice] = notices(response)
    assert notice.startswith(expected)
    id = response.headers["X-Sandbox-Request-Id"]
    entry = requests.get(f"{server.url}/__admin/requests/{id}", timeout=30).json()
    assert notice in entry["notes"]


PLACEHOLDERS = [
    "undefined", "null", "None", "${TOKEN}", "{{token}}", "$TOKEN", "<your token>", '"sbx_a"', "[object Object]",
    "Bearer sbx_a",
]  # fmt: skip


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_a_credential_that_was_not_filled_in_is_reported(server: Server, value: str):
    response = find(server.url, f"Bearer {value}")
    [notice] = notices(response)
    assert notice.startswith(f"the credential {value!r} ")
    assert notice.endswith(". The call uses the workspace default")


def test_the_public_half_of_a_key_pair_is_looked_at_too(server: Server):
    pair = base64.b64encode(b"undefined:secret").decode()
    headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/json"}
    [notice] = notices(requests.get(f"{server.url}/api/offers/54", headers=headers, timeout=30))
    assert notice.startswith("the credential 'undefined' looks like a variable that was not set")


@pytest.mark.parametrize(
    ("authorization", "headers"),
    [
        ("Bearer sbx_notices", {"X-Sandbox-Outcome": "success", "X-Sandbox-Delay": "1"}),
        ("Bearer sbx_notices.unavailable", {}),
        ("Bearer anything-at-all", {"X-Sandbox-Workspace": "notices"}),
        ("Bearer sbx_notices", {"X-Sandbox-Request-Id": "from a recording", "X-Sand": "x", "X-Request-Id": "1"}),
    ],
)
def test_what_is_right_gets_no_notice(server: Server, authorization: str, headers: dict[str, str]):
    assert notices(find(server.url, authorization, query="?limit=1", **headers)) == []


def test_keys_and_tokens_get_no_notice():
    server = Server("--auth", "keys")
    made = requests.post(f"{server.url}/__admin/workspaces", json={}, timeout=30).json()
    form = {"grant_type": "refresh_token", "refresh_token": made["key"]}
    granted = requests.post(
        f"{server.url}/identity/v1/oauth2/token", data=form, auth=(made["key"], "secret"), timeout=30
    )
    for credential in (made["key"], granted.json()["access_token"]):
        response = find(server.url, f"Bearer {credential}")
        assert (response.status_code, notices(response)) == (200, [])
    assert server.stop() == 0


def test_issued_tokens_get_no_notice_in_open_mode(client: Client):
    form = {"grant_type": "refresh_token", "refresh_token": f"sbx_{client.workspace}"}
    granted = client.call(
        "POST", "/identity/v1/oauth2/token", data=form, auth=(f"sbx_{client.workspace}", "secret")
    )
    assert notices(find(client.url, f"Bearer {granted.json()['access_token']}")) == []


def test_a_plain_server_gives_no_notice():
    server = Server("--plain")
    assert notices(find(server.url, "Bearer undefined")) == []
    assert server.stop() == 0


CREATE = (
    "mutation($params: OfferRequestCreateInput!) { offerRequestCreate(params: $params)"
    " { offerRequest { opendoorOfferRequestId offerStatus } } }"
)
UPDATE = (
    "mutation($params: OfferRequestUpdateInput!) { offerRequestUpdate(params: $params)"
    " { offerRequest { offerStatus } } }"
)


def opendoor(client: Client, query: str, **params) -> requests.Response:
    """A call of Opendoor."""
    body = {"query": query, "variables": {"params": params}}
    return client.call("POST", "/graphql", json=body, headers={"Authorization": "Basic sbx_x"})


@pytest.mark.parametrize(
    ("street", "meant"),
    [
        ("1 Deny flod-zone St", "deny-flood-zone"),
        ("1 deny valuation to low", "deny-valuation-too-low"),
        ("1 Evaluate 25 St", "evaluate-25s"),
        ("1 Expire later St", "expire-now"),
        ("1 Withdraw it St", "withdraw-offer"),
        ("1 Deny direct flod-zone St", "deny-direct-flood-zone"),
        ("1 Deny cnml flood-zon St", "deny-cnml-flood-zone"),
        ("1 Deny flood-zone St", ""),
        ("1 Evaluate forever St", ""),
        ("1 Denyse Rd", ""),
        ("12 Denver Ave", ""),
        ("5 Evaluation Ln", ""),
        ("1 Post St", ""),
    ],
)
def test_a_misspelt_magic_street_is_reported(client: Client, street: str, meant: str):
    address = {"street1": street, "city": "San Francisco", "state": "CA", "postalCode": "94104"}
    found = notices(opendoor(client, CREATE, address=address))
    assert found == ([f"'{street[2:]}' is not a magic value (did you mean {meant}?)"] if meant else [])


def test_a_misspelt_magic_e_mail_address_is_reported(client: Client):
    id = "e4ee693f-2648-4406-b046-d40c18359f56"
    answers = {"sellerFullName": "Ada", "sellerEmail": "ada+deny-flod-zone@example.com"}
    [notice] = notices(opendoor(client, UPDATE, opendoorOfferRequestId=id, offerInput=answers))
    assert notice == "'deny-flod-zone' is not a magic value (did you mean deny-flood-zone?)"


def test_a_code_that_denies_the_creation_alone_is_reported(client: Client):
    id = "e4ee693f-2648-4406-b046-d40c18359f56"
    answers = {"sellerEmail": "ada+deny-product-inactive@example.com"}
    [notice] = notices(opendoor(client, UPDATE, opendoorOfferRequestId=id, offerInput=answers))
    assert notice == (
        "PRODUCT_INACTIVE denies a home only when its request is created (in the street: 1 Deny product-inactive St)"
    )

"""Published client libraries work against the sandbox with nothing changed but the address."""

import warnings

import pytest

from ebay_rest_calls import SCOPES, use_ebay_rest
from graphql_calls import CONTACTS, CREATE, CREATE_VARIABLES, READ, UPDATE
from name_resolution import pointed
from offer_sandbox.resources import bundled
from running_server import Client, Server


@pytest.fixture
def key(client: Client) -> str:
    """The credential of this test's workspace."""
    return f"sbx_{client.workspace}"


def test_bidkit_refreshes_its_token_lists_and_sends(client: Client, key: str):
    """bidkit takes the address as a setting; everything else is as for eBay itself."""
    from bidkit import EbayClient, EbayConfig
    from bidkit.errors import EbayAPIError
    from bidkit.generated.models.sell_negotiation import CreateOffersRequest

    config = EbayConfig(
        app_id=key, cert_id=key, refresh_token=key, scopes=SCOPES, base_url_override=client.url, max_retries=0
    )
    with EbayClient(config) as ebay:
        page = ebay.sell.negotiation.find_eligible_items(limit=5, x_ebay_c_marketplace_id="EBAY_US")
        listing = page.eligible_items[0].listing_id
        item = {"listingId": listing, "discountPercentage": "10"}
        offer = CreateOffersRequest.model_validate({"offeredItems": [item]})
        send = ebay.sell.negotiation.send_offer_to_interested_buyers
        sent = send(body=offer, x_ebay_c_marketplace_id="EBAY_US")
        assert [str(each.offer_status) for each in sent.offers] == ["PENDING"] * 3
        with pytest.raises(EbayAPIError) as refused:
            send(body=offer, x_ebay_c_marketplace_id="EBAY_US")
        assert refused.value.payload["errors"][0]["errorId"] == 150019


def test_ebay_rest_refreshes_its_token_lists_and_sends(client: Client, key: str, monkeypatch):
    """ebay_rest has its addresses built in, so the test puts the sandbox's in their place."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own, on import
        from ebay_rest import token as ebay_token
        from ebay_rest.api import sell_negotiation

    monkeypatch.setattr(sell_negotiation.Configuration, "_default", None)  # the library keeps the first one made
    configured = sell_negotiation.Configuration.__init__

    def here(self):
        configured(self)
        self.host = f"{client.url}{{basePath}}"

    monkeypatch.setattr(sell_negotiation.Configuration, "__init__", here)
    [grants] = [each for each in vars(ebay_token).values() if hasattr(each, "_get_endpoint")]
    monkeypatch.setattr(grants, "_get_endpoint", lambda self: f"{client.url}/identity/v1/oauth2/token")
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    use_ebay_rest(key)


def test_ebay_rest_itself_works_over_tls(secure: Server, monkeypatch):
    """Nothing of it is changed: `https://api.ebay.com` leads here, and the sandbox's CA is trusted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own, on import
        from ebay_rest.api import sell_negotiation

    monkeypatch.setattr(sell_negotiation.Configuration, "_default", None)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", secure.ca)
    monkeypatch.setattr("certifi.where", lambda: secure.ca)
    with pointed({"api.ebay.com"}, secure.tls_url):
        use_ebay_rest("sbx_ebay-rest-itself")


def test_gql_validates_against_the_schema_and_follows_an_offer(client: Client, key: str):
    from gql import Client as GqlClient
    from gql import GraphQLRequest
    from gql.transport.requests import RequestsHTTPTransport

    transport = RequestsHTTPTransport(url=f"{client.url}/graphql", headers={"Authorization": f"Basic {key}"})
    schema = (bundled("specs") / "opendoor.graphql").read_text()
    with GqlClient(transport=transport, schema=schema) as session:
        made = session.execute(GraphQLRequest(CREATE, variable_values=CREATE_VARIABLES))
        id = made["offerRequestCreate"]["offerRequest"]["opendoorOfferRequestId"]
        params = {"opendoorOfferRequestId": id, "offerInput": CONTACTS}
        session.execute(GraphQLRequest(UPDATE, variable_values={"offerRequestUpdateInput": params}))
        client.admin("POST", "/clock/advance", {"by": "PT5S"})
        found = session.execute(GraphQLRequest(READ, variable_values={"opendoorOfferRequestId": id}))
    assert found["offerRequest"]["offerStatus"] == "OFFERED"
    with GqlClient(transport=transport, fetch_schema_from_transport=True) as session:
        assert session.client.schema.get_type("OfferRequest")

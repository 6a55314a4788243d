"""Calls each provider with the Python clients of openapi-generator: one call succeeds, one is refused."""

import json
import sys
from collections.abc import Callable
from typing import Any

import covent
import ebay
import estateprime
import opendoor
import sibi

URL, KEY = sys.argv[1], "sbx_openapi_generator"


def show(provider: Any, good: Callable[[], Any], refused: Callable[[], Any]) -> None:
    """Prints both statuses and the error."""
    try:
        refused()
    except provider.ApiException as error:
        told = {"good": good().status_code, "refused": error.status, "error": error.body}
        print(json.dumps({"provider": provider.__name__, **told}))


offers = ebay.OffersApi(ebay.ApiClient(ebay.Configuration(host=URL, access_token=KEY)))
listing = ebay.OfferedItemRequest(listing_id="110000150011", discount_percentage="10")
show(
    ebay,
    lambda: offers.find_eligible_items_with_http_info("EBAY_US", limit=2),
    lambda: offers.send_offer_to_interested_buyers("EBAY_US", ebay.CreateOffersRequest(offered_items=[listing])),
)

covent_offers = covent.OffersApi(covent.ApiClient(covent.Configuration(host=URL, access_token=KEY)))


def offer(listing_id: str) -> Any:
    """Creates an offer."""
    body = covent.CreateOfferRequest(
        listing_id=listing_id, individual_id="ind_123", amount=372000, terms={}, notes=""
    )
    return covent_offers.create_offer_with_http_info(body)


show(covent, lambda: offer("lst_123"), lambda: offer("lst_nobody"))

sibi_offers = sibi.OffersApi(sibi.ApiClient(sibi.Configuration(host=URL, access_token=KEY)))
amount = sibi.BuyoutAmount(buyout_amount=45000)
show(
    sibi,
    lambda: sibi_offers.update_offer_buyout_amount_with_http_info("offer-123", amount),
    lambda: sibi_offers.update_offer_buyout_amount("nobody", amount),
)

keys = estateprime.Configuration(host=URL, username=KEY, password="secret")
estateprime_client = estateprime.ApiClient(keys)
estateprime_client.set_default_header("Content-Type", "application/json")
estateprime_offers = estateprime.OffersApi(estateprime_client)
show(
    estateprime,
    lambda: estateprime_offers.get_offer_with_http_info(54),
    lambda: estateprime_offers.get_offer(99999),
)

query = opendoor.GraphQLRequest(query="{ __typename }")


def graphql(configuration: opendoor.Configuration) -> Any:
    """Sends a query."""
    return opendoor.GraphQLApi(opendoor.ApiClient(configuration)).graphql_with_http_info(query)


show(
    opendoor,
    lambda: graphql(opendoor.Configuration(host=URL, username=KEY, password="")),
    lambda: graphql(opendoor.Configuration(host=URL)),
)

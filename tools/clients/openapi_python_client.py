"""Calls each provider with the clients of openapi-python-client: one call succeeds, one is refused."""

import base64
import json
import sys
from typing import Any

from covent.api.offers import create_offer
from covent.client import AuthenticatedClient as Covent
from covent.models import CreateOfferRequest, CreateOfferRequestTerms
from ebay.api.offers import find_eligible_items, send_offer_to_interested_buyers
from ebay.client import AuthenticatedClient as Ebay
from ebay.models import (
    CreateOffersRequest,
    FindEligibleItemsXEBAYCMARKETPLACEID,
    OfferedItemRequest,
    SendOfferToInterestedBuyersXEBAYCMARKETPLACEID,
)
from estateprime.api.offers import get_offer
from estateprime.client import AuthenticatedClient as EstatePrime
from opendoor.api.graph_ql import graphql
from opendoor.client import AuthenticatedClient as Opendoor
from opendoor.models import GraphQLRequest
from sibi.api.offers import update_offer_buyout_amount
from sibi.client import AuthenticatedClient as Sibi
from sibi.models import BuyoutAmount

URL, KEY = sys.argv[1], "sbx_openapi_python_client"


def show(provider: str, good: Any, refused: Any) -> None:
    """Prints both statuses and the parsed error."""
    told = {"good": int(good.status_code), "refused": int(refused.status_code), "error": str(refused.parsed)}
    assert good.parsed is not None, provider
    print(json.dumps({"provider": provider, **told}))


ebay = Ebay(base_url=URL, token=KEY)
listing = OfferedItemRequest(listing_id="110000150011", discount_percentage="10")
show(
    "ebay",
    find_eligible_items.sync_detailed(
        client=ebay, limit=2, x_ebay_c_marketplace_id=FindEligibleItemsXEBAYCMARKETPLACEID.EBAY_US
    ),
    send_offer_to_interested_buyers.sync_detailed(
        client=ebay,
        body=CreateOffersRequest(offered_items=[listing]),
        x_ebay_c_marketplace_id=SendOfferToInterestedBuyersXEBAYCMARKETPLACEID.EBAY_US,
    ),
)

covent = Covent(base_url=URL, token=KEY)


def offer(amount: float) -> Any:
    """Creates an offer."""
    body = CreateOfferRequest(
        listing_id="lst_123", individual_id="ind_123", amount=amount, terms=CreateOfferRequestTerms(), notes=""
    )
    return create_offer.sync_detailed(client=covent, body=body)


show("covent", offer(372000), offer(0))

sibi, amount = Sibi(base_url=URL, token=KEY), BuyoutAmount(buyout_amount=45000)
show(
    "sibi",
    update_offer_buyout_amount.sync_detailed("offer-123", client=sibi, body=amount),
    update_offer_buyout_amount.sync_detailed("nobody", client=sibi, body=amount),
)

pair = base64.b64encode(f"{KEY}:secret".encode()).decode()
estateprime = EstatePrime(base_url=URL, token=pair, prefix="Basic", headers={"Content-Type": "application/json"})
show(
    "estateprime",
    get_offer.sync_detailed(54, client=estateprime),
    get_offer.sync_detailed(99999, client=estateprime),
)

query = GraphQLRequest(query="{ __typename }")
show(
    "opendoor",
    graphql.sync_detailed(client=Opendoor(base_url=URL, token=KEY, prefix="Basic"), body=query),
    graphql.sync_detailed(client=Opendoor(base_url=URL, token="", prefix=""), body=query),
)

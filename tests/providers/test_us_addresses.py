"""The seeded homes of Covent and Opendoor: city, state and ZIP belong together, and the figures fit a home."""

import re

import pytest

from offer_sandbox.providers.covent import fixtures as covent
from offer_sandbox.providers.opendoor import fixtures as opendoor
from offer_sandbox.world.us_places import US_PLACES

PLACES = {(place.city, place.state): place for place in US_PLACES}
SEEDS = pytest.mark.parametrize("seed", [42, *range(10)])


@SEEDS
def test_a_home_of_covent_has_an_address_and_figures_that_fit(seed):
    listings = covent.build(seed)["listings"]
    for each in listings[1:]:  # the first is the documentation's
        address, details = each["address"], each["property_details"]
        place = PLACES[address["city"], address["state"]]
        assert address["zip"] in place.zips
        assert each["metadata"]["market"] == place.market
        assert re.fullmatch(r"[1-9][0-9]{2,3} [A-Z][a-z]+ [A-Z][a-z]+", address["street"])
        assert details["bedrooms"] >= (2 if details["property_type"] == "duplex" else 1)
        assert 1 <= details["bathrooms"] <= details["bedrooms"]
        assert 280 <= details["square_feet"] / details["bedrooms"] <= 800


@SEEDS
def test_buyers_of_covent_came_one_after_another_and_call_from_their_market(seed):
    buyers = covent.build(seed)["individuals"][1:]
    assert len({each["created_at"] for each in buyers}) > 7
    areas = {place.market: str(place.area) for place in US_PLACES}
    for each in buyers:
        for market in each["buy_box"]["markets"][:1]:
            assert each["general"]["phone"].startswith(f"+1{areas[market]}55501")


@SEEDS
def test_a_home_of_opendoor_has_a_ZIP_of_its_city(seed):
    for each in opendoor.build(seed)["offerRequests"][2:]:
        address = each["sandbox"]["address"]
        assert address["postalCode"] in PLACES[address["city"], address["state"]].zips

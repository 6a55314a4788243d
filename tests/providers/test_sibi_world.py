"""Sibi's seeded offers and products: addresses with their unit, telephones of the place, products of their SKU."""

import re

import pytest

from offer_sandbox.providers.sibi.fixtures import build
from offer_sandbox.providers.sibi.products import details
from offer_sandbox.world.us_places import US_PLACES

PLACES = {(place.city, place.state): place for place in US_PLACES}


@pytest.mark.parametrize("seed", range(12))
def test_a_unit_stands_in_the_second_line_and_the_telephone_fits_the_place(seed):
    offers = build(seed)["offers"]
    for each in offers:
        assert re.search(r"\b(Apt|Suite|Unit)\b", each["line1"]) is None, each["line1"]
        assert each["line2"] is None or re.fullmatch(r"(Apt \d+|Unit [A-D])", each["line2"])
        parts = [each["line1"], each["line2"], f"{each['city']}, {each['stateOrProvince']} {each['postalCode']}"]
        assert each["fullAddress"] == ", ".join(filter(None, parts))
        place = PLACES[each["city"], each["stateOrProvince"]]
        assert each["postalCode"] in place.zips
        assert each["customerPhone"].startswith(f"+1 ({place.area}) 555-01")


@pytest.mark.parametrize(
    ("sku", "title"),
    [
        ("GDF511PGRBB", "Dishwasher GDF511PGRBB"),
        ("GTW465ASNWW", "Top load washer GTW465ASNWW"),
        ("JGBS66REKSS", "Gas range JGBS66REKSS"),
        ("GNE27JYMFS", "French door refrigerator GNE27JYMFS"),
        ("GTD42EASJWW", "Electric dryer GTD42EASJWW"),
        ("NOPE", "Appliance NOPE"),
    ],
)
def test_a_product_is_what_its_sku_says(sku, title):
    product = details(sku, with_address=True)
    assert product["title"] == title
    kits = [part["title"] for each in product["addOns"] for part in each["includedPartProducts"]]
    assert kits == ["Installation kit", "Haul away kit", "Water line kit"]

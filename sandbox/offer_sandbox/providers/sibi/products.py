"""Sibi's products with prices and add-ons. Any sku is a product, and its prices are derived from the sku."""

from typing import Any

from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import Draw, seeded_rng

NO_PRODUCT = "no-such-product"
_KINDS = {  # by the first letters of the manufacturer's model numbers
    "GDF": "Dishwasher",
    "GDT": "Dishwasher",
    "GTW": "Top load washer",
    "GFW": "Front load washer",
    "GTD": "Electric dryer",
    "GFD": "Electric dryer",
    "JGB": "Gas range",
    "JB": "Electric range",
    "GNE": "French door refrigerator",
    "GFE": "French door refrigerator",
    "GSS": "Side-by-side refrigerator",
    "JVM": "Over-the-range microwave",
}
_ADD_ONS = ("Installation", "Haul away", "Water line kit")
_UPSELLS = ("Select", "Profile")
_ADD_ONS_BY_SKU = {  # the skus of Sibi's sample, with titles of our own
    "M007": "Installation",
    "M021": "Haul away",
    "M402": "Water line kit",
    "M421": "Power cord",
    "M435": "Leveling kit",
}
_DRYERS = {"GTW": "GTD42EASJWW", "GFW": "GFD55ESSNWW"}  # that match a washer, by the first letters of its sku


def priced(sku: str) -> Document:
    """Returns a product with `id`, `sku`, `title` and `priceCents`.

    An upgrade costs more than the product that it upgrades.
    """
    for number, name in enumerate(_UPSELLS, start=1):
        if (base := sku.removesuffix(f"-{name.upper()}")) != sku:
            title, cents = _own(base)
            return _product(sku, f"{title} {name}", cents + 20_000 * number)
    return _product(sku, *_own(sku))


def _own(sku: str) -> tuple[str, int]:
    kind = next((kind for letters, kind in _KINDS.items() if sku.startswith(letters)), "Appliance")
    return f"{kind} {sku}", _draw(sku).randrange(400, 900) * 100


def _product(sku: str, title: str, cents: int) -> Document:
    return {"id": f"product-{sku}", "sku": sku, "title": title, "priceCents": cents}


def upsells(sku: str) -> list[list[Document]]:
    """Returns the paid upgrades of a product, each with its products. The last upgrade of a washer includes a
    matching dryer."""
    options = [[priced(f"{sku}-{name.upper()}")] for name in _UPSELLS]
    options[-1] += [priced(dryer) for letters, dryer in _DRYERS.items() if sku.startswith(letters)]
    return options


def add_on(id: str) -> Document:
    """Returns an add-on by its id or its sku, with `id`, `title` and `priceCents`."""
    listed = next((name for name in _ADD_ONS if id.endswith(f"-{_slug(name)}")), None)
    named = listed or _ADD_ONS_BY_SKU.get(id, f"Add-on {id}")
    return {"id": id, "title": named, "priceCents": _draw("add-on", id).randrange(10, 90) * 100}


def details(sku: str, with_address: bool) -> Document:
    """Returns a product as getProduct shows it. Without an address it has a warning instead of add-ons."""
    product = priced(sku)
    warnings = [] if with_address else ["Add-ons are not available without a complete address."]
    return {
        "sku": sku,
        "title": product["title"],
        "priceCents": product["priceCents"],
        "addOns": [_offered(sku, name) for name in _ADD_ONS] if with_address else [],
        "recommendedParts": [_part(f"{sku}-connector", "Connector", "parts")],
        "warnings": warnings,
    }


def _offered(sku: str, name: str) -> Document:
    offered = add_on(f"addon-{sku}-{_slug(name)}")
    return {
        **offered,
        "products": [_part(offered["id"], name, "services")],
        "includedPartProducts": [_part(f"{offered['id']}-kit", f"{name.removesuffix(' kit')} kit", "parts")],
    }


def _part(sku: str, title: str, category: str) -> Document:
    return {"sku": sku, "title": title, "category": category, "priceCents": add_on(sku)["priceCents"]}


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")


def _draw(*names: Any) -> Draw:
    return seeded_rng(0, "sibi", "product", *names)  # a fixed seed: a sku is the same product everywhere

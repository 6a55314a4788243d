"""Sibi's products with prices and add-ons. Any sku is a product, and its prices are derived from the sku."""

from dataclasses import dataclass
from typing import Any

from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import Draw, seeded_rng

NO_PRODUCT = "no-such-product"
_INSTALLATION, _HAUL_AWAY, _WATER_LINE = "Installation", "Haul away", "Water line kit"
_DRY, _WET = (_INSTALLATION, _HAUL_AWAY), (_INSTALLATION, _HAUL_AWAY, _WATER_LINE)


@dataclass(frozen=True)
class _Kind:
    """A kind of product, with its lowest price in whole dollars, its add-ons and the parts that suit it. The
    highest price is half as much again."""

    title: str
    dollars: int
    add_ons: tuple[str, ...]
    parts: tuple[str, ...] = ()


_DISHWASHER = _Kind("Dishwasher", 480, _WET, ("Drain hose",))
_DRYER = _Kind("Electric dryer", 520, _DRY, ("Power cord", "Vent duct"))
_REFRIGERATOR = _Kind("French door refrigerator", 1150, _WET, ("Water filter",))
_UNKNOWN = _Kind("Appliance", 450, _DRY)
_KINDS = {  # by the first letters of the manufacturer's model numbers
    "GDF": _DISHWASHER,
    "GDT": _DISHWASHER,
    "GTW": _Kind("Top load washer", 540, _WET, ("Inlet fill hoses", "Drain pan")),
    "GFW": _Kind("Front load washer", 640, _WET, ("Inlet fill hoses", "Pedestal")),
    "GTD": _DRYER,
    "GFD": _DRYER,
    "JGB": _Kind("Gas range", 620, _DRY, ("Gas connector",)),
    "JB": _Kind("Electric range", 560, _DRY, ("Power cord",)),
    "GNE": _REFRIGERATOR,
    "GFE": _REFRIGERATOR,
    "GSS": _Kind("Side-by-side refrigerator", 990, _WET, ("Water filter",)),
    "JVM": _Kind("Over-the-range microwave", 240, (_INSTALLATION,), ("Charcoal filter",)),
}
_INCLUDED = {_INSTALLATION: ("Installation kit",), _HAUL_AWAY: (), _WATER_LINE: ("Water line", "Shutoff valve")}
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
    kind = _kind(sku)
    return f"{kind.title} {sku}", _draw(sku).randrange(kind.dollars, kind.dollars * 3 // 2) * 100


def _kind(sku: str) -> _Kind:
    return next((kind for letters, kind in _KINDS.items() if sku.startswith(letters)), _UNKNOWN)


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
    listed = next((name for name in _WET if id.endswith(f"-{_slug(name)}")), None)
    named = listed or _ADD_ONS_BY_SKU.get(id, f"Add-on {id}")
    return {"id": id, "title": named, "priceCents": _draw("add-on", id).randrange(10, 90) * 100}


def details(sku: str, with_address: bool) -> Document:
    """Returns a product as getProduct shows it. Without an address it has a warning instead of add-ons."""
    product, kind = priced(sku), _kind(sku)
    warnings = [] if with_address else ["Add-ons are not available without a complete address."]
    return {
        "sku": sku,
        "title": product["title"],
        "priceCents": product["priceCents"],
        "addOns": [_offered(sku, name) for name in kind.add_ons] if with_address else [],
        "recommendedParts": [_part(f"{sku}-{_slug(name)}", name) for name in kind.parts],
        "warnings": warnings,
    }


def _offered(sku: str, name: str) -> Document:
    """Returns an add-on of a product. Its price is the sum of its products."""
    offered = add_on(f"addon-{sku}-{_slug(name)}")
    service = {"sku": offered["id"], "title": name, "category": "services", "priceCents": offered["priceCents"]}
    products = [service]
    if name == _WATER_LINE:
        half = offered["priceCents"] // 2
        line = {**_part(f"{offered['id']}-line", "Water line"), "priceCents": half}
        products = [
            {**service, "title": "Water line connection", "priceCents": offered["priceCents"] - half},
            line,
        ]
    parts = [_part(f"{offered['id']}-{_slug(part)}", part) for part in _INCLUDED[name]]
    return {**offered, "products": products, "includedPartProducts": parts}


def _part(sku: str, title: str) -> Document:
    return {"sku": sku, "title": title, "category": "parts", "priceCents": add_on(sku)["priceCents"]}


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")


def _draw(*names: Any) -> Draw:
    return seeded_rng(0, "sibi", "product", *names)  # a fixed seed: a sku is the same product everywhere

"""What Sibi's products cost and what goes with them: any sku is a product, its figures follow from its letters."""

from typing import Any

from offer_sandbox.world.chance import Draw, derive
from offer_sandbox.world.collection import Document

NO_PRODUCT = "no-such-product"
_KINDS = ("Dishwasher", "Top load washer", "Gas range", "French door refrigerator", "Electric dryer")
_ADD_ONS = ("Installation", "Haul away", "Water line kit")
_UPSELLS = ("Select", "Profile")


def priced(sku: str) -> Document:
    """A product: `id`, `sku`, `title`, `priceCents`."""
    draw = _draw(sku)
    kind = draw.choice(_KINDS)
    return {
        "id": f"product-{sku}",
        "sku": sku,
        "title": f"{kind} {sku}",
        "priceCents": draw.randrange(400, 900) * 100,
    }


def upsells(sku: str) -> list[Document]:
    """The paid upgrades of a product, dearer than it."""
    base = priced(sku)
    return [
        {
            "id": f"{base['id']}-{name.lower()}",
            "sku": f"{sku}-{name.upper()}",
            "title": f"{base['title']} {name}",
            "priceCents": base["priceCents"] + 20_000 * number,
        }
        for number, name in enumerate(_UPSELLS, start=1)
    ]


def add_on(id: str) -> Document:
    """An add-on: `id`, `title`, `priceCents`."""
    return {"id": id, "title": f"Add-on {id}", "priceCents": _draw("add-on", id).randrange(10, 90) * 100}


def details(sku: str, with_address: bool) -> Document:
    """A product as its own call shows it: without an address there are no add-ons but a warning."""
    product = priced(sku)
    warnings = [] if with_address else ["Add-ons are not available without a complete address."]
    return {
        "sku": sku,
        "title": product["title"],
        "priceCents": product["priceCents"],
        "addOns": [_offered(sku, name) for name in _ADD_ONS] if with_address else [],
        "recommendedParts": [_part(sku, "Connector", "parts")],
        "warnings": warnings,
    }


def _offered(sku: str, name: str) -> Document:
    part = _part(sku, name, "services")
    return {
        "id": f"addon-{sku}-{name.lower().replace(' ', '-')}",
        "title": name,
        "priceCents": part["priceCents"],
        "products": [part],
        "includedPartProducts": [_part(sku, f"{name} kit", "parts")],
    }


def _part(sku: str, name: str, category: str) -> Document:
    number = _draw(sku, name).randrange(100, 999)
    return {"sku": f"M{number}", "title": name, "category": category, "priceCents": number * 10}


def _draw(*names: Any) -> Draw:
    return derive(0, "sibi", "product", *names)  # whatever the workspace: a sku is the same product everywhere

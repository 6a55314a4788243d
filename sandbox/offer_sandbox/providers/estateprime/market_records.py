"""Builds what EstatePrime's initial offers point at: listings, contacts, buyer requests, users and contracts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from offer_sandbox.providers.estateprime.market import USERS, Features, Market
from offer_sandbox.providers.estateprime.market_schemas import LISTING_STATUSES
from offer_sandbox.providers.estateprime.names import COMPANIES, MEN, PLACES, SURNAMES, WOMEN
from offer_sandbox.providers.estateprime.negotiation import working_time
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import Draw, seeded_rng

Records = dict[str, list[Document]]
COLLECTIONS = ("listings", "contacts", "requests", "users", "contracts")
UNOFFERED = {id: status for id, status in enumerate(LISTING_STATUSES, 1) if status != "active"}
"""Listings without offers: one of the store of the printed offers for each status that no offer's listing has."""
INACTIVE_REQUEST = 1
_PRINTED_LISTING = 120
_HOME = Features(PLACES[0], "residential", "apartment", "sale", 90)  # of what the documentation prints
_PRINTED_STORE = 2
_EARLY = datetime(2023, 1, 16, 10, 0)  # noqa: DTZ001 - wall time in Athens, before the first offer
_CODES = {"residential": "RE", "commercial": "CO", "land": "LA", "other": "OT"}
_DEPOSIT = 0.1  # of the price
_SQUARE_METRES_OF_A_ROOM = 28


@dataclass
class _Seen:
    """What the offers show of a listing, a request or a contact.

    - `first`, `last`: the times of the first creation and the last change of its offers.
    - `store`, `user`: those of the first offer.
    - `prices`, `features`: the asking prices and the properties of its offers, in order.
    - `accepted`: the time of the accepted round, or an empty string.
    - `contacts`: the buyers.
    """

    first: str
    last: str
    store: int
    user: int
    prices: list[int]
    features: list[Features]
    accepted: str = ""
    contacts: list[int] = field(default_factory=list)


def build(offers: list[Document], market: Market, seed: int, limit: datetime) -> Records:
    """Returns the records of each collection. `limit` is the latest time that a contract can have."""
    draw = seeded_rng(seed, "estateprime", "market")
    offered = _Offered(offers, market)
    contracts = [*_contracts(offers, draw, limit)]
    notaries = sorted({each["notary_contact_id"] for each in contracts} - {None})
    people = {**offered.contacts, **dict.fromkeys(notaries, offered.first_contact)}
    listings = (_listing(id, each, market, draw) for id, each in sorted(offered.listings.items()))
    requests = (_request(id, each, draw) for id, each in sorted(offered.requests.items()))
    return {
        "listings": [*_unoffered(draw), *listings],
        "contacts": [_contact(id, people[id], id in notaries, draw) for id in sorted(people)],
        "requests": [_inactive(draw, offered), *requests],
        "users": [*_users(draw)],
        "contracts": contracts,
    }


class _Offered:
    """The listings, requests and contacts of the offers, by their ids."""

    def __init__(self, offers: list[Document], market: Market) -> None:
        self.listings: dict[int, _Seen] = {}
        self.requests: dict[int, _Seen] = {}
        self.contacts: dict[int, _Seen] = {}
        for offer in offers:
            seen = _seen(offer, market)
            if not offer["listing"]["external"]:
                _add(self.listings, offer["listing"]["listing_id"], seen)
            if offer["request_id"] is not None:
                _add(self.requests, offer["request_id"], seen)
            for contact in offer["contacts"]:
                _add(self.contacts, contact, seen)

    @property
    def first_contact(self) -> _Seen:
        """What is shown of the contact with the lowest id."""
        return self.contacts[min(self.contacts)]


def _seen(offer: Document, market: Market) -> _Seen:
    accepted = [each["date_created"] for each in offer["rounds"] if each["type"] == "accepted"]
    return _Seen(
        first=offer["date_created"],
        last=offer["date_updated"],
        store=offer["store_id"],
        user=offer["created_by"],
        prices=[offer["current_listing_price"]],
        features=[_features(offer["listing"], market)],
        accepted=accepted[-1] if accepted else "",
        contacts=[*offer["contacts"]],
    )


def _features(listing: Document, market: Market) -> Features:
    """Returns the features of an offer's property. A field that is null is one of a usual home."""
    if not listing["external"]:
        known = market.listings.get(listing["listing_id"])
        return known.features if known else _HOME
    place = next((each for each in PLACES if each.municipality == listing["area_level2"]), _HOME.place)
    return Features(
        place=place,
        category=listing["category"] or _HOME.category,
        subcategory=listing["subcategory"] or _HOME.subcategory,
        availability=listing["availability"] or _HOME.availability,
        size=int(float(listing["size"] or _HOME.size)),
    )


def _add(known: dict[int, _Seen], id: int, seen: _Seen) -> None:
    """Adds what an offer shows. Offers are in the order of their creation."""
    former = known.get(id)
    if former is None:
        known[id] = seen
        return
    known[id] = replace(
        former,
        last=max(former.last, seen.last),
        prices=former.prices + seen.prices,
        features=former.features + seen.features,
        accepted=former.accepted or seen.accepted,
    )


def _listing(id: int, seen: _Seen, market: Market, draw: Draw) -> Document:
    created = _before(seen.first, draw)
    known = market.listings.get(id)
    price = known.prices[-1][1] if known else seen.prices[-1]
    status = "inactive" if seen.accepted else "active"
    times = (created, seen.accepted or created, seen.last)
    return _property(id, seen.store, seen.features[0], price, status, times, draw)


def _unoffered(draw: Draw) -> Iterator[Document]:
    times = (str(_EARLY),) * 3
    for id, status in UNOFFERED.items():
        price = 1000 * draw.randrange(140, 220)
        yield _property(id, _PRINTED_STORE, _HOME, price, status, times, draw)


def _property(
    id: int, store: int, features: Features, price: int, status: str, times: tuple[str, str, str], draw: Draw
) -> Document:
    """Returns a listing. `times` are those of its creation, of its status and of its last change."""
    built = features.category != "land"
    rooms = max(1, round(features.size / _SQUARE_METRES_OF_A_ROOM))
    created, since, updated = times
    return {
        "id": id,
        "store_id": store,
        "code": f"{_CODES[features.category]}-{id:05d}",
        "category": features.category,
        "subcategory": features.subcategory,
        "availability": features.availability,
        "price": price,
        "price_per_sqm": round(price / features.size),
        "size": features.size,
        "floor": draw.randrange(0, 6) if built else None,
        "rooms": min(rooms, 8) if built else None,
        "bathrooms": 1 + rooms // 4 if built else None,
        "year_built": draw.randrange(1962, 2022) if built else None,
        "status": status,
        "status_date": since,
        "date_created": created,
        "date_updated": max(created, since, updated),
    }


def _request(id: int, seen: _Seen, draw: Draw) -> Document:
    created = _before(seen.first, draw)
    return _wish(id, seen, "inactive" if seen.accepted else "active", created, seen.accepted or created, draw)


def _inactive(draw: Draw, offered: _Offered) -> Document:
    """Returns a request without offers, of a contact that has made offers since."""
    return _wish(INACTIVE_REQUEST, offered.first_contact, "inactive", str(_EARLY), str(_EARLY), draw)


def _wish(id: int, seen: _Seen, status: str, created: str, updated: str, draw: Draw) -> Document:
    """Returns a request. The properties of its offers are within its limits."""
    features, sizes = seen.features[0], [each.size for each in seen.features]
    home = all(each.category == "residential" for each in seen.features)
    places = {each.place.municipality: each.place for each in seen.features}
    return {
        "id": id,
        "date_created": created,
        "date_updated": updated,
        "created_by": seen.user,
        "store_id": seen.store,
        "source_id": draw.choice((None, 1, 2, 3)),
        "status": status,
        "availability": features.availability,
        "category": features.category,
        "subcategories": [*dict.fromkeys(each.subcategory for each in seen.features)],
        "price_min": _some(draw, min(seen.prices) // 2),
        "price_max": _some(draw, max(seen.prices) * 11 // 10, often=0.8),
        "price_per_sqm_min": _some(draw, 1, often=0.05),
        "price_per_sqm_max": _some(draw, max(map(_per_metre, seen.prices, sizes))),
        "size_min": _some(draw, min(sizes) * 8 // 10, often=0.8),
        "size_max": _some(draw, max(sizes) * 13 // 10),
        "year_built_min": _some(draw, 1960) if home else None,
        "year_built_max": _some(draw, 2024, often=0.1) if home else None,
        "rooms_min": _some(draw, 1, often=0.8) if home else None,
        "rooms_max": _some(draw, 8) if home else None,
        "floor_min": _some(draw, 0) if home else None,
        "floor_max": _some(draw, 6) if home else None,
        "has_elevator": draw.choice((None, True, False)) if home else None,
        "extra_fields": {},
        "contacts": seen.contacts,
        "users": [seen.user],
        "tags": [],
        "locations": [
            {
                "area_level1": each.region,
                "area_level2": each.municipality,
                "area_level3": draw.choice((None, *each.neighbourhoods)) if len(places) == 1 else None,
            }
            for each in places.values()
        ],
    }


def _contact(id: int, seen: _Seen, notary: bool, draw: Draw) -> Document:
    created = str(_EARLY) if notary else _before(seen.first, draw, longest=200)
    woman = draw.random() < 0.5
    first, last = draw.choice(WOMEN if woman else MEN), draw.choice(SURNAMES)[woman]
    company = not notary and draw.random() < 0.06
    return {
        "id": id,
        "first_name": first,
        "last_name": last,
        "source_id": None if notary else draw.choice((None, 1, 2, 3)),
        "is_lead": False,
        "is_company": company,
        "company_name": draw.choice(COMPANIES) if company else None,
        "phones": [_phone(id, draw)],
        "emails": [_email(id, first, last, draw)] if draw.random() < 0.9 else [],
        "notes": "Notary." if notary else draw.choice(("Prefers calls in the evening.", None, None, None)),
        "custom_fields": [],
        "contact_details": [],
        "tags": [],
        "date_created": created,
        "created_by": seen.user,
        "users": [seen.user],
        "date_updated": created,
        "date_converted_to_client": None if notary else created,
    }


def _phone(id: int, draw: Draw) -> Document:
    """Returns a number that nobody can have, because it begins with 0 after the area code."""
    notes = draw.choice(("Only in the morning.", None, None, None, None))
    return {"type": draw.choice(("mobile", "home")), "number": f"+30 2310 {id:06d}", "notes": notes}


def _email(id: int, first: str, last: str, draw: Draw) -> Document:
    notes = draw.choice(("Answers quickly.", None, None, None, None))
    return {"type": draw.choice(("home", "work")), "email_address": _address(id, first, last), "notes": notes}


def _address(id: int, first: str, last: str) -> str:
    return f"{first}.{last}.{id}@example.com".lower().replace(" ", ".")


def _users(draw: Draw) -> Iterator[Document]:
    for id in sorted(id for users in USERS.values() for id in users):
        woman = draw.random() < 0.5
        first, last = draw.choice(WOMEN if woman else MEN), draw.choice(SURNAMES)[woman]
        manages = any(users[0] == id for users in USERS.values())
        yield {
            "id": id,
            "first_name": first,
            "last_name": last,
            "usergroup": "manager" if manages else "agent",
            "email": _address(id, first, last),
            "phone": None if id == max(USERS[5]) else f"+30 2310 {id:06d}",
            "is_active": id != max(USERS[1]),
        }


def _contracts(offers: list[Document], draw: Draw, limit: datetime) -> Iterator[Document]:
    accepted = [each for each in offers if each["status"] == "accepted"]
    highest = max(contact for offer in offers for contact in offer["contacts"])
    for id, offer in enumerate(accepted, 1):
        yield _contract(id, offer, draw, (highest + 1, highest + 3), limit)


def _contract(id: int, offer: Document, draw: Draw, notaries: tuple[int, int], limit: datetime) -> Document:
    end = next(each for each in offer["rounds"] if each["type"] == "accepted")
    agreed = datetime.fromisoformat(end["date_created"])
    created = max(agreed, min(working_time(draw, agreed + timedelta(days=draw.randint(1, 6))), limit))
    signed = draw.random() < 0.5
    paid = id == 1 or draw.random() < 0.8
    amount = int(end["amount"])
    return {
        "id": id,
        "offer_id": offer["id"],
        "request_id": offer["request_id"],
        "store_id": offer["store_id"],
        "status_id": 2 if signed else 1,
        "created_by": end["created_by"],
        "date_created": str(created),
        "date_updated": str(created),
        "status_date": str(created) if signed else None,
        "currency": offer["currency"],
        "loan_percentage": offer["loan_percentage"],
        "initial_property_price": offer["current_listing_price"],
        "final_property_price": amount,
        "deposit_amount": round(amount * _DEPOSIT) if paid else None,
        "deposit_date": str(created.date()) if paid else None,
        "notary_contact_id": draw.randint(*notaries) if signed else None,
        "notes": draw.choice(("Keys after the signature.", None, None)),
        "external_contact": offer["external_contact"],
        "listing": offer["listing"],
        "contacts": offer["contacts"],
    }


def recent_ids(world: Mapping[str, list[Document]], first: int) -> dict[str, set[int]]:
    """Returns the ids of the records that only offers from the id `first` on point at, by collection."""
    return {
        "listings": _only(world["offers"], first, lambda offer: [offer["listing"].get("listing_id")]),
        "requests": _only(world["offers"], first, lambda offer: [offer["request_id"]]),
        "contacts": _only(world["offers"], first, lambda offer: offer["contacts"]),
        "contracts": {each["id"] for each in world["contracts"] if each["offer_id"] >= first},
        "users": set(),
    }


def _only(offers: list[Document], first: int, named: Callable[[Document], list[int]]) -> set[int]:
    older = {id for offer in offers if offer["id"] < first for id in named(offer)}
    return {id for offer in offers if offer["id"] >= first for id in named(offer)} - older


def _before(date: str, draw: Draw, longest: int = 60) -> str:
    """Returns a time within working hours, some days before another one."""
    day = datetime.fromisoformat(date) - timedelta(days=draw.randint(4, longest))
    return str(working_time(draw, day))


def _per_metre(price: int, size: int) -> int:
    """Returns the price of a square metre with some room above it."""
    return price * 13 // 10 // size + 1


def _some(draw: Draw, value: int, often: float = 0.4) -> int | None:
    """Returns a limit, or none."""
    return value if draw.random() < often else None

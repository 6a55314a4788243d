"""The properties, requests and people behind EstatePrime's initial offers, each of one office."""

from dataclasses import dataclass, field
from datetime import datetime

from offer_sandbox.providers.estateprime.names import LISTING_NOTES, MEN, PLACES, SURNAMES, WOMEN, Place
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import Draw

STORES = (1, 2, 3, 4, 5)
USERS = {1: (1, 2, 4), 2: (3, 5, 8), 3: (6, 7, 9), 4: (10, 11), 5: (12, 13, 14)}
_KINDS = {  # subcategories and sizes in square metres
    "residential": (("apartment", "maisonette", "detached_house", "studio"), (32, 190)),
    "commercial": (("office", "store", "warehouse"), (25, 400)),
    "land": (("plot", "farm_land"), (250, 6000)),
    "other": (("parking", "storage_room"), (10, 30)),
}
_PER_METRE = {"residential": 2000, "commercial": 1500, "land": 90, "other": 1100}
_WEIGHTS = {"residential": 14, "commercial": 3, "land": 2, "other": 1}
_AVAILABLE = {
    "residential": ("sale",) * 8 + ("rent", "rent", "shortterm", "auction"),
    "land": ("sale", "sale", "auction"),
}
_USUAL = ("sale", "sale", "rent", "auction")
_AUCTION = 0.7  # the part of the value at which an auction begins
_RENT_MONTHS = 220  # a property's value in monthly rents
_NIGHTS = 2600  # a property's value in nightly prices
_ALWAYS = datetime(2000, 1, 1)  # noqa: DTZ001 - wall time in Athens
_MOST_OFFERS = 4  # for a property
_NOTED = 0.3  # how often an external listing has notes
_MISSING = 0.06  # how often a field of an external listing is null
_FIRST_EXTERNAL = (
    ("residential", "sale"),
    ("commercial", "rent"),
    ("land", "auction"),
    ("other", "sale"),
    ("residential", "shortterm"),
)
_FIELDS = (  # of an external listing, in the order of the documentation
    "address", "price", "owner_name", "listing_code", "availability", "category", "subcategory", "size",
    "area_level1", "area_level2", "area_level3", "listing_link", "notes",
)  # fmt: skip
_OF_PAGES = {88: (2, (23, 45)), 91: (2, (30,))}  # the requests that the documentation prints: store and contacts


@dataclass(frozen=True)
class Features:
    """The features of a property. `size` is in square metres."""

    place: Place
    category: str
    subcategory: str
    availability: str
    size: int


@dataclass
class Property:
    """A property on the market.

    - `listing_id`: the id of its internal listing, or None if it is outside the system.
    - `snapshot`: what an offer shows of it without its price. Empty for an internal listing.
    - `step`: the step in which sums are named, in whole euros.
    - `prices`: the asking prices, each with the time from which it applies.
    - `quiet_from`: the time from which no offer has looked at its price yet.
    - `undecided`: the number of its offers that were neither accepted nor ended.
    """

    store: int
    listing_id: int | None
    snapshot: Document
    step: int
    features: Features
    prices: list[tuple[datetime, int]]
    sold: bool = False
    quiet_from: datetime = _ALWAYS
    offers: int = 0
    undecided: int = 0

    @property
    def rented(self) -> bool:
        """Whether it is to let."""
        return self.features.availability in ("rent", "shortterm")

    @property
    def home(self) -> bool:
        """Whether people live in it."""
        return self.features.category == "residential"

    def price_at(self, when: datetime) -> int:
        """Returns the asking price at a time."""
        self.quiet_from = max(self.quiet_from, when)
        return next(price for since, price in reversed(self.prices) if since <= when)

    def takes_offers(self, when: datetime, accepted: bool) -> bool:
        """Returns whether a new offer can be made at a time: the property is not sold, and its price does not
        change later. An offer that is to be `accepted` must be the only one at that time."""
        alone = not self.undecided and self.quiet_from <= when
        return (
            not self.sold and self.offers < _MOST_OFFERS and self.prices[-1][0] <= when and (alone or not accepted)
        )

    def shown(self, price: int) -> Document:
        """Returns the property as an offer shows it."""
        if self.listing_id is not None:
            return {"external": False, "listing_id": self.listing_id}
        return {name: price if name == "price" and value else value for name, value in self.snapshot.items()}


@dataclass
class Market:
    """Everything that offers refer to. Each property and each request has one office. `listings` has the internal
    properties by the ids of their listings, and `contacts` the buyers of each request."""

    draw: Draw
    properties: dict[int, list[Property]] = field(default_factory=lambda: {store: [] for store in STORES})
    requests: dict[int, list[int]] = field(default_factory=lambda: {store: [] for store in STORES})
    contacts: dict[int, tuple[int, ...]] = field(default_factory=dict)
    listings: dict[int, Property] = field(default_factory=dict)
    listing_ids: int = 120
    request_ids: int = 91
    contact_ids: int = 45
    external: int = 0  # the number of external properties so far

    def __post_init__(self) -> None:
        for request, (store, contacts) in _OF_PAGES.items():
            self.requests[store].append(request)
            self.contacts[request] = contacts

    def user(self, store: int) -> int:
        """Returns one of an office's users."""
        return self.draw.choice(USERS[store])

    def buyer(self, store: int) -> tuple[int, tuple[int, ...]]:
        """Returns a request of an office with its contacts. A quarter of the requests are known already."""
        if len(self.requests[store]) > 2 and self.draw.random() < 0.25:
            request = self.draw.choice(self.requests[store])
            return request, self.contacts[request]
        self.request_ids += 1
        self.requests[store].append(self.request_ids)
        self.contacts[self.request_ids] = self.people()
        return self.request_ids, self.contacts[self.request_ids]

    def people(self) -> tuple[int, ...]:
        """Returns one or two new contacts."""
        number = self.draw.choice((1, 1, 2))
        self.contact_ids += number
        return tuple(range(self.contact_ids - number + 1, self.contact_ids + 1))

    def wanted(self, store: int, when: datetime, number: int, accepted: bool) -> Property:
        """Returns the property that a new offer is about: one of the office's, or a new one. `number` makes the
        codes of external listings unique. `accepted` is whether the offer is going to be accepted."""
        open_ones = [each for each in self.properties[store] if each.takes_offers(when, accepted)]
        if open_ones and self.draw.random() < 0.45:
            found = self.draw.choice(open_ones)
        else:
            found = self._listed(store, when, number)
            self.properties[store].append(found)
        found.offers += 1
        return found

    def close(self) -> None:
        """Takes every property off the market, so that later offers are about new ones."""
        self.properties = {store: [] for store in STORES}

    def _listed(self, store: int, when: datetime, number: int) -> Property:
        draw = self.draw
        internal = draw.random() < 0.7
        category, availability = self._kind(internal)
        place = draw.choice(PLACES)
        subcategories, (smallest, largest) = _KINDS[category]
        subcategory = draw.choice(subcategories)
        size = draw.randrange(20, 40) if subcategory == "studio" else draw.randrange(smallest, largest)
        value = size * _PER_METRE[category] * place.level * draw.uniform(0.8, 1.2)
        price, step = _asked(value, availability)
        found = Property(
            store=store,
            listing_id=None,
            snapshot={},
            step=step,
            features=Features(place, category, subcategory, availability, size),
            prices=[(_ALWAYS, price)],
            quiet_from=when,
        )
        if internal:
            self.listing_ids += 1
            found.listing_id = self.listing_ids
            self.listings[self.listing_ids] = found
            return found
        described = {"availability": availability, "category": category, "subcategory": subcategory}
        size_text = f"{size}.{draw.choice(('00', '50'))}"
        found.snapshot = self._snapshot(number, place, {"price": price, "size": size_text, **described})
        return found

    def _kind(self, internal: bool) -> tuple[str, str]:
        """Returns a category and an availability. The first external properties have each of them."""
        if not internal and self.external < len(_FIRST_EXTERNAL):
            return _FIRST_EXTERNAL[self.external]
        category = self.draw.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        return category, self.draw.choice(_AVAILABLE.get(category, _USUAL))

    def _snapshot(self, number: int, place: Place, known: Document) -> Document:
        """Returns an external property. The first ones are whole. Then each field is null once."""
        draw = self.draw
        values = {
            "address": f"{draw.choice(place.streets)} {draw.randrange(1, 140)}, {place.city}",
            "owner_name": _name(draw),
            "listing_code": f"EXT-{number:05d}",
            "area_level1": place.region,
            "area_level2": place.municipality,
            "area_level3": draw.choice(place.neighbourhoods),
            "listing_link": f"https://portal.example.com/listing/{number}",
            "notes": draw.choice(LISTING_NOTES) if draw.random() < _NOTED else None,
            **known,
        }
        missing = self.external - len(_FIRST_EXTERNAL)
        chance = _MISSING if missing >= 0 else 0
        self.external += 1
        return {
            "external": True,
            **{
                name: None if place == missing or draw.random() < chance else values[name]
                for place, name in enumerate(_FIELDS)
            },
        }


def _asked(value: float, availability: str) -> tuple[int, int]:
    """Returns the asking price of a property in euros, and the step in which people name sums for it."""
    if availability == "rent":
        return max(12, round(value / _RENT_MONTHS / 10)) * 10, 5
    if availability == "shortterm":
        return max(35, round(value / _NIGHTS)), 1
    full = value * _AUCTION if availability == "auction" else value
    unit, step = (1000, 500) if full > 20_000 else (500, 100)
    return max(10, round(full / unit)) * unit, step


def _name(draw: Draw) -> str:
    woman = draw.random() < 0.5
    return f"{draw.choice(WOMEN if woman else MEN)} {draw.choice(SURNAMES)[woman]}"

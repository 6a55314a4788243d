"""EstatePrime's provider definition: documentation links, paths, hosts, collections and settings."""

from offer_sandbox.contract import Provider, parts_of
from offer_sandbox.world.collection import Collection

OFFERS = Collection(
    provider="estateprime",
    name="offers",
    key="id",
    columns={
        "id": lambda offer: offer["id"],
        "status": lambda offer: offer["status"],
        "is_active": lambda offer: int(offer["is_active"]),
        "listing_id": lambda offer: offer["listing"].get("listing_id"),
        "request_id": lambda offer: offer["request_id"],
        "store_id": lambda offer: offer["store_id"],
        "created_by": lambda offer: offer["created_by"],
        "contacts": lambda offer: f",{','.join(map(str, offer['contacts']))},",
        "date_created": lambda offer: offer["date_created"],
        "date_updated": lambda offer: offer["date_updated"],
    },
    indexes=(("id",), ("status", "id"), ("store_id", "id"), ("date_created",), ("date_updated",)),
)

_NEIGHBOURS = tuple(
    Collection(
        provider="estateprime",
        name=name,
        key="id",
        columns={"id": lambda each: each["id"]},
        indexes=(("id",),),
        later=True,
    )
    for name in ("listings", "contacts", "requests", "users")
)
CONTRACTS = Collection(
    provider="estateprime",
    name="contracts",
    key="id",
    columns={"id": lambda contract: contract["id"], "offer_id": lambda contract: contract["offer_id"]},
    indexes=(("id",), ("offer_id", "id")),
    later=True,
)

provider = Provider(
    name="estateprime",
    title="EstatePrime API",
    links=(
        "https://developers.estateprime.gr/endpoints/offers.html",
        *(
            f"https://developers.estateprime.gr/endpoints/{name}.html"
            for name in ("listings", "contacts", "requests", "users", "contracts")
        ),
        "https://developers.estateprime.gr/getting-started/authentication.html",
    ),
    read_on="2026-11-21",
    roots=("/api",),
    hosts=("*.estateprime.gr",),
    collections=(OFFERS, *_NEIGHBOURS, CONTRACTS),
    load=parts_of(__package__),
    switches={"estateprime.require_json": (True, False), "estateprime.query_filter": (False, True)},
    tags={
        "Offers": "The offers of buyers on properties, with their negotiations. They can only be read.",
        "Listings": "The properties of the offices.",
        "Requests": "The buyer requests, which are what buyers look for.",
        "Contacts": "The people and companies that the offices know.",
        "Users": "The users of the account.",
        "Contracts": "The contracts that accepted offers lead to.",
    },
    not_imitated=tuple(
        f"/api/{name}"
        for name in (
            "listings",
            "requests",
            "contacts",
            "contracts",
            "external-listings",
            "users",
            "locations",
            "reminders",
        )
    ),
    environment={
        "ESTATEPRIME_API_URL": "{url}/api",
        "ESTATEPRIME_PUBLIC_KEY": "{key}",
        "ESTATEPRIME_SECRET_KEY": "secret",
    },
)

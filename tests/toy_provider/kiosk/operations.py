"""The kiosk's calls: what each is, above the function that joins request, records and behaviour."""

from offer_sandbox.providers.kiosk import behaviour, schemas

from offer_sandbox.contract import Call, CallError, Operation, Reply, counted, page
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import letters, seeded_rng

CREATE, GET, LIST, UPDATE = "createOffer", "getOffer", "listOffers", "updateOffer"
_SOURCE = "Kiosk, Offers"


def new_id(seed: int, collection: str, ordinal: int) -> str:
    """The id of the n-th offer that calls make."""
    return f"kiosk-{letters(seeded_rng(seed, 'kiosk', collection, ordinal), 8)}"


@Operation(
    name=CREATE,
    method="POST",
    path="/kiosk-api/offers",
    evidence="docs",
    source=_SOURCE,
    body=schemas.SendOffer(),
    answers={201: schemas.Offer()},
)
def create(call: Call) -> Reply:
    """Makes an offer.

    The offer is open until its time has passed.
    """
    world = call.world
    id = new_id(world.row.seed, "offers", world.next_ordinal("offers"))
    offer = behaviour.create(id, call.body["amount"], call.progressions["kiosk.expiry"], world.now)
    world.put("offers", offer)
    return Reply(outcome="success", body=shown(offer))


@Operation(
    name=GET,
    method="GET",
    path="/kiosk-api/offers/{id}",
    evidence="docs",
    source=_SOURCE,
    answers={200: schemas.Offer()},
)
def get(call: Call) -> Reply:
    """One offer.

    A read that is forced to a status stores nothing.
    """
    offer = _found(call)
    if call.forced is not None:
        return Reply(outcome=call.forced, body=shown({**offer, "status": call.forced}))
    after = counted(call, "offers", offer, behaviour.polled)
    return Reply(outcome=after["status"], body=shown(after))


@Operation(
    name=LIST,
    method="GET",
    path="/kiosk-api/offers",
    evidence="docs",
    source=_SOURCE,
    query=schemas.ListQuery(),
    answers={200: schemas.OfferList()},
)
def list_offers(call: Call) -> Reply:
    """The offers, a page at a time."""
    found = page(call, "offers", int(call.query.get("page", 1)), schemas.PAGE_SIZE)
    body = {"offers": [shown(offer) for offer in found.rows], "page": found.number, "total": found.total}
    return Reply(outcome=found.outcome, body=body, declined=found.declined)


@Operation(
    name=UPDATE,
    method="PUT",
    path="/kiosk-api/offers/{id}",
    evidence="docs",
    source=_SOURCE,
    body=schemas.SendOffer(),
    answers={200: schemas.Offer()},
)
def update(call: Call) -> Reply:
    """Changes an offer that is open."""
    offer = _found(call)
    if offer["status"] != behaviour.OPEN:
        raise CallError.of("offer_expired", f"the offer {offer['id']} has expired", "path.id")
    after = {**offer, "amount": call.body["amount"]}
    call.world.put("offers", after)
    return Reply(outcome="success", body=shown(after))


def shown(offer: Document) -> Document:
    """An offer as everybody may see it."""
    return {name: value for name, value in offer.items() if name != "sandbox"}


def _found(call: Call) -> Document:
    offer = call.world.get("offers", call.path["id"])
    if offer is None:
        raise CallError.of("not_found", f"there is no offer {call.path['id'][:80]}", "path.id")
    return offer


OPERATIONS = (create, get, list_offers, update)

"""The kiosk's calls: their declarations and the functions that join request, records and behaviour."""

from offer_sandbox.providers.kiosk import schemas

from offer_sandbox.contract import Call, CallError, Operation, Reply
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import letters, seeded_rng

CREATE, GET = "createOffer", "getOffer"
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
    body=schemas.CreateOffer(),
    answers={201: schemas.Offer()},
)
def create(call: Call) -> Reply:
    """Makes an offer.

    The offer is open until its time has passed.
    """
    world = call.world
    due, _ = call.progressions["kiosk.expiry"].planned(world.now)  # `manual` is for steps that reads move on
    id = new_id(world.row.seed, "offers", world.next_ordinal("offers"))
    offer = {"id": id, "amount": call.body["amount"], "status": "open", "sandbox": {"due": due}}
    world.put("offers", offer)
    return Reply(outcome="success", body=_shown(offer))


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
    offer = call.world.get("offers", call.path["id"])
    if offer is None:
        raise CallError.of("not_found", f"there is no offer {call.path['id'][:80]}", "path.id")
    status = call.forced or offer["status"]
    return Reply(outcome=status, body=_shown({**offer, "status": status}))


def _shown(offer: Document) -> Document:
    return {name: value for name, value in offer.items() if name != "sandbox"}


OPERATIONS = (
    create,
    get,
)

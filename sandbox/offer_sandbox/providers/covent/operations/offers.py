"""The five calls on offers."""

from offer_sandbox.contract import Call, Operation, Refusal, Reply
from offer_sandbox.providers.covent import behaviour
from offer_sandbox.providers.covent.fieldsets import shown
from offer_sandbox.providers.covent.identifiers import mint
from offer_sandbox.providers.covent.schemas import offers as schemas
from offer_sandbox.providers.covent.validation import existing, instant, judge, judged_record, something
from offer_sandbox.world.collection import Document

CREATE_OFFER, GET_OFFER, UPDATE_OFFER, ACCEPT, REJECT = (
    "createOffer",
    "getOffer",
    "updateOffer",
    "acceptOffer",
    "rejectOffer",
)
_DECISION = "covent.decision"


def create_offer(call: Call) -> Reply:
    """A new offer, submitted; what decides it follows."""
    world = call.world
    listing = world.get("listings", call.body["listing_id"])
    assert listing is not None
    if listing["status"] != "active":
        reason = f"the listing {listing['id']} is {listing['status']}, only an active one takes offers"
        raise Refusal.of("listing_not_active", reason, "body.listing_id")
    id = mint(world.row.seed, "offers", world.mint("offers"))
    offer = behaviour.create(id, call.body, world.now)
    world.put("offers", behaviour.awaiting_decision(offer, call.progressions.get(_DECISION), world.now))
    return Reply(outcome="success", body=shown(offer, call.operation.answers[200]))


def get_offer(call: Call) -> Reply:
    """An offer with its history; a read that is forced to a status stores nothing."""
    offer = judged_record(call, "offers")
    if call.fate is not None:
        forced = behaviour.shown_as(offer, call.fate, call.world.now)
        return Reply(outcome=call.fate, body=shown(forced, call.operation.answers[200]))
    after = behaviour.polled(offer, call.world.now)
    if after is not offer:
        call.world.put("offers", after)
    body = shown(after, call.operation.answers[200])
    return Reply(outcome=after["status"], body=body, magic=behaviour.by_magic(after))


def update_offer(call: Call) -> Reply:
    """Other amount, terms or expiry for an offer that is not final."""
    return _changed_offer(call, behaviour.updated(_open(call), call.body, call.world.now))


def accept(call: Call) -> Reply:
    """Accepts an offer that is not final."""
    return _changed_offer(call, behaviour.accepted(_open(call), call.body, call.world.now))


def reject(call: Call) -> Reply:
    """Rejects an offer that is not final."""
    return _changed_offer(call, behaviour.rejected(_open(call), call.body, call.world.now))


def _changed_offer(call: Call, after: Document) -> Reply:
    call.world.put("offers", after)
    return Reply(outcome="success", body=shown(after, call.operation.answers[200]))


def _open(call: Call) -> Document:
    offer = judged_record(call, "offers")
    if offer["status"] != behaviour.SUBMITTED:
        raise Refusal.of(
            "invalid_state", f"the offer {offer['id']} is {offer['status']}, which is final", "path.id"
        )
    return offer


_SEED = "Covent, Create A New Offer Against A Listing"
OFFER_OPERATIONS = (
    Operation(
        name=CREATE_OFFER,
        method="POST",
        path="/api/v1/offers",
        summary="Creates an offer against a listing",
        evidence="seed",
        source=_SEED,
        handler=create_offer,
        judge=judge("", existing("listing_id", "listings"), existing("individual_id", "individuals")),
        body=schemas.CreateOffer(),
        answers={200: schemas.OfferCreated()},
    ),
    Operation(
        name=GET_OFFER,
        method="GET",
        path="/api/v1/offers/{id}",
        summary="One offer and its history",
        evidence="docs",
        source="Covent, Get A Single Offer And Its Current Lifecycle State",
        handler=get_offer,
        judge=judge("offers"),
        answers={200: schemas.OfferShown()},
    ),
    Operation(
        name=UPDATE_OFFER,
        method="PATCH",
        path="/api/v1/offers/{id}",
        summary="Changes an offer that is not final",
        evidence="docs",
        source="Covent, Update Mutable Offer Fields Before Final Workflow Actions Occur",
        handler=update_offer,
        judge=judge("offers", something, instant("expires_at")),
        body=schemas.UpdateOffer(),
        answers={200: schemas.OfferUpdated()},
    ),
    Operation(
        name=ACCEPT,
        method="POST",
        path="/api/v1/offers/{id}/accept",
        summary="Accepts an offer",
        evidence="docs",
        source="Covent, Accept An Offer",
        handler=accept,
        judge=judge("offers", instant("accepted_at")),
        body=schemas.AcceptOffer(),
        answers={200: schemas.OfferAccepted()},
    ),
    Operation(
        name=REJECT,
        method="POST",
        path="/api/v1/offers/{id}/reject",
        summary="Rejects an offer",
        evidence="docs",
        source="Covent, Reject An Offer",
        handler=reject,
        judge=judge("offers"),
        body=schemas.RejectOffer(),
        answers={200: schemas.OfferRejected()},
    ),
)

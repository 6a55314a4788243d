"""Opendoor's operations: declarations and handlers that connect arguments, records and behaviour."""

from dataclasses import replace

from offer_sandbox.contract import Call, CallError, MagicValue, Operation, Reply, counted
from offer_sandbox.providers.opendoor import behaviour, products
from offer_sandbox.providers.opendoor.closing import CLOSING
from offer_sandbox.providers.opendoor.magic import in_email, in_street, near_miss, too_late
from offer_sandbox.providers.opendoor.stages import DENIED, EVALUATING, PENDING, stage_of
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import seeded_rng, uuid4

CREATE, UPDATE, READ = "offerRequestCreate", "offerRequestUpdate", "offerRequest"
PRICING = "offerRequestWithProductsPricing"
_EVALUATION = "opendoor.evaluation"
_RECORDS = "offerRequests"
_STREET, _EMAIL = "body.params.address.street1", "body.params.offerInput.sellerEmail"
_ADDRESS = ("street1", "city", "state", "postalCode")
_ANY_DENIAL = "OTHER_DENIAL_DETAIL"


def new_id(seed: int, collection: str, ordinal: int) -> str:
    """Returns the id of the n-th record that calls create in a collection."""
    return uuid4(seeded_rng(seed, "opendoor", collection, ordinal))


_SEED = "Opendoor, Generating Offers"


@Operation(
    name=CREATE,
    method="POST",
    path="/graphql",
    evidence="seed",
    source=_SEED,
    magic=(MagicValue(field=_STREET, reads=in_street),),
)
def create(call: Call) -> Reply:
    """Mutation: initializes an offer request for an address.

    The new request is `PENDING` and accepts answers, or it is `DENIED` if the address is refused immediately. A
    denial is a normal result with `denialInfo`, not a GraphQL error. Select `opendoorOfferRequestId`, because no
    other call returns it later. The sandbox denies only a magic street such as `1 Deny flood-zone St`, or if an
    outcome is forced. The same address twice creates two requests, and a blank part of the address returns
    null with the error `BAD_USER_INPUT` (both inferred).
    """
    address = call.body["params"]["address"]
    if blank := [name for name in _ADDRESS if not address[name].strip()]:
        raise CallError.of("BAD_USER_INPUT", f"address.{blank[0]} must not be blank", f"params.address.{blank[0]}")
    id = new_id(call.world.row.seed, _RECORDS, call.world.next_ordinal(_RECORDS))
    happening = behaviour.create(id, address, call.forced, call.world.now, call.wish(_STREET))
    call.world.put(_RECORDS, happening.record)
    return replace(_reply(happening), notices=near_miss(address["street1"]))


@Operation(
    name=UPDATE,
    method="POST",
    path="/graphql",
    evidence="seed",
    source=_SEED,
    magic=(MagicValue(field=_EMAIL, reads=in_email),),
)
def update(call: Call) -> Reply:
    """Mutation: adds answers to an offer request, and submits it if both contact fields are present.

    Once the request has a `sellerFullName` and a `sellerEmail` that are not blank, it becomes `EVALUATING_REQUEST`
    and its price is fixed. The setting `opendoor.evaluation` decides when the evaluation ends. A disqualifying
    answer such as `homeEligibilityCriteriaFireDamage` denies the request instead (inferred). Later answers are
    stored, but change neither price nor status. An unknown id returns null with the error `NOT_FOUND` (inferred).
    """
    params = call.body["params"]
    record = _found(call, params["opendoorOfferRequestId"], "params.opendoorOfferRequestId")
    happening = behaviour.update(
        record, params.get("offerInput") or {}, call.forced, call.world.now, call.wish(_EMAIL)
    )
    after = happening.record
    if stage_of(after) == EVALUATING and stage_of(record) == PENDING:
        after = _evaluated(call, after)
        happening = _concluded(happening, after)
    call.world.put(_RECORDS, after)
    # a request that is no longer PENDING, or that this call does not submit, may not reach the forced outcome
    declined = call.forced not in (None, happening.outcome)
    email = (params.get("offerInput") or {}).get("sellerEmail") or ""
    return replace(_reply(happening), declined=declined, notices=near_miss(email) or too_late(email))


@Operation(
    name=READ,
    method="POST",
    path="/graphql",
    evidence="seed",
    source=_SEED,
    safe=True,
)
def read(call: Call) -> Reply:
    """Query: returns the current state of an offer request.

    Poll it after the submission until `offerStatus` is `OFFERED` or `DENIED`. If the setting `opendoor.evaluation`
    is `manual`, a number of reads ends the evaluation. An expired offer is still `OFFERED`, with an `expirationAt`
    in the past (inferred). A forced state affects only the response, and nothing is stored. An unknown id returns
    null with the error `NOT_FOUND` (inferred).
    """
    record = _found(call, call.body["opendoorOfferRequestId"], "opendoorOfferRequestId")
    if call.forced is not None:
        return Reply(outcome=call.forced, body=_as_forced(call, record, call.forced))
    after = counted(call, _RECORDS, record, behaviour.polled)
    return Reply(outcome=behaviour.outcome_of(after), body=after)


@Operation(
    name=PRICING,
    method="POST",
    path="/graphql",
    evidence="docs",
    source="Opendoor, OfferRequestWithProductsPricing (its argument is inferred)",
    safe=True,
)
def price(call: Call) -> Reply:
    """Query: returns the current state of an offer request, product by product.

    The overall `offerStatus` is `OFFERED` if any product is priced, and `DENIED` only if every product is denied.
    In the sandbox all products follow the request, unless a magic value such as the e-mail address
    `ada+deny-cnml-flood-zone@example.com` denies one of them alone (inferred). `cnml` is null if the switch
    `opendoor.cnml` is off. A call counts as a read like `offerRequest`. An unknown id returns null with the error
    `NOT_FOUND` (inferred).
    """
    record = _found(call, call.body["opendoorOfferRequestId"], "opendoorOfferRequestId")
    with_cnml = call.switches["opendoor.cnml"] is True
    if call.forced is not None:
        after = _products_as_forced(call, record, call.forced, with_cnml)
    else:
        after = counted(call, _RECORDS, record, behaviour.polled)
    found = products.outcome_of(after, with_cnml)
    declined = call.forced not in (None, found)  # without CNML, no product alone can be denied
    return Reply(outcome=found, body=products.priced(after, with_cnml), declined=declined)


def _evaluated(call: Call, record: Document) -> Document:
    evaluation, pace = call.progressions[_EVALUATION], call.progressions.get(CLOSING)
    return behaviour.evaluate(record, evaluation, call.world.row.seed, call.world.now, pace)


def _as_forced(call: Call, record: Document, outcome: str) -> Document:
    return behaviour.shown_as(record, outcome, call.world.row.seed, call.world.now)


def _products_as_forced(call: Call, record: Document, outcome: str, with_cnml: bool) -> Document:
    if products.outcome_of(record, with_cnml) == outcome:
        return record
    return _as_forced(call, record, _ANY_DENIAL if outcome == DENIED else outcome)


def _found(call: Call, id: str, field: str) -> Document:
    record = call.world.get(_RECORDS, id)
    if record is None:
        raise CallError.of("NOT_FOUND", f"this workspace has no offer request {id[:80]}", field)
    return record


def _concluded(happening: behaviour.Happening, after: Document) -> behaviour.Happening:
    """Returns what to report for an update, whose evaluation may have ended in the same call."""
    stage = stage_of(after)
    ended = happening.outcome == EVALUATING and stage != EVALUATING
    return behaviour.Happening(after, stage if ended else happening.outcome, happening.source)


def _reply(happening: behaviour.Happening) -> Reply:
    return Reply(outcome=happening.outcome, body={"offerRequest": happening.record}, source=happening.source)


OPERATIONS = (
    create,
    update,
    read,
    price,
)

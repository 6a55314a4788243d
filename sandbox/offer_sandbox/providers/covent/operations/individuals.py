"""The four calls on individuals."""

from offer_sandbox.contract import Call, Operation, Reply
from offer_sandbox.providers.covent.fieldsets import merged, shown
from offer_sandbox.providers.covent.identifiers import mint
from offer_sandbox.providers.covent.schemas import individuals as schemas
from offer_sandbox.providers.covent.validation import judge, judged_record, something
from offer_sandbox.world.clock import print_seconds
from offer_sandbox.world.collection import Document

CREATE_INDIVIDUAL, UPDATE_INDIVIDUAL = "createIndividual", "updateIndividual"
BUY_BOX, EMAIL = "updateIndividualBuyBox", "addIndividualEmail"


def create_individual(call: Call) -> Reply:
    """A new individual, without a portfolio."""
    world, sent = call.world, shown(call.body, _SENT_INDIVIDUAL)
    individual = {
        "id": mint(world.row.seed, "individuals", world.mint("individuals")),
        **sent,
        "buy_box": {**sent["buy_box"], "strategy": [], "preferences": {}},
        "portfolio": None,
        "relationship_context": {},
        "emails": [],
        "created_at": print_seconds(world.now),
        "updated_at": print_seconds(world.now),
    }
    world.put("individuals", individual)
    return _reply(call, individual)


def update_individual(call: Call) -> Reply:
    """Changes an individual; members of its objects that are left out stay."""
    return _reply(
        call, _changed_individual(call, merged(judged_record(call, "individuals"), call.body, _CHANGE_INDIVIDUAL))
    )


def update_buy_box(call: Call) -> Reply:
    """Changes an individual's buy box; what is left out stays."""
    individual = judged_record(call, "individuals")
    buy_box = merged(individual["buy_box"], call.body, _BUY_BOX_CHANGE)
    after = _changed_individual(call, {**individual, "buy_box": buy_box})
    return Reply(outcome="success", body=after["buy_box"])


def add_email(call: Call) -> Reply:
    """One more address of an individual; a primary one takes that from the others."""
    individual = judged_record(call, "individuals")
    id = mint(call.world.row.seed, "emails", call.world.mint("emails"))
    added = {"id": id, **shown(call.body, _EMAIL_SENT)}
    kept = individual["emails"]
    if added["is_primary"]:
        kept = [{**each, "is_primary": False} for each in kept]
    _changed_individual(call, {**individual, "emails": [*kept, added]})
    return Reply(outcome="success", body=added)


def _changed_individual(call: Call, individual: Document) -> Document:
    after = {**individual, "updated_at": print_seconds(call.world.now)}
    call.world.put("individuals", after)
    return after


def _reply(call: Call, individual: Document) -> Reply:
    general = individual["general"]
    named = {**general, "full_name": f"{general['first_name']} {general['last_name']}"}
    body = shown({**individual, "general": named}, call.operation.answers[200])
    return Reply(outcome="success", body=body)


_SENT_INDIVIDUAL, _EMAIL_SENT = schemas.CreateIndividual(), schemas.AddEmail()
_CHANGE_INDIVIDUAL, _BUY_BOX_CHANGE = schemas.UpdateIndividual(), schemas.UpdateBuyBox()
INDIVIDUAL_OPERATIONS = (
    Operation(
        name=CREATE_INDIVIDUAL,
        method="POST",
        path="/api/v1/individuals",
        summary="Creates an investor or buyer",
        evidence="docs",
        source="Covent, Create A New Investor Or Buyer Record In Covent",
        handler=create_individual,
        judge=judge(),
        body=schemas.CreateIndividual(),
        answers={200: schemas.IndividualCreated()},
    ),
    Operation(
        name=UPDATE_INDIVIDUAL,
        method="PATCH",
        path="/api/v1/individuals/{id}",
        summary="Changes an individual's profile",
        evidence="docs",
        source="Covent, Update an individual's profile data",
        handler=update_individual,
        judge=judge("individuals", something),
        body=schemas.UpdateIndividual(),
        answers={200: schemas.IndividualUpdated()},
    ),
    Operation(
        name=BUY_BOX,
        method="PATCH",
        path="/api/v1/individuals/{id}/buy-box",
        summary="Changes an individual's buy box",
        evidence="docs",
        source="Covent, Update An Individual's Buy Box Criteria",
        handler=update_buy_box,
        judge=judge("individuals", something),
        body=schemas.UpdateBuyBox(),
        answers={200: schemas.BuyBoxShown()},
    ),
    Operation(
        name=EMAIL,
        method="POST",
        path="/api/v1/individuals/{id}/emails",
        summary="Adds an e-mail address to an individual",
        evidence="docs",
        source="Covent, Add an e-mail address to an individual",
        handler=add_email,
        judge=judge("individuals"),
        body=schemas.AddEmail(),
        answers={200: schemas.EmailAdded()},
    ),
)

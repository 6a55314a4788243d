"""Opendoor's catalogue: states, the 41 denials at their stages and GraphQL errors, with calls to each."""

import json
from dataclasses import replace
from typing import Any

from offer_sandbox.contract import OURS, Magic, Minted, Outcome, Step, answered, infrastructure, refusal
from offer_sandbox.contract.outcome import Evidence
from offer_sandbox.providers.opendoor.behaviour import CNML_DENIED, DIRECT_DENIED, ENDLESS, SLOW
from offer_sandbox.providers.opendoor.denials import (
    DENIALS,
    DISQUALIFYING,
    EARLIEST_YEAR,
    ON_UPDATE,
    Stage,
    codes_of,
    stage_is_documented,
)
from offer_sandbox.providers.opendoor.documents import (
    CREATE_DOCUMENT,
    PRICING_DOCUMENT,
    READ_DOCUMENT,
    UPDATE_DOCUMENT,
)
from offer_sandbox.providers.opendoor.errors import demo_key
from offer_sandbox.providers.opendoor.fixtures import OFFERED_ID, PENDING_ID
from offer_sandbox.providers.opendoor.operations import CREATE, PRICING, READ, UPDATE
from offer_sandbox.providers.opendoor.stages import (
    CLOSED,
    DENIED,
    ENTERED_CONTRACT,
    EVALUATING,
    EXPIRED,
    HANDOVER,
    LATER,
    OFFERED,
    PENDING,
    UNDERWRITING_COMPLETED,
    WITHDRAWN,
)

PATH = "/opendoor/graphql"
HEADERS = {"Authorization": "Basic sbx_demo", "Content-Type": "application/json"}


def graphql(query: Any, variables: Any = None, headers: dict[str, str] | None = None) -> Step:
    """Returns a POST request with a GraphQL document."""
    body = {"query": query, **({"variables": variables} if variables is not None else {})}
    return Step(method="POST", path=PATH, headers=headers or HEADERS, body=body)


def create(street: str = "1 Post St") -> Step:
    """Returns a creation call for a street."""
    address = {"street1": street, "city": "San Francisco", "state": "CA", "postalCode": "94104"}
    return graphql(CREATE_DOCUMENT, {"offerRequestCreateInput": {"address": address}})


def update(answers: dict[str, Any], id: Any = PENDING_ID) -> Step:
    """Returns an update call with these answers."""
    given = {"opendoorOfferRequestId": id, "offerInput": answers}
    return graphql(UPDATE_DOCUMENT, {"offerRequestUpdateInput": given})


def submit(tag: str = "", id: Any = PENDING_ID) -> Step:
    """Returns an update call that submits the request. `tag` is appended to the e-mail address's name."""
    contacts = {"sellerFullName": "Ada Lovelace", "sellerEmail": f"ada{tag}@example.com"}
    return update({"homeAboveGradeSqFt": 2143, **contacts}, id)


def read(id: Any = PENDING_ID) -> Step:
    """Returns a read call."""
    return graphql(READ_DOCUMENT, {"opendoorOfferRequestId": id})


def price(id: Any = PENDING_ID) -> Step:
    """Returns a read call for the pricing by product."""
    return graphql(PRICING_DOCUMENT, {"opendoorOfferRequestId": id})


def advance(span: str) -> Step:
    """Returns a control call that advances the clock."""
    headers = {"Authorization": "Bearer sbx_demo", "Content-Type": "application/json"}
    return Step(method="POST", path="/__admin/clock/advance", headers=headers, body={"by": span})


def transition(stage: str) -> Step:
    """Returns a control call that brings the offer of the walkthrough to its next stage."""
    path = f"/__admin/state/opendoor/offerRequests/{OFFERED_ID}/transitions"
    headers = {"Authorization": "Bearer sbx_demo", "Content-Type": "application/json"}
    return Step(method="POST", path=path, headers=headers, body={"to": stage})


def spelled(code: str) -> str:
    """Returns a denial code as a person types it."""
    return code.lower().replace("_", "-")


def street(code: str) -> str:
    """Returns the magic street of a code."""
    return f"1 Deny {spelled(code)} St"


def tag(code: str) -> str:
    """Returns the magic e-mail tag of a code."""
    return f"+deny-{spelled(code)}"


UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
_SPEC = "GraphQL over HTTP specification (Opendoor's pages do not cover this)"


def unmatched() -> list[Outcome]:
    """Returns the outcomes of requests that reach no resolver."""
    raw = replace(graphql(""), body="{not json")
    plain = {"Authorization": "Basic sbx_demo"}
    nested = "{ a " * 21 + "}" * 21
    aliases = " ".join(f"a{index}: __typename" for index in range(31))
    mutation = "mutation%20%7B%20__typename%20%7D"
    listed: list[tuple[str, str, int, Step]] = [
        ("parse_error", "The document does not parse", 200, graphql("{ offerRequest(")),
        ("validation_error", "The document does not fit the schema", 200, graphql("{ unknownField }")),
        (
            "coercion_error",
            "A variable does not fit its type",
            200,
            graphql(READ_DOCUMENT, {"opendoorOfferRequestId": 5}),
        ),
        ("token_limit", "The document has too many tokens", 200, graphql("{ " + "a " * 2001 + "}")),
        ("depth_limit", "The document is nested too deep", 200, graphql(nested)),
        ("alias_limit", "The document has too many aliases", 200, graphql("{ " + aliases + " }")),
        ("invalid_json", "The body is not JSON", 400, raw),
        ("invalid_parameters", "The parameters are malformed", 400, graphql(None)),
        ("batching", "The body is a batch of requests", 400, replace(raw, body='[{"query": "{ __typename }"}]')),
        (
            "persisted_query",
            "The request has the hash of a persisted query instead of a query",
            200,
            replace(
                raw, body=json.dumps({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}})
            ),
        ),
        (
            "unsupported_media_type",
            "The content type is not JSON",
            415,
            replace(raw, headers={**plain, "Content-Type": "text/plain"}, body="{ __typename }"),
        ),
        (
            "not_acceptable",
            "The client does not accept JSON",
            406,
            graphql("{ __typename }", headers={**HEADERS, "Accept": "text/html"}),
        ),
        (
            "mutation_by_get",
            "A mutation is sent by GET",
            405,
            Step(method="GET", path=f"{PATH}?query={mutation}", headers=plain),
        ),
        (
            "not_found",
            "The path is not documented",
            404,
            Step(method="GET", path=f"{PATH}/unknown", headers=plain),
        ),
        (
            "method_not_allowed",
            "The endpoint does not support the method",
            405,
            Step(method="PUT", path=PATH, headers=plain),
        ),
    ]
    errors = [refusal("unmatched", *row, source=_SPEC) for row in listed]
    too_large = refusal("unmatched", "payload_too_large", "The body is larger than 1 MiB", 413)
    options = refusal(
        "unmatched",
        "options",
        "The allowed methods of the endpoint",
        204,
        Step(method="OPTIONS", path=PATH, headers=plain),
        kind="success",
    )
    return [
        _introspection(),
        *errors,
        too_large,
        options,
        *infrastructure("unmatched", graphql("{ unknownField }"), demo_key),
    ]


def _introspection() -> Outcome:
    title, ask = "The schema, returned by introspection", graphql("{ __schema { queryType { name } } }")
    return answered("unmatched", "introspection", title, 200, ask, source=_SPEC, evidence="inferred")


def not_found(operation: str, step: Step) -> Outcome:
    """Returns the outcome of a call that names an unknown offer request."""
    return refusal(operation, "NOT_FOUND", "There is no such offer request", 200, step)


_STATES = "Opendoor, Generating Offers: Understanding the Offer Request State Machine"
_GUIDE = "Opendoor, Denial codes guide"
_LIFE = "Opendoor, OfferRequest and OfferData"
_PRICING = "Opendoor, OfferRequestWithProductsPricing"
_CREATED = Minted("offerRequests", 1)
_STREET_FIELD = "body.variables.offerRequestCreateInput.address.street1"
_EMAIL_FIELD = "body.variables.offerRequestUpdateInput.offerInput.sellerEmail"


def creations() -> list[Outcome]:
    """Returns the outcomes of offerRequestCreate, with the plain success first."""
    return [
        _state(CREATE, PENDING, "The offer request is created and accepts answers", create()),
        *(
            _denial(CREATE, code, create(street(code)), magic=_by_street(street(code)), stage="create")
            for code in codes_of("create")
        ),
    ]


def updates() -> list[Outcome]:
    """Returns the outcomes of offerRequestUpdate, with the plain success first."""
    tardy = "The evaluation takes 25 seconds"
    return [
        _state(UPDATE, PENDING, "The answers are saved, and more are accepted", update({"homeBedrooms": 3})),
        _state(UPDATE, EVALUATING, "The request is submitted and being evaluated", submit()),
        _state(
            UPDATE,
            OFFERED,
            "The answers are saved but change neither price nor status",
            update({"homeBedrooms": 3}, OFFERED_ID),
        ),
        _state(
            UPDATE,
            EXPIRED,
            "The request is submitted, and its offer will expire immediately",
            submit("+expire-now"),
            evidence="inferred",
            magic=_by_email("+expire-now"),
        ),
        _state(
            UPDATE,
            DENIED,
            "The request was already denied and does not change",
            update({"homeEligibilityCriteriaFireDamage": True}),
            update({"homeBedrooms": 3}),
            source=f"{_STATES} (DENIED is terminal. That the update succeeds is inferred)",
        ),
        _state(
            UPDATE,
            SLOW,
            tardy,
            submit("+evaluate-25s"),
            evidence="inferred",
            magic=_by_email("+evaluate-25s"),
        ),
        _state(
            UPDATE,
            ENDLESS,
            "The evaluation never ends",
            submit("+evaluate-forever"),
            evidence="inferred",
            magic=_by_email("+evaluate-forever"),
        ),
        _state(
            UPDATE,
            WITHDRAWN,
            "The request is submitted, and its offer will be withdrawn",
            submit("+withdraw-offer"),
            evidence="inferred",
            magic=_by_email("+withdraw-offer"),
        ),
        _state(
            UPDATE,
            DIRECT_DENIED,
            "The request is submitted, and its direct sale will be denied",
            submit("+deny-direct-valuation-too-low"),
            evidence="inferred",
            magic=_by_email("+deny-direct-valuation-too-low"),
        ),
        _state(
            UPDATE,
            CNML_DENIED,
            "The request is submitted, and its CNML will be denied",
            submit("+deny-cnml-valuation-too-low"),
            evidence="inferred",
            magic=_by_email("+deny-cnml-valuation-too-low"),
        ),
        *(
            _denial(UPDATE, code, _denying_update(code), magic=_by_email(tag(code)), stage="update")
            for code in ON_UPDATE
        ),
    ]


def reads() -> list[Outcome]:
    """Returns the outcomes of offerRequest, with the plain success first."""
    return [
        _state(READ, PENDING, "The request accepts answers", read()),
        _state(READ, EVALUATING, "The request is being evaluated", submit("+evaluate-forever"), read()),
        _state(READ, OFFERED, "The request has an offer", submit(), advance("PT5S"), read()),
        _state(
            READ,
            EXPIRED,
            "The offer has expired, but its status is still OFFERED",
            submit(),
            advance("P8D"),
            read(),
            evidence="inferred",
        ),
        *_later(READ, read(OFFERED_ID)),
        *(_denial(READ, code, *_denied_before(code)) for code in DENIALS),
    ]


_LATER = {
    HANDOVER: ("The seller has opened the offer", "handoverAt"),
    UNDERWRITING_COMPLETED: ("The underwriting of the offer is completed", "underwritingCompletedAt"),
    ENTERED_CONTRACT: ("The seller has entered into a contract", "enteredContractAt"),
    CLOSED: ("The sale has closed", "closedAt"),
    WITHDRAWN: ("The offer was withdrawn", "withdrawnAt"),
}


def _later(operation: str, ask: Step) -> list[Outcome]:
    """Returns the outcomes of a read of an offer to which something has happened. Opendoor documents the dates.
    That the status stays OFFERED, and the names of these outcomes, are the sandbox's own."""
    way = [each for each in LATER if each != WITHDRAWN]
    return [
        _state(
            operation,
            stage,
            title,
            *(transition(each) for each in (way[: way.index(stage) + 1] if stage in way else [WITHDRAWN])),
            ask,
            evidence="docs",
            source=f"{_LIFE}: {name} (inferred: that the status stays OFFERED)",
        )
        for stage, (title, name) in _LATER.items()
    ]


def pricings() -> list[Outcome]:
    """Returns the outcomes of offerRequestWithProductsPricing, with the plain success first.

    A denial is named by its status, not by its code.
    """
    fire = update({"homeEligibilityCriteriaFireDamage": True})
    listed = [
        _state(PRICING, PENDING, "No product is priced yet", price(), evidence="docs"),
        _state(
            PRICING,
            EVALUATING,
            "The products are being priced",
            submit("+evaluate-forever"),
            price(),
            evidence="docs",
        ),
        _state(PRICING, OFFERED, "Every product is priced", price(OFFERED_ID), evidence="docs"),
        _state(PRICING, DENIED, "Every product is denied", fire, price(), evidence="docs"),
        _state(
            PRICING,
            DIRECT_DENIED,
            "The direct sale is denied and CNML is priced, so the overall status is OFFERED",
            submit("+deny-direct-valuation-too-low"),
            advance("PT5S"),
            price(),
            evidence="docs",
        ),
        _state(
            PRICING,
            CNML_DENIED,
            "CNML is denied and the direct sale is priced, so the overall status is OFFERED",
            submit("+deny-cnml-valuation-too-low"),
            advance("PT5S"),
            price(),
            evidence="docs",
        ),
    ]
    steps = (submit(), advance("P8D"), price())
    expired = _state(PRICING, EXPIRED, "The offer has expired", *steps, evidence="inferred")
    return [*(replace(each, source=_PRICING) for each in listed), expired, *_later(PRICING, price(OFFERED_ID))]


def _state(
    operation: str,
    name: str,
    title: str,
    *steps: Step,
    evidence: Evidence = "seed",
    source: str = "",
    magic: Magic | None = None,
) -> Outcome:
    source = source or (_STATES if evidence == "seed" else OURS)
    return answered(
        operation, name, title, 200, *steps, source=source, kind="state", evidence=evidence, magic=magic
    )


def _denial(
    operation: str, code: str, *steps: Step, magic: Magic | None = None, stage: Stage | None = None
) -> Outcome:
    """Returns the outcome of one of the 41 codes. `stage` is the stage at which the call denies, if it does.

    Opendoor documents the code, but neither its text nor the answers that cause it. These are the sandbox's own.
    """
    title = DENIALS[code].explanation
    certain = stage is None or stage_is_documented(code, stage)
    return answered(
        operation,
        code,
        title,
        200,
        *steps,
        source=_GUIDE if certain else f"{_GUIDE}: the code (that this call denies for it is inferred)",
        kind="denial",
        evidence="docs" if certain else "inferred",
        magic=magic,
    )


def _by_street(value: str) -> Magic:
    return Magic(_STREET_FIELD, value)


def _by_email(tag: str) -> Magic:
    return Magic(_EMAIL_FIELD, f"ada{tag}@example.com")


def _natural_answer(code: str) -> dict[str, Any] | None:
    """Returns an answer that denies a request for the code without a magic value, or None."""
    if code == "BEFORE_1960":
        return {"homeYearBuilt": EARLIEST_YEAR - 1}
    return next(({name: True} for name, given in DISQUALIFYING.items() if given == code), None)


def _denying_update(code: str) -> Step:
    natural = _natural_answer(code)
    return update(natural) if natural else submit(tag(code))


def _denied_before(code: str) -> tuple[Step, ...]:
    if DENIALS[code].stage == "create":
        return create(street(code)), read(_CREATED)
    if DENIALS[code].stage == "update":
        return _denying_update(code), read()
    return submit(tag(code)), advance("PT5S"), read()


OUTCOMES = (
    *creations(),
    refusal(CREATE, "BAD_USER_INPUT", "A part of the address is blank", 200, create(" ")),
    *updates(),
    not_found(UPDATE, update({"homeBedrooms": 3}, UNKNOWN_ID)),
    *reads(),
    not_found(READ, read(UNKNOWN_ID)),
    *pricings(),
    not_found(PRICING, price(UNKNOWN_ID)),
    *unmatched(),
)

"""The marshmallow schemas of journal entries and their explanations."""

from collections.abc import Mapping
from json import dumps
from typing import Any, get_args

from marshmallow import fields

from offer_sandbox.admin.fields import EVIDENCE_VALUES, KIND_VALUES, MagicValueSchema, ShownSchema, instant
from offer_sandbox.contract.delivery import FAULTS
from offer_sandbox.contract.outcome import Evidence, Kind
from offer_sandbox.rules.decision import Trigger
from offer_sandbox.rules.schema import FAULT_VALUES, TRIGGER_VALUES
from offer_sandbox.schemas.fields import Boolean, Integer, List, Nested, Number, String, described, one_of, within

_KINDS, _EVIDENCE = one_of(*get_args(Kind)), one_of(*get_args(Evidence))
_VERDICTS = {
    "fired": "The rule had an effect, which `gave` lists.",
    "overruled": "The rule's turn came, but newer rules have decided everything that it sets.",
    "expired": "The rule's `ttl` is over.",
    "not matched": "The request does not meet the rule's conditions. `because` lists them.",
    "skipped": "The call matches, but `skip` or `every` lets it through.",
    "used up": "The rule has fired `times` times already.",
    "spared": "The draw for `probability` let the call through.",
    "refused before": "The call was refused before the rule's outcome or records could apply.",
    "broken before": "A fault ended the call before it was carried out.",
    "too late": "The call took its natural course, so that the rule's outcome could not apply any more.",
}
_PAIRS = {
    "type": "array",
    "items": {"type": "string"},
    "minItems": 2,
    "maxItems": 2,
    "description": "A name and its value.",
    "examples": [["accept", "*/*"]],
}
_SEND = "ebay.sendOfferToInterestedBuyers"
_SEND_PATH = "/sell/negotiation/v1/send_offer_to_interested_buyers"
_SENT = {"offeredItems": [{"listingId": "110000000001", "discountPercentage": "3"}]}
_REASON = "body.offeredItems.0.discountPercentage: the discount is less than 5 percent"
_SOURCE = "eBay, sendOfferToInterestedBuyers: Error codes"
_EXAMPLE_ID = "3f2a9c0d41b7e856"


def _text(
    text: str, example: str | None = None, *, values: Mapping[str, str] | None = None, **options: Any
) -> String:
    """Returns a required field for text, or for an enumeration with these `values`."""
    more = {} if example is None else {"example": example}
    return String(required=True, metadata=described(text, values=values, **more), **options)


def _headers(text: str, example: Mapping[str, str]) -> fields.Dict:
    """Returns a required field for headers by name."""
    return fields.Dict(fields.String(), fields.String(), required=True, metadata=described(text, example=example))


class RawRequestSchema(ShownSchema):
    """The request line and the headers as received, without credentials."""

    target = _text(
        "The request target. It is still percent-encoded, with one character for each byte received.",
        f"{_SEND_PATH}?limit=10",
    )
    headers = List(
        fields.Raw(metadata={"shape": _PAIRS}),
        required=True,
        metadata=described(
            "Pairs of name and value in the order received, including repeated names.", example=[["Accept", "*/*"]]
        ),
    )


class ExchangeRequestSchema(ShownSchema):
    """A request as received, without credentials."""

    method = _text("The HTTP method.", "POST")
    path = _text("The decoded path, without the query. At most 2,048 characters are stored.", _SEND_PATH)
    query = List(
        fields.Raw(metadata={"shape": _PAIRS}),
        required=True,
        metadata=described(
            "Pairs of name and value, in order. At most 100 pairs are stored.", example=[["limit", "10"]]
        ),
    )
    headers = _headers(
        "The headers, by name in lower case. Values of credentials are `(redacted)`.", {"accept": "*/*"}
    )
    body = _text(
        "The body as text, or in base64. Credentials in it are redacted. The body of a request without a valid"
        " credential is not stored.",
        dumps(_SENT),
    )
    body_base64 = Boolean(
        required=True, metadata=described("Whether `body` is in base64, because it is not text.", example=False)
    )
    cut = Boolean(
        required=True,
        metadata=described("Whether any part of the request was too long to be stored completely.", example=False),
    )
    raw = Nested(
        RawRequestSchema,
        allow_none=True,
        metadata=described("The request as received. Null behind a WSGI server that does not provide it."),
    )


class ExchangeResponseSchema(ShownSchema):
    """A response as sent. `status`, `media_type` and `body` are null if nothing was sent."""

    status = Integer(required=True, allow_none=True, metadata=described("The HTTP status.", example=400))
    media_type = _text("The media type of the body.", "application/json", allow_none=True)
    headers = _headers("The headers, by name.", {"X-Sandbox-Trigger": "natural"})
    body = fields.Raw(
        required=True,
        metadata=described(
            "The body: a JSON value, or text for an HTML page. Null if there is none, `(redacted)` if it has"
            " credentials.",
            example={"errors": [{"errorId": 150008}]},
        ),
    )


class ExchangeProblemSchema(ShownSchema):
    """A problem with a request."""

    outcome = _text("The last part of the id of the outcome that the problem causes.", "150008")
    field = _text(
        "The path of the field with the problem. Empty if the whole call has it.",
        "body.offeredItems.0.discountPercentage",
    )
    reason = _text("One sentence about the problem.", "the discount is less than 5 percent")
    parameters = fields.Dict(
        required=True,
        metadata=described(
            "The values in the provider's error message, by name.", example={"minPercentageDifference": "5%"}
        ),
    )


class ExplainedProblemSchema(ExchangeProblemSchema):
    """A problem with a request, and the source that documents it."""

    evidence = String(
        allow_none=True,
        validate=_EVIDENCE,
        metadata=described("Where the outcome comes from.", values=EVIDENCE_VALUES),
    )
    source = String(metadata=described("The place in the documentation.", example=_SOURCE))
    title = String(
        metadata=described(
            "A short description of the outcome.", example="The price is too close to the Buy It Now price"
        )
    )


class RuleVerdictSchema(ShownSchema):
    """The result of evaluating an armed rule that concerned the operation."""

    id = _text("The rule's id.", "rule_tzi4248o19")
    operation = _text("The `operation` of the rule.", "ebay.*")
    verdict = _text("The result.", validate=one_of(*_VERDICTS), values=_VERDICTS)
    scenario = String(
        metadata=described("The scenario that armed the rule. Absent if no scenario did.", example="ebay-busy")
    )
    matched = Integer(
        metadata=described(
            "The number of calls that the rule had matched before. Absent if its turn did not come.", example=0
        )
    )
    because = List(
        String(),
        metadata=described(
            "The reasons why the rule did not fire. At most three conditions are listed.",
            example=["body.offeredItems.*.listingId is '110000000001', expected '110000000009'"],
        ),
    )
    gave = List(
        String(),
        metadata=described(
            "The effects of the rule: `outcome`, `delay`, `fault`, `mutate` and `state`.", example=["outcome"]
        ),
    )


class ExchangeFaultSchema(ShownSchema):
    """The fault that was applied to the connection."""

    type = _text("The name of the fault.", validate=one_of(*FAULTS), values=FAULT_VALUES)
    phase = _text(
        "Whether the call was carried out.",
        validate=one_of("before", "after"),
        values={
            "before": "The fault replaced the call, which was not carried out.",
            "after": "The call was carried out, then the fault followed.",
        },
    )
    milliseconds = Integer(
        metadata=described(
            "The time over which `DRIBBLE` sent the response. No other fault has it.", example=1_000
        )
    )


class ExchangeEventSchema(ShownSchema):
    """A state change of a record before the call."""

    kind = _text("The record's collection.", "offers")
    id = _text("The record's id.", "6267943803")
    from_ = _text("The state before.", "PENDING", data_key="from")
    to = _text("The state after.", "EXPIRED")
    at = instant("The time of the change by the workspace's clock.")


class RecordChangeSchema(ShownSchema):
    """A record before and after the call."""

    provider = _text("The provider's name.", "ebay")
    collection = _text("The record's collection.", "offers")
    id = _text("The record's id.", "6267943803")
    before = fields.Dict(
        required=True,
        allow_none=True,
        metadata=described("The record before the call. Null if the call created it."),
    )
    after = fields.Dict(
        required=True, metadata=described("The record after the call.", example={"offerStatus": "PENDING"})
    )


class ExchangeSchema(ShownSchema):
    """A request with its response, without credentials."""

    id = _text("The id of the exchange, which the response has in `X-Sandbox-Request-Id`.", _EXAMPLE_ID)
    at = instant("The time at which the call was answered, in real time.")
    workspace = _text("The workspace. Empty if the credential is not valid for any.", "team1")
    provider = _text("The provider's name. Null if the path belongs to no provider.", "ebay", allow_none=True)
    clock = instant(
        "The time of the call by the workspace's clock. Null if no workspace was used.", allow_none=True
    )
    operation = _text(
        "The operation, with its provider. Null if the sandbox itself rejected the request.",
        _SEND,
        allow_none=True,
    )
    outcome = _text("The complete id of the outcome. Null if there is none.", f"{_SEND}.150008", allow_none=True)
    trigger = _text(
        "What decided the outcome. Null if the sandbox itself rejected the request.",
        allow_none=True,
        validate=one_of(*get_args(Trigger)),
        values=TRIGGER_VALUES,
    )
    reason = _text("One sentence. Empty unless the call was rejected.", _REASON)
    kind = _text("The kind of outcome. Null without one.", allow_none=True, validate=_KINDS, values=KIND_VALUES)
    evidence = String(
        allow_none=True,
        validate=_EVIDENCE,
        metadata=described("Where the outcome comes from. Null without one.", values=EVIDENCE_VALUES),
    )
    source = String(
        allow_none=True,
        metadata=described("The place in the documentation. Null without an outcome.", example=_SOURCE),
    )
    problems = List(
        Nested(ExchangeProblemSchema), required=True, metadata=described("Every problem with the request.")
    )
    notes = List(
        String(),
        required=True,
        metadata=described(
            "Remarks about the call, such as changes that `mutate` made.", example=["body.sandbox_extra was added"]
        ),
    )
    rules = List(
        Nested(RuleVerdictSchema),
        required=True,
        metadata=described(
            "The rules that concern the operation: all that fired, and the first 30 of the others."
        ),
    )
    delay_ms = Integer(
        metadata=described(
            "The requested delay in milliseconds. Absent if the sandbox itself rejected the request.", example=300
        )
    )
    fault = Nested(
        ExchangeFaultSchema,
        required=True,
        allow_none=True,
        metadata=described("The fault. Null if there was none."),
    )
    events = List(
        Nested(ExchangeEventSchema),
        required=True,
        metadata=described("State changes that became due before the call."),
    )
    changes = List(
        Nested(RecordChangeSchema),
        required=True,
        metadata=described("The first 50 records that the call stored."),
    )
    milliseconds = Number(
        metadata=described(
            "The time that the sandbox needed for the call, without delays, in milliseconds. Absent if the"
            " sandbox itself rejected the request.",
            example=2.417,
        )
    )
    word = _text(
        "The infrastructure outcome that the credential requested, such as `rate_limited` for the credential"
        " `sbx_team1.rate_limited`. Empty if it requested none.",
        "",
    )
    authorization = _text(
        "The scheme of the credential, which itself is not stored. `other` for an unknown scheme, empty without a"
        " credential.",
        "Bearer",
    )
    request = Nested(ExchangeRequestSchema, required=True, metadata=described("The request."))
    response = Nested(ExchangeResponseSchema, required=True, metadata=described("The response."))


class JournalMetaSchema(ShownSchema):
    """The number of exchanges, and the number of older ones that were dropped to make room."""

    total = Integer(
        required=True,
        metadata=described("The number of exchanges that match, of which `limit` may list only some.", example=2),
    )
    dropped = Integer(
        required=True,
        metadata=described("The number of exchanges that the journal dropped, because it was full.", example=0),
    )
    more = Boolean(
        metadata=described(
            "True if a response has no room for all exchanges that `limit` allows. Call again with the id of the"
            " last one as `before`.",
            example=True,
        )
    )


class JournalSchema(ShownSchema):
    """Exchanges, newest first."""

    requests = List(Nested(ExchangeSchema), required=True, metadata=described("The exchanges, newest first."))
    meta = Nested(JournalMetaSchema, required=True, metadata=described("Numbers of exchanges."))


class ExplainedOperationSchema(ShownSchema):
    """The documented operation that was called."""

    id = _text("The operation, with its provider.", _SEND)
    summary = _text("A short description.", "Sends an offer to every buyer who has shown interest in a listing")
    method = _text("The HTTP method.", "POST")
    path = _text("The path, with its parameters in braces.", _SEND_PATH)
    evidence = _text("Where the operation comes from.", validate=_EVIDENCE, values=EVIDENCE_VALUES)
    source = _text("The place in the documentation.", "eBay, sendOfferToInterestedBuyers")


class DocumentationSchema(ShownSchema):
    """The sources that document the outcome."""

    evidence = _text(
        "Where the outcome comes from. Null without one.",
        allow_none=True,
        validate=_EVIDENCE,
        values=EVIDENCE_VALUES,
    )
    source = _text("The place in the documentation. Null without an outcome.", _SOURCE, allow_none=True)
    links = List(
        String(metadata={"format": "uri"}),
        required=True,
        metadata=described("The pages of the provider's documentation.", example=["https://developer.ebay.com/"]),
    )
    read_on = String(
        required=True,
        metadata=described("The date on which the pages were read.", format="date", example="2026-11-21"),
    )


class ChangedMembersSchema(ShownSchema):
    """The members of a record that differ before and after the call."""

    record = _text("The record, as `provider.collection/id`.", "ebay.offers/6267943803")
    before = fields.Dict(
        required=True,
        allow_none=True,
        metadata=described("The members before the call. Null if the call created the record."),
    )
    after = fields.Dict(
        required=True, metadata=described("The members after the call.", example={"offerStatus": "PENDING"})
    )


class AlternativeSchema(ShownSchema):
    """Another outcome of the operation, and the ways to request it."""

    outcome = _text("The complete id of the outcome.", f"{_SEND}.150011")
    title = _text("A short description.", "The listing has ended")
    status = Integer(required=True, metadata=described("The HTTP status.", example=409))
    kind = _text("The kind of outcome.", validate=_KINDS, values=KIND_VALUES)
    header = _headers("The header that requests the outcome.", {"X-Sandbox-Outcome": "150011"})
    magic = Nested(
        MagicValueSchema,
        required=True,
        allow_none=True,
        metadata=described("The magic value that triggers the outcome. Null if there is none."),
    )


class ExplanationSchema(ShownSchema):
    """The reasons for an exchange's outcome."""

    summary = _text(
        "The explanation in one paragraph.",
        f"POST {_SEND_PATH} returned 400 in workspace `team1`: {_SEND}.150008. Reason: {_REASON}. Decided by"
        " validation, stored state or the clock, not by a header, rule or magic value. Nothing was stored.",
    )
    operation = Nested(
        ExplainedOperationSchema,
        required=True,
        allow_none=True,
        metadata=described("The documented operation. Null if the request matches none."),
    )
    trigger = _text("What decided the outcome, in words.", "decided by validation, stored state or the clock")
    rules = List(
        String(),
        required=True,
        metadata=described(
            "The verdict on each rule, in one sentence.", example=["rule_tzi4248o19 (*) fired and applied outcome"]
        ),
    )
    problems = List(
        Nested(ExplainedProblemSchema),
        required=True,
        metadata=described("Every problem with the request, and its source."),
    )
    documentation = Nested(
        DocumentationSchema,
        required=True,
        allow_none=True,
        metadata=described("The documentation. Null if the path belongs to no provider."),
    )
    state = List(
        Nested(ChangedMembersSchema),
        required=True,
        metadata=described("The changed members of each record that the call stored."),
    )
    alternatives = List(
        Nested(AlternativeSchema), required=True, metadata=described("The operation's other outcomes.")
    )


class ExplainedExchangeSchema(ExchangeSchema):
    """An exchange and the reasons for its outcome."""

    explanation = Nested(
        ExplanationSchema, required=True, metadata=described("The reasons for the exchange's outcome.")
    )


class DifferenceSchema(ShownSchema):
    """A difference between a request and a documented call."""

    part = _text(
        "The part of the request that differs.",
        validate=one_of("path", "method", "request"),
        values={
            "path": "The path.",
            "method": "The HTTP method.",
            "request": "Another part, such as the body of a GraphQL request.",
        },
    )
    wanted = _text("The value in the documented call.", "/sell/negotiation/v1/find_eligible_items")
    found = _text("The value in the request.", "/sell/negotiation/v1/find_eligible_item")
    at = List(
        String(),
        metadata=described("The path segments that differ. Only for `path`.", example=["find_eligible_item"]),
    )


class NearestCallSchema(ShownSchema):
    """A documented call that is similar to a request."""

    operation = _text("The operation, with its provider.", "ebay.findEligibleItems")
    method = _text("The HTTP method.", "GET")
    path = _text("The path, with its parameters in braces.", "/sell/negotiation/v1/find_eligible_items")
    distance = Number(
        required=True,
        validate=within(0, 1),
        metadata=described("The distance from the request, from 0 (the same) to 1.", example=0.013),
    )
    differs = List(
        Nested(DifferenceSchema), required=True, metadata=described("The differences from the request.")
    )


class UnmatchedRequestSchema(ShownSchema):
    """A request that matches no documented call."""

    id = _text("The id of the exchange.", _EXAMPLE_ID)
    method = _text("The HTTP method.", "GET")
    path = _text("The path.", "/sell/negotiation/v1/find_eligible_item")


class NearMissSchema(ShownSchema):
    """A request that matches no documented call, with the reason and the most similar calls."""

    request = Nested(UnmatchedRequestSchema, required=True, metadata=described("The request."))
    reason = _text(
        "One sentence about the rejection.",
        "path: no documented call matches GET /sell/negotiation/v1/find_eligible_item",
    )
    nearest = List(
        Nested(NearestCallSchema), required=True, metadata=described("The three most similar documented calls.")
    )


class NearMissListSchema(ShownSchema):
    """Near misses, newest first."""

    near_misses = List(
        Nested(NearMissSchema), required=True, metadata=described("At most 50 near misses, newest first.")
    )

"""The marshmallow schemas of journal entries and their explanations."""

from typing import get_args

from marshmallow import fields

from offer_sandbox.admin.fields import MagicValueSchema, ShownSchema, described, instant
from offer_sandbox.contract.delivery import FAULTS
from offer_sandbox.contract.outcome import Evidence, Kind
from offer_sandbox.rules.decision import Trigger
from offer_sandbox.schemas.fields import Boolean, Integer, List, Nested, Number, String, one_of, within

_KINDS, _EVIDENCE = one_of(*get_args(Kind)), one_of(*get_args(Evidence))
_VERDICTS = (
    "fired",
    "overruled",
    "expired",
    "not matched",
    "skipped",
    "used up",
    "spared",
    "refused before",
    "broken before",
    "too late",
)


_PAIRS = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}


class RawRequestSchema(ShownSchema):
    """The request line and the headers as received, without credentials."""

    target = String(
        required=True, metadata=described("Still percent-encoded, with one character for each byte received.")
    )
    headers = List(
        fields.Raw(metadata={"shape": _PAIRS}),
        required=True,
        metadata=described("Pairs of name and value in the order received, including repeated names."),
    )


class ExchangeRequestSchema(ShownSchema):
    """A request as received, without credentials."""

    method = String(required=True)
    path = String(required=True)
    query = List(
        fields.Raw(metadata={"shape": _PAIRS}),
        required=True,
        metadata=described("Pairs of name and value, in order."),
    )
    headers = fields.Dict(fields.String(), fields.String(), required=True)
    body = String(required=True)
    body_base64 = Boolean(required=True)
    cut = Boolean(required=True, metadata=described("Whether it was too long to be stored completely."))
    raw = Nested(
        RawRequestSchema,
        allow_none=True,
        metadata=described("The request as received. Null behind a WSGI server that does not provide it."),
    )


class ExchangeResponseSchema(ShownSchema):
    """A response as sent. `status`, `media_type` and `body` are null if nothing was sent."""

    status = Integer(required=True, allow_none=True)
    media_type = String(required=True, allow_none=True)
    headers = fields.Dict(fields.String(), fields.String(), required=True)
    body = fields.Raw(required=True)


class ExchangeProblemSchema(ShownSchema):
    """A problem with a request."""

    outcome = String(required=True)
    field = String(required=True)
    reason = String(required=True)
    parameters = fields.Dict(required=True)


class ExplainedProblemSchema(ExchangeProblemSchema):
    """A problem with a request, and the source that documents it."""

    evidence = String(allow_none=True, validate=_EVIDENCE)
    source = String()
    title = String()


class RuleVerdictSchema(ShownSchema):
    """The result of evaluating an armed rule that concerned the operation."""

    id = String(required=True)
    operation = String(required=True)
    verdict = String(required=True, validate=one_of(*_VERDICTS))
    scenario = String()
    matched = Integer()
    because = List(String())
    gave = List(String())


class ExchangeFaultSchema(ShownSchema):
    """The fault that was applied to the connection."""

    type = String(required=True, validate=one_of(*FAULTS))
    phase = String(required=True, validate=one_of("before", "after"))
    milliseconds = Integer()


class ExchangeEventSchema(ShownSchema):
    """A state change of a record before the call."""

    kind = String(required=True)
    id = String(required=True)
    from_ = String(required=True, data_key="from")
    to = String(required=True)
    at = instant()


class RecordChangeSchema(ShownSchema):
    """A record before and after the call."""

    provider = String(required=True)
    collection = String(required=True)
    id = String(required=True)
    before = fields.Dict(required=True, allow_none=True)
    after = fields.Dict(required=True)


class ExchangeSchema(ShownSchema):
    """A request with its response, without credentials."""

    id = String(required=True)
    at = instant("Real time.")
    workspace = String(required=True)
    provider = String(
        required=True, allow_none=True, metadata=described("Null if the path belongs to no provider.")
    )
    clock = instant("The workspace's time.", allow_none=True)
    operation = String(
        required=True, allow_none=True, metadata=described("Null if the sandbox itself rejected the request.")
    )
    outcome = String(required=True, allow_none=True, metadata=described("The full id."))
    trigger = String(required=True, allow_none=True, validate=one_of(*get_args(Trigger)))
    reason = String(required=True, metadata=described("One sentence. Empty unless the call was rejected."))
    kind = String(required=True, allow_none=True, validate=_KINDS)
    evidence = String(allow_none=True, validate=_EVIDENCE)
    source = String(allow_none=True)
    problems = List(Nested(ExchangeProblemSchema), required=True)
    notes = List(String(), required=True)
    rules = List(Nested(RuleVerdictSchema), required=True)
    delay_ms = Integer()
    fault = Nested(ExchangeFaultSchema, required=True, allow_none=True)
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
    milliseconds = Number()
    word = String(required=True, metadata=described("The infrastructure outcome that the credential requested."))
    authorization = String(
        required=True, metadata=described("The scheme of the credential, which itself is not stored.")
    )
    request = Nested(ExchangeRequestSchema, required=True)
    response = Nested(ExchangeResponseSchema, required=True)


class JournalMetaSchema(ShownSchema):
    """The number of exchanges, and the number of older ones that were dropped to make room."""

    total = Integer(required=True)
    dropped = Integer(required=True)


class JournalSchema(ShownSchema):
    """Exchanges, newest first."""

    requests = List(Nested(ExchangeSchema), required=True)
    meta = Nested(JournalMetaSchema, required=True)


class ExplainedOperationSchema(ShownSchema):
    """The documented operation that was called."""

    id = String(required=True)
    summary = String(required=True)
    method = String(required=True)
    path = String(required=True)
    evidence = String(required=True, validate=_EVIDENCE)
    source = String(required=True)


class DocumentationSchema(ShownSchema):
    """The sources that document the outcome."""

    evidence = String(required=True, allow_none=True, validate=_EVIDENCE)
    source = String(required=True, allow_none=True)
    links = List(String(), required=True)
    read_on = String(required=True)


class ChangedMembersSchema(ShownSchema):
    """The members of a record that differ before and after the call."""

    record = String(required=True)
    before = fields.Dict(required=True, allow_none=True)
    after = fields.Dict(required=True)


class AlternativeSchema(ShownSchema):
    """Another outcome of the operation, and the ways to request it."""

    outcome = String(required=True)
    title = String(required=True)
    status = Integer(required=True)
    kind = String(required=True, validate=_KINDS)
    header = fields.Dict(fields.String(), fields.String(), required=True)
    magic = Nested(MagicValueSchema, required=True, allow_none=True)


class ExplanationSchema(ShownSchema):
    """The reasons for an exchange's outcome."""

    summary = String(required=True)
    operation = Nested(ExplainedOperationSchema, required=True, allow_none=True)
    trigger = String(required=True)
    rules = List(String(), required=True)
    problems = List(Nested(ExplainedProblemSchema), required=True)
    documentation = Nested(DocumentationSchema, required=True, allow_none=True)
    state = List(Nested(ChangedMembersSchema), required=True)
    alternatives = List(
        Nested(AlternativeSchema), required=True, metadata=described("The operation's other outcomes.")
    )


class ExplainedExchangeSchema(ExchangeSchema):
    """An exchange and the reasons for its outcome."""

    explanation = Nested(ExplanationSchema, required=True)


class DifferenceSchema(ShownSchema):
    """A difference between a request and a documented call."""

    part = String(required=True, validate=one_of("path", "method", "request"))
    wanted = String(required=True)
    found = String(required=True)
    at = List(String(), metadata=described("The path segments that differ."))


class NearestCallSchema(ShownSchema):
    """A documented call that is similar to a request."""

    operation = String(required=True)
    method = String(required=True)
    path = String(required=True)
    distance = Number(required=True, validate=within(0, 1))
    differs = List(Nested(DifferenceSchema), required=True)


class MissedRequestSchema(ShownSchema):
    """A request that matches no documented call."""

    id = String(required=True)
    method = String(required=True)
    path = String(required=True)


class NearMissSchema(ShownSchema):
    """A request that matches no documented call, with the reason and the most similar calls."""

    request = Nested(MissedRequestSchema, required=True)
    reason = String(required=True)
    nearest = List(Nested(NearestCallSchema), required=True)


class NearMissesSchema(ShownSchema):
    """Near misses, newest first."""

    near_misses = List(Nested(NearMissSchema), required=True)

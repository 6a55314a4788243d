"""One documented call with its path, schemas and handler, and the page of a list call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

from offer_sandbox.contract.errors import CallError, RequestIssue, Source
from offer_sandbox.contract.http import Request
from offer_sandbox.contract.lifecycle import Progression
from offer_sandbox.contract.outcome import Evidence
from offer_sandbox.world.collection import Document
from offer_sandbox.world.json_codec import DocumentError
from offer_sandbox.world.world import World

if TYPE_CHECKING:  # providers bring the schemas, so this layer does not import marshmallow when it runs
    from marshmallow import Schema


@dataclass(frozen=True, kw_only=True)
class MagicValue:
    """A value in a request that asks for a result, and that a person can type into a form.

    - `field`: the path of the field, such as `body.customer.email` or `path.sku`.
    - `reads`: returns the meaning of a value in that field, or None if it has none. The meaning is the name of an
      outcome, or any value that the provider's behaviour understands.
    - `reason`: if set, the call is refused with that outcome for this reason. `{value}` in it is replaced with the
      value. Empty (the default) if the handler reads the value itself, with `Call.wish`.
    """

    field: str
    reads: Callable[[Any], Any]
    reason: str = ""


@dataclass(kw_only=True)
class Call:
    """A request for an operation, as its handler receives it.

    - `operation`: the operation.
    - `request`: the HTTP request.
    - `world`: the provider's part of the workspace, inside a transaction.
    - `path`: the path parameters by name.
    - `query`: the query parameters by name.
    - `body`: the JSON value, the form fields or the GraphQL arguments. None if there are none.
    - `forced`: the name of the outcome that a header, a rule or the credential's magic word asks for. None (the
      default) if nothing does.
    - `prefix`: the part of the request's path before the documented path. Empty by default.
    - `progressions`: the progressions that are effective in the workspace, by name. One that is turned off is
      missing.
    - `switches`: the values of the switches that are effective in the workspace, by name.
    - `limits`: the limits that are effective in the workspace, by name. None for one that is off.
    """

    operation: "Operation"
    request: Request
    world: World
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    forced: str | None = None
    prefix: str = ""
    progressions: Mapping[str, Progression] = field(default_factory=dict)
    switches: Mapping[str, str | bool] = field(default_factory=dict)
    limits: Mapping[str, int | None] = field(default_factory=dict)

    def wish(self, where: str) -> Any:
        """Returns the meaning of the value in a field that the operation declares as magic. Returns None if the
        value has none."""
        [magic] = [each for each in self.operation.magic if each.field == where]
        value = self._value(where)
        return None if value is None else magic.reads(value)

    @property
    def sent(self) -> Mapping[str, Any]:
        """The JSON object in the body as the client sent it, without validation. Empty if there is none. Forced
        errors name values of it."""
        try:
            value = self.request.json
        except DocumentError:
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def first_field(self) -> str:
        """The first documented field in `sent`, or an empty string."""
        schema = self.operation.body
        known = {field.data_key or name for name, field in schema.fields.items()} if schema is not None else ()
        return next((name for name in self.sent if name in known), "")

    def refuse_by_magic(self) -> None:
        """Raises CallError for the first magic value that asks for an error."""
        for magic in self.operation.magic:
            if magic.reason and (outcome := self.wish(magic.field)):
                reason = magic.reason.replace("{value}", str(self._value(magic.field)))
                raise CallError([RequestIssue(outcome=outcome, field=magic.field, reason=reason, source="magic")])

    def _value(self, where: str) -> Any:
        source, *names = where.split(".")
        value: Any = {"path": self.path, "query": self.query, "body": self.body}[source]
        for name in names:
            if isinstance(value, list) and name.isdecimal():
                value = value[int(name)] if int(name) < len(value) else None
            else:
                value = value.get(name) if isinstance(value, Mapping) else None
        return value


@dataclass(kw_only=True)
class Reply:
    """The result of a handler.

    - `outcome`: the last part of the outcome's id.
    - `body`: a JSON value, the HTML of a page, or None (the default) for no body.
    - `source`: `magic` if a magic value caused the result, in this call or earlier. The default is `natural`.
    - `declined`: whether the `forced` outcome was impossible because the records allow only another one. A call
      with a `forced` outcome must have that outcome unless this is True. The default is False.
    - `headers`: the names and values of additional response headers. Empty by default.
    - `notices`: warnings about input that was probably meant differently, one sentence each. Empty by default.
    """

    outcome: str
    body: Any = None
    source: Source = "natural"
    declined: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    notices: tuple[str, ...] = ()


Handler = Callable[[Call], Reply]


def _without_handler(call: Call) -> Reply:
    raise AssertionError(f"{call.operation.name} has no handler")


Validator = Callable[[Call, Sequence[RequestIssue]], Sequence[RequestIssue]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Operation:
    """A documented call.

    Use it as a decorator, which declares the call directly above its handler. The handler's docstring begins with
    the call's summary.

    - `name`: the operation's name, unique within the provider.
    - `method`: the HTTP method.
    - `path`: the documented path, with `{name}` for parameters. For a GraphQL operation, the path of the endpoint.
    - `evidence`, `source`: how far the call is documented, and where. See Outcome.
    - `tag`: the resource that the call belongs to, one of `Provider.tags`. The documents group calls by it. Empty
      (the default) for a GraphQL operation.
    - `summary`, `description`, `handler`: set by the decorator.
    - `parameters`: the schema of the path parameters, for the documents only. None (the default) without any.
    - `query`, `headers`, `body`: the schemas of the request. None (the default) if there is nothing to validate.
    - `form`: whether the body is a form instead of JSON. The default is False.
    - `answers`: the schemas of the response bodies by status. Empty by default.
    - `validate`: turns the problems that the schemas found into the provider's problems, and adds those that only
      the provider knows. None (the default) leaves them unchanged.
    - `confidential`: whether the journal omits the bodies and the values of the query. The default is False.
    - `scopes`: a token needs one of these scopes. Empty (the default) if it needs none.
    - `error`: the schema of errors that differ from the dialect's. None by default.
    - `security`: the name of the security scheme. Empty (the default) for the provider's first one.
    - `also`: other paths that the documentation gives for the same call. Empty by default.
    - `page`: whether a person opens the call in a browser. The response is HTML, and the credential is not in a
      header. The default is False.
    - `safe`: whether the call only reads although its method is not GET (RFC 9110, 9.2.1). The default is False.
    - `magic`: the values that can ask for an outcome. Empty by default.

    Some fields serve a single provider today but are general: those for OAuth (`form`, `scopes`, `security`,
    `error`, `confidential`, `page`), and `also` for a path that the documentation spells in several ways.
    """

    name: str
    method: str
    path: str
    evidence: Evidence
    source: str
    tag: str = ""
    summary: str = ""
    description: str = ""
    parameters: "Schema | None" = None
    handler: Handler = _without_handler
    query: "Schema | None" = None
    headers: "Schema | None" = None
    body: "Schema | None" = None
    form: bool = False
    answers: Mapping[int, "Schema"] = field(default_factory=dict)
    validate: Validator | None = None
    confidential: bool = False
    scopes: tuple[str, ...] = ()
    error: "Schema | None" = None
    security: str = ""
    also: tuple[str, ...] = ()
    page: bool = False
    safe: bool = False
    magic: tuple[MagicValue, ...] = ()

    def __call__(self, handler: Handler) -> "Operation":
        """Returns the operation with its handler. The handler's docstring begins with the summary, and the rest is
        the description."""
        summary, _, rest = cleandoc(handler.__doc__ or "").partition("\n")
        return replace(self, handler=handler, summary=summary.removesuffix("."), description=rest.strip())

    @property
    def only_reads(self) -> bool:
        """Whether the call is safe. A safe call normally stores nothing, but a read that is counted does."""
        return self.safe or self.method == "GET"


def counted(
    call: Call, collection: str, record: Document, read: Callable[[Document, datetime], Document]
) -> Document:
    """Returns the record after this call has read it, and stores it if the read has changed it. `read` returns a
    record after one more read."""
    after = read(record, call.world.now)
    if after is not record:
        call.world.put(collection, after)
    return after


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a list.

    - `rows`: the records of the page.
    - `number`: the number of the page, from 1.
    - `total`: the number of records on all pages.
    - `outcome`: `success`, `empty` or `past_end`.
    - `declined`: whether a page with records was forced, but there are no records. The default is False.
    """

    rows: Sequence[Document]
    number: int
    total: int
    outcome: str
    declined: bool = False


def page(call: Call, collection: str, number: int, size: int, order: str | None = None, **where: Any) -> Page:
    """Returns the page that a list call requests, or the one that a forced outcome requires. `empty` forces a page
    of an empty list, and `past_end` a page after the last one. `success` forces the first page if the requested
    one is after the last."""
    rows: list[Document] = []
    total = 0
    if call.forced != "empty":
        rows, total = call.world.page(collection, size, (number - 1) * size, order, **where)
    if call.forced == "past_end":
        pages = -(-total // size)
        return Page(rows=(), number=max(number, pages + 1), total=total, outcome="past_end")
    if call.forced == "success" and total and not rows:
        number = 1
        rows, total = call.world.page(collection, size, 0, order, **where)
    outcome = "success" if rows else "past_end" if total else "empty"
    declined = call.forced == "success" and not rows
    return Page(rows=rows, number=number, total=total, outcome=outcome, declined=declined)

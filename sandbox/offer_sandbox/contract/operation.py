"""One documented call: its address, its schemas, its handler, and the page of a list call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from offer_sandbox.contract.errors import CallError, RequestIssue, Source
from offer_sandbox.contract.http import Request
from offer_sandbox.contract.lifecycle import Progression
from offer_sandbox.contract.outcome import Evidence
from offer_sandbox.world.collection import Document
from offer_sandbox.world.world import World

if TYPE_CHECKING:  # schemas are the provider's; this layer stays with the standard library
    from marshmallow import Schema


@dataclass(frozen=True, kw_only=True)
class MagicValue:
    """Request data that asks for something, as a person can type it. `field` is where it stands
    (`body.customer.email`, `path.sku`), `reads` what a value there asks for (None: nothing): the name of an
    outcome, or whatever the provider's behaviour takes. With a `reason`, in which `{value}` is the value, the call
    is refused with that outcome."""

    field: str
    reads: Callable[[Any], Any]
    reason: str = ""


@dataclass(kw_only=True)
class Call:
    """A judged request on its way to the handler.

    `path` and `query` are arguments by name, `body` the JSON value (or form fields, or GraphQL arguments).
    `forced` is the outcome that a header, a rule or a credential's word asks for, None for the natural course.
    `progressions` and `switches` are those in force in the workspace (a progression that is turned off is
    not there), `prefix` is what stood before the documented path.
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

    def wish(self, where: str) -> Any:
        """What the value at a field asks for that the operation declares as magic; None for nothing."""
        [magic] = [each for each in self.operation.magic if each.field == where]
        value = self._value(where)
        return None if value is None else magic.reads(value)

    def refuse_by_magic(self) -> None:
        """Raises CallError for the first magic value that asks for a refusal."""
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
    """What a handler made: `outcome` is the last part of its id, `body` a JSON value (None: no body; of a page
    its HTML), `headers` what goes along.

    `source` is `magic` where a magic value, now or earlier, led to it. A call with a `forced` outcome gets that
    one, or the reply says that it `declined`: the records allowed another outcome only.
    """

    outcome: str
    body: Any = None
    source: Source = "natural"
    declined: bool = False
    headers: tuple[tuple[str, str], ...] = ()


Handler = Callable[[Call], Reply]


def _without_handler(call: Call) -> Reply:
    raise AssertionError(f"{call.operation.name} has no handler")


Validator = Callable[[Call, Sequence[RequestIssue]], Sequence[RequestIssue]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Operation:
    """A documented call. As a decorator it declares the call beside its handler, whose docstring begins with the
    call's summary.

    `path` is the documented one, with `{name}` for arguments; a GraphQL operation's is the endpoint's. `also` are
    further paths that the documentation knows for the same call. `query`, `headers`, `body` and `answers` (by
    status) are schemas, `form` says that the body is a form. `validate` turns what the schemas found into the
    provider's problems and adds what only the provider knows. `confidential` keeps the bodies out of the journal.
    `scopes` are those of which a token needs one, `error` is the schema of refusals that differ from the
    provider's own, `security` names the security scheme where it is not the provider's first. `safe` says that the
    call only reads, although its method is not GET (RFC 9110, 9.2.1). `magic` are the values by which it can be
    asked for an outcome. `page` says that a person opens it in a browser: it is answered with HTML, and its
    credential is not in a header.

    What one provider uses today is general all the same: OAuth (`form`, `scopes`, `security`, `error`,
    `confidential`, `page`), and a path that the documentation spells in several ways (`also`).
    """

    name: str
    method: str
    path: str
    evidence: Evidence
    source: str
    summary: str = ""
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
        """The operation with its handler, and the first line of its docstring as summary."""
        summary = (handler.__doc__ or "").strip().partition("\n")[0].removesuffix(".")
        return replace(self, handler=handler, summary=summary)

    @property
    def only_reads(self) -> bool:
        """Whether the call is safe: as a rule it stores nothing (a read that is counted does)."""
        return self.safe or self.method == "GET"


def counted(
    call: Call, collection: str, record: Document, read: Callable[[Document, datetime], Document]
) -> Document:
    """The record after the call has read it, stored where that has changed it. `read` is what one more read makes
    of a record."""
    after = read(record, call.world.now)
    if after is not record:
        call.world.put(collection, after)
    return after


@dataclass(frozen=True, kw_only=True)
class Page:
    """`rows` of page `number` (from 1) out of `total` records; `outcome` is `success`, `empty` or `past_end`.
    `declined`: a page with records was forced where there are none."""

    rows: Sequence[Document]
    number: int
    total: int
    outcome: str
    declined: bool = False


def page(call: Call, collection: str, number: int, size: int, order: str | None = None, **where: Any) -> Page:
    """The page that a list call asks for, or the one that it is forced to: none of no records (`empty`), one
    past the last (`past_end`), the first where the asked one is past the last (`success`)."""
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

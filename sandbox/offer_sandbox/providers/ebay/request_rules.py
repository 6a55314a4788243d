"""The REQUEST errors (400) of a send or find: schema problems mapped to eBay's codes, and further checks."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from offer_sandbox.contract import Call, RequestIssue
from offer_sandbox.providers.ebay.contracts import Contract, contract, plain_decimal, production
from offer_sandbox.providers.ebay.enumerations import CURRENCIES, DURATION_UNITS, MARKETPLACES
from offer_sandbox.world.collection import Document

LEAST_DISCOUNT = Decimal(5)
_MAX_TOLD = 20
_CENTS = 2  # decimals of every marketplace's currency
_AS_IT_IS = ("invalid_json", "unsupported_media_type", "payload_too_large")


def validate_send(call: Call, found: Sequence[RequestIssue]) -> list[RequestIssue]:
    """Returns all REQUEST errors of headers and body. A body that is too large is reported alone."""
    if any(problem.outcome == "payload_too_large" for problem in found):
        return [problem for problem in found if problem.outcome == "payload_too_large"]
    problems = _distinct([_coded(call, problem) for problem in found if not _many_items(call, problem)])
    if isinstance(call.body, dict) and call.body:
        problems += _body(call, call.body)
    return problems


def validate_find(call: Call, found: Sequence[RequestIssue]) -> list[RequestIssue]:
    """Returns all REQUEST errors of headers and query."""
    return _distinct([_coded(call, problem) for problem in found])


def marketplace(call: Call) -> str:
    """Returns the marketplace that the request names."""
    return call.request.headers.get("x-ebay-c-marketplace-id", "")


def _coded(call: Call, problem: RequestIssue) -> RequestIssue:
    """Maps a problem found by a schema to eBay's error code."""
    place, _, path = problem.field.partition(".")
    if problem.outcome in _AS_IT_IS:
        return problem
    if place == "header" and problem.key == "required":
        return _error("150001", problem.field, "the header is missing")
    if place == "header":
        return _error(
            "150002",
            problem.field,
            "the marketplace is not supported",
            marketplaceId=marketplace(call),
            marketplaceIds=", ".join(MARKETPLACES),
        )
    if place == "query" and path == "limit":
        return _error("150003", problem.field, problem.reason, minLimit="1", maxLimit="200")
    if place == "query":
        return _error("150004", problem.field, problem.reason)
    if path == "offeredItems" and (call.body or {}).get("offeredItems") in (None, []):
        return _error("150006", "body", "offeredItems is missing or empty")
    name = re.sub(r"\.[0-9]+(?=\.|$)", "", path)
    return invalid(name, problem.field, problem.reason)


def _many_items(call: Call, problem: RequestIssue) -> bool:
    """Returns whether the problem is an array that is too long to validate.

    Such an array has more than one item, which has a code of its own (150005).
    """
    return problem.field == "body.offeredItems" and problem.key == "length" and bool(call.body["offeredItems"])


def _distinct(problems: list[RequestIssue]) -> list[RequestIssue]:
    """Removes duplicates: two missing headers are one 150001, and an invalid field is reported once."""
    told = {(problem.outcome, problem.parameters.get("fieldName")): problem for problem in reversed(problems)}
    return list(reversed(told.values()))


def _body(call: Call, body: Document) -> Iterator[RequestIssue]:
    rules = contract(call.world, marketplace(call))
    yield from _duration(rules, body.get("offerDuration"))
    items = body.get("offeredItems")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return
    if len(items) > 1:
        ids = ", ".join(str(item.get("listingId", ""))[:40] for item in items[:_MAX_TOLD])
        yield _error("150005", "body.offeredItems", "a request can contain only one listing", listingIds=ids)
    elif items:
        yield from _item(call, rules, items[0])


def _duration(rules: Contract, duration: object) -> Iterator[RequestIssue]:
    if not isinstance(duration, dict):
        return
    unit, value = duration.get("unit"), duration.get("value")
    readable = unit in DURATION_UNITS and isinstance(value, int) and not isinstance(value, bool)
    if readable and (unit, value) != ("DAY", rules.days):
        yield _error(
            "150027",
            "body.offerDuration",
            _days(rules),
            durationValue=str(rules.days),
            durationUnit="DAY",
        )


def _days(rules: Contract) -> str:
    """Returns which duration the contract allows, and where production differs."""
    allowed, now = f"contract {rules.version} allows only {rules.days} DAY", production(rules.marketplace)
    if rules.days == now.days:
        return allowed
    return f"{allowed} (eBay's production is at {now.version}: {now.days} DAY, see the setting contracts.ebay)"


def _item(call: Call, rules: Contract, item: Document) -> Iterator[RequestIssue]:
    where = "body.offeredItems.0"
    price, percentage = item.get("price"), item.get("discountPercentage")
    if price is None and percentage is None and not {"price", "discountPercentage"} & item.keys():
        yield invalid("offeredItems.price", where, "either price or discountPercentage is needed")
    if price is not None and percentage is not None:
        yield _error("150007", where, "price and discountPercentage cannot be combined")
    if isinstance(percentage, str):
        yield from _percentage(percentage, f"{where}.discountPercentage")
    if isinstance(price, dict):
        yield from _price(call, rules, item, price, f"{where}.price")


def _percentage(text: str, where: str) -> Iterator[RequestIssue]:
    number = plain_decimal(text)
    if number is None or not 0 < number < 100:
        yield invalid("offeredItems.discountPercentage", where, "must be a decimal between 0 and 100")
    elif number < LEAST_DISCOUNT:
        yield _too_close(where, "the discount is less than 5 percent")


def _price(call: Call, rules: Contract, item: Document, price: Document, where: str) -> Iterator[RequestIssue]:
    value, currency = price.get("value"), price.get("currency")
    amount = rules.decimal(value) if isinstance(value, str) else None
    if isinstance(value, str) and not amount:
        yield invalid("offeredItems.price.value", f"{where}.value", "must be a decimal greater than 0")
    elif amount and amount != round(amount, _CENTS):
        yield invalid("offeredItems.price.value", f"{where}.value", f"must have at most {_CENTS} decimals")
    if currency is None and "currency" not in price and rules.currency_required:
        yield invalid("offeredItems.price.currency", f"{where}.currency", "is required by contract 1.1.2")
    listing = call.world.get("listings", str(item.get("listingId")))
    if listing is None:
        return
    own = listing["price"]
    if currency in CURRENCIES and currency != own["currency"]:
        yield invalid(
            "offeredItems.price.currency", f"{where}.currency", f"the listing is priced in {own['currency']}"
        )
    elif amount and amount <= Decimal(own["value"]) < amount * 100 / (100 - LEAST_DISCOUNT):
        yield _too_close(f"{where}.value", f"the price is within 5 percent of the listing's {own['value']}")


def _too_close(where: str, reason: str) -> RequestIssue:
    return _error("150008", where, reason, minPercentageDifference=f"{LEAST_DISCOUNT}%")


def invalid(name: str, where: str, reason: str) -> RequestIssue:
    """Returns error 150009 for a field. `name` is the field's name in eBay's documentation."""
    told = f"the value {reason}" if reason.startswith(("is ", "must ")) else reason
    return _error("150009", where, reason, fieldName=name, additionalInfo=f"{told[:1].upper()}{told[1:]}.")


def _error(code: str, field: str, reason: str, **parameters: str) -> RequestIssue:
    return RequestIssue(outcome=code, field=field, reason=reason, parameters=parameters)

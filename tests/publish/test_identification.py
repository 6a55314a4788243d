"""A response from elsewhere leads to its outcome: other ids, times and names, in any form that people paste."""

import base64
import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
import requests

from catalog_steps import sender
from offer_sandbox.providers import providers
from offer_sandbox.publish.catalog import entries
from offer_sandbox.publish.examples import forcing, walk
from offer_sandbox.publish.identification import Identifier, Match
from offer_sandbox.publish.pasted import candidates
from running_server import Client, Server

IDENTIFIER = Identifier(providers())
BODY = '{"errors": [{"errorId": 150019, "domain": "API_NEGOTIATION", "category": "BUSINESS", "message": "x"}]}'
NAMES = ("Ada", "Grace", "Linus", "Barbara", "Radia", "Edsger")
FOREIGN = [
    '{"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}',
    '{"error": {"code": "card_declined", "message": "Your card was declined.", "type": "card_error"}}',
    '{"errors": {"name": ["can\'t be blank"]}}',
    '{"errors": [{"code": "X", "message": "bad"}]}',
    '{"error": "invalid"}',
    '{"message": "Unauthorized"}',
    '{"type": "about:blank", "title": "Not Found", "status": 404}',
    '{"object": "list", "data": [{"id": "ch_1", "amount": 200, "status": "pending"}], "has_more": false}',
    '{"id": 1, "name": "x", "status": "active"}',
    '{"data": {"user": {"id": "1"}}}',
    '{"timestamp": "2026-01-01T00:00:00Z", "status": 500, "error": "Internal Server Error", "path": "/x"}',
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>",
    "<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>",
    "2026-01-01 12:00:00 INFO the job took 404 ms",
    "Service Unavailable",
    "hello",
    "null",
    "[]",
    "{}",
    "{",
    "",
    "[" * 5000,
]


class Sample(NamedTuple):
    """A response of a sandbox, with the outcome that it has."""

    outcome: str
    status: int
    body: Any


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    """The response of every outcome in worlds of another seed, with other ids, times, names and amounts."""
    seed = 20261130
    server = Server("--seed", str(seed))
    try:
        with requests.Session() as session:
            return list(_walked(Client(server.url, "", session), seed))
    finally:
        server.stop()


def _walked(client: Client, seed: int) -> Iterator[Sample]:
    catalog = list(entries(providers().values(), seed))
    for number, entry in enumerate(catalog):
        draw = random.Random(f"{seed}{entry['id']}")
        workspace = f"w{number}"
        reached = walk(entry, workspace, sender(client)) or walk(
            forcing(entry, catalog), workspace, sender(client), forced=True
        )
        assert reached is not None
        yield Sample(entry["id"], reached.status, scrambled(reached.body, draw))


def scrambled(value: Any, draw: random.Random, key: str = "") -> Any:
    """The value with other ids, times, addresses, amounts and names. Codes and messages stay."""
    if isinstance(value, dict):
        return {name: scrambled(item, draw, name) for name, item in value.items()}
    if isinstance(value, list):
        return [scrambled(item, draw, key) for item in value]
    if isinstance(value, str) and not value.startswith("<"):
        if key.lower().endswith("name") and not value.isupper():
            return f"{draw.choice(NAMES)} {draw.choice(NAMES)}"
        if "@" in value:
            return f"{draw.choice(NAMES)}.{draw.randint(1, 999)}@mail.example"
        if key.lower().endswith(("line1", "address", "street1", "street", "city")):
            return f"{draw.randint(1, 999)} {draw.choice(NAMES)} Road"
        if key.lower().endswith("id") and " " not in value:
            return f"{draw.randrange(16**12):012x}"
        return re.sub(r"\d", lambda _: str(draw.randint(1, 9)), value)
    if isinstance(value, str | bool | None) or key in ("errorId", "code", "status"):
        return value
    return draw.randint(1, 10**6)


def text_of(sample: Sample) -> str:
    return sample.body if isinstance(sample.body, str) else "" if sample.body is None else json.dumps(sample.body)


def as_archive(sample: Sample) -> str:
    request = {"method": "GET", "url": "https://gateway.example/v1?x=1"}
    return json.dumps(
        {"request": request, "response": {"status": sample.status, "content": {"text": text_of(sample)}}}
    )


def as_line(sample: Sample) -> str:
    return f"2026-11-30 03:04:05,123 ERROR 451 after 350 ms: status={sample.status} body={text_of(sample)}"


def as_dump(sample: Sample) -> str:
    return f"HTTP/1.1 {sample.status} Whatever\r\nContent-Type: application/json\r\n\r\n{text_of(sample)}"


def as_record(sample: Sample) -> str:
    return json.dumps({"level": "error", "ts": 1.5, "status": sample.status, "response": text_of(sample)})


def matches(text: str) -> list[Match]:
    return IDENTIFIER.best(candidates(text))


def is_first(sample: Sample, text: str) -> bool:
    found = matches(text)
    return bool(found) and sample.outcome in [each.id for each in found[0].answers]


@pytest.mark.parametrize("form", [text_of, as_archive, as_line, as_dump, as_record])
def test_the_right_outcome_is_first_for_95_of_100(samples: list[Sample], form: Callable[[Sample], str]):
    """A line of a log has all outcomes, the other forms a hundred drawn ones."""
    drawn = samples if form is as_line else random.Random(form.__name__).sample(samples, 100)
    wrong = [sample.outcome for sample in drawn if not is_first(sample, form(sample))]
    assert len(samples) == 580
    assert len(wrong) <= 0.05 * len(drawn), wrong


def test_every_provider_reaches_it(samples: list[Sample]):
    for provider in providers():
        own = [sample for sample in samples if sample.outcome.startswith(f"{provider}.")]
        drawn = random.Random(provider).sample(own, min(40, len(own)))
        assert sum(is_first(sample, as_dump(sample)) for sample in drawn) >= 0.95 * len(drawn)


@pytest.mark.parametrize("text", FOREIGN)
def test_a_foreign_response_is_none_of_these(text):
    assert matches(text) == []


def test_outcomes_with_the_same_answer_are_one():
    found = matches('HTTP/1.1 429\n{"error": {"code": "rate_limited", "message": "Too many requests."}}')
    assert {"covent.createOffer.rate_limited", "covent.getOffer.rate_limited"} <= {
        each.id for each in found[0].answers
    }


def test_the_address_narrows_it_to_an_operation():
    body = '{"error": {"code": "rate_limited", "message": "Too many requests."}}'
    entry = {"request": {"method": "GET", "url": "https://api.sandbox.example/api/v1/offers/off_9"}}
    text = json.dumps({**entry, "response": {"status": 429, "content": {"text": body}}})
    assert [each.id for each in matches(text)[0].answers] == ["covent.getOffer.rate_limited"]


def test_a_line_without_a_body_names_the_outcomes_of_its_operation_and_status():
    found = matches("WARN GET https://api.sibipro.com/offers/abc -> 404")
    assert [each.id for match in found for each in match.answers] == ["sibi.getOffer.offer_not_found"]


def test_the_sandboxs_own_records_name_their_outcome(client: Client):
    client.call("GET", "/offers/nobody", headers={"Authorization": "Bearer x"})
    [entry] = client.admin("GET", "/requests")["requests"]
    own_log = '{"event": "exchange", "outcome": "ebay.token.invalid_grant", "status": 400}'
    for text, outcome in (
        (json.dumps(entry), "sibi.getOffer.offer_not_found"),
        (own_log, "ebay.token.invalid_grant"),
    ):
        assert [each.id for each in matches(text)[0].answers] == [outcome]


@pytest.mark.parametrize(
    "text",
    [
        'ERROR ebay 409 {"errors":[{"errorId":150019,"domain":"API_NEGOTIATION","message":"Offer is inva',
        'ERROR ebay 409 {"errors":[{"errorId":150019,"domain":"API_NEGOTIATION"... (truncated)',
        "HTTPError: 409 Client Error: {'errors': [{'errorId': 150019, 'domain': 'API_NEGOTIATION', 'x': None}]}",
        '{"level": "error", "body": "{\\"errors\\":[{\\"errorId\\":150019,\\"domain\\":\\"API_NEGOTIATION\\"}]}"}',
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 409 Conflict\r\n\r\n" + BODY,
        "HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 409 Conflict\r\ncontent-length: 200\r\n\r\n" + BODY,
        json.dumps({"level": "info"}) + "\n" + json.dumps({"level": "error", "status": 409, "body": BODY}),
        json.dumps([{"level": "info", "status": 200}, {"level": "error", "status": 409, "body": BODY}]),
        json.dumps({"http": {"response": {"status_code": 409, "body": {"content": BODY}}}}),
        json.dumps({"statusCode": 409, "isBase64Encoded": True, "body": base64.b64encode(BODY.encode()).decode()}),
        json.dumps(BODY),
        "\ufeff" + json.dumps({"response": {"status": 409, "content": {"text": BODY}}}),
        base64.b64encode(BODY.encode()).decode(),
        '{\n  "errors": [\n    {\n      "errorId": 150019,\n      "domain": "api_negotiation"\n    }\n  ]\n}',
    ],
)
def test_a_shortened_or_reformatted_body_is_enough(text):
    assert matches(text)[0].answers[0].id == "ebay.sendOfferToInterestedBuyers.150019"


LONG = {
    "open lists": "[" * 500_000,
    "open objects": '{"a":' * 100_000,
    "an open text": '{"a": "' + "x" * 900_000,
    "open braces": "{" * 900_000,
    "an open list": "[1," * 300_000,
    "addresses": "http://[" * 100_000,
    "many members": json.dumps({f"a{number}": number for number in range(60_000)}),
    "base64": "QUFB" * 200_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_long_or_deep_text_is_read_in_bounds(text):
    """Not timed: without the bounds, these take minutes."""
    assert matches(text) == []
    assert len(list(candidates(text))) <= 100


def test_a_whole_archive_is_read_from_its_end():
    entries_of_log = [
        json.loads(as_archive(Sample("", status, body))) for status, body in ((200, {}), (404, None))
    ]
    ended = (
        '{"errors": [{"errorId": 150011, "domain": "API_NEGOTIATION", "category": "BUSINESS", "message": "x"}]}'
    )
    entries_of_log.append(json.loads(as_archive(Sample("", 409, json.loads(ended)))))
    found = matches(json.dumps({"log": {"entries": entries_of_log}}))
    assert found[0].answers[0].id == "ebay.sendOfferToInterestedBuyers.150011"

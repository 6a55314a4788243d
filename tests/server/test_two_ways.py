"""The listener calls the pipeline itself; under another WSGI server the same pipeline runs behind Flask's routes.
Both give the same bytes: for the whole catalogue, and for odd paths, arguments, headers and methods."""

import gzip
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from catalog_steps import CATALOG
from offer_sandbox.admin import slices
from offer_sandbox.app import Options, create_app, is_own
from offer_sandbox.options import beginning
from offer_sandbox.providers import providers
from offer_sandbox.server.application import Answer, Application
from offer_sandbox.server.incoming import Incoming
from offer_sandbox.server.waiting import Parking
from offer_sandbox.world.notifier import ChangeNotifier
from offer_sandbox.world.rng import DEFAULT_SEED

ODD_TARGETS = [
    "/",
    "//",
    "/offers/offer-123",
    "//offers/offer-123",
    "/offers//offer-123",
    "/offers/offer-123/",
    "/offers/offer%2D123",
    "/offers/offer%2F123",
    "/offers/%00",
    "/offers/%0a",
    "/offers/%0d%0aX-A:%20b",
    "/offers/%ff",
    "/offers/%C3%A9",
    "/offers/..",
    "/offers/%2e%2e/x",
    "/offers/./offer-123",
    "/offers/a+b%20c",
    "/sibi/offers/offer-123",
    "/%73ibi/offers/offer-123",
    "/api/v1/listings?page=1&page=2&status=active&market=%ff",
    "/api/v1/listings?",
    "/api/v1/listings?&&=&x",
    "/api/v1/listings?a=%C3%A9&b=+&c=%2B&d=a;e=f",
    "/offers/offer-123?__outcome=unauthorized",
    "/offers/offer-123?__outcome",
    "/graphql?query=%7B__typename%7D",
    "/oauth2/authorize?client_id=app&redirect_uri=ru&response_type=code&state=%E2%9C%93",
    "/nobody/owns/this?x=1",
    "/healthy",
    "/__adminx",
    "/health",
    "/health/",
    "/__admin/clock",
    "/%5F_admin/clock",
]
ODD_HEADERS: list[list[tuple[bytes, bytes]]] = [
    [],
    [(b"X-Sandbox-Workspace", b"BAD NAME")],
    [(b"Authorization", b"Bearer caf\xc3\xa9")],
    [(b"accept", b"text/html"), (b"Accept", b"application/json")],
    [(b"X_Sandbox_Outcome", b"unavailable")],
    [(b"Content-Type", b"text/plain")],
    [(b"Content-Encoding", b"gzip")],
    [(b"Content-Encoding", b"br")],
    [(b"Prefer", b"code=404"), (b"Prefer", b"example=not_found")],
    [(b"Transfer-Encoding", b"chunked")],
    [(b"Cookie", b"a=b"), (b"Cookie", b"c=d")],
    [(b"Origin", b"https://app.example"), (b"Access-Control-Request-Headers", b"x-y")],
]
HOSTS = [
    b"localhost:4242",
    b"localhost:80",
    b"api.ebay.com",
    b"sibi.localhost:1",
    b"[::1]:4242",
    b"offer_sandbox:4242",
    b"",
    b"a b",
    b"caf\xc3\xa9",
    b"x:99999999",
]


def application(own) -> Application:
    """A server of its own, whose paths that are `own` take the way of WSGI."""
    noon = beginning(DEFAULT_SEED, "frozen@2026-04-17T12:00:00Z", (), providers())
    app = create_app(Options(beginning=noon, cors=("https://app.example",)))
    services = app.extensions["offer_sandbox"]
    services.pipeline.warm_up()
    return Application(app, services.pipeline, own, Parking(ChangeNotifier()))


@pytest.fixture(scope="module")
def ways() -> Iterator[tuple[Application, Application]]:
    """The listener's own way, and WSGI's. No control call is cut into slices, which a busy machine would notice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "_FIRST_SECONDS", 60)
        yield application(is_own), application(lambda _: True)


def incoming(
    method: str,
    target: str,
    headers: list[tuple[bytes, bytes]],
    body: bytes = b"",
    host: bytes = b"localhost:4242",
) -> Incoming:
    path, _, query = target.encode().partition(b"?")
    request = Incoming(method, target.encode(), path, query, "1.1", [(b"Host", host), *headers], True)
    request.add(body)
    return request


def told(answer: Answer, method: str) -> tuple[int, list[tuple[bytes, bytes]], bytes, Any]:
    """An answer as it is sent, without what is new in each: the exchange's id."""
    headers = [
        (name, re.sub(rb"[0-9a-f]{16}", b"<id>", value)) for name, value in answer.headers if name != b"date"
    ]
    payload = b"" if method == "HEAD" else answer.payload
    return answer.status, headers, payload, answer.delivery.fault and answer.delivery.fault.type


def same(ways: tuple[Application, Application], *request: Any, **options: Any) -> int:
    """The status of both answers, which are the same."""
    direct, by_wsgi = (told(way.answer(incoming(*request, **options)), request[0]) for way in ways)
    assert direct == by_wsgi, request
    return direct[0]


@pytest.mark.parametrize("provider", sorted({entry["provider"] for entry in CATALOG}))
def test_the_whole_catalogue(ways, provider: str):
    for entry in CATALOG:
        if entry["provider"] != provider:
            continue
        for step in entry["steps"]:
            body = step["body"]
            sent = b"" if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
            own = {"X-Sandbox-Workspace": f"w{CATALOG.index(entry)}"}
            headers = [(name.encode(), value.encode()) for name, value in {**step["headers"], **own}.items()]
            status = same(ways, step["method"], step["path"], headers, sent)
        if entry["steps"]:
            assert status == entry["status"], entry["id"]


@pytest.mark.parametrize("target", ODD_TARGETS)
def test_odd_targets(ways, target: str):
    for method in ("GET", "HEAD", "POST", "OPTIONS", "PURGE"):
        same(ways, method, target, [(b"Authorization", b"Bearer sbx_odd")])


@pytest.mark.parametrize("headers", ODD_HEADERS, ids=str)
def test_odd_headers(ways, headers: list[tuple[bytes, bytes]]):
    for method in ("GET", "POST", "OPTIONS"):
        same(ways, method, "/offers/offer-123", [(b"Authorization", b"Bearer sbx_odd"), *headers], b"{}")


@pytest.mark.parametrize("host", HOSTS, ids=str)
def test_odd_hosts(ways, host: bytes):
    find = "/sell/negotiation/v1/find_eligible_items?limit=1"
    for target in ("/offers/offer-123", find, f"/ebay{find}", "/nobody"):
        same(ways, "GET", target, [(b"Authorization", b"Bearer sbx_odd")], host=host)


def test_compressed_bodies(ways):
    sent = [(b"Authorization", b"Bearer sbx_odd"), (b"Content-Type", b"application/json"), (b"Accept", b"*/*")]
    for coding in (b"gzip", b"br", b"gzip, br"):
        for body in (b"{}", gzip.compress(b"{}"), gzip.compress(b" " * 2_000_000)):
            for target in ("/api/v1/offers", "/graphql", "/__admin/rules"):
                same(ways, "POST", target, [*sent, (b"Content-Encoding", coding)], body)


def test_bodies_at_the_limit(ways):
    for length in (1024 * 1024, 1024 * 1024 + 1, 2_000_000):
        headers = [(b"Authorization", b"Bearer sbx_odd"), (b"Content-Type", b"application/json")]
        same(ways, "POST", "/api/v1/offers", headers, b" " * length)


def test_faults_and_delays_are_the_same_plan(ways):
    for name, value in (("X-Sandbox-Fault", "EMPTY_RESPONSE"), ("X-Sandbox-Delay", "5"), ("X-Sandbox-Fault", "?")):
        headers = [(b"Authorization", b"Bearer sbx_odd"), (name.encode(), value.encode())]
        same(ways, "GET", "/offers/offer-123", headers)

"""The calls that bench/resources.py makes, ready as bytes, and a client cheap enough not to slow a server down."""

import base64
import json
import random
import socket
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from offer_sandbox.providers.covent import samples as covent
from offer_sandbox.providers.sibi import samples as sibi

Call = tuple[str, str, str, Any, dict[str, str]]  # provider, method, path, JSON body (or text), further headers
AT_ONCE = 16  # requests on the wire before their answers are read
SECONDS = 1_800  # no share of the exchanges takes longer
SEND, FIND = "/sell/negotiation/v1/send_offer_to_interested_buyers", "/sell/negotiation/v1/find_eligible_items"
TOKEN = "/identity/v1/oauth2/token"
QUERY = """query($id: String!) { offerRequest(opendoorOfferRequestId: $id)
{ opendoorOfferRequestId offerStatus denialInfo { code } offerData { headlinePriceCents } } }"""
CREATE = """mutation($it: OfferRequestCreateInput!) { offerRequestCreate(params: $it)
{ offerRequest { opendoorOfferRequestId } } }"""
UPDATE = """mutation($it: OfferRequestUpdateInput!) { offerRequestUpdate(params: $it)
{ offerRequest { opendoorOfferRequestId offerStatus } } }"""
PENDING, OFFERED = "e4ee693f-2648-4406-b046-d40c18359f56", "4b231de1-3916-402b-9357-2128ec67a08b"
HOME = {"street1": "1 Post St", "city": "San Francisco", "state": "CA", "postalCode": "94104"}


def call(provider: str, method: str, path: str, body: Any = None, **headers: str) -> Call:
    """A call; a header's `_` stands for `-`."""
    return provider, method, path, body, {name.replace("_", "-"): value for name, value in headers.items()}


def graphql(query: str, variables: Any, **headers: str) -> Call:
    """A call of Opendoor."""
    return call("opendoor", "POST", "/graphql", {"query": query, "variables": variables}, **headers)


def send(listing: str, **headers: str) -> Call:
    """A call of eBay that offers a listing; the second time it is refused."""
    return call(
        "ebay", "POST", SEND, {"offeredItems": [{"listingId": listing, "discountPercentage": "10"}]}, **headers
    )


ORDER = {name: value for name, value in sibi.CREATE_OFFER.items() if name != "externalJobID"}
FILTER = {"status": "under_negotiation", "is_active": True, "store_id": 2}
ONE_READ_EACH = (
    call("covent", "GET", "/api/v1/listings/lst_123"),
    graphql(QUERY, {"id": OFFERED}),
    call("ebay", "GET", FIND),
    call("sibi", "GET", "/offers/offer-123"),
    call("estateprime", "GET", "/api/offers/54"),
)
CREATE_OFFER = call("covent", "POST", "/api/v1/offers", covent.CREATE_OFFER)
READS = (
    *ONE_READ_EACH * 4,
    call("covent", "GET", "/api/v1/offers/off_123"),
    call("covent", "GET", "/api/v1/listings"),
    call("ebay", "GET", f"{FIND}?limit=5&offset=2"),
    call("sibi", "GET", "/offers?limit=5"),
    call("estateprime", "GET", "/api/offers", FILTER),
)
ADDING = (
    CREATE_OFFER,
    graphql(CREATE, {"it": {"address": HOME}}),
    call("sibi", "POST", "/offers/", ORDER),
    call("ebay", "POST", TOKEN, "grant_type=refresh_token&refresh_token=sbx_{workspace}"),
)
REPLACING = (
    call("covent", "PATCH", "/api/v1/listings/lst_123", {"pricing": covent.UPDATE_LISTING["pricing"]}),
    graphql(UPDATE, {"it": {"opendoorOfferRequestId": PENDING, "offerInput": {"homeBedrooms": 3}}}),
    call("sibi", "POST", "/offers/offer-123/buyout", {"buyoutAmount": 40000}),
    send("110000000001"),
)
REFUSED = (
    call("covent", "GET", "/api/v1/offers/off_none"),
    call("covent", "POST", "/api/v1/offers", {**covent.CREATE_OFFER, "amount": "much"}),
    graphql("{ offerRequest", {}),
    send("none"),
    call("sibi", "POST", "/offers/offer-123/buyout", {"buyoutAmount": -1}),
    call("estateprime", "GET", "/api/offers", {"store_id": "two"}),
)
FORCED = (
    call("covent", "GET", "/api/v1/offers/off_123", x_sandbox_outcome="rejected"),
    graphql(QUERY, {"id": OFFERED}, x_sandbox_outcome="rate_limited"),
    send("110000000002", x_sandbox_outcome="150022"),
    call("sibi", "GET", "/offers/offer-123", x_sandbox_outcome="internal_error"),
    call("estateprime", "GET", "/api/offers/54", x_sandbox_outcome="unavailable"),
)
MIX = (*READS, *ADDING, *REPLACING, *REFUSED, *FORCED)


def large(size: int) -> Call:
    """A call that is refused, with a body of about that many bytes, all of which the journal keeps."""
    return call("covent", "POST", "/api/v1/offers", {**covent.CREATE_OFFER, "amount": "no", "notes": "x" * size})


def as_bytes(workspace: str, made: Call) -> bytes:
    """The request as it goes over the wire, with the workspace's key."""
    provider, method, path, body, further = made
    key = f"sbx_{workspace}"
    pair = base64.b64encode(f"{key}:secret".encode()).decode()
    scheme = {"opendoor": f"Basic {key}", "estateprime": f"Basic {pair}"}.get(provider, f"Bearer {key}")
    media = "application/json"
    if isinstance(body, str):  # the token endpoint takes a form
        media, scheme, body = (
            "application/x-www-form-urlencoded",
            f"Basic {pair}",
            body.format(workspace=workspace),
        )
    payload = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    headers = {
        "Host": "127.0.0.1",
        "Authorization": scheme,
        "Accept": "application/json",
        "X-EBAY-C-MARKETPLACE-ID": "EBAY_US",
        "Content-Type": media,
        "Content-Length": str(len(payload)),
        **further,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + payload


def cycle(names: Iterable[str], calls: Sequence[Call]) -> list[bytes]:
    """Every call in every workspace, in a mixed order that is the same each time."""
    made = [as_bytes(name, each) for name in names for each in calls]
    random.Random(42).shuffle(made)
    return made


def drive(port: int, requests: Sequence[bytes], first: int, count: int) -> Counter[int]:
    """Makes that many of the requests, beginning with the first and going round, on one connection; how many were
    answered with which status."""
    statuses: Counter[int] = Counter()
    until = time.monotonic() + SECONDS
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as connection,
        connection.makefile("rb") as file,
    ):
        for begin in range(0, count, AT_ONCE):
            if time.monotonic() > until:
                raise SystemExit(f"{count} exchanges took more than {SECONDS} seconds")
            batch = range(first + begin, first + min(begin + AT_ONCE, count))
            connection.sendall(b"".join(requests[number % len(requests)] for number in batch))
            statuses.update(_status(file) for _ in batch)
    return statuses


def _status(file: BinaryIO) -> int:
    """Reads an answer to its end; its status."""
    status, length = file.readline(), 0
    if not status:
        raise SystemExit("the server has closed the connection")
    while (line := file.readline()) != b"\r\n":
        if line[:15].lower() == b"content-length:":
            length = int(line[15:])
    file.read(length)
    return int(status[9:12])

"""A small client of Covent in three kinds, for the failure test: `python failing_clients.py naive|retrying|careful`.

It creates one offer, and ends with 0 if it knows that the offer exists.
"""

import http.client
import json
import os
import sys
import time
from urllib.parse import urlsplit

KNOWN = ("submitted", "accepted", "rejected", "expired")
OFFER = {
    "listing_id": "lst_123",
    "individual_id": "ind_123",
    "amount": 372000,
    "terms": {"inspection_period_days": 7, "close_of_escrow_days": 14},
    "notes": "Cash close.",
}
TRIES = 4


class Unclear(Exception):
    """The response is lost or useless, so the call may have been processed or not."""


def create(timeout: float) -> tuple[int, dict[str, str], object]:
    """Sends the call once. Returns status, headers and the JSON of the body."""
    url = urlsplit(os.environ["COVENT_API_URL"])
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=timeout)
    headers = {"Authorization": f"Bearer {os.environ['COVENT_API_KEY']}", "Accept": "application/json"}
    try:
        connection.request(
            "POST", f"{url.path}/offers", json.dumps(OFFER), {**headers, "Content-Type": "application/json"}
        )
        response = connection.getresponse()
        content = response.read()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, json.loads(content)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unclear(repr(error)) from None
    finally:
        connection.close()


def naive() -> None:
    """Trusts every response."""
    status, _, offer = create(60)
    assert status == 200, status
    assert isinstance(offer, dict)
    assert offer["status"] in KNOWN, offer["status"]


def retrying() -> None:
    """Repeats each failed call at once, and does not ask why it failed."""
    for _ in range(TRIES):
        try:
            status, _, _ = create(3)
        except Unclear:
            continue
        if status == 200:
            return
    raise SystemExit("no offer")


def careful() -> None:
    """Repeats a call only if it was certainly not processed, and after a pause."""
    for turn in range(TRIES):
        status, headers, _ = create(60)
        if status == 200:
            return
        if status == 401 and turn == 0:
            continue  # with a renewed credential
        if status not in (429, 503):
            raise SystemExit(f"refused with {status}")
        time.sleep(float(headers.get("retry-after", 0.2 * 2**turn)))
    raise SystemExit("no offer")


if __name__ == "__main__":
    {"naive": naive, "retrying": retrying, "careful": careful}[sys.argv[1]]()

"""A client of Sibi as a company would have it. It knows nothing of the sandbox."""

import requests

OFFERS = "https://api.sibipro.com/offers"


class OfferGone(Exception):
    """The offer does not exist."""


def read_status(id: str, key: str) -> str:
    """Returns the status of an offer. Raises OfferGone if there is none."""
    response = requests.get(f"{OFFERS}/{id}", headers={"Authorization": f"Bearer {key}"}, timeout=10)
    if response.status_code == 404:
        raise OfferGone(id)
    response.raise_for_status()
    return response.json()["status"]

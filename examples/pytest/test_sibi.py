"""Tests of the client: the success, an expiry, a missing offer and every failure of the infrastructure."""

import pytest
import requests
from sibi import OfferGone, read_status


@pytest.fixture(autouse=True)
def sandbox(offer_sandbox):
    """Redirects the client's calls for the whole test."""
    with offer_sandbox.intercept():
        yield offer_sandbox


def test_a_new_offer(sandbox):
    assert read_status("offer-123", "my-key") == "pending"
    sandbox.assert_called("sibi.getOffer", outcome="pending", times=1)


def test_an_offer_expires(sandbox):
    assert read_status("offer-awaiting-customer", "my-key") == "awaiting_customer"
    sandbox.clock.advance("P30D")
    assert read_status("offer-awaiting-customer", "my-key") == "expired"


def test_a_missing_offer():
    with pytest.raises(OfferGone):
        read_status("nobody", "my-key")


@pytest.mark.sandbox_outcomes("sibi.getOffer", kind="infrastructure")
def test_a_failure(outcome):
    with pytest.raises(requests.HTTPError) as failed:
        read_status("offer-123", "my-key")
    assert failed.value.response.status_code == outcome.status

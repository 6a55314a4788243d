"""Forced outcomes on records in every state: a handler gives what was forced or declines it, and never fails."""

import pytest
import requests

from catalog_steps import CALLS, plain
from graphql_calls import CONTACTS, update
from offer_sandbox.contract import Operation, Provider
from offer_sandbox.providers import providers
from running_server import Client, outcome

READS = [call for call in CALLS if call[1].method == "GET" and call[1].path.endswith("{id}")]
LISTS = [call for call in CALLS if (call[1].name, "past_end") in call[0].outcomes]


def forcible(provider: Provider, operation: str) -> list[str]:
    """The outcomes that the handler itself has to give."""
    return [
        name for (owner, name), found in provider.outcomes.items() if owner == operation and not found.immediate
    ]


def forced(
    client: Client, provider: Provider, operation: Operation, name: str, path: str = ""
) -> requests.Response:
    """The operation's plain call with an outcome forced by a header."""
    step = plain(provider.name, operation.name)["steps"][-1]
    headers = {**step["headers"], "X-Sandbox-Outcome": name}
    return client.call(step["method"], path or step["path"], headers=headers, json=step["body"])


@pytest.mark.parametrize(("provider", "operation"), READS, ids=lambda each: each.name)
def test_a_read_gives_every_forced_state_whatever_the_record_is_in(
    client: Client, provider: Provider, operation: Operation
):
    collection = operation.path.split("/")[-2]
    records = client.state(f"{provider.name}/{collection}")
    assert records
    for record in records[:20]:
        for name in forcible(provider, operation.name):
            path = f"/{provider.name}{operation.path.replace('{id}', str(record['id']))}"
            answer = forced(client, provider, operation, name, path)
            assert (outcome(answer), answer.headers["X-Sandbox-Trigger"]) == (name, "header"), answer.text


@pytest.mark.parametrize("contacts", [{}, CONTACTS], ids=["not-submitted", "submitted"])
def test_an_update_gives_the_forced_outcome_or_declines_it(fresh, contacts: dict[str, str]):
    """Whether it can depends on the request's state, which is what is told then."""
    triggers = set()
    for name in forcible(providers()["opendoor"], "offerRequestUpdate"):
        client = fresh()
        for record in client.state("opendoor/offerRequests"):
            answer = update(client, record["opendoorOfferRequestId"], contacts, **{"X-Sandbox-Outcome": name})
            assert answer.status_code == 200, answer.text
            trigger = answer.headers["X-Sandbox-Trigger"]
            assert (outcome(answer) == name) is (trigger == "header"), (name, record, trigger)
            triggers.add(trigger)
    assert triggers == {"header", "natural"}


@pytest.mark.parametrize(("provider", "operation"), LISTS, ids=lambda each: each.name)
def test_a_list_without_records_declines_a_page_with_some(
    client: Client, provider: Provider, operation: Operation
):
    own = {"listUsers": "users", "listContracts": "contracts"}
    collection = own.get(operation.name, "listings" if provider.name == "covent" else "offers")
    client.admin("DELETE", f"/state/{provider.name}/{collection}")
    answer = forced(client, provider, operation, "success")
    assert (outcome(answer), answer.headers["X-Sandbox-Trigger"]) == ("empty", "natural")


@pytest.mark.parametrize(
    "header", ["code=409, example=150022", "example=150022, code=409", "code=abc, example=150022"]
)
def test_an_example_is_preferred_to_a_code(client: Client, header: str):
    """It is the more specific wish: the first outcome of the status is another one."""
    answer = client.send(headers={"Prefer": header})
    assert (outcome(answer), answer.headers["Preference-Applied"]) == ("150022", "example=150022")
    assert outcome(client.send(headers={"Prefer": "code=409"})) == "150010"

"""`/__admin/state/{provider}/{collection}/{id}`: one record put, patched, removed; a collection emptied."""

import copy

import pytest

from offer_sandbox.providers import providers
from running_server import COLLECTIONS, Client
from sibi_calls import create, read

PROBLEM = "application/problem+json"
KEYS = {
    f"{provider.name}/{kind.name}": kind.key
    for provider in providers().values()
    for kind in provider.collections
    if kind.visible
}
EVERY = pytest.mark.parametrize("kind", COLLECTIONS)


def refused(client: Client, method: str, path: str, body=None, status: int = 422) -> str:
    """The detail of a refusal, after which the world is as it was."""
    before = client.world()
    answer = client.call(method, f"/__admin/state/{path}", json=body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM), answer.text
    assert client.world() == before
    return answer.json()["detail"]


@EVERY
def test_a_record_is_added_then_replaced_in_its_place(client: Client, kind):
    before, key = client.state(kind), KEYS[kind]
    id = 99_999 if isinstance(before[0][key], int) else "own-1"
    new = {**before[0], key: id}
    added = client.call("PUT", f"/__admin/state/{kind}/{id}", json=new)
    assert (added.status_code, added.json()) == (201, new)
    assert client.state(kind) == [*before, new]
    assert client.admin("GET", f"/state/{kind}/{id}") == new
    first = {**before[-1], key: before[0][key]}
    replaced = client.call("PUT", f"/__admin/state/{kind}/{first[key]}", json=first)
    assert (replaced.status_code, replaced.json()) == (200, first)
    assert client.state(kind) == [first, *before[1:], new], "its place in the list stays"


@EVERY
def test_an_id_that_is_left_out_is_that_of_the_path(client: Client, kind):
    key = KEYS[kind]
    record = client.state(kind)[0]
    id = 88_888 if isinstance(record[key], int) else "88888"
    body = {name: value for name, value in record.items() if name != key}
    assert client.admin("PUT", f"/state/{kind}/{id}", body) == {**record, key: id}
    assert client.state(kind)[-1] == {**record, key: id}


@EVERY
@pytest.mark.parametrize("given", ["other", 5, None, True, {}, []])
def test_a_record_keeps_its_id(client: Client, kind, given):
    key = KEYS[kind]
    record = client.state(kind)[0]
    id = record[key]
    assert key in refused(client, "PUT", f"{kind}/{id}", {**record, key: given})
    assert key in refused(client, "PATCH", f"{kind}/{id}", {key: given})
    assert client.admin("PATCH", f"/state/{kind}/{id}", {key: id}) == record


@EVERY
def test_a_record_that_the_provider_could_not_have_is_refused(client: Client, kind):
    key = KEYS[kind]
    record = client.state(kind)[0]
    path = f"{kind}/{record[key]}"
    assert "nonsense" in refused(client, "PUT", path, {**record, "nonsense": 1})
    assert "nonsense" in refused(client, "PATCH", path, {"nonsense": 1})
    for name in record:
        if name != key:
            assert name in refused(client, "PATCH", path, {name: [{"no": "such"}]})
    for body in ([], None, "x", 5):
        refused(client, "PUT", path, body, 400 if body is None else 422)
        refused(client, "PATCH", path, body, 400 if body is None else 422)


@EVERY
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_what_does_not_exist_is_404(client: Client, kind, method):
    body = {} if method == "PATCH" else None
    assert "no record 'nothing'" in refused(client, method, f"{kind}/nothing", body, 404)
    assert "no collection" in refused(client, method, f"{kind}s/nothing", body, 404)
    assert "unknown provider" in refused(client, method, f"x{kind}/nothing", body, 404)


def test_hidden_records_are_404(client: Client):
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert "no collection 'tokens'" in refused(client, method, "ebay/tokens/x", {}, 404)
    assert "no collection 'tokens'" in refused(client, "DELETE", "ebay/tokens", status=404)
    refused(client, "DELETE", "sandbox/webhooks", status=404)


@EVERY
def test_a_record_is_removed(client: Client, kind):
    before = client.state(kind)
    path = f"/__admin/state/{kind}/{before[0][KEYS[kind]]}"
    answer = client.call("DELETE", path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.state(kind) == before[1:]
    assert client.call("DELETE", path).status_code == 404


@EVERY
def test_a_collection_is_emptied(client: Client, kind):
    others = [each for each in COLLECTIONS if each != kind]
    before = [client.state(each) for each in others]
    for _ in range(2):
        answer = client.call("DELETE", f"/__admin/state/{kind}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert client.state(kind) == []
    assert [client.state(each) for each in others] == before


def test_a_patch_changes_what_it_names_and_removes_what_is_null(client: Client):
    [listing] = [each for each in client.state("ebay/listings") if each["listingId"] == "110000000001"]
    path = "/state/ebay/listings/110000000001"
    patched = client.admin("PATCH", path, {"price": {"value": "99.00"}, "refuses": "150017", "quantity": 3})
    expected = copy.deepcopy(listing)
    expected["price"]["value"] = "99.00"
    assert patched == {**expected, "refuses": "150017", "quantity": 3}
    assert client.send().json()["errors"][0]["errorId"] == 150017
    assert client.admin("PATCH", path, {"refuses": None}) == {**expected, "quantity": 3}
    assert client.send().status_code == 200
    assert client.admin("PATCH", path, {}) == client.admin("GET", path)


def test_a_null_that_should_be_stored_is_put(client: Client):
    """A merge patch cannot say it (RFC 7386), and the refusal tells the way."""
    record = client.state("sibi/offers")[0]
    path = f"sibi/offers/{record['id']}"
    detail = refused(client, "PATCH", path, {"offerSentAt": None})
    assert detail.startswith("offerSentAt: is missing")
    assert "use PUT to set one to null" in detail
    changed = {**record, "thirdPartyId": None}
    assert client.admin("PUT", f"/state/{path}", changed) == changed


@pytest.mark.parametrize("id", ["x", "1.0", "01", "-0", "1e3", "²", "9" * 19, "9" * 30])
def test_an_id_that_must_be_a_number(client: Client, id):
    body = {name: value for name, value in client.state("estateprime/offers")[0].items() if name != "id"}
    assert "id: must be" in refused(client, "PUT", f"estateprime/offers/{id}", body)


def test_a_negative_number_is_an_id_too(client: Client):
    record = {**client.state("estateprime/offers")[0], "id": -5}
    assert client.admin("PUT", "/state/estateprime/offers/-5", record) == record


def test_a_number_that_the_store_cannot_hold(client: Client):
    offers = client.state("estateprime/offers")
    [offer, *_] = [each for each in offers if not each["listing"]["external"]]
    listing = {"external": False, "listing_id": 2**70}
    assert "listing_id" in refused(client, "PATCH", f"estateprime/offers/{offer['id']}", {"listing": listing})
    record = {**offer, "listing": listing}
    assert "listing_id" in refused(client, "PUT", "estateprime/offers", {"offers": [record]})


def test_what_is_edited_is_seen_by_the_providers_calls_and_told_nobody(client: Client):
    record = client.state("sibi/offers")[0]
    client.admin("PATCH", f"/state/sibi/offers/{record['id']}", {"thirdPartyId": "mine"})
    assert read(client, record["id"]).json()["thirdPartyId"] == "mine"
    client.admin("PATCH", f"/state/sibi/offers/{record['id']}", {"status": "expired"})
    client.admin("DELETE", "/state/sibi/offers")
    assert read(client, record["id"]).status_code == 404
    assert client.admin("GET", "/webhooks") == {"webhooks": []}


def test_a_records_own_time_is_kept(client: Client):
    """A record that is due comes to its change by itself, with the event that the clock tells."""
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T12:00:00Z"})
    id = create(client).json()["id"]
    due = client.admin("GET", f"/state/sibi/offers/{id}")["sandbox"]["due"]
    client.admin("PATCH", f"/state/sibi/offers/{id}", {"sandbox": {"due": due + 57_000}})
    assert client.admin("POST", "/clock/advance", {"by": "PT59S"})["events"] == []
    [event] = client.admin("POST", "/clock/advance", {"by": "PT1S"})["events"]
    assert (event["id"], event["at"]) == (id, "2026-04-17T12:01:00.000Z")


def test_deeply_nested_terms_come_back(client: Client):
    """As deep as a provider's call may nest them, inside a list of records."""
    deep: dict = {}
    for _ in range(61):
        deep = {"in": deep}
    offer = client.state("covent/offers")[0]
    stored = client.admin("PATCH", f"/state/covent/offers/{offer['id']}", {"terms": deep})
    offers = client.state("covent/offers")
    assert offers[0]["terms"] == stored["terms"] == {**offer["terms"], **deep}
    assert client.admin("PUT", "/state/covent/offers", {"offers": offers})["stored"] == len(offers)
    assert client.call("PUT", f"/__admin/state/covent/offers/{offer['id']}", data="[" * 70).status_code == 400


def test_options_tells_the_methods(client: Client):
    record = client.call("OPTIONS", "/__admin/state/ebay/listings/110000000001")
    assert record.headers["Allow"] == "DELETE, GET, HEAD, PATCH, PUT, OPTIONS"
    assert client.call("POST", "/__admin/state/ebay/listings/1").status_code == 405

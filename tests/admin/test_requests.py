"""`/__admin/requests`: the journal's lists, searches, near misses, explanations and exports."""

import contextlib
import subprocess
import sys

import pytest
import requests

from covent_calls import covent, create
from graphql_calls import CREATE, CREATE_VARIABLES
from running_server import EBAY_FIND, EBAY_TOKEN, Client, Server

STATE = CREATE_VARIABLES["offerRequestCreateInput"]["address"]["state"]
SEND = "ebay.sendOfferToInterestedBuyers"


def entry(client: Client, answer: requests.Response) -> dict:
    """The journal's entry of a call, with its explanation."""
    return client.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")


def ids(listed: dict) -> list[str]:
    """The entries' ids."""
    return [each["id"] for each in listed["requests"]]


def test_the_list_is_the_workspace_s_newest_first(fresh):
    client, other = fresh(), fresh()
    made = [client.ebay("GET", EBAY_FIND).headers["X-Sandbox-Request-Id"] for _ in range(3)]
    other.ebay("GET", EBAY_FIND)
    listed = client.admin("GET", "/requests")
    assert ids(listed) == made[::-1]
    assert listed["meta"] == {"total": 3, "dropped": 0}
    assert ids(client.admin("GET", "/requests?limit=2")) == made[:0:-1]
    assert ids(client.admin("GET", f"/requests?since={made[0]}")) == made[:0:-1]
    at = listed["requests"][1]["at"]
    assert made[1] in ids(client.admin("GET", f"/requests?since={at}"))
    assert ids(client.admin("GET", "/requests?since=2999-01-01T00:00:00Z")) == []
    assert client.call("DELETE", "/__admin/requests").status_code == 204
    assert client.admin("GET", "/requests") == {"requests": [], "meta": {"total": 0, "dropped": 0}}
    assert len(ids(other.admin("GET", "/requests"))) == 1


@pytest.mark.parametrize("query", ["limit=-1", "limit=x", "limit=1e3", "since=yesterday", "limit=", "since="])
def test_bounds_that_mean_nothing_are_refused(client: Client, query):
    assert client.call("GET", f"/__admin/requests?{query}").status_code == 422


def test_what_was_dropped_is_told(session):
    server = Server("--journal-size", "5")
    client, other = Client(server.url, "one", session), Client(server.url, "other", session)
    other.ebay("GET", EBAY_FIND)
    for _ in range(8):
        client.ebay("GET", EBAY_FIND)
    assert client.admin("GET", "/requests")["meta"] == {"total": 5, "dropped": 3}
    assert other.admin("GET", "/requests")["meta"] == {"total": 1, "dropped": 0}, "a busy neighbour drops none"
    assert server.stop() == 0


def test_count_and_find(client: Client):
    client.send()
    client.send(item={"listingId": "110000000002", "discountPercentage": "20"})
    client.ebay("GET", f"{EBAY_FIND}?limit=7")
    client.graphql(CREATE, CREATE_VARIABLES)
    counts = [
        ({}, 4),
        ({"operation": SEND}, 2),
        ({"operation": "ebay.*"}, 3),
        ({"operation": "*"}, 4),
        ({"operation": "covent.createOffer"}, 0),
        ({"method": "post"}, 3),
        ({"path": EBAY_FIND}, 1),
        ({"path": {"regex": "^/sell"}}, 3),
        ({"match": {"query.limit": 7}}, 1),
        ({"operation": SEND, "match": {"body.offeredItems.*.listingId": "110000000002"}}, 1),
        ({"match": {"body.offeredItems.0.discountPercentage": {"gt": 15}}}, 1),
        ({"match": {"header.x-ebay-c-marketplace-id": "EBAY_US"}}, 3),
        ({"match": {"args.params.address.state": STATE}}, 1),
        ({"match": {"variables.offerRequestCreateInput.address.state": {"one_of": ["TX"]}}}, 0),
    ]
    for described, number in counts:
        assert client.admin("POST", "/requests/count", described) == {"count": number}, described
    found = client.admin("POST", "/requests/find", {"match": {"query.limit": "7"}})["requests"]
    assert [each["operation"] for each in found] == ["ebay.findEligibleItems"]


@pytest.mark.parametrize(
    "described",
    [
        {"operation": "ebay.nope"},
        {"operation": 5},
        {"match": {"bo.x": 1}},
        {"match": {"body.x": {"regex": "(?=a)"}}},
        {"match": 5},
        {"method": 5},
        {"path": {"like": "x"}},
        {"nothing": 1},
    ],
    ids=str,
)
def test_a_search_that_means_nothing_is_refused(client: Client, described):
    for verb in ("count", "find"):
        assert client.call("POST", f"/__admin/requests/{verb}", json=described).status_code == 422


def test_unmatched_requests_and_what_they_came_near_to(client: Client):
    create(client)
    covent(client, "POST", "/oferrs", {})
    covent(client, "DELETE", "/offers")
    client.call("GET", "/nobody/owns/this")
    client.call("OPTIONS", "/api/v1/offers")
    listed = client.admin("GET", "/requests/unmatched")
    assert [each["request"]["path"] for each in listed["requests"]] == [
        "/nobody/owns/this",
        "/api/v1/offers",
        "/api/v1/oferrs",
    ]
    misses = client.admin("GET", "/requests/unmatched/near-misses")["near_misses"]
    nobody, method, typo = (miss["nearest"] for miss in misses)
    assert typo[0]["operation"] == "covent.createOffer"
    assert typo[0]["differs"] == [
        {"part": "path", "wanted": "/api/v1/offers", "found": "/api/v1/oferrs", "at": ["oferrs"]}
    ]
    assert method[0]["operation"] == "covent.createOffer"
    assert method[0]["differs"] == [{"part": "method", "wanted": "POST", "found": "DELETE"}]
    assert len(nobody) == 3
    assert [miss["distance"] for miss in typo] == sorted(miss["distance"] for miss in typo)
    assert misses[0]["request"]["id"] == listed["requests"][0]["id"]


def test_what_a_browser_asks_for_by_itself_is_no_unmatched_call(client: Client):
    for path in ("/favicon.ico", "/.well-known/appspecific/com.chrome.devtools.json", "/apple-touch-icon.png"):
        assert client.call("GET", path).status_code == 404
    client.call("GET", "/favicon.ico.bak")
    assert [e["request"]["path"] for e in client.admin("GET", "/requests/unmatched")["requests"]] == [
        "/favicon.ico.bak"
    ]
    assert client.admin("GET", "/requests?limit=0")["meta"]["total"] == 4


def test_a_refusal_explains_itself(client: Client):
    """Operation, workspace, trigger, each problem with its field and source, and what else could be had here."""
    body = {"offeredItems": [{"listingId": "110000000001", "discountPercentage": "2", "quantity": 0}]}
    told = entry(client, client.send(body))
    explained = told["explanation"]
    assert told["workspace"] == client.workspace
    assert told["trigger"] == "natural"
    assert explained["operation"]["id"] == SEND
    assert explained["trigger"] == "decided by validation, stored state or the clock"
    problems = {problem["field"]: problem for problem in explained["problems"]}
    assert problems["body.offeredItems.0.quantity"]["outcome"] == "150009"
    percentage = problems["body.offeredItems.0.discountPercentage"]
    assert percentage["evidence"] == "seed"
    assert percentage["source"].startswith("eBay, sendOfferToInterestedBuyers: Error codes; ")
    assert explained["documentation"]["links"]
    assert explained["state"] == []
    assert explained["summary"].endswith(" Nothing was stored.")
    others = {each["outcome"]: each for each in explained["alternatives"]}
    assert told["outcome"] not in others
    assert others[f"{SEND}.150011"]["magic"]["value"] == "110000150011"
    assert others[f"{SEND}.150019"]["header"] == {"X-Sandbox-Outcome": "150019"}


def test_a_summary_names_who_decided_and_what_was_stored(client: Client):
    """One short sentence each: result, reason, decision, delay, fault and change."""
    find, sent = f"GET {EBAY_FIND}", "POST /sell/negotiation/v1/send_offer_to_interested_buyers"
    place, operation = f"in workspace `{client.workspace}`", "ebay.findEligibleItems"

    def summary(answer: requests.Response) -> str:
        return entry(client, answer)["explanation"]["summary"]

    def forced(**options) -> str:
        return summary(client.ebay("GET", EBAY_FIND, **options))

    natural = "Decided by validation, stored state or the clock, not by a header, rule or magic value."
    assert forced() == f"{find} returned 200 {place}: {operation}.success. {natural} Nothing was stored."
    assert (
        summary(client.send()) == f"{sent} returned 200 {place}: {SEND}.success. {natural} 3 records were stored."
    )
    assert summary(create(client)).endswith(f"{natural} 1 record was stored.")
    limited = f"{find} returned 429 {place}: {operation}.rate_limited. Decided by"
    header = {"headers": {"X-Sandbox-Outcome": "rate_limited"}}
    assert forced(**header) == f"{limited} the header `X-Sandbox-Outcome`. Nothing was stored."
    prefer = {"headers": {"Prefer": "example=rate_limited"}}
    assert forced(**prefer) == f"{limited} the header `Prefer`. Nothing was stored."
    query = {"params": {"__code": "429"}}
    assert forced(**query) == f"{limited} the query parameter `__outcome` or `__code`. Nothing was stored."
    word = {"headers": {"Authorization": f"Bearer sbx_{client.workspace}.rate_limited"}}
    assert forced(**word) == (
        f"{find} returned 429 {place}: {operation}.rate_limited. Reason: header.authorization: the credential ends in"
        " the magic word rate_limited. Decided by a magic value, in this call or an earlier one. Nothing was stored."
    )
    delayed = {"headers": {"X-Sandbox-Delay": "20"}}
    assert "clock, not by a header, rule or magic value. Delayed by 20 ms (header `X-Sandbox-Delay`)." in forced(
        **delayed
    )
    rule = {
        "operation": operation,
        "status": 429,
        "delay": {"type": "fixed", "milliseconds": 10},
        "fault": "GATEWAY_HTML",
    }
    id = client.admin("POST", "/rules", rule)["id"]
    assert forced() == (
        f"{find} returned 502 {place}: {operation}.rate_limited. Decided by rule `{id}`. Delayed by 10 ms"
        f" (rule `{id}`). The fault GATEWAY_HTML (rule `{id}`) was applied to the response. Nothing was stored."
    )
    unknown = client.ebay("GET", EBAY_FIND, headers={"X-Sandbox-Outcome": "nope"})
    assert summary(unknown) == (
        f"{find} returned 400 {place}. Reason: {operation} has no outcome 'nope'. Decided by the sandbox itself."
        " Nothing was stored."
    )
    minted = client.call(
        "POST",
        EBAY_TOKEN,
        data="grant_type=client_credentials&scope=https%3A%2F%2Fapi.ebay.com%2Foauth%2Fapi_scope",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        auth=(f"sbx_{client.workspace}", "secret"),
    )
    assert summary(minted).endswith(f"{natural} Stored credentials are not listed.")


def test_a_change_is_told_with_before_and_after(client: Client):
    made = create(client)
    (new,) = entry(client, made)["explanation"]["state"]
    id = made.json()["id"]
    assert (new["record"], new["before"]) == (f"covent.offers/{id}", None)
    assert new["after"]["status"] == "submitted"
    body = {"accepted_at": "2026-04-17T19:45:00Z", "notes": ""}
    accepted = covent(client, "POST", f"/offers/{id}/accept", body)
    assert accepted.status_code == 200, accepted.text
    told = entry(client, accepted)
    (change,) = told["explanation"]["state"]
    assert (change["before"]["status"], change["after"]["status"]) == ("submitted", "accepted")
    assert "amount" not in change["after"], "only what differs is told"
    assert told["changes"][0]["before"]["amount"] == told["changes"][0]["after"]["amount"]


def test_a_refused_call_and_a_part_of_one_list_no_change(client: Client):
    """What was rolled back is not told as a change; of a GraphQL request the field that failed is not."""
    assert entry(client, create(client, listing_id="lst_draft"))["changes"] == []
    query = (
        'mutation { good: offerRequestCreate(params: {address: {street1: "1 A", city: "B", state: "CA", postalCode:'
        ' "94104"}}) { offerRequest { offerStatus } } bad: offerRequestUpdate(params: {opendoorOfferRequestId:'
        ' "none", offerInput: {}}) { offerRequest { offerStatus } } }'
    )
    told = entry(client, client.graphql(query))
    assert [change["before"] for change in told["changes"]] == [None]


def test_what_time_brought_about_is_told_with_the_call_that_met_it(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    client.send()
    client.admin("PUT", "/clock", {"mode": "real"})
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-20T19:45:00Z"})
    told = entry(client, client.ebay("GET", EBAY_FIND))
    assert told["clock"] == "2026-04-20T19:45:00.000Z"
    assert told["changes"] == []


def test_the_sandbox_s_own_refusal_is_explained_too(client: Client):
    answer = client.ebay("GET", EBAY_FIND, headers={"X-Sandbox-Outcome": "nope"})
    told = entry(client, answer)
    assert told["explanation"]["trigger"] == "decided by the sandbox itself"
    assert "'nope'" in told["explanation"]["summary"]


def test_credentials_and_confidential_bodies_are_not_kept(client: Client):
    answer = client.call(
        "POST",
        EBAY_TOKEN,
        data="grant_type=client_credentials&scope=https%3A%2F%2Fapi.ebay.com%2Foauth%2Fapi_scope",
        headers={
            "Authorization": "Basic c2J4X2E6c2VjcmV0d29yZA==",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    assert answer.status_code == 200
    text = client.call("GET", f"/__admin/requests/{answer.headers['X-Sandbox-Request-Id']}").text
    listed = client.call("GET", "/__admin/requests").text
    for secret in ("c2J4X2E6c2VjcmV0d29yZA", answer.json()["access_token"], "client_credentials"):
        assert secret not in text.partition('"explanation"')[0]
        assert secret not in listed


@pytest.mark.parametrize("form", ["curl", "pytest", "har"])
def test_an_export_comes_in_the_form_that_is_asked_for(client: Client, form):
    answer = client.send({"offeredItems": []})
    exported = client.call("GET", f"/__admin/requests/{answer.headers['X-Sandbox-Request-Id']}/export?as={form}")
    assert exported.status_code == 200
    assert answer.headers["X-Sandbox-Workspace"] in exported.text
    kinds = {"curl": "text/x-shellscript", "pytest": "text/x-python", "har": "application/json"}
    assert exported.headers["Content-Type"].startswith(kinds[form])


def test_an_exported_test_passes_again_and_again(client: Client, tmp_path):
    """Although the call stored something: the file puts it back."""
    answer = client.send()
    text = client.call("GET", f"/__admin/requests/{answer.headers['X-Sandbox-Request-Id']}/export?as=pytest").text
    path = tmp_path / "test_again.py"
    path.write_text(text)
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout


def test_an_export_that_cannot_be_exact_is_refused(client: Client):
    long = client.send({"message": "x" * 1_100_000})
    id = long.headers["X-Sandbox-Request-Id"]
    assert client.call("GET", f"/__admin/requests/{id}/export?as=curl").status_code == 409
    assert client.call("GET", f"/__admin/requests/{id}/export?as=word").status_code == 422
    assert client.call("GET", "/__admin/requests/none/export?as=curl").status_code == 404


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "EMPTY_RESPONSE"},
        {"fault": "GATEWAY_HTML"},
        {"fault": "DRIBBLE", "phase": "before"},
        {"status": 418},
    ],
    ids=str,
)
def test_what_no_call_can_ask_for_is_not_exported(client: Client, rule):
    """A test that asserts what a rule did would fail once the rule is used up."""
    client.admin("POST", "/rules", {"operation": "ebay.findEligibleItems", "times": 1, **rule})
    with contextlib.suppress(requests.ConnectionError):
        client.ebay("GET", EBAY_FIND)
    (told,) = client.admin("GET", "/requests")["requests"]
    refused = client.call("GET", f"/__admin/requests/{told['id']}/export?as=pytest")
    assert refused.status_code == 409
    assert "exported call" in refused.json()["detail"]


def test_a_call_that_got_no_answer_says_so(client: Client):
    rule = {"operation": "ebay.findEligibleItems", "fault": "EMPTY_RESPONSE", "phase": "before"}
    client.admin("POST", "/rules", rule)
    with pytest.raises(requests.ConnectionError):
        client.ebay("GET", EBAY_FIND)
    (told,) = client.admin("GET", "/requests")["requests"]
    assert told["response"]["status"] is None
    summary = client.admin("GET", f"/requests/{told['id']}")["explanation"]["summary"]
    assert f"got no response in workspace `{client.workspace}`. " in summary
    assert "the fault EMPTY_RESPONSE was applied before the call" in summary


def test_a_large_body_is_kept_found_and_exported_whole(client: Client, tmp_path):
    answer = create(client, notes="x" * 200_000)
    found = client.admin("POST", "/requests/count", {"match": {"body.amount": 372000}})
    assert found == {"count": 1}
    id = answer.headers["X-Sandbox-Request-Id"]
    command = client.call("GET", f"/__admin/requests/{id}/export?as=curl").text
    assert max(map(len, command.split("|")[-1].split("'"))) < 100_000, "no argument is longer than systems take"


SECRETS = ["SECRET-1", "SECRET-2", "SECRET-3", "SECRET-4", "SECRET-5"]


def test_secrets_are_not_kept_wherever_they_stand(client: Client):
    """Also on a path that is none of the token endpoint's, and where a rule failed to match them."""
    one, two, three, four, five = SECRETS
    rule = {
        "match": {
            "header.authorization": "x",
            "header.cookie": "x",
            "query.access_token": "x",
            "body.refresh_token": "x",
        }
    }
    client.admin("POST", "/rules", {"operation": "*", "status": 503, **rule})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    client.call("POST", "/identity/v1/oauth2/tokens", data=f"a=1&refresh_token={one}", headers=form)
    client.call("POST", "/api/v1/offers", data='{"client_secret" : "' + two + '\\" x", "a": 1}')
    client.ebay("GET", f"{EBAY_FIND}?access_token={three}", headers={"X-Api-Key": four, "Cookie": f"s={five}"})
    client.call("POST", EBAY_TOKEN, data=f"grant_type=refresh_token&refresh_token={one}", headers=form)
    client.call("GET", "/nobody", headers={"Referer": f"http://a/cb?code={five}"})
    listed = client.call("GET", "/__admin/requests").text
    assert "not matched" in listed
    assert [secret for secret in SECRETS if secret in listed] == []
    for entry_id in ids(client.admin("GET", "/requests")):
        told = client.call("GET", f"/__admin/requests/{entry_id}").text
        assert [secret for secret in SECRETS if secret in told] == []


def test_the_answer_names_the_exchange_s_own_workspace(client: Client):
    id = client.send().headers["X-Sandbox-Request-Id"]
    answer = client.call("GET", f"/__admin/requests/{id}", headers={"X-Sandbox-Workspace": None})
    assert answer.headers["X-Sandbox-Workspace"] == answer.json()["workspace"] == client.workspace
    unknown = client.call("GET", "/__admin/requests/nobody", headers={"X-Sandbox-Workspace": None})
    assert (unknown.status_code, unknown.headers["X-Sandbox-Workspace"]) == (404, "default")


def test_a_path_of_nobody_can_be_exported(client: Client):
    client.call("GET", "/nobody/owns/this?a=1")
    (told,) = client.admin("GET", "/requests/unmatched")["requests"]
    exported = client.call("GET", f"/__admin/requests/{told['id']}/export?as=curl").text
    assert "/nobody/owns/this?a=1" in exported


def test_plain_answers_carry_no_header_of_the_sandbox(session):
    server = Server("--plain")
    client = Client(server.url, "plain", session)
    forced = client.send(headers={"Prefer": "example=150022", "X-Sandbox-Delay": "1"})
    assert forced.status_code == 409
    assert forced.headers["Preference-Applied"] == "example=150022"
    unknown = client.call("GET", "/nobody")
    wrong = client.ebay("GET", EBAY_FIND, headers={"X-Sandbox-Outcome": "nope"})
    for answer in (forced, client.send(), create(client), unknown, wrong):
        assert not [name for name in answer.headers if name.lower().startswith("x-sandbox") or name == "Link"]
    assert client.admin("GET", "/requests")["meta"]["total"] == 5, "the journal tells all the same"
    assert server.stop() == 0


def test_a_long_list_can_be_read_in_several_calls(client: Client):
    made = [client.ebay("GET", EBAY_FIND).headers["X-Sandbox-Request-Id"] for _ in range(5)][::-1]
    assert ids(client.admin("GET", f"/requests?before={made[1]}&limit=2")) == made[2:4]
    assert ids(client.admin("GET", f"/requests?before={made[1]}&since={made[4]}")) == made[2:4]
    assert ids(client.admin("GET", f"/requests?before={made[1]}&status=200")) == made[2:]
    found = client.admin("POST", f"/requests/find?before={made[1]}&limit=1", {"method": "GET"})
    assert (ids(found), found["meta"]["total"]) == (made[2:3], 5)
    refused = client.call("GET", "/__admin/requests?before=unknown")
    assert (refused.status_code, refused.json()["problems"][0]["field"]) == (422, "before")


def test_a_response_has_no_more_exchanges_than_fit(client: Client):
    for _ in range(10):
        client.send({"offeredItems": [], "message": "x" * 1_000_000})
    listed = client.call("GET", "/__admin/requests")
    assert len(listed.content) < 9 * 1024 * 1024
    first = listed.json()
    assert (first["meta"]["total"], first["meta"]["more"], len(first["requests"])) == (10, True, 8)
    rest = client.admin("GET", f"/requests?before={ids(first)[-1]}")
    assert (len(rest["requests"]), "more" in rest["meta"]) == (2, False)
    assert len({*ids(first), *ids(rest)}) == 10
    found = client.admin("POST", "/requests/find", {"method": "POST"})
    assert (found["meta"]["total"], found["meta"]["more"]) == (10, True)
    assert client.admin("POST", "/requests/count", {"method": "POST"})["count"] == 10
    waited = client.admin("GET", "/requests/wait?count=10&timeout=5")
    assert (waited["meta"]["total"], len(waited["requests"])) == (10, 8)

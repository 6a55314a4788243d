"""`/__admin/snapshot`: a workspace saved as one document, and put back here, beside, or into another server."""

import copy
import itertools
import json
import re
from functools import partial, reduce

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import covent_calls
import graphql_calls
import sibi_calls
from catalog_steps import CATALOG, sender
from offer_sandbox.providers import providers
from offer_sandbox.publish.examples import walk
from running_server import COLLECTIONS, EBAY_FIND, EBAY_TOKEN, ROOT, Client, Server, outcome
from webhook_receiver import Receiver, eventually

PROBLEM = "application/problem+json"
NOON = {"mode": "frozen", "now": "2026-04-17T12:00:00Z"}
LATER = [  # than version 0.1.0
    (kind.provider, kind.name) for provider in providers().values() for kind in provider.collections if kind.later
]
MEMBERS = ("format", "version", "seed", "clock", "settings", "seeded", "ordinals", "collections")
CODE = {"grant_type": "authorization_code", "code": "sbx_test", "redirect_uri": "https://example.com"}
OTHERS = (None, True, -1, 5, 1.5, 10**30, "", "x", [], [5], [[]], {}, {"x": 5}, {"id": 5})


def token(client: Client, **form: str) -> requests.Response:
    """A call of eBay's token endpoint."""
    headers = {"Authorization": "Basic c2J4X3Rlc3Q6c2J4X3Rlc3Q="}
    return client.call("POST", EBAY_TOKEN, data=form, headers=headers)


def consented(client: Client) -> None:
    """A code that nobody has redeemed yet."""
    query = "client_id=sbx_test&redirect_uri=https://example.com&response_type=code"
    assert client.call("GET", f"/oauth2/authorize?{query}").status_code == 200


def active(client: Client) -> Client:
    """A workspace in which something has happened with every provider, some of it still under way."""
    client.admin("PUT", "/clock", NOON)
    evaluation = {"progression": "manual", "polls": 2}
    settings = {"progressions": {"opendoor.evaluation": evaluation}, "contracts": {"ebay": "1.1.2"}}
    client.admin("PUT", "/settings", settings)
    for number in range(2):
        covent_calls.create(client, notes=f"note {number}", terms={"deep": deep(60)})
        sibi_calls.create(client)
        id = graphql_calls.created(client, f"{number + 1} Post St")
        graphql_calls.update(client, id, {"homeBedrooms": 3, **graphql_calls.CONTACTS})
        client.send(item={"listingId": f"11000000000{number + 1}"})
        client.admin("POST", "/clock/advance", {"by": "PT3S"})
    token(client, **CODE)
    consented(client)
    client.admin("DELETE", "/state/estateprime/offers/54")
    return client


def deep(levels: int):
    """An object nested that deep."""
    return {"in": deep(levels - 1)} if levels > 1 else {}


def seen(client: Client) -> list[bytes]:
    """What every way of looking answers, byte by byte but for the server's own address."""
    asked = [each["opendoorOfferRequestId"] for each in client.state("opendoor/offerRequests")]
    answers = [
        *(client.call("GET", f"/__admin/state/{kind}") for kind in COLLECTIONS),
        *(client.call("GET", f"/__admin/{name}") for name in ("clock", "settings", "webhooks")),
        *(covent_calls.read(client, each["id"]) for each in client.state("covent/offers")),
        covent_calls.covent(client, "GET", "/listings?status=active"),
        client.ebay("GET", EBAY_FIND),
        *(sibi_calls.read(client, each["id"]) for each in client.state("sibi/offers")),
        sibi_calls.sibi(client, "GET", "/offers/"),
        *(graphql_calls.read(client, id) for id in asked),
        *(client.call("GET", path, headers=ESTATEPRIME) for path in ("/api/offers", "/api/offers/1")),
        client.call("GET", "/__admin/snapshot"),
    ]
    assert len(answers) > 40
    return [answer.content.replace(client.url.encode(), b"URL") for answer in answers]


ESTATEPRIME = {"Authorization": "Basic c2J4X3Rlc3Q6c2J4X3Rlc3Q=", "Content-Type": "application/json"}


def done(client: Client) -> list[bytes]:
    """What calls answer that make something, ids and all, and what time then brings about; but for the name of the
    workspace and the address of the server, which a new token and a new link carry."""
    answers = [
        covent_calls.create(client).content,
        sibi_calls.create(client).content,
        graphql_calls.create(client).content,
        client.send(item={"listingId": "110000000003"}).content,
        token(client, **CODE).content,
        *(token(client, **{**CODE, "code": each}).content for each in codes(client)),
        client.call("POST", "/__admin/webhooks/fire", json={"provider": "opendoor", "id": OFFERED}).content,
        client.call("POST", "/__admin/clock/advance", json={"by": "P60D"}).content,
    ]
    assert b"error" not in b"".join(answers[:4])
    own = ((f"sbx_{client.workspace}.", "sbx_WORKSPACE."), (client.url, "SERVER"))
    return [reduce(lambda text, pair: text.replace(*map(str.encode, pair)), own, answer) for answer in answers]


OFFERED = graphql_calls.OFFERED_ID


def codes(client: Client) -> list[str]:
    """The codes of the consent page that are stored."""
    tokens = client.admin("GET", "/snapshot")["collections"]["ebay"]["tokens"]
    return [each["token"] for each in tokens if each["kind"] == "code"]


BEARER = {"Authorization": "Bearer sbx_test"}


@pytest.fixture(scope="module")
def elsewhere():
    """Another server, with another seed of its own."""
    server = Server("--seed", "7")
    yield server
    assert server.stop() == 0


@pytest.mark.parametrize("where", ["itself", "another workspace", "another server"])
def test_after_a_restore_everything_is_answered_byte_by_byte_the_same(fresh, elsewhere, where):
    client = active(fresh())
    other = {
        "itself": client,
        "another workspace": fresh(),
        "another server": Client(elsewhere.url, client.workspace, client.session),
    }[where]
    saved = client.call("GET", "/__admin/snapshot")
    before, after = seen(client), done(client)
    answer = other.call("PUT", "/__admin/snapshot", data=saved.content)
    assert answer.status_code == 200, answer.text
    restored = answer.json()
    assert restored["workspace"] == other.workspace
    assert restored["restored"] == counted(saved.json())
    assert other.call("GET", "/__admin/snapshot").content == saved.content
    assert seen(other) == before
    assert done(other) == after


def counted(snapshot) -> dict[str, int]:
    """How many records of each collection a snapshot has."""
    return {
        f"{owner}.{name}": len(records)
        for owner, collections in snapshot["collections"].items()
        for name, records in collections.items()
    }


def test_a_snapshot_is_one_whole_document(client: Client):
    saved = client.admin("GET", "/snapshot")
    assert tuple(saved) == MEMBERS
    assert (saved["format"], saved["version"], saved["seed"]) == ("offer-sandbox/snapshot", 1, 42)
    assert saved["seeded"] == sorted(owner for owner in saved["collections"] if owner != "sandbox")
    for kind in COLLECTIONS:
        owner, _, name = kind.partition("/")
        assert saved["collections"][owner][name] == client.state(kind)
    assert saved["collections"]["ebay"]["tokens"] == saved["collections"]["sandbox"]["webhooks"] == []


def test_whatever_the_catalogue_leaves_behind_can_be_put_back(client: Client, fresh):
    """Every state and denial there is, made by the catalogue's own calls in one workspace."""
    for entry in CATALOG:
        if entry["steps"]:
            walk(entry, client.workspace, sender(client))
    client.admin("PUT", "/clock", NOON)
    saved, other = client.call("GET", "/__admin/snapshot").content, fresh()
    answer = other.call("PUT", "/__admin/snapshot", data=saved)
    assert answer.status_code == 200, answer.text
    assert other.call("GET", "/__admin/snapshot").content == saved


def test_what_was_there_before_is_gone(client: Client, fresh):
    saved = client.admin("GET", "/snapshot")
    other = active(fresh())
    other.admin("PUT", "/snapshot", saved)
    assert other.admin("GET", "/snapshot") == saved
    assert other.admin("GET", "/clock")["mode"] == "real"
    assert other.admin("GET", "/settings") == client.admin("GET", "/settings")


def test_what_is_under_way_goes_on(client: Client, fresh):
    """A step that time takes is taken at its time, and each read counts on."""
    client.admin("PUT", "/clock", NOON)
    id = sibi_calls.create(client).json()["id"]
    client.admin("POST", "/clock/advance", {"by": "PT2S"})
    other = fresh()
    other.admin("PUT", "/snapshot", client.admin("GET", "/snapshot"))
    assert sibi_calls.read(other, id).json()["status"] == "pending"
    assert sibi_calls.advance(other, "PT1S") == ["generating_upsells"]
    told = other.admin("GET", "/webhooks")["webhooks"]
    assert [each["at"] for each in told] == ["2026-04-17T12:00:03.000Z"]
    assert client.admin("GET", "/webhooks")["webhooks"] == []


def test_a_pending_webhook_stays_pending_and_is_sent(fresh):
    client, other = fresh(), fresh()
    client.admin("PUT", "/clock", NOON)
    with Receiver(500, hang=True) as receiver:
        client.admin("PUT", "/settings", {"webhooks": {"sibi": {"url": receiver.url}}})
        client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-unknown"})
        receiver.wait(1)
        saved = client.admin("GET", "/snapshot")
        [webhook] = saved["collections"]["sandbox"]["webhooks"]
        assert webhook["status"] == "pending"
        other.admin("PUT", "/snapshot", saved)
        bodies = [call.body for call in receiver.wait(2)]
        receiver.release()
        found = eventually(
            lambda: other.admin("GET", "/webhooks")["webhooks"], lambda kept: kept[0]["status"] == "delivered"
        )
    assert [each["id"] for each in found] == [webhook["id"]]
    assert bodies == [webhook["body"].encode()] * 2


@pytest.mark.parametrize("headers", [{"a b": "x"}, {"x": "y\nz: 1"}, {"x": "é"}, {"Content-Length": "-1"}, {}])
def test_a_webhook_that_cannot_be_sent_keeps_no_other_from_being_sent(client: Client, headers):
    client.admin("PUT", "/clock", NOON)
    with Receiver() as receiver:
        client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-unknown"})
        saved = client.admin("GET", "/snapshot")
        [webhook] = saved["collections"]["sandbox"]["webhooks"]
        webhook.update(headers=headers, status="pending", due=saved["clock"]["at"], url=receiver.url)
        saved["settings"] = {"webhooks": {"sibi": {"url": receiver.url}}}
        client.admin("PUT", "/snapshot", saved)
        client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-unknown"})
        receiver.wait(1)
        eventually(
            lambda: [each["status"] for each in client.admin("GET", "/webhooks")["webhooks"]],
            lambda found: found[-1] == "delivered",
        )


def test_a_try_that_was_under_way_is_nobodys_after_a_restore(client: Client):
    """Else the webhook would wait for a process that does not know of it."""
    client.admin("PUT", "/clock", NOON)
    client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-unknown"})
    saved = client.admin("GET", "/snapshot")
    [webhook] = saved["collections"]["sandbox"]["webhooks"]
    webhook.update(status="pending", due=saved["clock"]["at"] + 60_000, claimed=saved["clock"]["at"])
    client.admin("PUT", "/snapshot", saved)
    [restored] = client.admin("GET", "/snapshot")["collections"]["sandbox"]["webhooks"]
    assert restored == {**webhook, "claimed": None}


def test_providers_that_are_not_seeded_begin_with_their_fixtures(client: Client, fresh):
    saved = client.admin("GET", "/snapshot")
    saved["seeded"].remove("ebay")
    refused = client.call("PUT", "/__admin/snapshot", json=saved)
    assert (refused.status_code, "seeded: ebay" in refused.json()["detail"]) == (422, True)
    del saved["collections"]["ebay"]
    other = fresh()
    assert other.admin("PUT", "/snapshot", saved)["restored"]["ebay.listings"] == 0
    assert other.state("ebay/listings") == client.state("ebay/listings")


def test_the_seed_goes_along(client: Client, elsewhere):
    """Its fixtures too, though none of them are in the snapshot."""
    saved = {**client.admin("GET", "/snapshot"), "seed": 7, "seeded": [], "ordinals": {}}
    saved["collections"] = {"sandbox": saved["collections"]["sandbox"]}
    client.admin("PUT", "/snapshot", saved)
    other = Client(elsewhere.url, "untouched", client.session)
    for each in (client, other):
        each.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    assert client.world() == other.world()
    assert client.admin("GET", "/snapshot")["seed"] == 7


@pytest.mark.parametrize("version", [None, 0, 2, "1", True, 1.5])
def test_another_version_is_refused_and_says_which_is_read(client: Client, version):
    saved = client.admin("GET", "/snapshot")
    answer = client.call("PUT", "/__admin/snapshot", json={**saved, "version": version})
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, PROBLEM)
    assert "must be 1, the version that this program reads" in answer.json()["detail"]
    assert client.admin("GET", "/snapshot") == saved


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        (("format",), "other/snapshot", "format"),
        (("extra",), 1, "extra"),
        (("seed",), 10**15, "seed"),
        (("seed",), -1, "seed"),
        (("clock", "mode"), "slow", "clock.mode"),
        (("clock", "at"), 10**15, "clock.at"),
        (("clock", "offset"), -(10**14), "clock.offset"),
        (("clock", "zone"), "UTC", "clock.zone"),
        (("settings", "switches"), {"sibi.absent": "sometimes"}, "switches.sibi.absent"),
        (("settings", "colours"), {}, "colours"),
        (("settings", "webhooks"), {"sibi": {"url": "http://elsewhere.example/"}}, "webhooks.sibi.url"),
        (("seeded",), ["ebay", "ebay"], "seeded"),
        (("seeded",), ["nobody"], "nobody"),
        (("ordinals", "ebay.offers"), -1, "ordinals.ebay.offers"),
        (("ordinals", "ebay.offers"), 2**63, "ordinals.ebay.offers"),
        (("collections", "nobody"), {}, "nobody"),
        (("collections", "ebay", "bids"), [], "bids"),
        (("collections", "ebay", "listings", 3, "quantity"), -1, "collections.ebay.listings[3] quantity"),
        (("collections", "ebay", "tokens", 0, "expires"), "soon", "collections.ebay.tokens[0] expires"),
        (("collections", "ebay", "tokens", 2, "client"), ..., "collections.ebay.tokens[2] client"),
        (("collections", "ebay", "tokens", 2, "redirect_uri"), ..., "collections.ebay.tokens[2] redirect_uri"),
        (("collections", "estateprime", "offers", 53, "listing", "listing_id"), 2**63, "offers[53] listing_id"),
        (("collections", "sandbox", "webhooks", 0, "due"), 5, "collections.sandbox.webhooks[0] due"),
        (
            ("collections", "sandbox", "webhooks", 0, "headers"),
            {"a": 5},
            "collections.sandbox.webhooks[0] headers",
        ),
        (("collections", "sandbox", "webhooks", 0, "id"), 5, "collections.sandbox.webhooks[0] id"),
    ],
)
def test_a_refusal_names_what_is_wrong_and_changes_nothing(client: Client, path, value, word):
    saved = active(client).admin("GET", "/snapshot")
    answer = client.call("PUT", "/__admin/snapshot", json=changed(saved, path, partial(put, value)))
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, PROBLEM)
    assert word in answer.json()["detail"]
    assert client.admin("GET", "/snapshot") == saved


def places(value, path=()):
    """Every place in a document, of an array its first and last item."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list) and value:
        for index in {0, len(value) - 1}:
            yield from places(value[index], (*path, index))


def changed(document, path, change):
    """A copy of the document with a change at that place."""
    whole = copy.copy(document)
    inner = whole
    for name in path[:-1]:
        inner[name] = copy.copy(inner[name])
        inner = inner[name]
    change(inner, path[-1])
    return whole


@pytest.fixture(scope="module")
def small(server: Server, session):
    """A snapshot of a busy workspace, short enough to be sent a thousand times."""
    client = active(Client(server.url, "small-snapshot", session))
    saved = client.admin("GET", "/snapshot")
    for collections in saved["collections"].values():
        for name in collections:
            collections[name] = collections[name][-3:]
    return saved


def sound(client: Client, small, broken) -> bool:
    """Puts a broken snapshot in: whether it was taken. A refusal changed nothing, and what was taken works."""
    answer = client.call("PUT", "/__admin/snapshot", data=json.dumps(broken))
    assert answer.status_code in (200, 422), (answer.status_code, answer.text)
    shown = client.call("GET", "/__admin/snapshot")
    assert shown.status_code == 200, shown.text
    if answer.status_code == 422:
        assert answer.json()["detail"]
        assert shown.json() == small
        return False
    for path in ("/webhooks", "/settings", "/clock", *(f"/state/{kind}" for kind in COLLECTIONS)):
        client.admin("GET", path)
    used(client)
    client.admin("PUT", "/snapshot", small)
    return True


def used(client: Client) -> None:
    """Calls that read what a snapshot holds of tokens and webhooks: none may fail."""
    held = client.admin("GET", "/snapshot")["collections"]
    for each in held["ebay"]["tokens"]:
        secret = each["token"].encode("latin-1", "ignore").decode("latin-1").strip()
        found = client.ebay("GET", EBAY_FIND, headers={"Authorization": f"Bearer {secret}"})
        assert found.status_code < 500
        assert token(client, **{**CODE, "code": each["token"]}).status_code < 500
        assert token(client, grant_type="refresh_token", refresh_token=each["token"]).status_code < 500
    for each in held["sandbox"]["webhooks"]:
        assert client.call("POST", f"/__admin/webhooks/{each['id']}/redeliver").status_code in (201, 404)


def test_without_any_of_its_members_a_snapshot_is_refused(client: Client, small):
    client.admin("PUT", "/snapshot", small)
    names = [(name,) for name in MEMBERS]
    held = small["collections"]
    names += [("collections", owner) for owner in held]
    names += [
        ("collections", owner, name)
        for owner, kinds in held.items()
        for name in kinds
        if (owner, name) not in LATER
    ]
    names += [("clock", name) for name in small["clock"]]
    for path in names:
        assert not sound(client, small, changed(small, path, partial(put, ...))), path


def test_a_member_of_another_type_is_refused(client: Client, small):
    client.admin("PUT", "/snapshot", small)
    for path, value in itertools.product((each for each in places(small) if len(each) <= 3), OTHERS):
        taken = sound(client, small, changed(small, path, partial(put, value)))
        assert not (taken and len(path) == 1 and type(value) is not type(small[path[0]])), (path, value)


def put(value, inner, name) -> None:
    """Puts a value in the place of another; Ellipsis takes a member out."""
    if value is ... and isinstance(inner, dict):
        del inner[name]
    else:
        inner[name] = None if value is ... else value


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_broken_record_never_breaks_the_sandbox(client: Client, small, data):
    client.admin("PUT", "/snapshot", small)
    path = data.draw(st.sampled_from([path for path in places(small) if len(path) > 3]))
    value = data.draw(st.sampled_from([..., *OTHERS]))
    sound(client, small, changed(small, path, partial(put, value)))


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"{", 400), (b"[]", 422), (b"null", 422), (b"{}", 422), (b"[" * 90, 400)]
)
def test_what_is_no_snapshot_at_all(client: Client, body, status):
    answer = client.call("PUT", "/__admin/snapshot", data=body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)


def test_a_snapshot_of_many_megabytes(client: Client):
    """Past the 1 MiB that other bodies may have."""
    saved = client.admin("GET", "/snapshot")
    offers = saved["collections"]["estateprime"]["offers"]
    saved["collections"]["estateprime"]["offers"] = [
        {**offers[53], "id": number, "notes": "x" * 500} for number in range(5000)
    ]
    assert client.admin("PUT", "/snapshot", saved)["restored"]["estateprime.offers"] == 5000
    assert client.admin("GET", "/snapshot") == saved


def test_whole_numbers_may_be_written_with_a_point_only_where_any_number_may_stand(client: Client):
    """A percentage of 5.0 stays one; a count of 1.0 is refused, since the code behind it counts."""
    saved = client.call("GET", "/__admin/snapshot").content
    assert b'"feeCostPercent":5.0' in saved
    client.call("PUT", "/__admin/snapshot", data=saved)
    assert client.call("GET", "/__admin/snapshot").content == saved
    for name in (b"seed", b"quantity", b"headlinePriceCents"):
        broken = re.sub(b'"%b":([0-9]+)' % name, rb'"%b":\1.0' % name, saved, count=1)
        answer = client.call("PUT", "/__admin/snapshot", data=broken)
        assert (answer.status_code, "whole number" in answer.text) == (422, True), answer.text


def test_a_workspaces_key_opens_its_own_snapshot_alone():
    server = Server("--admin-token", "let-me-in")
    try:
        with requests.Session() as session:
            client = Client(server.url, "team1", session)
            key = {"Authorization": "Bearer sbx_team1"}
            saved = client.call("GET", "/__admin/snapshot", headers=key)
            assert saved.status_code == 200
            assert client.call("PUT", "/__admin/snapshot", data=saved.content, headers=key).status_code == 200
            foreign = {**key, "X-Sandbox-Workspace": "team2"}
            for method in ("GET", "PUT"):
                refused = client.call(method, "/__admin/snapshot", data=saved.content, headers=foreign)
                assert refused.status_code == 403
    finally:
        assert server.stop() == 0


def test_a_code_of_the_consent_page_is_good_after_a_restore(client: Client, fresh):
    consented(client)
    [code] = codes(client)
    other = fresh()
    other.admin("PUT", "/snapshot", client.admin("GET", "/snapshot"))
    assert "refresh_token" in token(other, **{**CODE, "code": code}).json()
    assert token(other, **{**CODE, "code": code}).json()["error"] == "invalid_grant", "it is good once"
    assert "refresh_token" in token(client, **{**CODE, "code": code}).json(), "the original is a world of its own"


def test_options_tells_the_methods(client: Client):
    assert client.call("OPTIONS", "/__admin/snapshot").headers["Allow"] == "GET, HEAD, PUT, OPTIONS"


def test_a_snapshot_of_version_0_1_0_loads(client: Client):
    """Written by it: records of all providers, a token, rules, a running scenario, settings, webhooks."""
    written = json.loads((ROOT / "tests" / "data" / "snapshot-0.1.0.json").read_text())
    client.admin("PUT", "/snapshot", written)
    loaded = client.admin("GET", "/snapshot")
    sent = [whole["collections"]["sandbox"].pop("webhooks") for whole in (loaded, written)]
    assert [loaded["collections"][owner].pop(name) for owner, name in LATER] == [[]] * len(LATER)
    assert loaded == written
    bodies = [[(webhook["id"], webhook["body"]) for webhook in webhooks] for webhooks in sent]
    assert bodies[0] == bodies[1], "the rest of a webhook changes while the server tries to send it"
    assert client.admin("GET", "/clock")["now"] == "2026-04-18T00:00:00.000Z"
    client.admin("POST", "/scenarios/mine/stop")
    assert client.admin("GET", "/clock")["now"] == "2026-04-17T19:45:00.000Z"
    assert [rule["operation"] for rule in client.admin("GET", "/rules")["rules"]] == [
        "covent.createOffer",
        "ebay.*",
    ]
    assert outcome(client.send()) == "150019", "the listing has the offers of then"


@pytest.mark.parametrize(
    ("now", "by"),
    [
        ("1970-01-01T00:00:00Z", "P3650D"),
        ("8999-06-01T00:00:00Z", "P213DT12H"),
        ("8999-12-25T00:00:00Z", "P1D"),
        ("8999-12-31T23:00:00Z", "PT1H"),
    ],
)
def test_a_world_at_an_end_of_the_calendar_can_be_saved_and_restored(client: Client, now, by):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": now})
    client.world()
    for _ in range(2):
        saved = client.admin("GET", "/snapshot")
        client.admin("PUT", "/snapshot", saved)
        assert client.admin("GET", "/snapshot") == saved
        client.call("POST", "/__admin/clock/advance", json={"by": by})  # 422 past the end
    assert client.call("GET", "/api/v1/offers/off_123", headers=BEARER).status_code == 200

"""Every form that a provider's schemas allow occurs in its seeded world, or `values.yaml` says why it cannot."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from graphql import GraphQLObjectType, GraphQLOutputType, GraphQLSchema, build_schema, get_named_type

from offer_sandbox.providers import providers
from offer_sandbox.providers.sibi.schemas import EMPTY
from offer_sandbox.resources import bundled
from running_server import EBAY_FIND, ROOT, Client
from value_forms import Forms

REASONS: Any = yaml.safe_load((ROOT / "tests" / "values.yaml").read_text())
BEARER = {"Authorization": "Bearer sbx_test", "Accept": "application/json", "Content-Type": "application/json"}
PAIR = {"Authorization": "Basic c2J4X3Rlc3Q6c2VjcmV0"}  # sbx_test:secret
PLACE = "line1=1+Oak+St&city=Mesa&stateOrProvince=AZ&postalCode=85201"


def ids(client: Client, kind: str, key: str = "id") -> list[Any]:
    return [record[key] for record in client.state(kind)]


def bodies(client: Client, *paths: str, **headers: str) -> Iterator[Any]:
    """The bodies of GET calls."""
    for path in paths:
        answer = client.call("GET", path, headers={**BEARER, **headers})
        assert answer.status_code == 200, answer.text
        yield answer.json()


def answers(forms: Forms, provider: str, operation: str, found: Iterator[Any]) -> None:
    """Notes the bodies of an operation's successful responses."""
    forms.of_schema(operation, providers()[provider].operations[operation].answers[200], found)


def records(forms: Forms, client: Client, provider: str, *collections: str) -> None:
    """Notes stored records that no call shows."""
    for name in collections:
        forms.of_schema(name, providers()[provider].parts.records[name], client.state(f"{provider}/{name}"))


def covent(client: Client) -> Forms:
    forms, root = Forms(), "/api/v1"
    answers(
        forms,
        "covent",
        "getOffer",
        bodies(client, *(f"{root}/offers/{id}" for id in ids(client, "covent/offers"))),
    )
    homes = [f"{root}/listings/{id}" for id in ids(client, "covent/listings")]
    answers(forms, "covent", "getListing", bodies(client, *homes))
    pages = [f"{root}/listings{query}" for query in ("", "?page=9", "?page_size=1")]
    answers(forms, "covent", "listListings", bodies(client, *pages))
    records(forms, client, "covent", "offers", "individuals")
    return forms


def ebay(client: Client) -> Forms:
    forms = Forms()
    found = (client.ebay("GET", f"{EBAY_FIND}?{query}") for query in ("limit=5", "limit=1", "limit=5&offset=90"))
    answers(forms, "ebay", "findEligibleItems", (each.json() for each in found))
    records(forms, client, "ebay", "listings", "offers")
    return forms


def estateprime(client: Client) -> Forms:
    forms = Forms()
    paths = [f"/api/offers/{id}" for id in ids(client, "estateprime/offers")]
    answers(forms, "estateprime", "getOffer", bodies(client, *paths, **PAIR))
    pages = [*(f"/api/offers?page={page}" for page in range(1, 10)), "/api/offers?page=99"]
    answers(forms, "estateprime", "listOffers", bodies(client, *pages, **PAIR))
    asked = Counter(each["request_id"] for each in client.state("estateprime/offers"))
    single = next(request for request, count in asked.items() if count == 1)
    one = client.call("GET", "/api/offers", headers={**BEARER, **PAIR}, json={"request_id": single})
    answers(forms, "estateprime", "listOffers", iter([one.json()]))
    return forms


def sibi(client: Client) -> Forms:
    forms = Forms()
    stored = client.state("sibi/offers")
    for setting in ("null", "omit", "empty"):
        client.admin("PUT", "/settings", {"switches": {"sibi.absent": setting}})
        paths = (f"/offers/{each['id']}" for each in stored)
        answers(forms, "sibi", "getOffer", bodies(client, *paths))
    pages = (f"/offers{query}" for query in ("", "?page=9", "?limit=1"))
    forms.of_schema(
        "listOffers", providers()["sibi"].operations["listOffers"].answers[200], bodies(client, *pages), deep=False
    )
    skus = ("GDF511PGRBB", "GTW465ASNWW", "JVM3160RFSS", "NOPE")
    paths = (f"/products/{sku}?{query}" for sku in skus for query in ("", PLACE))
    answers(forms, "sibi", "getProduct", bodies(client, *paths))
    for name in EMPTY:
        forms.allowed[f"getOffer.{name}"].add("empty")  # in the page's words, which no schema can express
    orders = [each["orderIds"][0] for each in stored if each["sandbox"]["cancellations"]]
    canceled = [client.call("POST", f"/orders/{id}/cancel", headers=BEARER, json={"reason": "x"}) for id in orders]
    cancel = providers()["sibi"].operations["cancelOrder"].answers[201]
    forms.of_schema("cancelOrder", cancel, [each.json() for each in canceled])
    return forms


def selected(schema: GraphQLSchema, kind: GraphQLOutputType) -> str:
    """All fields of a type, as a selection."""
    named = get_named_type(kind)
    if not isinstance(named, GraphQLObjectType):
        return ""
    return "{ " + " ".join(f"{name} {selected(schema, each.type)}" for name, each in named.fields.items()) + " }"


def opendoor(client: Client) -> Forms:
    forms, schema = Forms(), build_schema((bundled("specs") / "opendoor.graphql").read_text())
    assert schema.query_type is not None
    known = [*ids(client, "opendoor/offerRequests", "opendoorOfferRequestId"), "nobody"]
    for cnml in (True, False):
        client.admin("PUT", "/settings", {"switches": {"opendoor.cnml": cnml}})
        for name, field in schema.query_type.fields.items():
            query = f"query($id: String!) {{ {name}(opendoorOfferRequestId: $id) {selected(schema, field.type)} }}"
            found = [client.graphql(query, {"id": id}).json()["data"][name] for id in known]
            forms.of_type(name, field.type, found)
    return forms


SURVEYS = {survey.__name__: survey for survey in (covent, ebay, estateprime, opendoor, sibi)}


@pytest.mark.parametrize("seed", [42, 7, 2026])
@pytest.mark.parametrize("name", sorted(providers()))
def test_every_form_occurs_or_has_a_reason(name, seed, client: Client):
    client.admin("POST", "/workspaces", {"name": client.workspace, "seed": seed})
    forms = SURVEYS[name](client)
    declared = {}
    for entry in REASONS[name]:
        assert entry["reason"]
        for path in entry["fields"]:
            rest = forms.allowed[path] - set(entry["only"]) if "only" in entry else set(entry["missing"])
            assert path not in declared, path
            declared[path] = rest
    seen, of = forms.counts()
    assert forms.missing() == declared, f"{seen} of {of} forms occur"

"""GraphQL over HTTP by its specification, and the limits that keep hostile documents cheap."""

import json

import pytest
from graphql import build_client_schema, get_introspection_query, print_schema

from graphql_calls import CONTACTS, CREATE, CREATE_VARIABLES, PENDING_ID, READ, created
from offer_sandbox.assembly import assembled
from offer_sandbox.contract import Request, Response
from offer_sandbox.exchange.graphql import protocol
from offer_sandbox.options import Options
from offer_sandbox.providers import providers
from offer_sandbox.resources import bundled
from running_server import Client, outcome

# Hostile fragments: each spread twice over 40 levels; each spreading all others; a chain of 200.
DOUBLING = [f"fragment A{n} on Query {{ ...A{n + 1} ...A{n + 1} }}" for n in range(40)]
DOUBLING.append("fragment A40 on Query { __typename }")
CYCLES = [f"fragment A{n} on Query {{ {' '.join(f'...A{other}' for other in range(20))} }}" for n in range(20)]
CHAIN = [f"fragment A{n} on Query {{ ...A{n + 1} }}" for n in range(200)] + [
    "fragment A200 on Query { __typename }"
]
KEY = {"Authorization": "Basic sbx_test"}
RESPONSE = "application/graphql-response+json"


def post(client: Client, body, **headers):
    """A POST of a JSON value or of raw bytes."""
    data = body if isinstance(body, bytes) else json.dumps(body)
    return client.call(
        "POST", "/graphql", data=data, headers={**KEY, "Content-Type": "application/json", **headers}
    )


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"query": "{ offerRequest("}, "parse_error"),
        ({"query": ""}, "parse_error"),
        ({"query": "{ nothing }"}, "validation_error"),
        ({"query": READ}, "coercion_error"),
        ({"query": READ, "variables": {"opendoorOfferRequestId": 5}}, "coercion_error"),
        ({"query": READ, "variables": {"opendoorOfferRequestId": None}}, "coercion_error"),
        ({"query": CREATE, "variables": {"offerRequestCreateInput": {"address": {}}}}, "coercion_error"),
        ({"query": "query A { __typename } query B { __typename }"}, "validation_error"),
        ({"query": "{ __typename }", "operationName": "Other"}, "validation_error"),
        ({"query": "fragment A on Query { __typename }"}, "validation_error"),
        ({"query": "{ " + "a " * 2001 + "}"}, "token_limit"),
        ({"query": "{ a " * 21 + "}" * 21}, "depth_limit"),
        ({"query": "{" * 1000}, "depth_limit"),
        ({"query": "[" * 1000}, "depth_limit"),
        ({"query": "{ " + " ".join(f"a{n}: __typename" for n in range(31)) + " }"}, "alias_limit"),
        ({"query": "{ " + "__typename " * 501 + "}"}, "alias_limit"),
        (
            {
                "query": "{ ...A0 } "
                + " ".join(f"fragment A{n} on Query {{ ...A{n + 1} ...A{n + 1} }}" for n in range(20))
                + " fragment A20 on Query { __typename }"
            },
            "alias_limit",
        ),
        ({"query": "{ ...A } fragment A on Query { ...A }"}, "validation_error"),
        ({"query": "{ ...A0 } " + " ".join(DOUBLING)}, "alias_limit"),
        ({"query": "{ ...A0 } " + " ".join(CYCLES)}, "validation_error"),
        ({"query": "{ ...A0 } " + " ".join(CHAIN)}, "depth_limit"),
        (
            {
                "query": 'mutation { offerRequestUpdate(params: {opendoorOfferRequestId: "a", offerInput: {homeHoaFees: 1e400}}) { __typename } }'
            },
            "validation_error",
        ),
    ],
)
def test_what_no_resolver_sees(client: Client, body, name):
    """200 with errors as application/json; 400 without data as application/graphql-response+json."""
    before = client.world()
    plain = post(client, body)
    assert (plain.status_code, outcome(plain)) == (200, name)
    assert plain.headers["X-Sandbox-Outcome"] == f"opendoor.unmatched.{name}"
    assert plain.json()["errors"][0]["message"]
    assert "data" not in plain.json()
    strict = post(client, body, Accept=RESPONSE)
    assert (strict.status_code, outcome(strict)) == (400, name)
    assert strict.headers["Content-Type"] == RESPONSE
    assert client.world() == before


def test_a_variable_that_does_not_fit_is_named_with_its_position_and_without_its_value(client: Client):
    """A value can be long or secret, and graphql-core would write it as Python does."""
    given = {"address": {"street1": "hidden", "city": None, "state": ["hidden"], "postalCode": 5, "unit": True}}
    answer = post(client, {"query": f"# a comment\n{CREATE}", "variables": {"offerRequestCreateInput": given}})
    errors = answer.json()["errors"]
    assert all(set(each) == {"message", "locations", "extensions"} for each in errors)
    line, column = 2, CREATE.index("$offerRequestCreateInput") + 1
    assert {(each["line"], each["column"]) for error in errors for each in error["locations"]} == {(line, column)}
    where = "Variable '$offerRequestCreateInput' has invalid value at .address"
    assert sorted(each["message"] for each in errors) == [
        f"{where}.city: Expected value of non-null type 'String!' not to be null.",
        f"{where}.postalCode: String cannot represent a non string value.",
        f"{where}.state: String cannot represent a non string value.",
        f"{where}: Expected value of type 'AddressInput' not to include unknown field 'unit'.",
    ]
    missing = post(client, {"query": READ}).json()["errors"]
    assert [each["message"].endswith("to be provided.") for each in missing] == [True]


@pytest.mark.parametrize(
    ("body", "name", "status"),
    [
        (b"{not json", "invalid_json", 400),
        (b"", "invalid_json", 400),
        ([], "batching", 400),
        ({}, "invalid_parameters", 400),
        ({"query": 5}, "invalid_parameters", 400),
        ({"query": None}, "invalid_parameters", 400),
        ({"query": "{ __typename }", "variables": []}, "invalid_parameters", 400),
        ({"query": "{ __typename }", "variables": "{}"}, "invalid_parameters", 400),
        ({"query": "{ __typename }", "operationName": 5}, "invalid_parameters", 400),
        ({"query": "{ __typename }", "extensions": 5}, "invalid_parameters", 400),
    ],
)
def test_malformed_requests_are_400_in_either_media_type(client: Client, body, name, status):
    for accept in ("application/json", RESPONSE):
        answer = post(client, body, Accept=accept)
        assert (answer.status_code, outcome(answer)) == (status, name)
        assert answer.json()["errors"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        (f"{RESPONSE}; charset=utf-8, application/json; charset=utf-8; q=0.9", RESPONSE),
        ("application/json", "application/json"),
        (RESPONSE, RESPONSE),
        (f"{RESPONSE}, application/json", RESPONSE),
        (f"application/json, {RESPONSE};q=0.5", "application/json"),
        (f"text/html, {RESPONSE}", RESPONSE),
    ],
)
def test_the_media_type_follows_accept(client: Client, accept, media_type):
    answer = post(client, {"query": "{ __typename }"}, Accept=accept)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("accept", ["text/html", "image/*", "application/json;q=0"])
def test_a_client_that_takes_no_json(client: Client, accept):
    answer = post(client, {"query": "{ __typename }"}, Accept=accept)
    assert (answer.status_code, outcome(answer)) == (406, "not_acceptable")


@pytest.mark.parametrize("media_type", ["text/plain", "application/graphql", "multipart/form-data", None])
def test_a_body_of_another_type(client: Client, media_type):
    answer = post(client, b"{ __typename }", **{"Content-Type": media_type})
    assert (answer.status_code, outcome(answer)) == (415, "unsupported_media_type")


def test_queries_are_taken_by_get(client: Client):
    query = {"query": READ, "variables": json.dumps({"opendoorOfferRequestId": PENDING_ID})}
    answer = client.call("GET", "/graphql", params=query, headers=KEY)
    assert answer.json()["data"]["offerRequest"]["offerStatus"] == "PENDING"
    assert outcome(answer) == "PENDING"


def test_a_mutation_by_get_is_refused(client: Client):
    before = client.world()
    query = {"query": CREATE, "variables": json.dumps(CREATE_VARIABLES)}
    answer = client.call("GET", "/graphql", params=query, headers=KEY)
    assert (answer.status_code, outcome(answer)) == (405, "mutation_by_get")
    assert answer.headers["Allow"] == "POST"
    assert client.world() == before


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("variables", "{", "invalid_json"),
        ("extensions", "x", "invalid_json"),
        ("variables", "[]", "invalid_parameters"),
        ("extensions", "5", "invalid_parameters"),
    ],
)
def test_broken_parameters_by_get(client: Client, name, text, expected):
    answer = client.call("GET", "/graphql", params={"query": "{ __typename }", name: text}, headers=KEY)
    assert (answer.status_code, outcome(answer)) == (400, expected)


@pytest.mark.parametrize("value", [None, "", "Basic", "Basic ", "Bearer sbx_test", "sbx_test"])
def test_a_missing_or_other_credential(client: Client, value):
    answer = post(client, {"query": READ}, Authorization=value)
    assert (answer.status_code, outcome(answer)) == (401, "unauthorized")
    assert answer.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


@pytest.mark.parametrize(
    "value",
    ["sbx_keyed", "c2J4X2tleWVk", "c2J4X2tleWVkOg==", "sbx_keyed.any.thing"],
    ids=["raw", "key", "key:", "dotted"],
)
def test_the_key_raw_or_base64(client: Client, value):
    answer = post(
        client, {"query": "{ __typename }"}, Authorization=f"Basic {value}", **{"X-Sandbox-Workspace": None}
    )
    assert answer.headers["X-Sandbox-Workspace"] == "keyed"


def test_authentication_is_judged_before_the_document(client: Client):
    answer = post(client, {"query": "{ nothing }"}, Authorization=None)
    assert answer.headers["X-Sandbox-Outcome"] == "opendoor.unmatched.unauthorized"
    answer = post(client, {"query": READ}, Authorization=None)
    assert answer.headers["X-Sandbox-Outcome"] == "opendoor.offerRequest.unauthorized"


def test_introspection_gives_the_published_schema(client: Client):
    answer = post(client, {"query": get_introspection_query(descriptions=False)})
    assert answer.headers["X-Sandbox-Outcome"] == "opendoor.unmatched.introspection"
    served = print_schema(build_client_schema(answer.json()["data"]))
    assert "type OfferRequest {" in served
    published = client.call("GET", "/__admin/specs/opendoor.graphql")
    assert published.text == (bundled("specs") / "opendoor.graphql").read_text()


def test_several_root_fields_and_aliases(client: Client):
    """Each field is carried out; the first one names the outcome; one that fails leaves the others."""
    query = (
        f'{{ a: offerRequest(opendoorOfferRequestId: "{PENDING_ID}") {{ offerStatus }}'
        ' b: offerRequest(opendoorOfferRequestId: "none") { offerStatus } }'
    )
    answer = post(client, {"query": query})
    assert answer.json()["data"] == {"a": {"offerStatus": "PENDING"}, "b": None}
    assert answer.json()["errors"][0]["path"] == ["b"]
    assert outcome(answer) == "PENDING"


def test_a_failed_mutation_field_leaves_the_others(client: Client):
    count = len(client.state("opendoor/offerRequests"))
    address = '{street1: "1 A St", city: "B", state: "CA", postalCode: "94104"}'
    query = (
        'mutation { bad: offerRequestUpdate(params: {opendoorOfferRequestId: "none"}) { offerRequest { offerStatus } }'
        f" good: offerRequestCreate(params: {{address: {address}}}) {{ offerRequest {{ offerStatus }} }} }}"
    )
    answer = post(client, {"query": query})
    assert answer.json()["data"] == {"bad": None, "good": {"offerRequest": {"offerStatus": "PENDING"}}}
    assert outcome(answer) == "NOT_FOUND"
    assert len(client.state("opendoor/offerRequests")) == count + 1


def test_fragments_directives_and_operation_names(client: Client):
    query = (
        "query A($id: String!, $no: Boolean!) { ...R @skip(if: $no) } query B { __typename }"
        " fragment R on Query { offerRequest(opendoorOfferRequestId: $id) { offerStatus } }"
    )
    variables = {"id": PENDING_ID, "no": False}
    answer = post(client, {"query": query, "variables": variables, "operationName": "A"})
    assert answer.json()["data"] == {"offerRequest": {"offerStatus": "PENDING"}}
    skipped = post(client, {"query": query, "variables": {**variables, "no": True}, "operationName": "A"})
    assert (skipped.status_code, skipped.json()) == (200, {"data": {}})


@pytest.mark.parametrize(
    "answers",
    [{"homeBedrooms": "3"}, {"homeBedrooms": 3.5}, {"homeBedrooms": 2**31}, {"homeHoa": "yes"}, {"unknown": 1}],
)
def test_inputs_of_wrong_types_change_nothing(client: Client, answers):
    from graphql_calls import update

    id = created(client)
    before = client.world()
    assert outcome(update(client, id, {**answers, **CONTACTS})) == "coercion_error"
    assert client.world() == before


def test_decimals_in_variables_are_floats(client: Client):
    from graphql_calls import update

    id = created(client)
    assert outcome(update(client, id, {"homeHoaFees": 120.5})) == "PENDING"
    assert client.state("opendoor/offerRequests")[-1]["sandbox"]["answers"] == {"homeHoaFees": 120.5}


def test_what_is_forced_concerns_the_first_field_that_is_resolved(client: Client):
    query = (
        f'query($no: Boolean!) {{ a: offerRequest(opendoorOfferRequestId: "{PENDING_ID}") @include(if: $no) {{ offerStatus }}'
        f' b: offerRequest(opendoorOfferRequestId: "{PENDING_ID}") {{ offerStatus }} }}'
    )
    answer = post(client, {"query": query, "variables": {"no": False}}, **{"X-Sandbox-Outcome": "OFFERED"})
    assert answer.json() == {"data": {"b": {"offerStatus": "OFFERED"}}}
    assert answer.headers["X-Sandbox-Trigger"] == "header"


def test_a_forced_error_keeps_the_form_of_an_answer(client: Client):
    """The first root field fails as it would by nature; nothing else is carried out, and every null has its error."""
    before = client.world()
    address = '{street1: "1 A St", city: "B", state: "CA", postalCode: "94104"}'
    query = (
        'mutation { __typename a: offerRequestUpdate(params: {opendoorOfferRequestId: "x"}) { offerRequest { offerStatus } }'
        f" b: offerRequestCreate(params: {{address: {address}}}) {{ offerRequest {{ offerStatus }} }} }}"
    )
    answer = post(client, {"query": query}, **{"X-Sandbox-Outcome": "NOT_FOUND"})
    assert answer.json()["data"] == {"__typename": "Mutation", "a": None, "b": None}
    assert [error["path"] for error in answer.json()["errors"]] == [["a"], ["b"]]
    assert answer.json()["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
    assert outcome(answer) == "NOT_FOUND"
    assert client.world() == before


def test_a_forced_error_does_not_judge_the_variables(client: Client):
    body = {"query": READ, "variables": {"opendoorOfferRequestId": 5}}
    answer = post(client, body, **{"X-Sandbox-Outcome": "NOT_FOUND"})
    assert (answer.status_code, outcome(answer)) == (200, "NOT_FOUND")
    assert answer.json()["data"] == {"offerRequest": None}
    assert [error["extensions"] for error in answer.json()["errors"]] == [{"code": "NOT_FOUND"}]


PERSISTED = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_persisted_query_is_refused_as_apollo_s_client_expects(client: Client, method: str):
    """It then sends the query itself, with the hash."""
    headers = {"Authorization": "Basic sbx_x"}
    if method == "POST":
        answer = client.call("POST", "/graphql", json={"extensions": PERSISTED}, headers=headers)
    else:
        params = {"extensions": json.dumps(PERSISTED)}
        answer = client.call("GET", "/graphql", params=params, headers=headers)
    assert answer.status_code == 200
    [error] = answer.json()["errors"]
    assert error["message"] == "PersistedQueryNotSupported"
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_SUPPORTED"
    retried = client.call(
        "POST", "/graphql", json={"query": "{ __typename }", "extensions": PERSISTED}, headers=headers
    )
    assert retried.json() == {"data": {"__typename": "Query"}}


def test_a_batch_is_refused_with_one_clear_error(client: Client):
    batch = [{"query": "{ __typename }"}, {"query": "{ __typename }"}]
    answer = client.call("POST", "/graphql", json=batch, headers={"Authorization": "Basic sbx_x"})
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "BATCHING_NOT_SUPPORTED"
    assert "not a batch" in answer.headers["X-Sandbox-Reason"]


@pytest.mark.parametrize(
    "document",
    [
        f"query {'a' * 300} {{ __typename }}",
        f"query q($v{'a' * 300}: String) {{ __typename }}",
        f"# {'x' * 70_000}\n{{ __typename }}",
        f'{{ offerRequest(id: "{"x" * 70_000}") {{ id }} }}',
    ],
    ids=["name", "variable", "comment", "string"],
)
def test_long_names_and_documents_are_refused(client: Client, document):
    answer = post(client, {"query": document})
    assert (answer.status_code, outcome(answer)) == (200, "token_limit")
    assert len(answer.content) < 500


def test_an_error_quotes_a_little_of_a_document(client: Client):
    fields = " ".join(f'a{n}: offerRequest(id: "1", x: "{"y" * 2_000}") {{ id }}' for n in range(25))
    answer = post(client, {"query": f"{{ {fields} }}"})
    assert outcome(answer) == "validation_error"
    assert len(answer.content) < 50_000


def test_a_response_has_a_limit_and_a_refused_one_stores_nothing(monkeypatch):
    assert protocol.MAX_RESPONSE_BYTES == 4 * 1024 * 1024
    monkeypatch.setattr(protocol, "MAX_RESPONSE_BYTES", 100)
    services = assembled(Options(), providers())
    headers = {"authorization": "Basic sbx_w", "content-type": "application/json", "accept": "application/json"}

    def answer(body: dict) -> Response:
        data = json.dumps(body).encode()
        return services.pipeline.handle(Request(method="POST", path="/graphql", headers=headers, body=data))[0]

    def number() -> int:
        with services.store.transaction() as transaction:
            world = services.workspaces.open(transaction, "w", "opendoor")
            return world.count("offerRequests")

    before = number()
    refused = answer({"query": CREATE, "variables": CREATE_VARIABLES})
    assert refused.status == 200
    assert refused.body["errors"][0]["extensions"]["code"] == "GRAPHQL_LIMIT_EXCEEDED"
    assert dict(refused.headers)["X-Sandbox-Outcome"].endswith(".alias_limit")
    assert number() == before
    assert answer({"query": "{ __typename }"}).body == {"data": {"__typename": "Query"}}
    services.store.close()

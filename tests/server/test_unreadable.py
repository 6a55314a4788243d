"""Requests that cannot be read: their refusals, and what the journal tells of them."""

import json

import pytest

from raw_http import answers, raw
from running_server import Client, Server

SECRET = "sbx_verysecret"
POST = "POST /offers/ HTTP/1.1\r\n{}"
CASES = {
    "utf-8": ("GET /offers/caf\u00e9?a=\u00e9 HTTP/1.1\r\n{}", 400, "Invalid char in url path"),
    "blank": ("GET /offers/a b HTTP/1.1\r\n{}", 400, "Expected HTTP/"),
    "name": ("GET /offers/1 HTTP/1.1\r\n{}Bad Name: x\r\n", 400, "Invalid header token"),
    "value": ("GET /offers/1 HTTP/1.1\r\n{}A: \x01\r\n", 400, "Invalid header value char"),
    "folded": ("GET /offers/1 HTTP/1.1\r\n{}A: b\r\n c\r\n", 400, "Unexpected whitespace"),
    "two lengths": (POST + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", 400, "can't be present"),
    "no length": (POST + "Content-Length: x\r\n", 400, "Invalid character in Content-Length"),
    "coding": (POST + "Transfer-Encoding: gzip\r\n", 501, "Transfer-Encoding must be chunked"),
    "version": ("GET /offers/1 HTTP/2.0\r\n{}", 505, "version 2.0"),
    "method": ("FOO /offers/1 HTTP/1.1\r\n{}", 400, "Invalid method"),
    "two hosts": ("GET /offers/1 HTTP/1.1\r\n{}Host: b\r\n", 400, "a request must have one Host header, not 2"),
    "chunk": (POST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "a chunk of the body has no size"),
}


def journal(client: Client) -> list[dict]:
    return client.admin("GET", "/requests")["requests"]


@pytest.mark.parametrize("case", CASES)
def test_a_malformed_request_is_refused_with_its_reason_and_told(client: Client, case: str):
    text, status, reason = CASES[case]
    fields = f"Host: a\r\nX-Sandbox-Workspace: {client.workspace}\r\nAuthorization: Bearer {SECRET}\r\n"
    [answer] = answers(raw(client.url, text.format(fields).encode() + b"\r\n"))
    document = json.loads(answer.body)
    assert (answer.status, document["status"], answer.headers["connection"]) == (status, status, "close")
    assert reason in document["detail"]
    [told] = journal(client)
    assert (told["response"]["status"], told["reason"]) == (status, document["detail"])
    assert told["response"]["body"] == document
    assert told["id"] == answer.headers["x-sandbox-request-id"]
    assert ["Authorization", "(redacted)"] in told["request"]["raw"]["headers"]
    assert SECRET not in json.dumps(told)


def test_what_is_told_of_it(client: Client):
    head = f"GET /offers/caf\u00e9?token=a{SECRET}&b=\u00e9 HTTP/1.1\r\nHost: a\r\nX-Sandbox-Workspace: "
    raw(client.url, f"{head}{client.workspace}\r\nX-A:  b \r\n\r\n".encode())
    [told] = journal(client)
    assert (told["request"]["method"], told["request"]["path"]) == ("GET", "/offers/caf\u00e9")
    assert told["request"]["query"] == [["token", "(redacted)"], ["b", "\u00e9"]]
    target = "/offers/caf\u00e9?token=(redacted)&b=\u00e9".encode().decode("latin-1")
    assert told["request"]["raw"]["target"] == target
    assert told["request"]["raw"]["headers"][-1] == ["X-A", "b"]


@pytest.mark.parametrize(
    "text",
    [
        "GET http://user:{secret}@a/offers/1 x HTTP/1.1\r\n{fields}\r\n",
        "GET /offers/1 HTTP/1.1\r\n{fields}Authorization: Bearer\r\n {secret}: x\r\n\r\n",
        "GET /offers/1 HTTP/1.1\r\n{fields}Authorization : Bearer {secret}\r\n\r\n",
    ],
    ids=["user", "continued", "blank"],
)
def test_credentials_are_not_told(client: Client, text: str):
    fields = f"Host: a\r\nX-Sandbox-Workspace: {client.workspace}\r\n"
    [answer] = answers(raw(client.url, text.format(secret=SECRET, fields=fields).encode()))
    assert answer.status == 400
    [told] = journal(client)
    assert SECRET not in json.dumps(told)


def test_answers_before_it_come_first(client: Client):
    fields = f"Host: a\r\nAuthorization: Bearer sbx_{client.workspace}\r\n\r\n"
    good = f"GET /offers/offer-123 HTTP/1.1\r\n{fields}"
    bad = f"GET /offers/a b HTTP/1.1\r\n{fields}"
    found = [*answers(raw(client.url, (good + good + bad + good).encode()))]
    assert [each.status for each in found] == [200, 200, 400]
    assert [each["response"]["status"] for each in journal(client)] == [400, 200, 200]


def test_without_a_whole_head_nothing_is_told_but_the_reason(client: Client):
    [answer] = answers(raw(client.url, b"{}"))
    assert (answer.status, answer.headers["x-sandbox-reason"]) == (400, "the request does not begin with a method")
    assert "x-sandbox-request-id" not in answer.headers


def test_where_workspaces_are_keyed_a_stranger_is_told_of_nowhere():
    server = Server("--auth", "keys", "--log", "json", "--admin-token", "t")
    text = "GET /offers/a b HTTP/1.1\r\nHost: a\r\nX-Sandbox-Workspace: team\r\n\r\n"
    [answer] = answers(raw(server.url, text.encode()))
    assert answer.status == 400
    server.process.terminate()
    _, logged = server.process.communicate(timeout=60)
    assert "rejected a request from 127.0.0.1 with 400: Expected HTTP/" in logged

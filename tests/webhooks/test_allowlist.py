"""Where webhooks may go: the loopback, named hosts, never the link, whatever DNS says."""

import socket

import pytest

from offer_sandbox.webhooks.allowlist import Allowlist, Target, TargetRefused, addresses, hosts, read
from offer_sandbox.webhooks.client import send
from running_server import Server

NOBODY = Allowlist()
NAMED = Allowlist(frozenset({"receiver"}))


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://127.0.0.1:8000/hooks?a=1", Target("http", "127.0.0.1", 8000, "/hooks?a=1")),
        ("http://localhost", Target("http", "localhost", 80, "/")),
        ("https://[::1]/x", Target("https", "::1", 443, "/x")),
        ("http://app.localhost:1/", Target("http", "app.localhost", 1, "/")),
        ("http://127.9.9.9/", Target("http", "127.9.9.9", 80, "/")),
        ("HTTP://Receiver:80/", Target("http", "receiver", 80, "/")),
        ("http://receiver./", Target("http", "receiver", 80, "/")),
    ],
)
def test_a_url_in_pieces(url, target):
    assert read(url, NAMED) == target


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks",
        "/hooks",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://",
        "http://user:secret@127.0.0.1/",
        "http://user@localhost/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: y",
        "http://127.0.0.1/é",
        "http://example.com/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://169.254.169.254/latest",
        "http://receiver.example/",
        "http://localhost.example.com/",
        "http://2130706433/",
        "http://127.0.0.1/" + "a" * 2050,
        "http://[::1/",
    ],
)
def test_a_url_that_is_refused(url):
    with pytest.raises(TargetRefused):
        read(url, NAMED)


def resolving(monkeypatch, *addresses: str) -> None:
    """Makes DNS answer these addresses to any name."""

    def getaddrinfo(host, port, **_):
        return [(socket.AF_INET6 if ":" in each else socket.AF_INET, 1, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    ("host", "found", "chosen"),
    [
        ("localhost", ("127.0.0.1",), ["127.0.0.1"]),
        ("localhost", ("::1", "127.0.0.1", "::1"), ["::1", "127.0.0.1"]),
        ("rebound.localhost", ("10.0.0.1",), None),
        ("rebound.localhost", ("93.184.216.34", "127.0.0.1"), ["127.0.0.1"]),
        ("rebound.localhost", ("::ffff:10.0.0.1",), None),
        ("rebound.localhost", ("0.0.0.0",), None),
        ("receiver", ("10.0.0.1",), ["10.0.0.1"]),
        ("receiver", ("93.184.216.34", "fd00::1", "127.0.0.1"), ["93.184.216.34", "fd00::1", "127.0.0.1"]),
        ("receiver", ("169.254.169.254",), None),
        ("receiver", ("::ffff:169.254.169.254",), None),
        ("receiver", ("fe80::1%eth0",), None),
        ("receiver", ("224.0.0.1",), None),
        ("receiver", ("169.254.169.254", "10.0.0.1"), ["10.0.0.1"]),
        ("receiver", ("::169.254.169.254",), None),
        ("receiver", ("64:ff9b::a9fe:a9fe",), None),
        ("receiver", ("64:ff9b:1::a9fe:a9fe",), None),
        ("receiver", ("2002:a9fe:a9fe::1",), None),
        ("receiver", ("fd00:ec2::254",), None),
        ("receiver", ("64:ff9b::a00:1", "2002:a00:1::"), ["64:ff9b::a00:1", "2002:a00:1::"]),
    ],
)
def test_the_address_is_judged_after_dns(monkeypatch, host, found, chosen):
    resolving(monkeypatch, *found)
    if chosen is None:
        with pytest.raises(TargetRefused, match="webhooks are not allowed"):
            addresses(Target("http", host, 80, "/"), NAMED)
    else:
        assert addresses(Target("http", host, 80, "/"), NAMED) == chosen


def test_a_refusal_is_an_attempt_without_a_status(monkeypatch):
    resolving(monkeypatch, "169.254.169.254")
    attempt = send("http://receiver/", {}, b"{}", NAMED)
    assert attempt["status"] is None
    assert "169.254.169.254" in attempt["error"]


def test_an_unknown_host_is_an_attempt_without_a_status(monkeypatch):
    def getaddrinfo(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert "cannot be resolved" in send("http://receiver/", {}, b"{}", NAMED)["error"]


def test_the_loopback_needs_no_name():
    assert addresses(Target("http", "127.0.0.1", 80, "/"), NOBODY) == ["127.0.0.1"]


def test_the_names_that_an_operator_gives():
    named = hosts(["Receiver.", "10.0.0.7", "[fd00::1]", "a_b-c.example"])
    assert named == {"receiver", "10.0.0.7", "fd00::1", "a_b-c.example"}


@pytest.mark.parametrize("name", ["", "h:8080", "https://h", "*", "*.example", "h/x", "-h", "h h"])
def test_a_name_that_is_no_host(name):
    with pytest.raises(ValueError, match="not a host name"):
        hosts([name])


def test_out_of_reach_is_the_loopback_too_where_strangers_use_the_server():
    reach = Allowlist(frozenset({"receiver"}), loopback=False)
    for url in ("http://127.0.0.1:8080/", "http://localhost/", "http://[::1]/", "http://x.localhost/"):
        with pytest.raises(TargetRefused, match="--allow-webhook-host"):
            read(url, reach)
    assert read("http://receiver/", reach).host == "receiver"
    with pytest.raises(TargetRefused):
        addresses(Target("http", "localhost", 80, "/"), reach)
    named = Allowlist(frozenset({"127.0.0.1"}), loopback=False)
    assert addresses(read("http://127.0.0.1/", named), named) == ["127.0.0.1"], "unless it is named"


def test_a_server_that_others_can_reach_calls_nobody_on_the_loopback(session):
    server = Server("--host", "0.0.0.0", "--admin-token", "let-me-in")
    headers = {"Authorization": "Bearer sbx_team"}
    settings = {"webhooks": {"sibi": {"url": "http://127.0.0.1:9/"}}}
    answer = session.put(f"{server.url}/__admin/settings", json=settings, headers=headers, timeout=30)
    assert answer.status_code == 422
    assert "--allow-webhook-host" in answer.text
    assert server.stop() == 0

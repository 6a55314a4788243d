"""The container files, checked statically: no container engine runs the tests."""

import re
import tomllib

import yaml

from running_server import ROOT

LINES = (ROOT / "Dockerfile").read_text().splitlines()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_the_image_is_built_in_stages_and_runs_without_privilege():
    stages = [line for line in LINES if line.startswith("FROM ")]
    assert stages == ["FROM ${BASE} AS build", "FROM ${BASE}"]
    assert any(re.fullmatch(r"ARG BASE=python:3\.\d+-slim", line) for line in LINES), "a digest can take its place"
    assert any("--require-hashes --requirement requirements.txt" in line for line in LINES)
    assert "USER sandbox" in LINES
    assert any(line.startswith("HEALTHCHECK") for line in LINES)


def test_everything_that_is_copied_is_there_and_not_ignored():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for line in LINES:
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists()
                assert f"!{source}" in ignored


def test_all_that_the_package_installs_is_copied():
    """The wheel's data files come from folders that the image must have when it builds one."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["data-files"]
    folders = {pattern.partition("/")[0] for patterns in declared.values() for pattern in patterns}
    assert folders == {"fixtures", "specs", "scenarios"}
    assert {f"COPY {folder} {folder}" for folder in folders} <= set(LINES)


def test_compose_offers_every_provider_by_name():
    from offer_sandbox.providers import providers

    service = COMPOSE["services"]["sandbox"]
    assert set(providers()) <= set(service["networks"]["default"]["aliases"])
    assert service["ports"] == ["127.0.0.1:4242:4242"]


def test_compose_starts_three_servers_on_one_database_on_request():
    services = COMPOSE["services"]
    several = {name for name, service in services.items() if service.get("profiles") == ["several"]}
    assert several == {"sandbox1", "sandbox2", "sandbox3", "load-balancer", "postgresql"}
    for name in ("sandbox1", "sandbox2", "sandbox3"):
        assert (
            services[name]["environment"]["OFFER_SANDBOX_DATA"]
            == "postgresql://sandbox:sandbox@postgresql/sandbox"
        )
        assert services[name]["depends_on"] == {"postgresql": {"condition": "service_healthy"}}
        assert "ports" not in services[name], "clients reach it through the load balancer only"
    database = services["postgresql"]
    assert set(database["environment"].values()) == {"sandbox"}
    assert "pg_isready" in database["healthcheck"]["test"]
    assert COMPOSE["volumes"].keys() >= {"state", "database"}


def test_the_load_balancer_waits_for_the_servers_and_asks_each_whether_it_is_ready():
    from offer_sandbox.providers import providers

    service = COMPOSE["services"]["load-balancer"]
    servers = ["sandbox1", "sandbox2", "sandbox3"]
    assert service["depends_on"] == {name: {"condition": "service_healthy"} for name in servers}
    assert set(providers()) <= set(service["networks"]["default"]["aliases"])
    [mounted] = service["volumes"]
    source, target, mode = mounted.split(":")
    assert (target, mode) == ("/usr/local/etc/haproxy/haproxy.cfg", "ro")
    text = (ROOT / source).read_text()
    assert re.findall(r"^    server (\S+) (\S+)$", text, re.MULTILINE) == [
        (each, f"{each}:4242") for each in servers
    ]
    assert "uri /health/ready" in text
    assert "mode tcp" in text


def test_the_image_has_what_a_database_needs():
    """The compose file sets its URL, and psycopg is not among the server's own needs."""
    text = (ROOT / "requirements.txt").read_text()
    assert re.search(r"^psycopg==", text, re.MULTILINE)
    assert re.search(r"^psycopg-binary==", text, re.MULTILINE)
    assert re.search(r"^psycopg-pool==", text, re.MULTILINE)

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

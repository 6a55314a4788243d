"""Every published document passes three validators without an error or a warning."""

from pathlib import Path

from published_tools import find

RULES = Path(__file__).parent


def test_openapi_spec_validator(documents):
    printed = find("openapi-spec-validator").run(*sorted(documents.glob("*.json")), cwd=documents)
    assert printed.count(": OK") == len(list(documents.glob("*.json")))


def test_spectral(documents):
    rules = ["--ruleset", RULES / "spectral.yaml", "--fail-severity", "warn"]
    find("spectral").run("lint", *rules, *sorted(documents.glob("*.json")), cwd=documents)


def test_redocly(documents):
    rules = ["--config", RULES / "redocly.yaml"]
    printed = find("redocly").run("lint", *rules, *sorted(documents.glob("*.json")), cwd=documents)
    assert "Warning was generated" not in printed, printed[-8000:]

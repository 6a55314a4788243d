"""The files for those who use or join the project agree with each other."""

import re
import tomllib
from pathlib import Path

import yaml

from offer_sandbox import __version__
from running_server import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERSIONS = [each.rpartition(" ")[2] for each in PROJECT["classifiers"] if "Python :: 3." in each]


def test_the_licence_is_named_where_tools_look():
    text = (ROOT / "LICENSE").read_text()
    assert text.startswith("MIT License\n")
    assert "Offer Sandbox contributors" in text
    assert (PROJECT["license"], PROJECT["license-files"]) == ("MIT", ["LICENSE"])


def test_ci_tests_every_supported_version_of_python():
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python-version"] == VERSIONS
    assert PROJECT["requires-python"] == f">={VERSIONS[0]}"


def test_ci_runs_targets_that_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in (ROOT / ".github/workflows/ci.yml", ROOT / ".ci/run"):
        assert set(re.findall(r"\bmake ([a-z-]+)", path.read_text())) <= targets


def test_the_changelog_has_this_version_and_the_changes_since():
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert re.fullmatch(rf"{re.escape(__version__)} - \d{{4}}-\d\d-\d\d", headings[1])


def test_editors_wrap_where_the_linter_does():
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]
    settings = Path(ROOT / ".editorconfig").read_text()
    assert f"[*.py]\nmax_line_length = {ruff['line-length']}" in settings

"""The files for those who use or join the project agree with each other."""

import re
import tomllib
from importlib.metadata import requires
from pathlib import Path

import yaml
from packaging.requirements import Requirement

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


def pinned(name: str) -> dict[str, str]:
    """The versions in a file of constraints or requirements, by the normalized names of the packages."""
    lines = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\\n]+)", (ROOT / name).read_text(), re.MULTILINE)
    return {normal(package): version for package, version in lines}


def normal(package: str) -> str:
    """The name of a package as registries compare it."""
    return re.sub(r"[-_.]+", "-", package).lower()


def test_what_the_server_needs_is_pinned_apart_from_what_tests_need():
    """Every package that a server's packages and those for PostgreSQL need is among them, and no other one."""
    server, tests = pinned("constraints.txt"), pinned("constraints-dev.txt")
    assert set(server) & set(tests) == set()
    declared = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["postgresql"]]
    needed, left = set(), [Requirement(each) for each in declared]
    while left:
        each = left.pop()
        needed.add(normal(each.name))
        further = [Requirement(text) for text in requires(each.name) or ()]
        left += [
            one
            for one in further
            if normal(one.name) not in needed
            and any(not one.marker or one.marker.evaluate({"extra": extra}) for extra in ("", *each.extras))
        ]
    assert set(server) == needed
    declared = [
        Requirement(text).name
        for text in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["dev"]
    ]
    assert {normal(name) for name in declared} <= {*tests, "psycopg"}, "psycopg is pinned for servers"


def test_the_image_installs_the_pinned_versions_by_their_hashes():
    text = (ROOT / "requirements.txt").read_text()
    assert pinned("requirements.txt") == pinned("constraints.txt")
    for block in re.split(r"\n(?=[A-Za-z])", text)[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block[:40]
    for name in ("requirements.txt", "constraints.txt", "constraints-dev.txt", "tools/supply.txt"):
        assert "://" not in (ROOT / name).read_text(), "names and versions, no addresses"


def test_every_licence_of_what_the_server_needs_is_listed():
    rows = re.findall(
        r"^\| ([A-Za-z0-9._-]+) +\| (\S+) +\| (\S.*?) +\|$",
        (ROOT / "THIRD_PARTY_LICENSES.md").read_text(),
        re.MULTILINE,
    )
    listed = {normal(name): version for name, version, _ in rows if name != "Name"}
    assert listed == pinned("constraints.txt")
    assert all(licence not in ("UNKNOWN", "") for *_, licence in rows)


def test_the_build_backend_is_pinned():
    [backend] = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert re.fullmatch(r"setuptools==[0-9.]+", backend)

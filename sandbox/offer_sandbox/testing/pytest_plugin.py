"""The pytest plugin: one server for all tests of a session, and the fixture `offer_sandbox` for each test."""

import json
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from offer_sandbox.resources import bundled
from offer_sandbox.testing import shared_server
from offer_sandbox.testing.control import ControlError
from offer_sandbox.testing.pytest_coverage import CoverageReport, format_of
from offer_sandbox.testing.sandbox import CLOCK, Sandbox
from offer_sandbox.testing.server_process import RunningServer, ServerFailed

if TYPE_CHECKING:
    from offer_sandbox.testing.pytest_trace import TraceFiles

_FOLDER = "offer_sandbox_folder"  # of the session, which the workers of pytest-xdist share
_CLOCK = "offer_sandbox_clock"
_PROBLEMS = ("unmatched", "unfired", "errors")
_OPTIONS = {  # name: its default and its help
    "clock": (CLOCK, "clock of each test: a time at which it stands still, or now"),
    "seed": ("42", "seed of the initial records"),
    "flags": ("", "further flags of `offer-sandbox serve`, separated by spaces"),
    "fail_on": ("", f"problems that fail a test instead of a warning: {','.join(_PROBLEMS)}"),
    "fail_under": ("", "percentage of outcome coverage below which the session fails"),
    "coverage_kinds": ("", "further kinds of outcomes that count: infrastructure,documented"),
    "trace": ("", "folder for a trace file of each failed test"),
    "coverage_file": ("", "file for the outcome coverage: .json, .md or .txt"),
}


class SandboxWarning(UserWarning):
    """A test used the sandbox in a way that is probably a mistake."""


@dataclass
class _Session:
    """What the plugin knows for a whole session. `folder` is shared by all processes of the session."""

    folder: Path
    owns_folder: bool
    clock: str
    seed: int
    flags: tuple[str, ...]
    fail_on: frozenset[str]
    worker: str
    traces: "TraceFiles | None"
    made: int = 0  # the number of workspaces of this process


@dataclass(frozen=True)
class SandboxOutcome:
    """An outcome of the catalogue that a test's next call of its operation has.

    - `id`: its full id, such as `sibi.getOffer.offer_not_found`.
    - `status`: the HTTP status of the response.
    - `kind`: `success`, `state`, `denial`, `error` or `infrastructure`.
    - `operation`, `name`: the two parts of its id, such as `sibi.getOffer` and `offer_not_found`.
    """

    id: str
    status: int
    kind: str
    operation: str
    name: str


_SESSION = pytest.StashKey[_Session]()
_SANDBOX = pytest.StashKey[Sandbox]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options `--offer-sandbox-*` and the settings `offer_sandbox_*`."""
    group = parser.getgroup("offer-sandbox", "offer-sandbox: a mock server for five offer APIs")
    for name, (default, text) in _OPTIONS.items():
        flag = f"--offer-sandbox-{name.replace('_', '-')}"
        group.addoption(flag, default=None, metavar=name.upper(), help=f"{text} (default: {default or 'none'})")
        parser.addini(f"offer_sandbox_{name}", f"{text} (default: {default or 'none'})", default=default)
    text = "print which documented outcomes the tests have covered, and which not"
    group.addoption("--offer-sandbox-coverage", action="store_true", help=text)
    parser.addini("offer_sandbox_coverage", text, type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Registers the markers, and reads the options. A wrong one ends pytest before any test runs."""
    config.addinivalue_line("markers", "sandbox_scenario(name): starts a ready scenario of offer-sandbox")
    config.addinivalue_line(
        "markers",
        "sandbox_outcomes(operation, kind=None): runs the test for each outcome of an operation, as `outcome`",
    )
    shared = cast(dict[str, Any], getattr(config, "workerinput", {}))
    clock = _clock(shared.get(_CLOCK) or _option(config, "clock"))
    seed, fail_on = _seed(_option(config, "seed")), _fail_on(_option(config, "fail_on"))
    folder = shared.get(_FOLDER)
    config.stash[_SESSION] = _Session(
        folder=Path(folder or tempfile.mkdtemp(prefix="offer-sandbox-")),
        owns_folder=folder is None,
        clock=clock,
        seed=seed,
        flags=tuple(_option(config, "flags").split()),
        fail_on=fail_on,
        worker=shared.get("workerid", ""),
        traces=_traces(config),
    )
    if not shared:
        _report_coverage(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker of pytest-xdist where the server of the session is."""
    session = node.config.stash[_SESSION]
    node.workerinput[_FOLDER] = str(session.folder)
    node.workerinput[_CLOCK] = session.clock


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops the server, if any test has started it."""
    session = config.stash.get(_SESSION, None)
    if session is not None and session.owns_folder:
        shared_server.stop(session.folder)
        shutil.rmtree(session.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def offer_sandbox_server(pytestconfig: pytest.Config) -> RunningServer:
    """The server of the session. The first test that needs it starts it, also if several processes run tests."""
    session = pytestconfig.stash[_SESSION]
    owner = os.getppid() if session.worker else os.getpid()
    try:
        return shared_server.attach(session.folder, session.flags, owner)
    except ServerFailed as error:
        raise pytest.UsageError(str(error)) from None


@pytest.fixture
def offer_sandbox(
    request: pytest.FixtureRequest, pytestconfig: pytest.Config, offer_sandbox_server: RunningServer
) -> Iterator[Sandbox]:
    """A workspace of its own for the test, in which every run is the same. See `offer_sandbox.testing.Sandbox`."""
    session = pytestconfig.stash[_SESSION]
    offer_sandbox_server.check()
    session.made += 1
    process = os.getpid() if offer_sandbox_server.keeps else ""  # a later run must not find this workspace
    workspace = f"{_name(request.node.name.partition('[')[0])}-{session.worker or 'main'}{process}-{session.made}"
    with Sandbox(
        server=offer_sandbox_server,
        workspace=workspace,
        seed=session.seed,
        clock=session.clock,
        flags=session.flags,
        traced=session.traces is not None,
    ) as sandbox:
        request.node.stash[_SANDBOX] = sandbox
        for marker in request.node.iter_markers("sandbox_scenario"):
            sandbox.scenario(*marker.args, **marker.kwargs)
        yield sandbox
        offer_sandbox_server.check()
        _judge(sandbox, session, request.node)


@pytest.fixture
def outcome(request: pytest.FixtureRequest, offer_sandbox: Sandbox) -> SandboxOutcome:
    """The outcome of a test with the marker `sandbox_outcomes`, which its next call of the operation has."""
    asked: SandboxOutcome | None = getattr(request, "param", None)
    if asked is None:
        pytest.fail("a test with the argument `outcome` needs the marker sandbox_outcomes", pytrace=False)
    offer_sandbox.rules.add(asked.operation, outcome=asked.name, times=1)
    return asked


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test with the marker `sandbox_outcomes` once for each outcome. An unknown operation or kind ends
    pytest before any test runs."""
    marker = metafunc.definition.get_closest_marker("sandbox_outcomes")
    if marker is not None:
        found = _outcomes(marker)
        if "outcome" not in metafunc.fixturenames:
            raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid} must have an argument `outcome`")
        metafunc.parametrize("outcome", found, ids=[each.name for each in found], indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ends pytest before any test runs if a marker names an unknown scenario."""
    known: list[str] = []
    for item in items:
        for marker in item.iter_markers("sandbox_scenario"):
            known = known or sorted(each.stem for each in bundled("scenarios").glob("*.yaml"))
            names = [*marker.args, *marker.kwargs.values()]
            if len(names) != 1 or names[0] not in known:
                asked = ", ".join(map(repr, names)) or "no name"
                raise pytest.UsageError(f"sandbox_scenario: unknown scenario {asked} (known: {', '.join(known)})")


def _outcomes(marker: pytest.Mark) -> list[SandboxOutcome]:
    """Returns the outcomes that a marker asks for, with `operation` and perhaps `kind`."""
    named = {**dict(zip(("operation", "kind"), marker.args, strict=False)), **marker.kwargs}
    if "operation" not in named or len(marker.args) > 2 or set(named) - {"operation", "kind"}:
        raise pytest.Collector.CollectError("sandbox_outcomes has the arguments operation and kind")
    operation, kind = str(named["operation"]), named.get("kind")
    catalogue = json.loads((bundled("specs") / "catalog.json").read_bytes())["outcomes"]
    known = sorted({f"{each['provider']}.{each['operation']}" for each in catalogue})
    if operation not in known:
        raise pytest.Collector.CollectError(
            f"sandbox_outcomes: unknown operation {operation!r} (known: {', '.join(known)})"
        )
    own = [each for each in catalogue if f"{each['provider']}.{each['operation']}" == operation]
    kinds = sorted({each["kind"] for each in own})
    if kind is not None and kind not in kinds:
        raise pytest.Collector.CollectError(
            f"sandbox_outcomes: {operation} has no {kind!r} (it has: {', '.join(kinds)})"
        )
    return [
        SandboxOutcome(each["id"], each["status"], each["kind"], operation, each["outcome"])
        for each in own
        if kind in (None, each["kind"])
    ]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the calls of the workspace to the report of a failed test, and writes its trace file."""
    report = yield
    sandbox, traces = item.stash.get(_SANDBOX, None), item.config.stash[_SESSION].traces
    if report.when == "call" and report.failed and sandbox is not None:
        with suppress(OSError, ControlError, HTTPException):
            told = sandbox.report()
            if told.partition("\n")[2] not in re.sub(r"(?m)^E +", "", str(report.longrepr)):
                report.sections.append(("offer-sandbox: calls, oldest first", told))
    if traces is not None and report.when in ("setup", "call"):
        _trace(item, report, sandbox, traces)
    return report


def _trace(item: pytest.Item, report: pytest.TestReport, sandbox: Sandbox | None, traces: "TraceFiles") -> None:
    """Writes the trace file of a failed test, or deletes that of an earlier run of a passed one."""
    from offer_sandbox.testing.pytest_trace import failure_of

    if report.failed and sandbox is not None:
        told = traces.write(item, sandbox, report.when or "", *failure_of(item, report))
        report.sections.append(("offer-sandbox: trace", told))
    elif report.when == "call" and report.passed:
        traces.forget(item.nodeid)


def _report_coverage(config: pytest.Config) -> None:
    """Adds the report of the outcome coverage, if any of its options asks for it."""
    minimum, file = _percentage(_option(config, "fail_under")), _option(config, "coverage_file")
    wanted = config.getoption("--offer-sandbox-coverage") or config.getini("offer_sandbox_coverage")
    kinds = _kinds(_option(config, "coverage_kinds"))
    if file:
        format_of(Path(file))
    if wanted or file or minimum is not None:
        report = CoverageReport(config.stash[_SESSION].folder, kinds, minimum, Path(file) if file else None)
        config.pluginmanager.register(report, "offer-sandbox-coverage")


def _judge(sandbox: Sandbox, session: _Session, item: pytest.Item) -> None:
    """Warns of what is probably a mistake of the test, or fails it."""
    for problem, told in _found(sandbox):
        if problem in session.fail_on:
            trace = session.traces.write(item, sandbox, "teardown", told) if session.traces else ""
            pytest.fail("\n".join(filter(None, (told, sandbox.report(), trace))), pytrace=False)
        warnings.warn(told, SandboxWarning, stacklevel=1)


def _found(sandbox: Sandbox) -> Iterator[tuple[str, str]]:
    if unmatched := sandbox.requests.unmatched():
        first = unmatched[-1]["request"]
        call = f"{first['method']} {first['path']}"
        yield "unmatched", f"{len(unmatched)} calls match no documented operation: {call}"
    if idle := [rule for rule in sandbox.rules if rule["hits"] == 0 and rule["scenario"] is None]:
        yield "unfired", f"{len(idle)} rules have had no effect: {idle[0].get('operation', 'any call')}"
    broken = [
        call
        for call in sandbox.requests
        if call["response"]["status"] >= 500 and call["trigger"] in (None, "natural")
    ]
    if broken:
        yield "errors", f"{len(broken)} calls failed in the sandbox itself: {broken[-1]['reason']}"


def _name(test: str) -> str:
    """Returns the beginning of a workspace's name from that of a test."""
    return re.sub(r"[^a-z0-9]+", "-", test.lower()).strip("-")[:40].strip("-") or "test"


def _option(config: pytest.Config, name: str) -> str:
    given = config.getoption(f"--offer-sandbox-{name.replace('_', '-')}")
    return str(given if given is not None else config.getini(f"offer_sandbox_{name}"))


def _clock(text: str) -> str:
    from offer_sandbox.world.clock import ClockError, parse_instant, print_instant, real_now

    if text == "now":
        return print_instant(real_now())
    try:
        return print_instant(parse_instant(text))
    except ClockError as error:
        raise pytest.UsageError(f"offer_sandbox_clock: {error}, or now") from None


def _seed(text: str) -> int:
    if not text.isdecimal() or len(text) > 15:
        raise pytest.UsageError(f"offer_sandbox_seed must be a whole number of at most 15 digits, not {text!r}")
    return int(text)


def _traces(config: pytest.Config) -> "TraceFiles | None":
    """Returns the folder for trace files, if there is to be one. An option counts from the folder in which pytest
    began, a setting from that of the project."""
    given = config.getoption("--offer-sandbox-trace")
    folder = config.getini("offer_sandbox_trace") if given is None else given
    if not folder:
        return None
    from offer_sandbox.testing.pytest_trace import TraceFiles

    return TraceFiles((config.rootpath if given is None else config.invocation_params.dir) / folder)


def _percentage(text: str) -> float | None:
    try:
        number = float(text) if text else None
    except ValueError:
        number = -1.0
    if number is not None and not 0 <= number <= 100:
        raise pytest.UsageError(f"offer_sandbox_fail_under must be a percentage from 0 to 100, not {text!r}")
    return number


def _kinds(text: str) -> str:
    if not text:
        return text
    from offer_sandbox.publish.coverage import KINDS, MORE_KINDS

    for each in filter(None, map(str.strip, text.split(","))):
        if each not in (*KINDS, *MORE_KINDS):
            known = ", ".join(MORE_KINDS)
            raise pytest.UsageError(f"offer_sandbox_coverage_kinds: unknown {each!r} (known: {known})")
    return text


def _fail_on(text: str) -> frozenset[str]:
    asked = frozenset(each.strip() for each in text.split(",") if each.strip())
    if wrong := sorted(asked - set(_PROBLEMS)):
        raise pytest.UsageError(f"offer_sandbox_fail_on: unknown {wrong[0]!r} (known: {', '.join(_PROBLEMS)})")
    return asked

"""Runs a client's test command once for each step of the failure test, each time with a fresh server."""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from offer_sandbox import cli
from offer_sandbox.cli.child_command import Guard
from offer_sandbox.cli.control_call import control_call
from offer_sandbox.cli.served_command import demand_fresh, run_command, served

if TYPE_CHECKING:
    from offer_sandbox.publish.failure_facts import Facts
    from offer_sandbox.publish.failure_report import FailureReport
    from offer_sandbox.publish.failure_steps import Step, Tested
    from offer_sandbox.testing.server_process import ServerProcess

_FORMATS = {".json": "json", ".html": "html", ".txt": "text"}
_APART = "with flags of the plugin, or with --admin-token, the tests of pytest use a server of their own"
_TAIL_LINES, _TAIL_BYTES = 20, 8_000


@dataclass(frozen=True)
class FailureTest:
    """What the flags of the failure test ask for: the full name of an operation (None: no failure test), the names
    of steps (None: all), the format of the printed report, and the files for further reports."""

    operation: str | None
    steps: str | None
    form: str
    reports: tuple[Path, ...]


def flags(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates the function of a verb with the flags of the failure test."""
    for add in reversed(_FLAGS):
        function = add(function)
    return function


_FLAGS = (
    click.option(
        "--failure-test",
        metavar="OPERATION",
        help="Run the command once for each failure that this operation can have, and report what the client did.",
    ),
    click.option(
        "--steps",
        metavar="NAMES",
        help="Only these steps of the failure test, with commas between them. [default: all]",
    ),
    click.option(
        "--format",
        "form",
        type=click.Choice(("text", "json", "html")),
        default="text",
        help="Format of the failure test's report. [default: text]",
    ),
    click.option(
        "--report",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="FILE",
        help="Also write the report of the failure test to a file: .json, .html or .txt. Repeatable.",
    ),
)


def run_failure_test(asked: FailureTest, flags: list[str], command: list[str], guard: Guard) -> int:
    """Prints the progress on standard error, and the report on standard output. Returns 0 if each step that the
    operation can have was met by a call, otherwise 1. Raises Misuse for flags that cannot be used."""
    from offer_sandbox.publish.failure_report import printed

    assert asked.operation is not None
    tested = _tested(asked.operation)
    steps = _steps(asked.steps)
    forms = [(file, _format(file)) for file in asked.reports]
    demand_fresh(flags, "--failure-test", ("data", "scenario"))
    report = _carried_out(_Runner(tested, flags, command, guard), steps)
    sys.stdout.write(printed(report, asked.form))
    sys.stdout.flush()
    for file, form in forms:
        _write(file, printed(report, form))
    return 0 if report.complete else 1


def _carried_out(runner: "_Runner", steps: "Sequence[Step]") -> "FailureReport":
    from offer_sandbox.publish.failure_report import FailureReport, Verdict, judged, obstacle

    total = len(steps) + 1
    _tell(f"1/{total} normal run")
    normal, output = runner.run(None)
    if not normal.calls:
        told = f"\n{output}" if output else ""
        raise cli.Failure(f"the command does not call {runner.tested.id} on the server of exec ({_APART}){told}")
    report = FailureReport(tested=runner.tested, command=runner.command, normal=normal, output=output)
    for number, step in enumerate(steps, start=2):
        why = obstacle(step, runner.tested, normal)
        if why:
            verdict = Verdict(step=step, status="not applicable", reason=why)
        else:
            facts, output = runner.run(step)
            verdict = judged(step, facts, normal, output)
        report.verdicts.append(verdict)
        _tell(f"{number}/{total} {step.name}: {verdict.status}")
    return report


class _Runner:
    """Runs the command of a client with a fresh server each time."""

    def __init__(self, tested: "Tested", flags: list[str], command: list[str], guard: Guard) -> None:
        self.tested = tested
        self.command = command
        self._flags = flags
        self._guard = guard

    def run(self, step: "Step | None") -> "tuple[Facts, str]":
        """Runs the command under a step, or normally without one. Returns the facts and the last lines of its
        output."""
        from offer_sandbox.world.clock import stopwatch

        with tempfile.TemporaryDirectory(prefix="offer-sandbox-") as folder:
            exchanges, output = Path(folder) / "exchanges", Path(folder) / "output"
            scenario = _scenario(step, self.tested, Path(folder)) if step else ()
            with served([*self._flags, *scenario, "--exchanges", str(exchanges)]) as server:
                with output.open("wb") as stream:
                    began = stopwatch()
                    code = run_command(server, self.command, self._guard, output=stream, keep=True)
                    seconds = stopwatch() - began
                facts = self._facts(server, exchanges, code, seconds)
            return facts, _tail(output)

    def _facts(self, server: "ServerProcess", exchanges: Path, code: int, seconds: float) -> "Facts":
        from offer_sandbox.publish.exchange_file import exchanges_in
        from offer_sandbox.publish.failure_facts import gathered
        from offer_sandbox.publish.failure_steps import SCENARIO

        names = [each["name"] for each in _read(server, "/workspaces")["workspaces"]]
        return gathered(
            exchanges_in(exchanges),
            [each for name in names for each in _read(server, "/webhooks", name)["webhooks"]],
            operation=self.tested.id,
            writes=self.tested.writes,
            scenario=SCENARIO,
            exit_code=code,
            seconds=seconds,
        )


def _read(server: "ServerProcess", path: str, workspace: str = "default") -> Any:
    """Returns the JSON of a GET call to the control API."""
    return json.loads(control_call(server.url, "GET", path, token=server.admin_token, workspace=workspace))


def _scenario(step: "Step", tested: "Tested", folder: Path) -> list[str]:
    """Writes the scenario of a step, and returns the flags with which each new workspace begins with it."""
    file = folder / "scenario.json"
    file.write_text(json.dumps(step.scenario(tested)))
    return ["--scenario", str(file)]


def _tested(name: str) -> "Tested":
    """Returns the operation of this full name. Raises Misuse if there is none."""
    from offer_sandbox.providers import providers
    from offer_sandbox.publish.failure_steps import Tested

    owner, _, operation = name.partition(".")
    provider = providers().get(owner)
    if provider is None or operation not in provider.operations:
        known = ", ".join(
            f"{each.name}.{one}"
            for each in ([provider] if provider else providers().values())
            for one in each.operations
        )
        raise cli.Misuse(f"--failure-test: unknown operation {name!r} (known: {known})")
    return Tested(provider=provider, operation=provider.operations[operation])


def _steps(names: str | None) -> "Sequence[Step]":
    """Returns the steps with these names, or all. Raises Misuse for a name that no step has."""
    from offer_sandbox.publish.failure_steps import STEPS

    if names is None:
        return STEPS
    given = {each.strip() for each in names.split(",")}
    for each in sorted(given - {step.name for step in STEPS}):
        known = ", ".join(step.name for step in STEPS)
        raise cli.Misuse(f"--steps: unknown step {each!r} (known: {known})")
    return [step for step in STEPS if step.name in given]


def _format(file: Path) -> str:
    """Returns the format of a report's file. Raises Misuse for a suffix that has none, or an unusable folder."""
    if file.suffix not in _FORMATS:
        raise cli.Misuse(f"--report: {file.name!r} must end with one of {', '.join(_FORMATS)}")
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise cli.Misuse(f"--report: cannot write to {file}")
    return _FORMATS[file.suffix]


def _tail(output: Path) -> str:
    """Returns the last lines that the command printed."""
    end = output.read_bytes()[-_TAIL_BYTES:].decode(errors="replace")
    return "\n".join(end.splitlines()[-_TAIL_LINES:])


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise cli.Failure(f"cannot write {file}: {error.strerror or error}") from None


def _tell(text: str) -> None:
    print(f"failure test: {text}", file=sys.stderr, flush=True)

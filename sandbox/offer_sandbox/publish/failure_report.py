"""The report of a failure test: the verdict on each step, as text, as JSON or as a page."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from offer_sandbox.imports import IMPORTING
from offer_sandbox.publish.failure_facts import Facts
from offer_sandbox.publish.failure_steps import Step, Tested

FORMATS = ("text", "json", "html")
Status = Literal["held", "not held", "not met", "not applicable"]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The result of one step. `reason` explains `not met` and `not applicable`. `facts` are None if the command
    did not run. `output` has the last lines that it printed."""

    step: Step
    status: Status
    reason: str = ""
    facts: Facts | None = None
    output: str = ""

    @property
    def run(self) -> bool:
        """Whether the step was carried out as it should be."""
        return self.status != "not met"


@dataclass(frozen=True, kw_only=True)
class FailureReport:
    """The results of all steps, and the facts of the normal run with the last lines that the command printed."""

    tested: Tested
    command: Sequence[str]
    normal: Facts
    output: str = ""
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether each step that the operation can have was met by a call."""
        return all(each.run for each in self.verdicts)

    def document(self) -> dict[str, Any]:
        """Returns the report as a JSON object."""
        return {
            "operation": self.tested.id,
            "command": [*self.command],
            "complete": self.complete,
            "normal": {**self.normal.document(), "output": self.output},
            "steps": [_document(each) for each in self.verdicts],
        }


def judged(step: Step, facts: Facts, normal: Facts, output: str) -> Verdict:
    """Returns the verdict on a step from the facts of its run and of the normal run."""
    if facts.met == 0:
        what = (
            "no webhook of the workspaces had the failure"
            if step.webhook
            else "no call of the command met the failure"
        )
        return Verdict(step=step, status="not met", reason=what, facts=facts, output=output)
    if step.changes and not facts.changes:
        reason = "its responses have nothing that the contract lets change so"
        return Verdict(step=step, status="not applicable", reason=reason, facts=facts, output=output)
    status: Status = "held" if step.held(facts, normal) else "not held"
    return Verdict(step=step, status=status, facts=facts, output=output)


def obstacle(step: Step, tested: Tested, normal: Facts) -> str:
    """Returns why a step does not apply, or an empty string. A client that receives no webhooks in the normal run
    cannot be tested with them."""
    found = step.obstacle(tested)
    if not found and step.webhook and not normal.webhooks:
        return "the client received no webhook in the normal run"
    return found


def printed(report: FailureReport, form: str) -> str:
    """Returns the report in one of FORMATS."""
    if form == "json":
        return json.dumps(report.document(), indent=2, ensure_ascii=False) + "\n"
    if form == "html":
        return _page(report)
    return "".join(f"{line}\n" for line in _lines(report))


def brief(facts: Facts) -> str:
    """Returns the most important facts in one line."""
    pauses = f", pauses {', '.join(f'{each:.2f} s' for each in facts.pauses)}" if facts.pauses else ""
    repeated = f", {facts.repeated} repeated after a commit" if facts.repeated else ""
    again = f" ({facts.committed_again} committed again)" if facts.committed_again else ""
    calls = f"{facts.calls} call{'' if facts.calls == 1 else 's'}"
    return f"{calls}{pauses}{repeated}{again}, exit code {facts.exit_code} after {facts.seconds:g} s"


def _lines(report: FailureReport) -> Iterator[str]:
    yield f"failure test of {report.tested.id}"
    yield f"normal run: {brief(report.normal)}"
    if warning := _warning(report):
        yield warning
        yield from (f"    {line}" for line in report.output.splitlines())
    width = max(len(each.status) for each in report.verdicts)
    for each in report.verdicts:
        yield f"{each.status:<{width}}  {each.step.name}: {each.step.title}"
        if each.reason:
            yield f"{'':<{width}}  {each.reason}"
        if each.facts is not None and not each.reason:
            yield f"{'':<{width}}  expected: {each.step.expectation}"
            yield f"{'':<{width}}  {brief(each.facts)}: {', '.join(each.facts.results)}"
    yield _summary(report)


def _warning(report: FailureReport) -> str:
    """Returns a warning if the client fails in the normal run too, or an empty string."""
    if report.normal.exit_code == 0:
        return ""
    return "warning: the command fails in the normal run too, so its exit code in a step means little"


def _summary(report: FailureReport) -> str:
    counted = {status: sum(each.status == status for each in report.verdicts) for status in _STATUSES}
    return ", ".join(f"{number} {status}" for status, number in counted.items() if number)


_STATUSES: tuple[Status, ...] = ("held", "not held", "not met", "not applicable")


def _document(verdict: Verdict) -> dict[str, Any]:
    return {
        "step": verdict.step.name,
        "title": verdict.step.title,
        "expectation": verdict.step.expectation,
        "status": verdict.status,
        "held": {"held": True, "not held": False}.get(verdict.status),
        "met": bool(verdict.facts and verdict.facts.met),
        "reason": verdict.reason,
        "facts": verdict.facts and verdict.facts.document(),
        "output": verdict.output,
    }


def _page(report: FailureReport) -> str:
    with IMPORTING:
        from jinja2 import Environment, PackageLoader
    environment = Environment(
        loader=PackageLoader("offer_sandbox.publish"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.get_template("failure_test.html")
    return template.render(report=report, summary=_summary(report), warning=_warning(report), brief=brief)

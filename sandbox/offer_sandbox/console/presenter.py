"""Presentations: the steps of scenarios in large type, each at an address of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Response, make_response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from offer_sandbox.admin.auth import confined_to
from offer_sandbox.admin.resources.requests import get_request
from offer_sandbox.admin.resources.scenarios import get_scenario
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.console import page
from offer_sandbox.console.in_process import send
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.publish.examples import FROZEN
from offer_sandbox.publish.player import CannotPlay, Played, Player
from offer_sandbox.rules.scenario import Scenario, ready

WORKSPACE = "presenter"  # of presentations of ready scenarios
_CHAPTERS = {
    "offered": "Offered",
    "denied": "Denied",
    "slow": "Slow",
    "expiry": "Expired",
    "errors": "Errors",
    "flaky-network": "Flaky network",
}


@dataclass(frozen=True)
class Slide:
    """One step of a presentation: its number from 1, the chapter, the scenario, and the number of the step in the
    scenario from 1."""

    number: int
    chapter: str
    scenario: Scenario
    step: int

    @property
    def action(self) -> dict[str, Any]:
        """The step as the scenario has it."""
        found: dict[str, Any] = self.scenario["play"][self.step - 1]
        return found


def show_list() -> Response:
    """Returns the list of the ready demos."""
    demos = [(each, _chapters(each.name)) for each in services().providers.values()]
    return page.show("presenter.html", "presenter", demos=demos, stage=stage_workspace(ready_made=True))


def show_slide(kind: str, name: str, number: int) -> BaseResponse:
    """Returns the page of a step. Without a workspace in the address, continues to the one for presentations.
    Raises ProblemDetailsError (404) for an unknown presentation or step."""
    stage = stage_workspace(kind == "demo" or ready(name) is not None)
    if "workspace" not in request.args and stage != workspace_name():
        return redirect(page.link("slide", kind=kind, name=name, number=number, workspace=stage))
    slides = _slides(kind, name)
    slide = _slide(slides, number)
    title = f"{slide.scenario['title']} ({number} of {len(slides)})"
    return page.show(
        "slide.html",
        "presenter",
        title=title,
        kind=kind,
        name=name,
        chapters=[(chapter, list(steps)) for chapter, steps in groupby(slides, lambda each: each.chapter)],
        slide=slide,
        total=len(slides),
        scratch=WORKSPACE,
    )


def play_slide(kind: str, name: str, number: int) -> Response:
    """Resets the workspace, plays the scenario up to the step, and returns the result of the step as HTML."""
    slide = _slide(_slides(kind, name), number)
    try:
        played = _played(slide)
    except CannotPlay as error:
        raise ProblemDetailsError(409, "cannot-play", "The step cannot be played", str(error)) from None
    call = get_request.view(played.call) if played.call else None
    title = _title_of(call["outcome"]) if call and call["outcome"] else ""
    return make_response(page.rendered("played.html", played=played, call=call, title=title, link=page.link))


def stage_workspace(ready_made: bool) -> str:
    """Returns the workspace in which a presentation runs. Ready scenarios have one of their own, where a visitor
    may use it."""
    open_to_all = not services().workspaces.keyed and confined_to() is None
    return WORKSPACE if ready_made and open_to_all else workspace_name()


def _title_of(id: str) -> str:
    """Returns the title of an outcome, or an empty string for a status that a rule has set."""
    owner, operation, name = id.split(".")
    found = services().providers[owner].outcomes.get((operation, name))
    return found.title if found else ""


def _played(slide: Slide) -> Played:
    player = Player(send, workspace_name())
    player.control("POST", "/reset")
    player.control("PUT", "/clock", FROZEN)  # for scenarios that set no clock
    player.start(slide.scenario, ready=True)
    steps = slide.scenario["play"][: slide.step]
    return [player.step(number, step) for number, step in enumerate(steps, start=1)][-1]


def _slides(kind: str, name: str) -> Sequence[Slide]:
    """Returns the steps of a provider's demo (`demo`) or of one scenario (`scenario`)."""
    if kind == "demo" and name in services().providers:
        chapters = _chapters(name)
    elif kind == "scenario":
        chapters = {"": get_scenario.view(name=name)}
    else:
        detail = f"there is no presentation {kind[:40]!r} of {name[:80]!r}"
        raise ProblemDetailsError(404, "unknown-presentation", "Unknown presentation", detail)
    steps = [
        (chapter, scenario, step)
        for chapter, scenario in chapters.items()
        for step in range(1, len(scenario.get("play", [])) + 1)
    ]
    return [Slide(number, *each) for number, each in enumerate(steps, start=1)]


def _slide(slides: Sequence[Slide], number: int) -> Slide:
    if not 1 <= number <= len(slides):
        detail = f"the presentation has {len(slides)} steps"
        raise ProblemDetailsError(404, "unknown-step", "Unknown step", detail)
    return slides[number - 1]


def _chapters(provider: str) -> dict[str, Scenario]:
    """Returns the ready scenarios of a provider's demo by the name of their chapter."""
    found = {title: ready(f"{provider}-{ending}") for ending, title in _CHAPTERS.items()}
    return {title: scenario for title, scenario in found.items() if scenario}

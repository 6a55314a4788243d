"""Finds the documented outcomes in a recording from production: an HTTP archive (HAR), or the lines of a log."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from offer_sandbox.contract import Provider
from offer_sandbox.contract.outcome import UNMATCHED
from offer_sandbox.publish.answers import Answer
from offer_sandbox.publish.coverage import numbers
from offer_sandbox.publish.identification import ForeignResponse, Identifier, Match
from offer_sandbox.publish.pasted import archived_responses, candidates
from offer_sandbox.rules.scenario import ready_for

_SURE = 0.8  # the lowest similarity of a response from an address that is no provider's
_MAX_LINE = 1024 * 1024
_MAX_CACHED = 10_000
Document = dict[str, Any]


@dataclass
class Recording:
    """The outcomes in a recording, each with the answers that fit its responses, and how often each was met. The
    keys are the ids of those answers.

    - `responses`: the number of responses that are a documented outcome, or are from an address of a provider.
    - `unclear`: those that several outcomes can have, because the recording has only their status.
    - `unknown`: those that no documented outcome has.
    """

    answers: dict[tuple[str, ...], tuple[Answer, ...]] = field(default_factory=dict)
    times: Counter[tuple[str, ...]] = field(default_factory=Counter)
    responses: int = 0
    unclear: int = 0
    unknown: int = 0


def read_recording(text: str, providers: Mapping[str, Provider]) -> Recording:
    """Returns the outcomes in a text."""
    reader, recording = _Reader(providers), Recording()
    for readings in _responses(text):
        found = reader.best(readings)
        if found or any(map(reader.is_of_provider, readings)):
            recording.responses += 1
            _add(recording, found)
    return recording


def gap(recording: Recording, covered: Iterable[str], name: str) -> Document:
    """Returns which outcomes of a recording are among those that tests have covered, and how to cover each other
    one. Calls that match no operation are left out."""
    served = set(covered)
    outcomes = [
        _outcome(answers, times, served)
        for ids, times in sorted(recording.times.items(), key=lambda item: (-item[1], item[0]))
        if (answers := recording.answers[ids])[0].outcome.operation != UNMATCHED
    ]
    return {
        "file": name,
        "responses": recording.responses,
        "unclear": recording.unclear,
        "unknown": recording.unknown,
        **numbers([each["served"] for each in outcomes]),
        "outcomes": outcomes,
    }


def _responses(text: str) -> Iterator[list[ForeignResponse]]:
    """Yields the responses of a text, each as all readings that it may have."""
    archived = archived_responses(_parsed(text))
    if archived is not None:
        yield from ([each] for each in archived)
        return
    for line in text.splitlines():
        if line.strip():
            yield [*candidates(line[:_MAX_LINE])]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text.lstrip("\ufeff \t\r\n").startswith("{") else None
    except (ValueError, RecursionError):
        return None


class _Reader:
    """Identifies responses, equal ones only once."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._identifier = Identifier(providers)
        self._found: dict[str, list[Match]] = {}

    def is_of_provider(self, response: ForeignResponse) -> bool:
        """Returns whether a reading is certainly a provider's: from its path on its own host or on no known one,
        or with the id of an outcome."""
        elsewhere = response.host and not self._identifier.stands_for(response.host)
        return bool(response.outcome or (self._identifier.concerned(response) and not elsewhere))

    def best(self, readings: Iterable[ForeignResponse]) -> list[Match]:
        """Returns the matches of the reading that resembles an answer most."""
        found = [self._matches(each) for each in readings]
        return max(found, key=lambda matches: matches[0].similarity if matches else 0.0, default=[])

    def _matches(self, response: ForeignResponse) -> list[Match]:
        key = repr(response)
        if key not in self._found:
            if len(self._found) >= _MAX_CACHED:
                self._found.clear()
            self._found[key] = self._identified(response)
        return self._found[key]

    def _identified(self, response: ForeignResponse) -> list[Match]:
        """Returns the matches of a reading. From a provider the status is enough. Elsewhere a body is necessary,
        because any number can be a status, and it must be very similar unless the path is that of an operation."""
        found = self._identifier.matches(response)
        if self.is_of_provider(response):
            return found or self._identifier.matches(replace(response, body=None))
        if not (isinstance(response.body, dict | list) and response.body):
            return []
        somewhere = response.path or response.host
        sure = not somewhere or "." in self._identifier.concerned(response)
        return found if sure else [each for each in found if each.similarity >= _SURE]


def _add(recording: Recording, matches: list[Match]) -> None:
    if not matches:
        recording.unknown += 1
        return
    likeliest = [each for each in matches if each.similarity == matches[0].similarity]
    if len(likeliest) > 1:
        recording.unclear += 1
        return
    answers = likeliest[0].answers
    ids = tuple(each.id for each in answers)
    recording.answers[ids] = answers
    recording.times[ids] += 1


def _outcome(answers: tuple[Answer, ...], times: int, served: set[str]) -> Document:
    """Returns an outcome of a recording. Others with the same answer count as well."""
    covered = [each for each in answers if each.id in served]
    likeliest = (covered or answers)[0]
    return {
        "id": likeliest.id,
        "operation": likeliest.operation,
        "title": likeliest.outcome.title,
        "status": likeliest.outcome.status,
        "served": bool(covered),
        "times": times,
        "same_answer": [each.id for each in answers if each is not likeliest],
        "scenario": ready_for(likeliest.operation, likeliest.outcome.name),
        "rule": {"operation": likeliest.operation, "outcome": likeliest.outcome.name, "times": 1},
        "test": likeliest.test_line,
    }

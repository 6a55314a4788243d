"""Facts about a run of a client's command under a failure, from the journal of the server."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

Entry = Mapping[str, Any]
_FULFILLED = ("success", "state", "denial")  # kinds of outcomes that are no failure of the call


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts of one run of the command. Times are in seconds.

    - `exit_code`, `seconds`: of the command.
    - `calls`, `other_calls`: the number of calls of the tested operation, and of all others.
    - `met`: the number of calls, or delivered webhooks, that had the failure.
    - `results`: the outcome or the fault of each call of the operation, in order.
    - `pauses`: the times from the end of each failed call to the next call of the operation.
    - `retry_after`: the longest `Retry-After` of a failed call, or None.
    - `repeated`: the number of calls that equal an earlier one which was committed.
    - `committed_again`: those of them that were committed too.
    - `recovered`: whether the operation succeeded after the failure, in each workspace that had it.
    - `changes`: the changes of responses, as sentences of the journal.
    - `webhooks`: the number of webhooks that were sent to the client.
    """

    exit_code: int
    seconds: float
    calls: int = 0
    other_calls: int = 0
    met: int = 0
    results: tuple[str, ...] = ()
    pauses: tuple[float, ...] = ()
    retry_after: float | None = None
    repeated: int = 0
    committed_again: int = 0
    recovered: bool = False
    changes: tuple[str, ...] = ()
    webhooks: int = 0

    @property
    def noticed(self) -> bool:
        """Whether the client repeated the call with success, or reported an error."""
        return self.recovered or self.exit_code != 0

    def document(self) -> dict[str, Any]:
        """Returns the facts as a JSON object."""
        return asdict(self)


def gathered(
    entries: Iterable[Entry],
    webhooks: Sequence[Entry],
    *,
    operation: str,
    writes: bool,
    scenario: str,
    exit_code: int,
    seconds: float,
) -> Facts:
    """Returns the facts from all entries of a server, in their order, and its webhooks. `scenario` is the name of
    the scenario with the rules of the failure. Without `writes` a call commits nothing that its repetition could
    commit again."""
    own, others, runs = [], 0, []
    for calls in _by_workspace(entries):
        concerned = [each for each in calls if each["operation"] == operation]
        own += concerned
        others += len(calls) - len(concerned)
        runs.append(_Run(concerned, scenario))
    sent = [each for each in webhooks if each["attempts"] or each["fault"]]
    hits = [each for run in runs for each in run.hits]
    copies = [run.copies() for run in runs] if writes else []
    return Facts(
        exit_code=exit_code,
        seconds=round(seconds, 2),
        calls=len(own),
        other_calls=others,
        met=len(hits) + sum(bool(each["fault"]) for each in sent),
        results=tuple(map(_result, own)),
        pauses=tuple(pause for run in runs for pause in run.pauses()),
        retry_after=max(filter(None, map(_retry_after, hits)), default=None),
        repeated=sum(repeated for repeated, _ in copies),
        committed_again=sum(committed for _, committed in copies),
        recovered=bool(hits) and all(run.recovered for run in runs if run.hits),
        changes=tuple(dict.fromkeys(note for each in hits for note in each["notes"] if _is_change(note))),
        webhooks=len(sent),
    )


class _Run:
    """The calls of the operation in one workspace, in order, and those that had the failure."""

    def __init__(self, calls: Sequence[Entry], scenario: str) -> None:
        self._calls = calls
        self.hits = [each for each in calls if _has(each, scenario)]

    @property
    def recovered(self) -> bool:
        last = self._calls.index(self.hits[-1])
        return any(
            each["kind"] in _FULFILLED and each["fault"] is None and each["response"]["status"] is not None
            for each in self._calls[last + 1 :]
        )

    def pauses(self) -> Iterable[float]:
        """Returns the time after each failed call, without the processing time of the next one."""
        return (
            max(0.0, round(_at(second) - second.get("milliseconds", 0) / 1000 - _at(first), 3))
            for first, second in pairwise(self._calls)
            if first in self.hits
        )

    def copies(self) -> tuple[int, int]:
        """Returns how many calls equal an earlier committed one, and how many of these were committed."""
        done: list[tuple[Any, ...]] = []
        repeated = committed = 0
        for each in self._calls:
            same = tuple(repr(each["request"][name]) for name in ("method", "path", "query", "body"))
            repeated += same in done
            if each["changes"]:
                committed += same in done
                done.append(same)
        return repeated, committed


def _by_workspace(entries: Iterable[Entry]) -> Iterable[list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for each in entries:
        found.setdefault(each["workspace"], []).append(each)
    return found.values()


def _at(entry: Entry) -> float:
    return datetime.fromisoformat(entry["at"]).timestamp()


def _has(entry: Entry, scenario: str) -> bool:
    return any(each["verdict"] == "fired" and each.get("scenario") == scenario for each in entry["rules"])


def _result(entry: Entry) -> str:
    fault = entry["fault"]
    return fault["type"] if fault else str(entry["outcome"]).rpartition(".")[2]


def _retry_after(entry: Entry) -> float | None:
    headers = {name.lower(): value for name, value in entry["response"]["headers"].items()}
    value = str(headers.get("retry-after", ""))
    return float(value) if value.isdecimal() else None


def _is_change(note: str) -> bool:
    return note.startswith("body.") and (" was set to " in note or note.endswith(" was added"))

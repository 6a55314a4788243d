"""Finds the documented outcomes that a response from elsewhere can be, by comparing it with the printed ones.

A comparison ignores ids, times, names and amounts. What remains are the members of a body, its codes and statuses,
and the words of its messages. Rare ones count more than common ones.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from offer_sandbox.contract import Provider, Request
from offer_sandbox.exchange.routing import Router
from offer_sandbox.publish.answers import Answer, answers

Feature = tuple[str, ...]
_TOKEN = re.compile(r"[A-Za-z][A-Za-z_-]*")
_WORD = re.compile(r"[a-z]{3,}")
_REFUSALS = ("error", "infrastructure", "denial")  # kinds whose bodies have messages with fixed words
_ALIKE = 0.55  # the lowest similarity of a response that can be an outcome
_LACKING = 0.5  # the weight of what the response lacks
_FOREIGN = 0.25  # the highest share of members that no answer of the provider has
_MAX_FEATURES = 5_000  # of a response: the largest answer has fewer
_CODE = 3.0  # the weight of a code or status, in comparison with a member
_NAME = 6.0  # the weight of a code that is the name of its outcome


@dataclass(frozen=True)
class ForeignResponse:
    """A response from elsewhere. `status` is None, and `method`, `path`, `host` and `outcome` are empty if they
    are not known. `body` is a JSON value, text, or None. `outcome` is the full id that it names itself."""

    body: Any = None
    status: int | None = None
    method: str = ""
    path: str = ""
    host: str = ""
    outcome: str = ""


@dataclass(frozen=True)
class Match:
    """Outcomes that have the same answer, and its similarity with the response from 0 to 1."""

    answers: tuple[Answer, ...]
    similarity: float


class _Known(NamedTuple):
    """An answer of one or more outcomes."""

    answers: tuple[Answer, ...]
    status: int
    features: frozenset[Feature]


class Identifier:
    """Knows the printed answers of providers. Outcomes with the same answer count as one."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers
        self._router = Router(list(providers.values()))

    @cached_property
    def _known(self) -> list[_Known]:
        grouped: dict[tuple[int, frozenset[Feature]], list[Answer]] = {}
        for each in answers(self._providers.values()):
            features = frozenset(_features(each.body, each.outcome.kind in _REFUSALS))
            grouped.setdefault((each.outcome.status, features), []).append(each)
        return [_Known(tuple(same), status, features) for (status, features), same in grouped.items()]

    @cached_property
    def _weights(self) -> dict[Feature, float]:
        """The weight of each feature: the rarer, the higher."""
        counted = Counter(feature for known in self._known for feature in known.features)
        names = {each.outcome.name.lower() for known in self._known for each in known.answers}
        return {
            feature: (1 + math.log(len(self._known) / count)) * _importance(feature, names)
            for feature, count in counted.items()
        }

    @cached_property
    def _members(self) -> dict[str, set[Feature]]:
        """The members of all answers by provider."""
        found: dict[str, set[Feature]] = {}
        for known in self._known:
            for each in known.answers:
                found.setdefault(each.provider.name, set()).update(known.features)
        return found

    def best(self, candidates: Iterable[ForeignResponse]) -> list[Match]:
        """Returns the matches of the candidate that resembles an answer most, the most similar match first."""
        found = [self.matches(each) for each in candidates]
        return max(found, key=lambda matches: matches[0].similarity if matches else 0.0, default=[])

    def matches(self, response: ForeignResponse) -> list[Match]:
        """Returns the outcomes that the response can be, the most similar first."""
        if response.outcome:
            return [Match((each,), 1.0) for each in self._named(response.outcome)]
        if response.body is None:
            return self._without_body(response)
        given = frozenset(islice(_features(response.body, True), _MAX_FEATURES))
        own = frozenset(each for each in given if each in self._weights or each[0] == "member")
        found = [
            Match(tuple(same), similarity)
            for features, same in self._possible(response).items()
            if self._likely(similarity := self._similarity(own, features), own & features, same)
            and not self._foreign(own, same)
        ]
        return sorted(found, key=lambda each: each.similarity, reverse=True)

    def _without_body(self, response: ForeignResponse) -> list[Match]:
        """Returns the outcomes without a body if the status is known. Adds those of the operation at the address,
        because a log often leaves bodies out."""
        if response.status is None:
            return []
        empty = frozenset(_features(None, True))
        found = self._possible(response)
        exact = [Match(tuple(found[empty]), 1.0)] if empty in found else []
        if not self.concerned(response):
            return exact
        return exact + [Match(tuple(same), _ALIKE) for features, same in found.items() if features != empty]

    def _possible(self, response: ForeignResponse) -> dict[frozenset[Feature], list[Answer]]:
        """Returns the answers that fit the status and the address of the response. Without a status, answers that
        differ only in theirs are the same."""
        concerned = self.concerned(response)
        found: dict[frozenset[Feature], list[Answer]] = {}
        for known in self._known:
            if response.status in (None, known.status):
                for each in known.answers:
                    if concerned in ("", each.provider.name, each.operation):
                        found.setdefault(known.features, []).append(each)
        return found

    def _named(self, outcome: str) -> Iterator[Answer]:
        return (each for known in self._known for each in known.answers if each.id == outcome)

    def stands_for(self, host: str) -> bool:
        """Returns whether a host is a documented host of a provider."""
        return self._router.by_host(host) is not None

    def concerned(self, response: ForeignResponse) -> str:
        """Returns the operation or else the provider that the response's address names, or an empty string."""
        if not response.path:
            owner = self._router.by_host(response.host) if response.host else None
            return owner.name if owner else ""
        headers = {"host": response.host} if response.host else {}
        route = self._router.match(Request(method=response.method or "GET", path=response.path, headers=headers))
        if route is None:
            return ""
        is_known = route.operation.name in route.provider.operations and route.provider.protocol == "rest"
        return f"{route.provider.name}.{route.operation.name}" if is_known else route.provider.name

    def _similarity(self, given: frozenset[Feature], known: frozenset[Feature]) -> float:
        """Returns the weight of the common features in that of all. Members that the response lacks count less
        than members that no answer has, because people and logs shorten bodies."""
        common = self._sum(given & known)
        whole = common + self._sum(given - known) + _LACKING * self._sum(known - given)
        return common / whole if whole else 1.0

    def _likely(self, similarity: float, common: frozenset[Feature], same: Iterable[Answer]) -> bool:
        """Returns whether a response is similar enough to an answer, or has at least the code of its error."""
        codes = {each.outcome.name.lower() for each in same if each.outcome.kind in _REFUSALS}
        return similarity >= _ALIKE or any(each[0] == "value" and each[2] in codes for each in common)

    def _foreign(self, given: frozenset[Feature], same: Iterable[Answer]) -> bool:
        """Returns whether too many members of the response are in no answer of the provider."""
        members = {each for each in given if each[0] == "member"}
        return all(
            len(members - self._members[name]) > _FOREIGN * len(members)
            for name in {each.provider.name for each in same}
        )

    def _sum(self, features: Iterable[Feature]) -> float:
        unknown = 1 + math.log(len(self._known))
        return sum(self._weights.get(each, unknown) for each in features)


def _importance(feature: Feature, names: Collection[str]) -> float:
    if feature[0] != "value":
        return 1.0
    return _NAME if feature[2] in names else _CODE


def _features(value: Any, refused: bool, path: str = "") -> Iterator[Feature]:
    """Yields the features of a body. `refused` includes numbers and words, which are data in other bodies."""
    if isinstance(value, dict):
        yield "object", path, "members" if value else "empty"
        for name, item in value.items():
            yield "member", f"{path}.{name}"
            yield from _features(item, refused, f"{path}.{name}")
    elif isinstance(value, list):
        yield "list", path, "empty" if not value else "items"
        for item in value:
            yield from _features(item, refused, f"{path}[]")
    elif isinstance(value, str):
        yield from _of_text(value, refused or not path, path)
    elif value is None or isinstance(value, bool) or refused:
        yield "value", path, str(value)


def _of_text(value: str, refused: bool, path: str) -> Iterator[Feature]:
    if _TOKEN.fullmatch(value):
        yield "value", path, value.lower()
    elif refused:
        for word in _WORD.findall(value.lower()):
            yield "word", path, word

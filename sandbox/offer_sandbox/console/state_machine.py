"""Lays out the state machine of a collection, as its transitions declare it, for an SVG picture."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from offer_sandbox.contract import Provider, Transition
from offer_sandbox.world.collection import Collection

_WIDTH, _HEIGHT = 168, 44  # of a box
_LETTER = 11  # the widest letter in the name of a present state
_GAP_X, _GAP_Y = 90, 34
_MARGIN = 14


@dataclass(frozen=True)
class Box:
    """A state, the position of its box, and the number of its records. `present` marks the state of a record."""

    name: str
    x: int
    y: int
    count: int
    present: bool
    width: int
    height: int = _HEIGHT


@dataclass(frozen=True)
class Arrow:
    """The transitions from one state to another: the SVG path, the causes, and whether time is one of them."""

    source: str
    target: str
    path: str
    events: tuple[str, ...]
    timed: bool


@dataclass(frozen=True)
class StateMachine:
    """The picture: its size, its boxes and its arrows."""

    width: int
    height: int
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
    created_by: Sequence[tuple[str, str]]

    @classmethod
    def of(
        cls, provider: Provider, kind: Collection, counts: Mapping[str, int], present: str = ""
    ) -> "StateMachine | None":
        """Returns the state machine of a collection, or None if it declares no transitions."""
        rows = [row for row in provider.parts.transitions if row.collection == kind.name]
        if not rows:
            return None
        columns = _columns(rows, [*counts, present])
        places = {name: (x, y) for x, column in enumerate(columns) for y, name in enumerate(column)}
        width = max(_WIDTH, *(len(name) * _LETTER for name in places))
        boxes = {
            name: Box(name, *_corner(*place, width), counts.get(name, 0), name == present, width)
            for name, place in places.items()
        }
        right = max(box.x for box in boxes.values()) + width + _MARGIN
        lowest = max(box.y for box in boxes.values()) + _HEIGHT + _MARGIN
        arrows = list(_arrows(rows, boxes, lowest))
        below = any(boxes[each.target].x < boxes[each.source].x for each in arrows)
        created_by = [(row.event, row.target) for row in rows if not row.source]
        return cls(right, lowest + (_HEIGHT if below else 0), list(boxes.values()), arrows, created_by)


def _corner(x: int, y: int, width: int) -> tuple[int, int]:
    return _MARGIN + x * (width + _GAP_X), _MARGIN + y * (_HEIGHT + _GAP_Y)


def _columns(rows: Iterable[Transition], others: Iterable[str]) -> list[list[str]]:
    """Returns the states in columns, each one right of the first state that leads to it. New records are in the
    first column, and states without a transition in the last."""
    pairs = [(row.source, row.target) for row in rows]
    names = list(
        dict.fromkeys([each for pair in pairs for each in pair if each] + [each for each in others if each])
    )
    placed = dict.fromkeys([target for source, target in pairs if not source] or [names[0]], 0)
    waiting = list(placed)
    for name in waiting:  # grows while it is read
        for source, target in pairs:
            if source == name and target not in placed:
                placed[target] = placed[name] + 1
                waiting.append(target)
    last = max(placed.values())
    columns = {name: placed.get(name, last) for name in sorted(names, key=lambda each: each not in placed)}
    return [[name for name in columns if columns[name] == column] for column in range(last + 1)]


def _arrows(rows: Iterable[Transition], boxes: Mapping[str, Box], lowest: int) -> Iterable[Arrow]:
    """Yields one arrow for each pair of states."""
    joined: dict[tuple[str, str], list[Transition]] = {}
    for row in rows:
        if row.source and row.source != row.target:
            joined.setdefault((row.source, row.target), []).append(row)
    for (source, target), causes in joined.items():
        yield Arrow(
            source,
            target,
            _path(boxes[source], boxes[target], lowest),
            tuple(dict.fromkeys(each.event for each in causes)),
            any(each.apply for each in causes),
        )


def _path(start: Box, end: Box, lowest: int) -> str:
    """Returns the path of an arrow: to the right in a curve, within a column beside it, and to the left below."""
    left, top = start.x + start.width, start.y + start.height // 2
    if end.x > start.x:
        middle, aim = (left + end.x) // 2, end.y + end.height // 2
        return f"M{left},{top} C{middle},{top} {middle},{aim} {end.x - 2},{aim}"
    if end.x == start.x:
        side = left + _GAP_X // 2
        return f"M{left},{top} C{side},{top} {side},{end.y + 22} {left + 2},{end.y + 22}"
    down, bottom = start.y + start.height, lowest + _HEIGHT // 2
    middle, aim = start.x + start.width // 2, end.x + end.width // 2
    return f"M{middle},{down} C{middle},{bottom} {aim},{bottom} {aim},{end.y + end.height + 2}"

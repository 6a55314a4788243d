"""Changes a JSON response at random within its contract, and surveys it by a marshmallow schema."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from marshmallow import Schema, validate

from offer_sandbox.schemas.fields import List, Nested, members
from offer_sandbox.world.rng import Draw

KINDS = ("extra_field", "unknown_enum_value", "reorder", "null_optional")
Path = tuple[str | int, ...]

_MAX_OF_A_KIND = 3
_MAX_SENTENCES = 20


@dataclass(frozen=True)
class Place:
    """One value of a response, and the changes to it that its contract allows.

    `path` is its path from the body. `nullable` means that it may be null. `loose` means that its items or members
    may be in any order. `choices` lists the values of its enumeration, and is empty if it has no enumeration.
    `declared` are the member names that the contract defines for an object, or None if no member may be added.
    """

    path: Path
    value: Any
    nullable: bool = False
    loose: bool = False
    choices: tuple[str, ...] = ()
    declared: frozenset[str] | None = None

    @property
    def name(self) -> str:
        """The dotted path, as used in sentences."""
        return ".".join(["body", *map(str, self.path)])


Survey = Callable[[Any], Iterator[Place]]
"""Yields the places in a body lazily. An array or object is yielded before the places inside it, which are looked
up only then, so that their order reflects changes that the caller made in the meantime."""

_Change = tuple[Place, str]


def mutate(body: Any, schema: Schema | None, kinds: Sequence[str], draw: Draw) -> tuple[Any, list[str]]:
    """Returns the response changed in these `KINDS`, and one sentence for each change. `body` stays unchanged.

    `schema` describes the body. Without a schema (an HTML page, no body), nothing changes. A kind changes nothing
    if the schema leaves nothing open for it. Free-form values (`Object`) stay unchanged.
    """
    if schema is None:
        return body, []
    return change(body, partial(_answer, schema), kinds, draw)


def change(body: Any, survey: Survey, kinds: Sequence[str], draw: Draw) -> tuple[Any, list[str]]:
    """Changes a response in the same way by any survey. The sentences have the paths of the changed response."""
    body = _copy(body)
    reorders = _reorder(body, survey, draw) if "reorder" in kinds else []
    nulls = _null(body, survey, draw) if "null_optional" in kinds else []
    words = _misname(body, survey, draw) if "unknown_enum_value" in kinds else []
    extras = _add(body, survey, draw) if "extra_field" in kinds else []
    gone = {place.path for place, _ in nulls}
    reorders = [each for each in reorders if not _within(each[0].path, gone)]
    return body, _sentences([*nulls, *words, *extras, *reorders])


def _sentences(changes: list[_Change]) -> list[str]:
    sentences = [f"{place.name} {what}" for place, what in changes]
    more = len(sentences) - _MAX_SENTENCES
    return sentences if more <= 0 else [*sentences[:_MAX_SENTENCES], f"and {more} more changes"]


def _reorder(body: Any, survey: Survey, draw: Draw) -> list[_Change]:
    """Reorders items and members. Lists the arrays first, because clients trip over their order."""
    moved = [place for place in survey(body) if place.loose and _shuffle(place.value, draw)]
    arrays = [(place, "has its items in another order") for place in moved if isinstance(place.value, list)]
    objects = [(place, "has its members in another order") for place in moved if isinstance(place.value, dict)]
    return [*arrays, *objects]


def _shuffle(value: Any, draw: Draw) -> bool:
    """Changes the order in place. Returns whether it could, because equal items have no other order."""
    items = list(value.items()) if isinstance(value, dict) else list(value)
    other = draw.sample(items, len(items))
    if other == items:
        other = items[1:] + items[:1]
    if other == items:
        return False
    if isinstance(value, dict):
        value.clear()
        value.update(other)
    else:
        value[:] = other
    return True


def _null(body: Any, survey: Survey, draw: Draw) -> list[_Change]:
    chosen = _some([place for place in survey(body) if place.nullable and place.value is not None], draw)
    paths = {place.path for place in chosen}
    outermost = [place for place in chosen if not _within(place.path, paths - {place.path})]
    for place in outermost:
        _put(body, place.path, None)
    return [(place, "was set to null") for place in outermost]


def _misname(body: Any, survey: Survey, draw: Draw) -> list[_Change]:
    chosen = _some([place for place in survey(body) if place.choices and isinstance(place.value, str)], draw)
    for place in chosen:
        _put(body, place.path, _unknown_word(place.choices))
    return [(place, f"was set to {_unknown_word(place.choices)}") for place in chosen]


def _unknown_word(choices: Sequence[str]) -> str:
    """Returns a value outside the choices, written in the same style."""
    text = "".join(choices)
    gap = next((gap for gap in (" ", "-") if gap in text), "_")
    parts = ["unknown", "to", "you"]
    if text.isupper():
        parts = [part.upper() for part in parts]
    elif gap == "_" and "_" not in text and not text.islower():  # camelCase or PascalCase
        gap = ""
        parts = [part if n == 0 and text[:1].islower() else part.capitalize() for n, part in enumerate(parts)]
    elif any(choice[:1].isupper() for choice in choices):
        parts = [part.capitalize() for part in parts]
    return _untaken(gap.join(parts), choices)


def _add(body: Any, survey: Survey, draw: Draw) -> list[_Change]:
    objects = [place for place in survey(body) if isinstance(place.value, dict)]
    usual = {name for place in objects for name in place.value}
    open_ones = [place for place in objects if place.declared is not None]
    open_ones.sort(key=lambda place: len(place.path))  # the outermost one first, in any order of members
    added = []
    for place in [*open_ones[:1], *_some(open_ones[1:], draw, fewest=0)]:
        name = _extra_name({*place.value, *(place.declared or ())}, usual)
        place.value[name] = _extra_value(draw)
        added.append((Place((*place.path, name), place.value[name]), "was added"))
    return added


def _extra_name(taken: set[str], usual: set[str]) -> str:
    """Returns a new name in the style of the object's names, or of the whole body's if those are single words."""
    own = {name for name in taken if "_" in name.strip("_") or not name.islower()}
    snake = any("_" in name.strip("_") for name in own or usual)
    return _untaken("sandbox_extra" if snake else "sandboxExtra", taken)


def _extra_value(draw: Draw) -> Any:
    text = "added by the sandbox"
    return draw.choice([text, 1, True, None, [text], {"text": text}])


def _untaken(word: str, taken: Sequence[str] | set[str]) -> str:
    numbered = (f"{word}{number}" for number in count(2))
    return word if word not in taken else next(each for each in numbered if each not in taken)


def _some(places: list[Place], draw: Draw, fewest: int = 1) -> list[Place]:
    """Returns a few of the places, in their order. Returns at least `fewest` if there are any."""
    if not places:
        return []
    size = draw.randint(fewest, min(_MAX_OF_A_KIND, len(places)))
    return [places[index] for index in sorted(draw.sample(range(len(places)), size))]


def _within(path: Path, outer: set[Path]) -> bool:
    return any(path[:length] in outer for length in range(len(path) + 1))


def _put(body: Any, path: Path, value: Any) -> None:
    for step in path[:-1]:
        body = body[step]
    body[path[-1]] = value


def _copy(value: Any) -> Any:
    """Copies every array and object separately. Unlike `copy.deepcopy`, it never lets two places share one."""
    if isinstance(value, dict):
        return {name: _copy(item) for name, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list | tuple) else value


def _answer(schema: Schema, value: Any, path: Path = (), nullable: bool = False) -> Iterator[Place]:
    """Surveys a value by a marshmallow schema. Yields no places inside a value that does not fit the schema."""
    if schema.many and isinstance(value, list):
        yield Place(path, value, nullable, loose=True)
        for index, item in enumerate(value):
            yield from _object(schema, item, (*path, index))
    else:
        yield from _object(schema, value, path, nullable)


def _object(schema: Schema, value: Any, path: Path, nullable: bool = False) -> Iterator[Place]:
    if not isinstance(value, dict):
        return
    known = members(schema)
    yield Place(path, value, nullable, loose=True, declared=frozenset(known))
    for name, item in value.items():
        if name in known:
            yield from _value(known[name], item, (*path, name))


def _value(field: Any, value: Any, path: Path) -> Iterator[Place]:
    if isinstance(field, Nested):
        yield from _answer(field.schema, value, path, field.allow_none)
    elif isinstance(field, List) and isinstance(value, list):
        yield Place(path, value, field.allow_none, loose=True)
        for index, item in enumerate(value):
            yield from _value(field.inner, item, (*path, index))
    else:
        yield Place(path, value, field.allow_none, choices=_choices(field))


def _choices(field: Any) -> tuple[str, ...]:
    """Returns the values of an enumeration. Empty for a constant, which clients use to distinguish objects."""
    if any(isinstance(each, validate.Equal) for each in field.validators):
        return ()
    found = [each.choices for each in field.validators if isinstance(each, validate.OneOf)]
    return tuple(word for word in found[0] if isinstance(word, str)) if found else ()

"""Documented paths such as `/offers/{id}`, and the lookup of a request's path among them."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_ARGUMENT = re.compile(r"{(\w+)}")


class _Template(NamedTuple):
    """A documented path with arguments, and the registered name for each method."""

    pattern: re.Pattern[str]
    names: tuple[str, ...]
    methods: dict[str, str]


class PathTable:
    """Names by method and path.

    A path without arguments is looked up directly. A path with arguments must fit a pattern. If several patterns
    fit, a literal segment takes precedence over an argument, from left to right. An argument is part of one
    segment and is not empty. The path to look up starts with one slash. A slash at its end makes no difference.
    """

    def __init__(self, entries: Iterable[tuple[str, str, str]]) -> None:
        """Builds the table. `entries` are methods, documented paths and names."""
        self._literal: dict[str, dict[str, str]] = {}
        templates: dict[str, _Template] = {}
        for method, path, name in entries:
            if "{" not in path:
                self._literal.setdefault(path, {})[method] = name
                continue
            found = templates.get(path)
            if found is None:
                found = templates[path] = _Template(_pattern(path), tuple(_ARGUMENT.findall(path)), {})
            found.methods[method] = name
        self._by_length: dict[int, list[_Template]] = {}
        for path in sorted(templates, key=_rank):
            self._by_length.setdefault(path.count("/"), []).append(templates[path])

    def match(self, method: str, path: str) -> tuple[str, Mapping[str, str]] | None:
        """Returns the name for a method and a path, with the path's arguments, or None if there is none."""
        for methods, arguments in self._candidates(path):
            if method in methods:
                return methods[method], arguments
        return None

    def methods(self, path: str) -> set[str]:
        """Returns the methods of a path, or an empty set if the path is not documented."""
        return {method for methods, _ in self._candidates(path) for method in methods}

    def _candidates(self, path: str) -> Iterable[tuple[Mapping[str, str], Mapping[str, str]]]:
        if path.endswith("/") and path != "/":
            path = path[:-1]
        if path in self._literal:
            yield self._literal[path], {}
        for template in self._by_length.get(path.count("/"), ()):
            if found := template.pattern.fullmatch(path):
                yield template.methods, dict(zip(template.names, found.groups(), strict=True))


def _pattern(path: str) -> re.Pattern[str]:
    pieces = _ARGUMENT.split(path)
    literals, arguments = pieces[::2], pieces[1::2]
    return re.compile("([^/]+)".join(map(re.escape, literals))) if arguments else re.compile(re.escape(path))


def _rank(path: str) -> list[bool]:
    """Returns a sort key that places a literal segment before an argument at the same position."""
    return ["{" in piece for piece in path.split("/")]

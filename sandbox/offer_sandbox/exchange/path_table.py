"""Documented paths, such as `/offers/{id}`, and what a path that was called means among them."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_ARGUMENT = re.compile(r"{(\w+)}")


class _Template(NamedTuple):
    """A documented path with arguments, and the name of what it is for by method."""

    pattern: re.Pattern[str]
    names: tuple[str, ...]
    methods: dict[str, str]


class PathTable:
    """Names by method and path. A path without arguments is looked up; one with arguments has to fit a pattern, of
    which the one with the first literal piece that fits wins. An argument is one piece of a path and not empty.
    A path that is looked up has one slash at its beginning; one at its end does not matter."""

    def __init__(self, entries: Iterable[tuple[str, str, str]]) -> None:
        """`entries` are methods, documented paths and names."""
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
        """The name for a method and a path, with the path's arguments; None where there is none."""
        for methods, arguments in self._candidates(path):
            if method in methods:
                return methods[method], arguments
        return None

    def methods(self, path: str) -> set[str]:
        """The methods that a path takes; none where it is not documented."""
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
    """Orders paths so that one with a literal piece comes before one with an argument there."""
    return ["{" in piece for piece in path.split("/")]

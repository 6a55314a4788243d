"""The pipeline's own look-up of paths finds what Werkzeug's finds, for every provider and whatever the path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter, Rule

from offer_sandbox.exchange.path_table import PathTable
from offer_sandbox.providers import providers

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
EXTRA = [
    ("GET", "/a/{x}/c", "one"),
    ("GET", "/a/b/{y}", "two"),
    ("POST", "/a/b/c", "three"),
    ("PUT", "/{z}", "four"),
]
PIECES = st.sampled_from(["a", "b", "c", "", "offers", "listings", "%2F", "x y", "\u00e9", "\n", "..", "{id}"])


def documented() -> list[tuple[str, str, str]]:
    """Every documented path."""
    return [
        (operation.method, path, f"{provider.name}.{operation.name}")
        for provider in providers().values()
        if provider.protocol == "rest"
        for operation in provider.parts.operations
        for path in (operation.path, *operation.also)
    ]


def werkzeugs(entries: list[tuple[str, str, str]]) -> MapAdapter:
    rules = [
        Rule(path.replace("{", "<").replace("}", ">"), endpoint=name, methods=[method])
        for method, path, name in entries
    ]
    return Map(rules, strict_slashes=False, merge_slashes=False).bind("sandbox")


ENTRIES = [each for each in documented() if each[2].partition(".")[0] != "estateprime"] + EXTRA
OURS, THEIRS = PathTable(ENTRIES), werkzeugs(ENTRIES)
PATHS = st.one_of(
    st.lists(PIECES, max_size=7).map(lambda pieces: "/" + "/".join(pieces)),
    st.builds(
        lambda path, argument, end: path.replace("{id}", argument) + end,
        st.sampled_from([path for _, path, _ in ENTRIES]),
        st.text(min_size=1, max_size=5),
        st.sampled_from(["", "/", "//", "/x"]),
    ),
)


def expected(method: str, path: str) -> tuple[str, dict[str, str]] | None:
    try:
        name, arguments = THEIRS.match(path, method)
    except (NotFound, MethodNotAllowed):
        return None
    return name, dict(arguments)


# a request's path has one slash at its beginning when it is looked up; Werkzeug removes the others itself
@given(method=st.sampled_from(METHODS), path=PATHS.map(lambda path: f"/{path.lstrip('/')}"))
def test_it_finds_what_werkzeug_finds(method: str, path: str):
    found = OURS.match(method, path)
    assert (None if found is None else (found[0], dict(found[1]))) == expected(method, path)
    assert OURS.methods(path) == set(THEIRS.allowed_methods(path)) - {"HEAD", "OPTIONS"}


@pytest.mark.parametrize(("method", "path", "name"), documented())
def test_every_documented_path_is_found(method: str, path: str, name: str):
    own = PathTable([each for each in documented() if each[2].partition(".")[0] == name.partition(".")[0]])
    found = own.match(method, path.replace("{", "").replace("}", ""))
    assert found is not None
    assert found[0] == name
    assert own.match("TRACE", path) is None


def test_a_literal_piece_comes_before_an_argument():
    assert OURS.match("GET", "/a/b/c") == ("two", {"y": "c"})
    assert OURS.match("GET", "/a/x/c") == ("one", {"x": "x"})
    assert OURS.match("POST", "/a/b/c/") == ("three", {})

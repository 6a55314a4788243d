"""Sandbox keys name a workspace; what merely begins like one is told apart."""

import pytest

from offer_sandbox.world.keys import last_word, pretends, valid_name, workspace_of


@pytest.mark.parametrize(
    ("key", "workspace", "word"),
    [
        ("sbx_demo", "demo", ""),
        ("sbx_demo.rate_limited", "demo", "rate_limited"),
        ("sbx_demo.a.b.unavailable", "demo", "unavailable"),
        ("sbx_demo.", "demo", ""),
        ("sbx_0", "0", ""),
        ("sbx_a-b_c", "a-b_c", ""),
        ("sbx_" + "a" * 63, "a" * 63, ""),
        ("sbx_demo.line\nbreak", "demo", "line\nbreak"),
    ],
)
def test_keys(key, workspace, word):
    assert (workspace_of(key), last_word(key), pretends(key)) == (workspace, word, False)


@pytest.mark.parametrize(
    "key",
    [
        "sbx",
        "sbx_",
        "SBX_demo",
        "Sbx_a",
        "sbx_A",
        "sbx_-a",
        "sbx__",
        "sbx-a",
        "sbx_" + "a" * 64,
        "sbx_ä",
        "sbx_a\n",
    ],
)
def test_pretenders(key):
    assert (workspace_of(key), pretends(key)) == (None, True)


@pytest.mark.parametrize("key", ["", "demo", "xsbx_demo", " sbx_demo"])
def test_other_words(key):
    assert (workspace_of(key), last_word(key), pretends(key)) == (None, "", False)


@pytest.mark.parametrize(
    ("name", "valid"), [("a", True), ("a" * 63, True), ("a" * 64, False), ("", False), ("A", False), ("_a", False)]
)
def test_names(name, valid):
    assert valid_name(name) is valid

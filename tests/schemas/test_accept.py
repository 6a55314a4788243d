"""What a client's Accept header wants."""

import pytest

from offer_sandbox.schemas.accept import named, wanted

JSON = "application/json"


@pytest.mark.parametrize(
    ("header", "quality"),
    [
        (None, 1),
        ("", 1),
        ("*/*", 1),
        ("application/*", 1),
        ("application/json", 1),
        ("application/json; charset=utf-8", 1),
        ('application/json; charset="utf-8"; q=0.5', 0.5),
        ("text/html, application/json;q=0.9", 0.9),
        ("application/json;q=0, */*", 0),
        ("text/html", 0),
        ("nonsense", 0),
    ],
)
def test_quality(header, quality):
    assert wanted(header, JSON) == quality


@pytest.mark.parametrize(("header", "yes"), [(None, False), ("*/*", False), ("application/json;q=0.1", True)])
def test_named(header, yes):
    assert named(header, JSON) is yes

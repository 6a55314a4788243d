"""Where state is stored: folders and URLs, and no password of a URL in any text."""

from pathlib import Path

import pytest

from offer_sandbox.world.locations import DatabaseUrl, location


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("postgresql://db/sandbox", "postgresql://db/sandbox"),
        ("postgres://bob@db:5432,other/x?connect_timeout=3", "postgres://bob@db:5432,other/x?connect_timeout=3"),
        ("postgresql://bob:secret@db/x", "postgresql://bob:***@db/x"),
        ("postgresql://bob:se#cret@db/x", "postgresql://bob:***@db/x"),
        ("postgresql://bob:se?cret@db/x", "postgresql://bob:***@db/x"),
        ("postgresql://bob:se/cret@db/x", "postgresql://bob:***@db/x"),
        ("postgresql://bob:se@cret@db/x", "postgresql://bob:***@db/x"),
        ("postgresql://bo#b:secret@db/x", "postgresql://bo#b:***@db/x"),
        ("postgresql:///x?user=bob&password=secret", "postgresql:///x?user=bob&password=***"),
        ("postgresql:///x?password=se#cret&user=bob", "postgresql:///x?password=***&user=bob"),
        ("postgresql:///x?passw%6Frd=secret", "postgresql:///x?passw%6Frd=***"),
        ("postgresql:///x?sslpassword=secret", "postgresql:///x?sslpassword=***"),
        ("postgresql://bob:secret@db/x?password=cret", "postgresql://bob:***@db/x?password=***"),
    ],
)
def test_a_password_is_never_shown(given: str, shown: str):
    found = location(given)
    assert isinstance(found, DatabaseUrl)
    assert (str(found), repr(found)) == (shown, f"DatabaseUrl({shown!r})")
    assert found.url == given


def test_any_other_text_is_a_folder():
    assert location("data") == Path("data")
    assert location("postgresql:data") == Path("postgresql:data")


@pytest.mark.parametrize("url", ["mysql://bob:secret@db/x", "postgresql+psycopg://bob:secret@db/x", ""])
def test_another_scheme_is_refused_without_its_password(url: str):
    with pytest.raises(ValueError, match="must") as refused:
        location(url)
    assert "secret" not in str(refused.value)

"""The words for a failed call."""

from urllib.error import URLError

import pytest

from offer_sandbox.cli.failed_call import reason


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (URLError(ConnectionRefusedError(111, "Connection refused")), "Connection refused"),
        (URLError("unknown url type: x"), "unknown url type: x"),
        (TimeoutError("timed out"), "timed out"),
        (TimeoutError(), "TimeoutError"),
        (URLError(TimeoutError()), "TimeoutError"),
    ],
)
def test_a_failed_call_always_has_a_reason(error: Exception, words: str) -> None:
    assert reason(error) == words

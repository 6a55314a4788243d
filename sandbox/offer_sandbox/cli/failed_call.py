"""The reason why a call from a command to a sandbox failed."""

import urllib.error


def cause(error: Exception) -> BaseException | str:
    """Returns the error that urllib wrapped, or the error itself if it wrapped none."""
    return error.reason if isinstance(error, urllib.error.URLError) else error


def reason(error: Exception) -> str:
    """Returns the reason in words, never an empty text. An error without a message is described by its class."""
    found = cause(error)
    return getattr(found, "strerror", None) or str(found) or type(found).__name__

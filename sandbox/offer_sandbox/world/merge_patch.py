"""JSON merge patch (RFC 7386): changes of a document, written as a document."""

from typing import Any


def merge_patch(target: Any, patch: Any) -> Any:
    """The target with the patch's members over it, object by object; null removes a member, and whatever is no
    object replaces. Neither argument is changed."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged

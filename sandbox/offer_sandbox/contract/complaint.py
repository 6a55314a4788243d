"""The sandbox's own refusals, RFC 9457 problem documents; a provider's refusals are another thing."""

from typing import Any

MEDIA_TYPE = "application/problem+json"


class Complaint(Exception):
    """A refusal by the sandbox itself: of a control call, an unknown trigger, a path nobody owns.

    `kind` is a stable word for programs, `extra` are further members of the document.
    """

    def __init__(self, status: int, kind: str, title: str, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.extra = extra

    def document(self) -> dict[str, Any]:
        """The JSON object that is answered."""
        return {
            "type": f"urn:offer-sandbox:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.extra,
        }

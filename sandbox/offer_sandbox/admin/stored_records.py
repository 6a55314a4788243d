"""The records of whole collections as JSON, up to the size of a response."""

from collections.abc import Sequence
from typing import Any

from offer_sandbox.admin.services import services
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.http import MAX_BODY_BYTES
from offer_sandbox.world.collection import Collection
from offer_sandbox.world.json_codec import array_of
from offer_sandbox.world.store import Transaction, WorkspaceRow


def arrays_of_records(transaction: Transaction, row: WorkspaceRow, kinds: Sequence[Collection]) -> list[Any]:
    """Returns an array of records for each collection, as values for `dump`. The records are neither parsed nor
    printed again. Raises ProblemDetailsError (409) if they have more bytes than a response may have."""
    size = sum(transaction.stored_bytes(row.id, kind) for kind in kinds)
    maximum = services().workspaces.limits.state_body
    if size > maximum:
        found, most = -(-size // MAX_BODY_BYTES), maximum // MAX_BODY_BYTES
        detail = (
            f"the records have {found} MiB, and a response at most {most} (raise it with serve --max-state-body)"
        )
        raise ProblemDetailsError(409, "too-many-records", "Too many records for a response", detail)
    return [array_of(transaction.select_stored(row.id, kind)) for kind in kinds]

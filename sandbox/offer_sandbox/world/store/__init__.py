"""Stores every workspace's records, ordinals, clock and settings."""

from offer_sandbox.world.store.base import (
    ReadOnlyTransaction,
    Store,
    StoreError,
    Transaction,
    WorkspaceHead,
    WorkspaceRow,
)

__all__ = ["ReadOnlyTransaction", "Store", "StoreError", "Transaction", "WorkspaceHead", "WorkspaceRow"]

"""Keeps every workspace's records, ordinals, clock and settings, one transaction per exchange."""

from offer_sandbox.world.store.connection import StoreError
from offer_sandbox.world.store.sqlite import SqliteStore, Transaction
from offer_sandbox.world.store.workspace_rows import WorkspaceRow

__all__ = ["SqliteStore", "StoreError", "Transaction", "WorkspaceRow"]

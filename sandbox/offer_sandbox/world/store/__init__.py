"""Keeps every workspace's records, ordinals, clock and settings, one transaction per exchange."""

from offer_sandbox.world.store.sqlite import SqliteStore, StoreError, Transaction, WorkspaceRow

__all__ = ["SqliteStore", "StoreError", "Transaction", "WorkspaceRow"]

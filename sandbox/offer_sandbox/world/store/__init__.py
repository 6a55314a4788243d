"""Keeps every workspace's records, ordinals, clock and settings, one transaction per exchange."""

from offer_sandbox.world.store.base import Store, StoreError, Transaction, WorkspaceRow

__all__ = ["Store", "StoreError", "Transaction", "WorkspaceRow"]

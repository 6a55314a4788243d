"""Workspaces and their contents: store, clock, random numbers and journal."""

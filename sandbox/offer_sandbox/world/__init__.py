"""Workspaces and what they hold: store, clock, random numbers, journal."""

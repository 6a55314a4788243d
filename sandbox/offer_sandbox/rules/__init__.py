"""Triggers: request headers, rules, settings and scenario files."""

"""Marshmallow fields and schemas that validate JSON values exactly, and their compiled equivalent."""

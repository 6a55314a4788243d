"""Floor 1: marshmallow fields and schemas that judge JSON values exactly, and their compiled equivalent."""

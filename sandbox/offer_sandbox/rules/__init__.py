"""Floor 1: triggers: what one request carries, what is armed, what a scenario file says; carries none out."""

"""Floor 1: who chooses an outcome other than nature; so far the triggers that one request carries itself."""

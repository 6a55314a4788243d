"""Floor 0: workspace, store, clock, chance and journal; knows no provider and no HTTP."""

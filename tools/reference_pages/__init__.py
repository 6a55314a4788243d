"""Writes the reference in `docs/reference` from the data of the product: one module for each group of pages."""

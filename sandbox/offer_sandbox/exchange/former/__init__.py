"""The pipeline as it was, for one commit: both answer the same corpus, and are compared."""

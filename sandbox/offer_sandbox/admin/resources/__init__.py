"""The control API's resources and the health calls, one file for each."""

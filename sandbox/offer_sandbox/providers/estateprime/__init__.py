"""EstatePrime's offers API, which is read-only. The entry point is the `provider` module."""

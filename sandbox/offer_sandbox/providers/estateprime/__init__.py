"""EstatePrime's offers API, which is read only; `provider` is the way in."""

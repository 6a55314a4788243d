"""EstatePrime's offers API, which is read only; `card` is the way in."""

"""The only source of randomness: generators that depend on a seed and a purpose, and unguessable secrets."""

import hashlib
import random
import secrets
import string
from functools import lru_cache
from typing import TYPE_CHECKING

from offer_sandbox.imports import IMPORTING

if TYPE_CHECKING:
    from faker import Faker

DEFAULT_SEED = 42
Draw = random.Random  # for annotations: create one only with `seeded_rng`


def seeded_rng(seed: int, *names: str | int) -> Draw:
    """Returns a generator for one purpose. The same seed and names always draw the same values, regardless of
    other draws."""
    key = "\x1f".join([str(seed), *map(str, names)]).encode()
    return random.Random(int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big"))


def numbered(seed: int, name: str, ordinal: int) -> str:
    """Returns a ten-digit number that differs for every ordinal of a name (the step is coprime to the range)."""
    return str(10**9 + (_first(seed, name) + ordinal * _STEP) % _TEN_DIGITS)


@lru_cache
def _first(seed: int, name: str) -> int:
    """Returns the offset of a name's first number."""
    return seeded_rng(seed, name).randrange(_TEN_DIGITS)


def letters(draw: Draw, length: int) -> str:
    """Returns random lowercase letters and digits."""
    return "".join(draw.choices(string.ascii_lowercase + string.digits, k=length))


def uuid4(draw: Draw) -> str:
    """Returns a random UUID (version 4) in its usual text form."""
    bits = draw.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62) | (4 << 76) | (2 << 62)
    text = f"{bits:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def noise(draw: Draw, length: int) -> bytes:
    """Returns this many random bytes."""
    return draw.randbytes(length)


def secret() -> str:
    """Returns an unguessable string for admin tokens, never derived from a seed."""
    return secrets.token_urlsafe(24)


def hex_secret() -> str:
    """Returns forty unguessable hexadecimal digits, for workspace keys."""
    return secrets.token_hex(20)


def request_id() -> str:
    """Returns sixteen unguessable hexadecimal digits."""
    return secrets.token_hex(8)


def faker(seed: int, purpose: str) -> "Faker":
    """Returns a separate Faker for one purpose. Imports Faker, so only fixture builders may call it."""
    with IMPORTING:  # takes 110 ms, which a start with the default seed avoids
        from faker import Faker

    fake = Faker("en_US")
    fake.seed_instance(seeded_rng(seed, "faker", purpose).getrandbits(64))
    return fake


_TEN_DIGITS = 9 * 10**9
_STEP = 7_368_787

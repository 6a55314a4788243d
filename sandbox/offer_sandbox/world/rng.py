"""The only source of randomness: everything drawn follows from a seed and the name of what it is for."""

import hashlib
import random
import secrets
import string
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faker import Faker

DEFAULT_SEED = 42
Draw = random.Random  # for annotations: the one way to have one is `derive`


def seeded_rng(seed: int, *names: str | int) -> Draw:
    """A generator for one purpose; the same seed and names always draw the same, whatever else was drawn."""
    key = "\x1f".join([str(seed), *map(str, names)]).encode()
    return random.Random(int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big"))


def numbered(seed: int, name: str, ordinal: int) -> str:
    """A number of ten digits, different for every ordinal of one name (the step is prime to the range)."""
    return str(10**9 + (_first(seed, name) + ordinal * _STEP) % _TEN_DIGITS)


@lru_cache
def _first(seed: int, name: str) -> int:
    """Where the numbers of a name begin."""
    return seeded_rng(seed, name).randrange(_TEN_DIGITS)


def letters(draw: Draw, length: int) -> str:
    """Lower-case letters and digits."""
    return "".join(draw.choices(string.ascii_lowercase + string.digits, k=length))


def uuid4(draw: Draw) -> str:
    """A random UUID in its usual text form."""
    bits = draw.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62) | (4 << 76) | (2 << 62)
    text = f"{bits:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def noise(draw: Draw, length: int) -> bytes:
    """That many random bytes."""
    return draw.randbytes(length)


def secret() -> str:
    """An unguessable word (never derived from a seed), for request ids and admin tokens."""
    return secrets.token_urlsafe(24)


def hex_secret() -> str:
    """Forty unguessable hexadecimal digits, for the keys of workspaces."""
    return secrets.token_hex(20)


def request_id() -> str:
    """Sixteen unguessable hexadecimal digits."""
    return secrets.token_hex(8)


def faker(seed: int, purpose: str) -> "Faker":
    """A Faker of its own for one purpose. Imports Faker: only fixture builders may call it."""
    from faker import Faker  # 110 ms, which a start with the default seed does not pay

    fake = Faker("en_US")
    fake.seed_instance(seeded_rng(seed, "faker", purpose).getrandbits(64))
    return fake


_TEN_DIGITS = 9 * 10**9
_STEP = 7_368_787

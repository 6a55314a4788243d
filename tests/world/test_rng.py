"""Everything drawn follows from a seed and a name."""

import re

from hypothesis import given
from hypothesis import strategies as st

from offer_sandbox.world.rng import letters, numbered, request_id, secret, seeded_rng, uuid4


@given(st.integers(0, 10**12), st.text(max_size=10))
def test_the_same_seed_and_name_draw_the_same(seed, name):
    assert seeded_rng(seed, name).random() == seeded_rng(seed, name).random()


def test_names_and_seeds_are_told_apart():
    draws = {
        seeded_rng(seed, *names).random()
        for seed in (1, 2)
        for names in (("a", "b"), ("ab",), ("a", "c"), ("a", 1))
    }
    assert len(draws) == 8


@given(st.integers(0, 10**12))
def test_numbers_have_ten_digits_and_never_repeat(seed):
    numbers = [numbered(seed, "offers", ordinal) for ordinal in range(2000)]
    assert len(set(numbers)) == 2000
    assert all(re.fullmatch("[1-9][0-9]{9}", number) for number in numbers)


@given(st.integers(0, 10**12))
def test_uuids_have_their_form(seed):
    form = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(form, uuid4(seeded_rng(seed, "x")))


def test_letters_are_lower_case():
    assert re.fullmatch("[a-z0-9]{32}", letters(seeded_rng(1, "x"), 32))


def test_secrets_differ():
    assert secret() != secret()
    assert request_id() != request_id()

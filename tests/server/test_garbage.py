"""When the server looks for cyclic garbage."""

import gc
import weakref

import pytest

from offer_sandbox.server.garbage import Garbage


@pytest.fixture(autouse=True)
def _as_it_was():
    yield
    gc.unfreeze()


class Thing:
    pass


def cycle():
    thing = Thing()
    thing.itself = thing
    return weakref.ref(thing)


@pytest.mark.parametrize(("size", "calls"), [(0, 1_000), (1024 * 1024, 5)])
def test_a_look_is_due_once_after_so_many_calls_or_bytes(size, calls):
    garbage = Garbage()
    due = [garbage.add(size) for _ in range(2 * calls)]
    assert [number for number, each in enumerate(due, 1) if each] == [calls, 2 * calls]


def test_a_look_ends_what_is_unreachable_and_sets_the_rest_aside():
    garbage, lost = Garbage(), cycle()
    before = gc.get_freeze_count()
    garbage.collect()
    assert lost() is None
    assert gc.get_freeze_count() > before
    assert sum(len(gc.get_objects(each)) for each in range(3)) < 1_000


def test_what_was_set_aside_is_looked_at_again_in_time():
    garbage = Garbage()
    gc.disable()
    try:
        thing = Thing()
        thing.itself, seen = thing, weakref.ref(thing)
        garbage.collect()
        del thing
        for _ in range(200):
            assert seen() is not None
            garbage.collect()
    finally:
        gc.enable()
    assert seen() is None

"""Waiting without a thread: what ends a wait, and that no ring between a look and a wait is missed."""

import asyncio
from itertools import pairwise

import pytest

from offer_sandbox.server.waiting import Parking
from offer_sandbox.world.notifier import ChangeNotifier

LONG = 60.0  # nothing below waits that long: the run would be stuck


def waiting(scenario) -> None:
    """Runs a coroutine with a bell, a parking and what is set when the client leaves."""

    async def run() -> None:
        bell = ChangeNotifier()
        parking = Parking(bell)
        await asyncio.wait_for(scenario(bell, parking, asyncio.Event()), 10)
        assert parking._subscriptions == {}, "nobody is left listening"

    asyncio.run(run())


def test_a_ring_ends_a_wait_and_another_workspace_s_does_not():
    async def scenario(bell, parking, gone):
        with parking.subscribe("one") as heed:
            wait = asyncio.ensure_future(parking.wait(LONG, gone, heeding=heed))
            bell.notify("other")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert not wait.done()
            bell.notify("one")
            assert await wait is True

    waiting(scenario)


def test_a_ring_before_the_wait_is_not_missed():
    async def scenario(bell, parking, gone):
        with parking.subscribe("one") as heed:
            bell.notify("one")
            await asyncio.sleep(0)
            assert await parking.wait(LONG, gone, heeding=heed) is True
            heed.notified.clear()
            asyncio.get_running_loop().call_soon(bell.notify, "one")
            assert await parking.wait(LONG, gone, heeding=heed) is True

    waiting(scenario)


def test_a_ring_from_another_thread_ends_a_wait():
    async def scenario(bell, parking, gone):
        with parking.subscribe("one") as heed:
            await asyncio.to_thread(bell.notify, "one")
            assert await parking.wait(LONG, gone, heeding=heed) is True

    waiting(scenario)


def test_many_waits_of_a_workspace_are_woken_one_after_the_other():
    """Other work gets its turn in between, however many wait."""

    async def scenario(bell, parking, gone):
        ended: list[int] = []
        turns: list[int] = []

        async def one(number):
            with parking.subscribe("one") as heed:
                await parking.wait(LONG, gone, heeding=heed)
                ended.append(number)

        async def another():
            while len(ended) < 300:
                turns.append(len(ended))
                await asyncio.sleep(0)

        waits = [asyncio.ensure_future(one(number)) for number in range(300)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        bell.notify("one")
        await another()
        await asyncio.gather(*waits)
        assert sorted(ended) == [*range(300)]
        assert max(after - before for before, after in pairwise(turns)) < 10

    waiting(scenario)


def test_changes_of_other_processes_are_looked_for_once_for_all_waits():
    looks: list[int] = []

    def changed() -> bool:
        looks.append(1)
        return len(looks) > 1

    async def scenario() -> None:
        parking = Parking(ChangeNotifier(), changed=changed)

        async def one() -> bool:
            with parking.subscribe("any") as heed:
                return await parking.wait(LONG, asyncio.Event(), heeding=heed)

        assert await asyncio.wait_for(asyncio.gather(*[one() for _ in range(50)]), 10) == [True] * 50
        assert len(looks) == 2

    asyncio.run(scenario())


@pytest.mark.parametrize("before", [True, False])
def test_a_client_that_leaves_ends_its_wait(before):
    async def scenario(_, parking, gone):
        if before:
            gone.set()
        else:
            asyncio.get_running_loop().call_soon(gone.set)
        assert await parking.wait(LONG, gone) is False

    waiting(scenario)


def test_a_close_ends_every_wait_and_those_to_come():
    async def scenario(_, parking, gone):
        waits = [asyncio.ensure_future(parking.wait(LONG, gone)) for _ in range(3)]
        await asyncio.sleep(0)
        parking.close()
        assert await asyncio.gather(*waits) == [True] * 3
        assert await parking.wait(LONG, gone) is True
        assert parking.closed

    waiting(scenario)


def test_a_wait_leaves_no_task_behind():
    async def scenario(_, parking, gone):
        before = len(asyncio.all_tasks())
        assert await parking.wait(0.0, gone) is True
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == before

    waiting(scenario)

"""The rounds of EstatePrime's initial offers: buyer and owner take turns between each other's sums."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from offer_sandbox.providers.estateprime.market import Market, Property
from offer_sandbox.providers.estateprime.names import ROUND_NOTES
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import Draw

_SUNDAY = 6
_OPENS, _CLOSES = 9, 19
_MANY_DAYS = 40  # more than the longest negotiation takes
_NOTED = 0.25  # how often a round has notes
_PRICE_UNKNOWN = 0.3  # how often an informational round has no price
_REDUCED = 0.2  # how often an owner reduces the asking price after a counter-offer
_MOST_TURNS = {"under_negotiation": (2, 4), "accepted": (1, 4), "rejected": (1, 3), "withdrawn": (1, 3)}


def working_time(draw: Draw, day: datetime) -> datetime:
    """Returns a time within working hours on that day, or on Monday if it is a Sunday."""
    day += timedelta(days=1) if day.weekday() == _SUNDAY else timedelta()
    return day.replace(hour=draw.randrange(_OPENS, _CLOSES), minute=draw.randrange(0, 60, 5), second=0)


@dataclass
class Negotiation:
    """A negotiation about a property, whose offer `creator` has made. `limit` is the latest time that a round can
    have. The rounds have no ids."""

    market: Market
    property: Property
    begin: datetime
    limit: datetime
    creator: int
    rounds: list[Document] = field(default_factory=list)

    def run(self, status: str) -> None:
        """Adds the rounds that lead to a status."""
        draw = self.market.draw
        if status == "draft":
            self._informational(0.3)
        elif status == "submitted":
            if draw.random() < 0.7:
                self._add("offer_submitted", next(self._sums()), self.begin)
            self._informational(0.15)
        else:
            fewest, most = _MOST_TURNS[status]
            self._exchange(draw.randint(fewest, max(fewest, min(most, self._days() - 2))))
            self._informational(0.25)
            if status != "under_negotiation":
                self._end(status)

    def _exchange(self, turns: int) -> None:
        kinds = ("offer_submitted", "counter_offer", "buyer_revision", "counter_offer")
        for kind, amount in zip(kinds[:turns], self._sums(), strict=False):
            self._add(kind, amount, self._later() if self.rounds else self.begin)
            if kind == "counter_offer" and self.market.draw.random() < _REDUCED:
                self._reduce(amount)

    def _sums(self) -> Iterator[int]:
        """Yields the sums that buyer and owner name in turn, each between the two before it."""
        draw, step = self.market.draw, self.property.step
        asked = self.property.price_at(self.begin)
        bid = min(self._rounded(asked * draw.uniform(0.84, 0.95)), asked - 4 * step)
        yield bid
        while asked - bid > 2 * step:
            asked = min(asked - step, self._rounded(asked - (asked - bid) * draw.uniform(0.2, 0.5)))
            yield asked
            if asked - bid <= 2 * step:
                return
            bid = max(bid + step, self._rounded(bid + (asked - bid) * draw.uniform(0.3, 0.6)))
            yield bid

    def _rounded(self, amount: float) -> int:
        return max(self.property.step, round(amount / self.property.step) * self.property.step)

    def _reduce(self, lowest: int) -> None:
        """Lets the owner reduce the asking price, if no other offer has shown the old one later."""
        when = datetime.fromisoformat(self.rounds[-1]["date_created"]) + timedelta(minutes=30)
        asked = self.property.prices[-1][1]
        reduced = self._rounded((asked + lowest) / 2)
        if lowest <= reduced < asked and self.property.quiet_from < when:
            self.property.prices.append((when, reduced))

    def _informational(self, chance: float) -> None:
        if self.market.draw.random() < chance and (when := self._later()) <= self.limit:
            self._add("note", None, when)

    def _end(self, status: str) -> None:
        """Adds the last round. An accepted offer names the last sum."""
        named = [each["amount"] for each in self.rounds if each["amount"] is not None]
        self._add(status, named[-1] if status == "accepted" else None, self._later())
        self.property.sold = self.property.sold or status == "accepted"

    def _days(self) -> int:
        """Returns the whole days from the beginning to the limit."""
        return (self.limit - self.begin).days

    def _later(self) -> datetime:
        """Returns a time one to five days after the last round, or a day after it where there is little time."""
        draw = self.market.draw
        last = datetime.fromisoformat(self.rounds[-1]["date_created"]) if self.rounds else self.begin
        most = 6 if self._days() > _MANY_DAYS else 2
        return working_time(draw, last + timedelta(days=draw.randrange(1, most)))

    def _add(self, kind: str, amount: int | None, when: datetime) -> None:
        draw = self.market.draw
        price = self.property.price_at(when)
        hidden = kind == "note" and draw.random() < _PRICE_UNKNOWN
        noted = kind == "note" or draw.random() < _NOTED
        self.rounds.append(
            {
                "id": 0,
                "type": kind,
                "amount": amount,
                "current_listing_price": None if hidden else price,
                "notes": draw.choice(ROUND_NOTES[kind]) if noted else None,
                "created_by": self.creator if when == self.begin else self.market.user(self.property.store),
                "date_created": when.isoformat(" "),
            }
        )

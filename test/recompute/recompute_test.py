"""Random conditions over random histories: winback and a recomputation in SQL must agree.

Usage: [SEEDS=1000] [FIRST=1] recompute_test.py PATH/TO/winback
For each seed a world is made and asked in two ways (shop.py: Asked, Kept). A difference is
shortened to one customer, few events and a small condition, and printed.
"""
import dataclasses
import os
import pathlib
import random
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from calendar_steps import iso, read_iso  # noqa: E402
from in_sql import Base  # noqa: E402
from language import Grammar, smaller, text  # noqa: E402
from shop import Asked, Kept, Refused, Shop  # noqa: E402
from world import Maker  # noqa: E402

CUSTOMERS = 12
ASKED = 24
AFTERWARDS = read_iso("2035-06-15T12:00:00.000Z")  # When somebody stands on the lists.
KEPT = 24
TURNS_TO_SHORTEN_MAX = 200


def steady_segments(world):
    """Segments whose members are the same at every moment that is asked about."""
    old = ("before", ("time", world.calendar().ago(world.now, "3mo")))
    return {"steady": ("cmp", ">=", ("slot", ["a"], [old], "count", None), ("lit", 1)),
            "golden": ("or", ("cmp", ">", ("trait", "level"), ("lit", 2)), ("is", ("trait", "vip")))}


def base_of(world, segments, now=None):
    base = Base(world, now)
    for name, condition in segments.items():
        base.keep(name, condition)
    return base


class AskedSeed:
    """One world, many conditions, each at one of several moments."""

    def __init__(self, shop, seed):
        dice = random.Random(f"asked {seed}")
        self.shop = shop
        self.world = Maker(dice).world(CUSTOMERS)
        self.segments = steady_segments(self.world)
        grammar = Grammar(dice, self.world, list(self.segments), list(self.world.lists))
        moments = [self.world.now, self.world.now, self.world.now + 1, AFTERWARDS]
        self.questions = [(grammar.condition(), dice.choice(moments)) for _ in range(ASKED)]

    def differences(self):
        asked = Asked(self.shop, self.world, self.segments)
        base = base_of(self.world, self.segments)
        for condition, now in self.questions:
            told, found = asked.members(condition, now), base.members(condition, now)
            if told != found:
                yield condition, now, told, found

    def differs(self, world, condition, now):
        try:
            told = Asked(self.shop, world, self.segments).members(condition, now)
        except Refused:
            return False
        return told != base_of(world, self.segments).members(condition, now)


class KeptSeed:
    """One world, and segments that the engine keeps while time passes; some refer to others."""

    def __init__(self, shop, seed):
        dice = random.Random(f"kept {seed}")
        self.shop = shop
        self.world = Maker(dice).world(CUSTOMERS).sequential()
        self.segments = {}
        for number in range(KEPT):
            grammar = Grammar(dice, self.world, list(self.segments)[-2:])
            self.segments[f"s{number}"] = grammar.condition()

    def differences(self):
        kept = Kept(self.shop, self.world, self.segments)
        early, late = (base_of(self.world, self.segments, now) for now in self.moments())
        for name, condition in self.segments.items():
            told, found = kept.members(name), early.members(condition)
            if told != found and found == late.members(condition):
                yield condition, early.now, told, found

    def moments(self):
        """The clock of a replay goes on when its folder is opened; both ends must say the same."""
        return self.world.now + 50, self.world.now + 60_000

    def differs(self, world, condition, _):
        segments = {**self.segments, "asked": condition}
        try:
            told = Kept(self.shop, world, segments).members("asked")
        except Refused:
            return False
        early, late = (base_of(world, segments, now).members(condition) for now in self.moments())
        return told != early and early == late


def shortened(seed, world, condition, now):
    """A smaller world and condition on which both still differ."""
    turns = 0

    def still(other_world, other_condition):
        nonlocal turns
        turns += 1
        return turns <= TURNS_TO_SHORTEN_MAX and seed.differs(other_world, other_condition, now)

    for customer in sorted({event.customer for event in world.events}):
        alone = world.only(customer, world.events)
        if still(alone, condition):
            world = alone
            break
    going = True
    while going:
        going = False
        for other in smaller(condition):
            if still(world, other):
                condition, going = other, True
                break
    for event in list(world.events):
        fewer = [other for other in world.events if other is not event]
        smaller_world = dataclasses.replace(world, events=fewer)
        if fewer and still(smaller_world, condition):
            world = smaller_world
    return world, condition


def report(number, way, seed, condition, now, told, found):
    print(f"seed {number}, {way}: {text(condition)}\n  only winback: {sorted(set(told) - set(found))}"
          f", only SQL: {sorted(set(found) - set(told))}", flush=True)
    if os.environ.get("SHORTEN", "1") == "0":
        return
    world, condition = shortened(seed, seed.world, condition, now)
    print(f"  shortened, {world.zone} at {iso(now)}: {text(condition)}")
    for event in world.events:
        print("   ", event.line())
    sys.stdout.flush()


def main():
    first, count = int(os.environ.get("FIRST", "1")), int(os.environ.get("SEEDS", "3"))
    asked = members = different = 0
    for number in range(first, first + count):
        for way in (AskedSeed, KeptSeed):
            with tempfile.TemporaryDirectory() as folder:
                seed = way(Shop(sys.argv[1], folder), number)
                try:
                    for found in list(seed.differences()):
                        different += 1
                        report(number, way.__name__, seed, *found)
                except Refused as refused:
                    different += 1
                    print(f"seed {number}, {way.__name__} is refused: {refused}", flush=True)
            asked += ASKED if way is AskedSeed else KEPT
    print(f"{count} seeds, {asked} conditions, {different} differences")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())

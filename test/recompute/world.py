"""Seeded customers with histories at awkward moments, and the lines that tell winback of them."""
import dataclasses
import json

from calendar_steps import DAY, Calendar, iso, to_ms
from datetime import datetime, timezone

ZONES = ["Europe/London", "America/New_York", "America/St_Johns", "Australia/Lord_Howe",
         "America/Santiago", "Asia/Beirut", "Europe/Istanbul", "UTC", "America/Havana"]
NAMES = ["a", "b", "c", "c.x", "c.y"]
STEPS = ["1h", "36h", "1d", "2d", "1w", "30d", "1mo", "3mo", "1y", "1d12h", "90m"]
TEXTS = ["", "a", "A", "ab", "é", "zürich", "日本", "😀", "10"]
PATTERNS = ["^a", "b$", "a.*b", "[0-9]+", "^$", "(?i)^A", "é|日", "^.$", "a{2}", "\\S"]
FIELDS = ["n", "s", "m", "flag", "at", "o.k"]
CHANNELS = ["email", "sms", "push"]


@dataclasses.dataclass
class Event:
    customer: str
    name: str  # "Identified" for traits.
    time: int
    id: str
    data: dict
    device: str = None  # The anonymous id that it names.
    signed_in: bool = True  # False: nothing but the device says who it is.

    def line(self):
        who = {"userId": self.customer} if self.signed_in else {}
        if self.device:
            who["anonymousId"] = self.device
        kind = {"type": "identify", "traits": self.data} if self.name == "Identified" else {
            "type": "track", "event": self.name, "properties": self.data}
        return json.dumps({**who, "messageId": self.id,
                           "timestamp": iso(self.time), **kind}, ensure_ascii=False)


@dataclasses.dataclass
class World:
    zone: str
    now: int
    events: list  # In order of arrival.
    lists: dict  # The customers on each static list.

    def calendar(self):
        return Calendar(self.zone)

    def only(self, customer, events):
        return dataclasses.replace(self, events=[e for e in events if e.customer == customer])

    def sequential(self):
        """As it would have arrived if nothing were late or still to come."""
        told = [e for e in self.events if e.time <= self.now]
        return dataclasses.replace(self, events=sorted(told, key=lambda e: e.time), lists={})


class Maker:
    def __init__(self, dice):
        self.dice = dice
        self.ids = 0

    def now(self, calendar):
        """Around a change of clocks, the end of a month, or anywhere."""
        year = self.dice.choice([2023, 2024, 2025])
        changes = calendar.changes(year)
        month_end = to_ms(datetime(year, self.dice.choice([3, 5, 12]), 31, 12, tzinfo=timezone.utc))
        anchor = self.dice.choice([*changes, *changes, month_end])
        return anchor + self.dice.choice(
            [0, -1, 1, 1_800_000, 3_600_000, DAY, 2 * DAY + 1, 30 * DAY,
             self.dice.randrange(90 * DAY)])

    def time(self, world, others):
        dice = self.dice
        calendar = world.calendar()
        near = dice.choice([-1, 0, 0, 1])
        kind = dice.random()
        if kind < 0.35:
            return calendar.ago(world.now, dice.choice(STEPS)) + near
        if kind < 0.55 and others:
            return calendar.add(dice.choice(others), dice.choice(STEPS)) + near
        if kind < 0.65 and others:
            return dice.choice(others)
        if kind < 0.75:
            changes = calendar.changes(2024) or [world.now]
            return dice.choice(changes) + near * dice.choice([1, 3_600_000])
        if kind < 0.85:
            return world.now + dice.choice([0, 1, 3_600_000, DAY])
        return world.now - dice.randrange(400 * DAY)

    def number(self):
        n = self.dice.randrange(-3, 12)
        return self.dice.choice([n, n, n / 4, float(n)])

    def anything(self):
        return self.dice.choice([self.number(), self.number(), self.dice.choice(TEXTS),
                                 self.dice.random() < 0.5, None, [1], {"z": 1}])

    def properties(self, time):
        dice = self.dice
        every = {"n": self.number(), "s": dice.choice(TEXTS), "m": self.anything(),
                 "flag": dice.choice([True, False, None]),
                 "at": dice.choice([iso(time - dice.randrange(9) * DAY), iso(time), "soon"]),
                 "o": {"k": self.anything()}}
        return {key: value for key, value in every.items() if dice.random() < 0.75}

    def traits(self, world):
        dice = self.dice
        every = {"plan": dice.choice(TEXTS), "level": self.number(), "vip": dice.random() < 0.5,
                 "mix": dice.choice([self.number(), dice.choice(TEXTS), dice.random() < 0.5]),
                 "tags": dice.sample(["a", "b", "é", 7, 2.5], dice.randrange(4)),
                 "created_at": iso(world.now - dice.randrange(500 * DAY)),
                 "due": dice.choice([iso(world.now - dice.randrange(60 * DAY)), "never"])}
        told = {key: None if dice.random() < 0.1 else value
                for key, value in every.items() if dice.random() < 0.6}
        if dice.random() < 0.4:
            told["consent"] = {dice.choice(CHANNELS): dice.choice(["granted", "denied"])}
        return told

    def event(self, customer, name, time, data):
        self.ids += 1
        return Event(customer, name, time, f"m{self.ids}", data)

    def history(self, world, customer):
        dice = self.dice
        past = world.now - 2 * DAY
        events = [self.event(customer, "Identified", world.now - 420 * DAY, {"level": 1})]
        device = customer.replace("u", "device") if dice.random() < 0.35 else None
        if device:  # Both ids at once: from then on, and before, they are one person.
            signed_in = past - dice.randrange(300 * DAY)
            events.append(dataclasses.replace(self.event(customer, "a", signed_in, {"n": 2}),
                                              device=device))
        times = []
        for _ in range(dice.choice([0, 1, 2, 4, 8, 16])):
            times.append(self.time(world, times))
            name = dice.choice(NAMES[:dice.choice([1, 2, len(NAMES)])])
            one = self.event(customer, name, times[-1], self.properties(times[-1]))
            anonymous = device is not None and dice.random() < 0.5
            # Two ids have no order within one millisecond.
            while any(e.time == one.time and e.signed_in == anonymous for e in events):
                one = dataclasses.replace(one, time=one.time + 1)
            events.append(dataclasses.replace(one, device=device if anonymous else None,
                                              signed_in=not anonymous))
        for _ in range(dice.randrange(3)):
            events.append(self.event(customer, "Identified", past - dice.randrange(300 * DAY),
                                     self.traits(world)))
        for _ in range(dice.choice([0, 0, 1, 4])):
            time = past - dice.choice([0, 0, DAY, dice.randrange(90 * DAY)])
            events.append(self.event(customer, "Consent Changed", time, {
                "channel": dice.choice(CHANNELS[:2]), "state": dice.choice(["granted", "denied"]),
                "source": "shop"}))
        return events

    def world(self, customers):
        zone = self.dice.choice(ZONES)
        world = World(zone, 0, [], {})
        world.now = self.now(world.calendar())
        for number in range(customers):
            world.events += self.history(world, f"u{number}")
        world.lists = {"friends": [f"u{n}" for n in range(customers) if self.dice.random() < 0.5]}
        self.dice.shuffle(world.events)
        for event in self.dice.sample(world.events, len(world.events) // 10):
            again = dataclasses.replace(event)
            if self.dice.random() < 0.5 and event.name in NAMES:  # The same id with other words.
                again = dataclasses.replace(event, time=event.time - DAY, data={"n": 99})
            place = self.dice.randrange(world.events.index(event) + 1, len(world.events) + 1)
            world.events.insert(place, again)
        return world

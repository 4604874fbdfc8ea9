"""Random conditions: trees of tuples, and the text that winback reads.

Values      ("lit", v) ("trait", name) ("field", name) ("moment",) of the event, ("now",) ("epoch",)
            ("ago", step) ("time", ms) ("dur", step) ("arith", op, a, b) ("consent", channel)
            ("size", v) ("if", condition, a, b) ("part", name, v)
            ("slot", names, narrowings, finish, argument)
Conditions  ("cmp", op, a, b) ("in", v, [literals]) ("and"|"or", a, b) ("not", a) ("is", v)
            ("text", function, v, text) ("has", v) ("segment", id) ("list", id)
            ("changes", channel, macro, condition) ("tags", macro, condition), about ("item",)
            or ("item", part)
"""
import json

from calendar_steps import iso
from world import CHANNELS, FIELDS, NAMES, PATTERNS, STEPS

ORDERINGS = ["==", "!=", "<", "<=", ">", ">="]
PARTS = ["getHours", "getDayOfWeek", "getDate", "getMonth", "getDayOfYear", "getFullYear",
         "getMinutes"]
EXACT = [step for step in STEPS if not any(unit in step for unit in ("d", "w", "mo", "y"))]


def literal(value):
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)


def names_text(names):
    return literal(names[0] if len(names) == 1 else list(names))


def narrowing_text(narrowing):
    kind, *rest = narrowing
    if kind == "within":
        return f'.within("{rest[0]}")'
    if kind == "where":
        return f".where(e, {text(rest[0])})"
    if kind == "then":
        return f'.then({names_text(rest[0])}, "{rest[1]}")'
    return f".{kind}({', '.join(text(value) for value in rest)})"


def slot_text(_, names, narrowings, finish, argument):
    inside = "" if argument is None else (
        text(argument) if isinstance(argument, tuple) else literal(argument))
    return f"ev({names_text(names)}){''.join(map(narrowing_text, narrowings))}.{finish}({inside})"


WRITERS = {
    "lit": lambda n: literal(n[1]),
    "trait": lambda n: "user." + n[1],
    "field": lambda n: "e." + n[1],
    "moment": lambda n: "e.time",
    "now": lambda n: "now",
    "epoch": lambda n: "epoch",
    "ago": lambda n: f'ago("{n[1]}")',
    "dur": lambda n: f'dur("{n[1]}")',
    "time": lambda n: f'timestamp("{iso(n[1])}")',
    "arith": lambda n: f"({text(n[2])} {n[1]} {text(n[3])})",
    "consent": lambda n: f'consent("{n[1]}")',
    "size": lambda n: f"size({text(n[1])})",
    "if": lambda n: f"({text(n[1])} ? {text(n[2])} : {text(n[3])})",
    "part": lambda n: f"{text(n[2])}.{n[1]}()",
    "slot": lambda n: slot_text(*n),
    "item": lambda n: "i" + "".join("." + part for part in n[1:]),
    "cmp": lambda n: f"({text(n[2])} {n[1]} {text(n[3])})",
    "in": lambda n: f"({text(n[1])} in [{', '.join(map(text, n[2]))}])",
    "and": lambda n: f"({text(n[1])} && {text(n[2])})",
    "or": lambda n: f"({text(n[1])} || {text(n[2])})",
    "not": lambda n: "!" + text(n[1]),
    "is": lambda n: text(n[1]),
    "text": lambda n: f"{text(n[2])}.{n[1]}({literal(n[3])})",
    "has": lambda n: f"has({text(n[1])})",
    "segment": lambda n: f'in_segment("{n[1]}")',
    "list": lambda n: f'in_list("{n[1]}")',
    "changes": lambda n: f'consent_changes("{n[1]}").{n[2]}(i, {text(n[3])})',
    "tags": lambda n: f"user.tags.{n[1]}(i, {text(n[2])})",
}


def text(node):
    return WRITERS[node[0]](node)


class Grammar:
    """`event` says whether a value may ask for properties of the event `e`."""

    def __init__(self, dice, world, segments=(), lists=()):
        self.dice, self.world = dice, world
        self.segments, self.lists = segments, lists

    def step(self):
        return self.dice.choice(STEPS)

    def condition(self, depth=2, event=False):
        dice = self.dice
        if depth > 0 and dice.random() < 0.6:
            kind = dice.choice(["and", "or", "and", "or", "not", "if"])
            if kind == "not":
                return ("not", self.condition(depth - 1, event))
            if kind == "if":
                return ("if", *(self.condition(depth - 1, event) for _ in range(3)))
            return (kind, self.condition(depth - 1, event), self.condition(depth - 1, event))
        atoms = [self.compare_numbers, self.compare_times, self.compare_spans, self.ask_text,
                 self.membership, self.compare_anything, self.truth]
        if not event:
            atoms += [self.compare_numbers, self.existence, self.existence, self.consents,
                      self.tags]
        return dice.choice(atoms)(event)

    # ---- atoms ----

    def compare_numbers(self, event):
        return ("cmp", self.dice.choice(ORDERINGS), self.number(event, 2), self.number(event, 1))

    def compare_anything(self, event):
        value = self.open_value(event)
        other = self.dice.choice([("lit", self.dice.choice([1, 2.5, "a", "", "é", True, None])),
                                  self.open_value(event)])
        equality = other == ("lit", None)
        return ("cmp", self.dice.choice(ORDERINGS[:2] if equality else ORDERINGS), value, other)

    def compare_times(self, event):
        moving = self.dice.choice([("now",), ("ago", self.step()), ("ago", self.step()),
                                   ("time", self.world.now - self.dice.randrange(10**10))])
        sides = [self.time(event), moving]
        self.dice.shuffle(sides)
        return ("cmp", self.dice.choice(ORDERINGS), *sides)

    def compare_spans(self, event):
        dice = self.dice
        kind = dice.randrange(4)
        exact = ("dur", dice.choice(EXACT))
        span = ("dur", self.step())
        if kind == 0 and not event:
            gap = self.slot(dice.choice(["median_gap", "mean_gap"]))
            factor = ("lit", dice.choice([3, 2, 0.5, 1.5]))
            sides = [self.slot("since_last"), dice.choice([span, span, ("arith", "*", gap, factor)])]
        elif kind == 1 and not event:
            sides = [self.slot(dice.choice(["median_gap", "mean_gap"])),
                     dice.choice([span, ("arith", "+", span, exact)])]
        elif kind == 2:
            sides = [("arith", "-", ("now",), self.time(event)), span]
        else:
            sides = [("arith", "-", self.time(event), self.time(event)), span]
        dice.shuffle(sides)
        return ("cmp", dice.choice(ORDERINGS), *sides)

    def ask_text(self, event):
        function = self.dice.choice(["contains", "startsWith", "endsWith", "matches"])
        sought = PATTERNS if function == "matches" else ["a", "", "é", "1", "b"]
        return ("text", function, self.text_value(event), self.dice.choice(sought))

    def membership(self, event):
        dice = self.dice
        choices = [("in", self.open_value(event),
                    [("lit", dice.choice([1, 2, 0.25, "a", "é", True])) for _ in range(3)]),
                   ("has", dice.choice([self.trait(), ("field", dice.choice(FIELDS))] if event
                                       else [self.trait()]))]
        if not event:
            choices += [("segment", name) for name in self.segments[:2]]
            choices += [("list", name) for name in self.lists[:2]]
        return dice.choice(choices)

    def truth(self, event):
        return ("is", ("field", "flag") if event else ("trait", "vip"))

    def existence(self, _):
        return ("is", self.slot(self.dice.choice(["any", "none"])))

    def consents(self, _):
        dice = self.dice
        channel = dice.choice(CHANNELS)
        state = ("lit", dice.choice(["granted", "denied"]))
        if dice.random() < 0.4:
            return ("cmp", dice.choice(["==", "!="]), ("consent", channel),
                    dice.choice([state, ("lit", "unset")]))
        told = ("cmp", "==", ("item", "state"), state)
        recent = ("cmp", dice.choice(ORDERINGS[2:]), ("item", "time"), ("ago", self.step()))
        test = dice.choice([told, ("and", told, recent), ("or", told, ("not", recent))])
        return ("changes", channel, dice.choice(["exists", "all", "exists_one"]), test)

    def tags(self, _):
        item = ("lit", self.dice.choice(["a", "b", 7, 2.5]))
        test = self.dice.choice([("cmp", self.dice.choice(ORDERINGS), ("item",), item),
                                 ("not", ("cmp", ">", ("item",), item))])
        return ("tags", self.dice.choice(["exists", "all", "exists_one"]), test)

    # ---- values ----

    def trait(self):
        return ("trait", self.dice.choice(["plan", "level", "vip", "created_at", "due", "mix", "absent"]))

    def open_value(self, event):
        if event and self.dice.random() < 0.8:
            return ("field", self.dice.choice(FIELDS))
        if event or self.dice.random() < 0.4:
            return self.trait()
        return self.slot(self.dice.choice(["first", "last", "min", "max"]),
                         self.dice.choice(FIELDS))

    def number(self, event, depth):
        dice = self.dice
        if depth > 0 and dice.random() < 0.25:
            op = dice.choice("+-*/")
            divisor = ("lit", dice.choice([2, 0.5, 0, 4])) if op == "/" else None
            return ("arith", op, self.number(event, depth - 1),
                    divisor or self.number(event, depth - 1))
        values = [("lit", dice.randrange(-1, 6)), ("lit", dice.choice([0.5, 2.0, 1.25])),
                  ("trait", "level")]
        if event:
            values += [("field", "n"), ("field", "n"), ("field", "m"),
                       ("part", dice.choice(PARTS), ("moment",))]
        else:
            values += [self.slot("count"), self.slot("days_active"),
                       self.slot(dice.choice(["sum", "avg", "min", "max"]),
                                 dice.choice(["n", "m", "o.k"])),
                       self.slot("distinct", dice.choice(FIELDS)),
                       ("size", ("trait", dice.choice(["plan", "tags"]))),
                       ("part", dice.choice(PARTS), self.slot("last_time"))]
        return dice.choice(values)

    def text_value(self, event):
        return self.dice.choice([("field", "s"), ("field", "m")] if event else
                                [("trait", "plan"), self.slot("last", "s")])

    def time(self, event):
        dice = self.dice
        if event:
            return dice.choice([("moment",), ("moment",), ("field", "at"), ("trait", "created_at"),
                                ("arith", "+", ("moment",), ("dur", self.step()))])
        asked = self.slot(dice.choice(["first_time", "last_time", "last_time"]))
        return dice.choice([asked, asked, ("trait", "created_at"), ("trait", "due"), ("epoch",),
                            self.slot("last_time_or", ("epoch",)),
                            ("arith", dice.choice("+-"), asked, ("dur", self.step()))])

    def names(self):
        dice = self.dice
        return dice.choice([["a"], ["a"], [dice.choice(NAMES)], ["c.*"], ["*"],
                            sorted(dice.sample(NAMES, 2)), ["b", "c.*"]])

    def slot(self, finish, argument=None):
        narrowings = [self.narrowing() for _ in range(self.dice.choice([0, 1, 1, 2, 3]))]
        return ("slot", self.names(), narrowings, finish, argument)

    def narrowing(self):
        dice = self.dice
        kind = dice.choice(["within", "within", "where", "where", "between", "since", "before",
                            "then"])
        if kind == "within":
            return ("within", self.step())
        if kind == "where":
            return ("where", self.condition(1, True))
        if kind == "then":
            return ("then", self.names(), self.step())
        bound = lambda: dice.choice([  # noqa: E731
            ("ago", self.step()), ("ago", self.step()), ("trait", "created_at"), ("trait", "due"),
            ("time", self.world.calendar().ago(self.world.now, self.step())),
            ("slot", self.names(), [], "last_time", None)])
        return (kind, *(bound() for _ in range(2 if kind == "between" else 1)))


def smaller(node):
    """Conditions made of parts of one, the simplest first."""
    if node[0] in ("and", "or"):
        yield from (node[1], node[2])
    elif node[0] == "not":
        yield node[1]
    elif node[0] == "if":
        yield from node[1:]
    for i, part in enumerate(node):
        if isinstance(part, tuple):
            for other in smaller(part):
                if (part[0] in WRITERS) and (other[0] in WRITERS):
                    yield (*node[:i], other, *node[i + 1:])
        elif node[0] == "slot" and i == 2:
            for at in range(len(part)):
                yield (*node[:2], part[:at] + part[at + 1:], *node[3:])
                if part[at][0] == "where":
                    for other in smaller(part[at][1]):
                        yield (*node[:2], [*part[:at], ("where", other), *part[at + 1:]], *node[3:])

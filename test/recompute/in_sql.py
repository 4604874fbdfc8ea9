"""What docs/design/conditions.md says, in SQL: who meets a condition, computed from the events.

Every node of a condition becomes a table. That of a value has the columns (id, tag, val, mo, dy,
t0, t1): tags are null, bool, int, double, nan, text, time, dur, list and error; mo and dy are the
months and days of a span, t0 and t1 the two times of which it is the difference. That of a
condition has (id, yes). Ids are those of `scope`: customers, events, or items of lists.
"""
import json
import re
import sqlite3
import time

from calendar_steps import DAY, MONTH, parts, read_iso

LISTS_FILLED = int(time.time() * 1000)  # Or later.
NUMBERS = "('int','double','nan')"
PLAIN = "0 AS mo, 0 AS dy, NULL AS t0, NULL AS t1"
MIRROR = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
SCHEMA = """
CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE events(id INTEGER PRIMARY KEY, customer INT, name TEXT, t INT, day INT);
CREATE TABLE props(event INT, key TEXT, tag TEXT, val, PRIMARY KEY(event, key));
CREATE TABLE traits(customer INT, key TEXT, tag TEXT, val, PRIMARY KEY(customer, key));
CREATE TABLE tags(id INTEGER PRIMARY KEY, customer INT, tag TEXT, val);
CREATE TABLE consents(id INTEGER PRIMARY KEY, customer INT, channel TEXT, state TEXT, t INT);
CREATE TABLE members(customer INT, kind TEXT, what TEXT);
CREATE INDEX by_customer ON events(customer, t);
"""


def cell(value):
    """Tag and value of what JSON holds."""
    if isinstance(value, bool):
        return "bool", int(value)
    for kind, tag in ((int, "int"), (float, "double"), (str, "text")):
        if isinstance(value, kind):
            return tag, value
    if isinstance(value, (list, dict)):
        return "list" if isinstance(value, list) else "map", json.dumps(value)
    return "null", None


class Base:
    """The facts of a world, as they follow from its events in their order of arrival."""

    def __init__(self, world, now=None):
        self.world, self.calendar = world, world.calendar()
        self.now = world.now if now is None else now
        self.db = sqlite3.connect(":memory:")
        self.db.executescript(SCHEMA)
        self.count = 0
        move = self.calendar.move
        self.db.create_function("moved", 4, move, deterministic=True)
        self.db.create_function("iso", 1, read_iso, deterministic=True)
        self.db.create_function("part", 2, self.part, deterministic=True)
        self.db.create_function("found", 2, self.found, deterministic=True)
        self.ids = {}
        self.linked = {e.device for e in world.events if e.device and e.signed_in}
        seen = set()
        for event in world.events:
            if event.id not in seen:
                seen.add(event.id)
                self.take(event)
        for customer in self.ids.values():
            self.thin_consents(customer)
        for name, members in world.lists.items():
            self.db.executemany("INSERT INTO members VALUES(?,'list',?)",
                                [(self.ids[one], name) for one in members if one in self.ids])

    @staticmethod
    def found(pattern, value):
        return isinstance(value, str) and re.search(pattern, value) is not None

    def part(self, name, ms):
        local = self.calendar.local(ms)
        return {"getHours": local.hour, "getMinutes": local.minute, "getDate": local.day,
                "getDayOfWeek": local.isoweekday() % 7, "getMonth": local.month - 1,
                "getDayOfYear": local.timetuple().tm_yday - 1, "getFullYear": local.year}[name]

    def take(self, event):
        """A device is whoever signed in there, before and after, whatever arrived first."""
        own = event.signed_in or event.device in self.linked
        name = event.customer if own else event.device
        customer = self.ids.setdefault(name, len(self.ids))
        self.db.execute("INSERT OR IGNORE INTO customers VALUES(?,?)", (customer, name))
        number = self.db.execute(
            "INSERT INTO events(customer,name,t,day) VALUES(?,?,?,?)",
            (customer, event.name, event.time,
             self.calendar.local(event.time).date().toordinal())).lastrowid
        flat = dict(event.data)
        if isinstance(flat.get("o"), dict):
            flat["o.k"] = flat["o"].get("k")
        self.db.executemany("INSERT INTO props VALUES(?,?,?,?)",
                            [(number, key, *cell(value)) for key, value in flat.items()])
        if event.name == "Identified":
            self.identify(customer, event)
        elif event.name == "Consent Changed":
            self.state(customer, event.data["channel"], event.data["state"], event.time)

    def identify(self, customer, event):
        newest = self.db.execute("SELECT max(t) FROM events WHERE customer=? AND name='Identified'",
                                 (customer,)).fetchone()[0]
        for key, value in event.data.items():
            if key == "consent":
                for channel, state in value.items():
                    self.state(customer, channel, state, event.time)
                continue
            known = self.db.execute("SELECT 1 FROM traits WHERE customer=? AND key=?",
                                    (customer, key)).fetchone()
            if event.time < newest and known:
                continue  # A late one only fills what is absent.
            self.db.execute("DELETE FROM traits WHERE customer=? AND key=?", (customer, key))
            if value is None:
                continue
            tag, val = cell(value)
            if key == "created_at":
                tag, val = "time", read_iso(value)
            self.db.execute("INSERT INTO traits VALUES(?,?,?,?)", (customer, key, tag, val))

    def state(self, customer, channel, state, time):
        self.db.execute("INSERT INTO consents(customer,channel,state,t) VALUES(?,?,?,?)",
                        (customer, channel, state, time))

    def thin_consents(self, customer):
        """Repetitions of a state are no changes; at the same time a denial comes last."""
        self.db.execute("""DELETE FROM consents WHERE customer=?1 AND id IN (
            SELECT id FROM (SELECT id, state, lag(state) OVER (PARTITION BY channel
              ORDER BY t, state = 'denied', id) before FROM consents WHERE customer=?1)
            WHERE state = before)""", (customer,))
        for (row, value) in self.db.execute(
                "SELECT customer, val FROM traits WHERE customer=? AND tag='list'",
                (customer,)).fetchall():
            self.db.executemany("INSERT INTO tags(customer,tag,val) VALUES(?,?,?)",
                                [(row, *cell(item)) for item in json.loads(value)])

    def members(self, condition, now=None):
        """The customers for whom the condition holds."""
        question = Question(self, self.now if now is None else now)
        table = question.condition(condition, "customers")
        found = self.db.execute(f"SELECT name FROM {table} JOIN customers USING(id) WHERE yes")
        names = sorted(name for (name,) in found)
        question.drop()
        return names

    def keep(self, segment, condition):
        self.db.executemany("INSERT INTO members VALUES(?,'segment',?)",
                            [(self.ids[name], segment) for name in self.members(condition)])


def nominal(n):
    return f"({n}.val + {n}.dy * {DAY} + {n}.mo * {MONTH})"


class Question:
    """One condition at one moment."""

    def __init__(self, base, now):
        self.base, self.db, self.now = base, base.db, now
        self.tables = []

    def drop(self):
        for table in self.tables:
            self.db.execute(f"DROP TABLE {table}")

    def make(self, select):
        self.base.count += 1
        name = f"n{self.base.count}"
        self.db.execute(f"CREATE TEMP TABLE {name} AS {select}")
        self.tables.append(name)
        return name

    def customer(self, scope):
        return "s.id" if scope == "customers" else "s.customer"

    # ---- values ----

    def value(self, node, scope):
        return getattr(self, "value_" + node[0])(node, scope)

    def constant(self, scope, tag, value, months=0, days=0):
        quoted = "NULL" if value is None else repr(value) if not isinstance(value, str) else (
            "'" + value.replace("'", "''") + "'")
        return self.make(f"SELECT id, '{tag}' AS tag, {quoted} AS val, {months} AS mo, {days} AS dy,"
                         f" NULL AS t0, NULL AS t1 FROM {scope}")

    def value_lit(self, node, scope):
        return self.constant(scope, *cell(node[1]))

    def value_now(self, _, scope):
        return self.constant(scope, "time", self.now)

    def value_epoch(self, _, scope):
        return self.constant(scope, "time", 0)

    def value_ago(self, node, scope):
        return self.constant(scope, "time", self.base.calendar.ago(self.now, node[1]))

    def value_time(self, node, scope):
        return self.constant(scope, "time", node[1])

    def value_dur(self, node, scope):
        months, days, ms = parts(node[1])
        return self.constant(scope, "dur", ms, months, days)

    def value_trait(self, node, scope):
        return self.make(
            f"SELECT s.id, coalesce(x.tag, 'null') AS tag, x.val AS val, {PLAIN} FROM {scope} s "
            f"LEFT JOIN traits x ON x.customer = {self.customer(scope)} AND x.key = '{node[1]}'")

    def value_field(self, node, scope):
        return self.make(
            f"SELECT s.id, coalesce(x.tag, 'null') AS tag, x.val AS val, {PLAIN} FROM {scope} s "
            f"LEFT JOIN props x ON x.event = s.id AND x.key = '{node[1]}'")

    def value_moment(self, _, scope):
        return self.make(f"SELECT id, 'time' AS tag, t AS val, {PLAIN} FROM {scope}")

    def value_item(self, node, scope):
        columns = {(): "tag, val", ("state",): "'text' AS tag, state AS val",
                   ("time",): "'time' AS tag, t AS val"}[node[1:]]
        return self.make(f"SELECT id, {columns}, {PLAIN} FROM {scope}")

    def value_consent(self, node, scope):
        return self.make(
            f"SELECT s.id, 'text' AS tag, coalesce((SELECT state FROM consents x "
            f"WHERE x.customer = {self.customer(scope)} AND channel = '{node[1]}' "
            f"ORDER BY t DESC, state = 'denied' DESC LIMIT 1), 'unset') AS val, {PLAIN} "
            f"FROM {scope} s")

    def value_size(self, node, scope):
        of = self.value(node[1], scope)
        return self.make(f"""SELECT id, CASE WHEN tag IN ('text', 'list') THEN 'int' ELSE 'error' END
            AS tag, CASE tag WHEN 'text' THEN length(val) WHEN 'list' THEN json_array_length(val)
            END AS val, {PLAIN} FROM {of}""")

    def value_part(self, node, scope):
        of = self.value(node[2], scope)
        return self.make(f"""SELECT id, CASE WHEN tag = 'time' THEN 'int' ELSE 'error' END AS tag,
            CASE WHEN tag = 'time' THEN part('{node[1]}', val) END AS val, {PLAIN} FROM {of}""")

    def value_arith(self, node, scope):
        _, op, left, right = node
        a, b = self.value(left, scope), self.value(right, scope)
        read = "CASE WHEN {0}.tag='text' THEN iso({0}.val) WHEN {0}.tag='time' THEN {0}.val END"
        timed = f"""SELECT a.id, {read.format('a')} AS at, {read.format('b')} AS bt,
            a.tag AS ta, a.val AS va, a.mo AS ma, a.dy AS da, b.tag AS tb, b.val AS vb,
            b.mo AS mb, b.dy AS db, {nominal('a')} AS na, {nominal('b')} AS nb, a.t1 AS ea
            FROM {a} a JOIN {b} b USING(id)"""
        rules = self.number_rules(op) + self.time_rules(op)
        column = lambda i, other: "CASE " + " ".join(  # noqa: E731
            f"WHEN {rule[0]} THEN {rule[i]}" for rule in rules) + f" ELSE {other} END"
        made = self.make(f"""SELECT id, {column(1, "'error'")} AS tag, {column(2, 'NULL')} AS val,
            {column(3, 0)} AS mo, {column(4, 0)} AS dy, {column(5, 'NULL')} AS t0,
            {column(6, 'NULL')} AS t1 FROM ({timed})""")
        self.db.execute(f"UPDATE {made} SET tag = 'error' WHERE tag = 'int' AND "
                        "(val IS NULL OR typeof(val) <> 'integer')")
        # 0 times infinity and the like.
        self.db.execute(f"UPDATE {made} SET tag = 'nan' WHERE tag = 'double' AND val IS NULL")
        return made

    @staticmethod
    def number_rules(op):
        """(when, tag, val, mo, dy, t0, t1)"""
        rest = ("0", "0", "NULL", "NULL")
        both = f"ta IN {NUMBERS} AND tb IN {NUMBERS}"
        zero = "CASE WHEN va > 0 THEN 9e999 WHEN va < 0 THEN -9e999 END"
        rules = [(f"{both} AND 'nan' IN (ta, tb)", "'nan'", "NULL", *rest),
                 (f"{both} AND 'double' NOT IN (ta, tb)", "'int'", f"va {op} vb", *rest)]
        if op == "/":
            rules += [(f"{both} AND vb = 0 AND va = 0", "'nan'", "NULL", *rest),
                      (f"{both} AND vb = 0", "'double'", zero, *rest)]
        rules.append((both, "'double'", f"CAST(va AS REAL) {op} CAST(vb AS REAL)", *rest))
        if op == "+":
            rules.append(("ta = 'text' AND tb = 'text'", "'text'", "va || vb", *rest))
        return rules

    @staticmethod
    def time_rules(op):
        """A text that stands where a time must stand is read as one."""
        rest = ("0", "0", "NULL", "NULL")
        if op in "+-":
            sign = "" if op == "+" else "-"
            step = lambda t, m, d, v: f"moved({t}, {sign}{m}, {sign}{d}, {sign}{v})"  # noqa: E731
            rules = [("ta = 'dur' AND tb = 'dur'", "'dur'", f"va {op} vb", f"ma {op} mb",
                      f"da {op} db", "NULL", "NULL"),
                     ("at IS NOT NULL AND tb = 'dur'", "'time'", step("at", "mb", "db", "vb"),
                      *rest)]
            if op == "+":
                rules.append(("bt IS NOT NULL AND ta = 'dur'", "'time'",
                              step("bt", "ma", "da", "va"), *rest))
            else:
                rules.append(("at IS NOT NULL AND bt IS NOT NULL", "'dur'", "at - bt", "0", "0",
                              "bt", "at"))
            return rules
        scaled = f"CAST(round(na {op} CAST(vb AS REAL)) AS INTEGER)"
        rules = []
        if op == "*":
            rules.append(("ta = 'dur' AND tb = 'int'", "'dur'", "va * vb", "ma * vb", "da * vb",
                          "NULL", "NULL"))
        else:
            rules.append(("ta = 'dur' AND tb = 'dur' AND nb <> 0", "'double'",
                          "CAST(na AS REAL) / nb", *rest))
        rules.append(("ta = 'dur' AND tb IN ('int', 'double') AND vb <> 0", "'dur'", scaled, *rest))
        return rules

    # ---- events ----

    def named(self, names, column):
        tests = []
        for name in names:
            if name == "*":
                return "1"
            tests.append(f"substr({column}, 1, {len(name) - 1}) = '{name[:-1]}'"
                         if name.endswith(".*") else f"{column} = '{name}'")
        return "(" + " OR ".join(tests) + ")"

    def value_slot(self, node, scope):
        _, names, narrowings, finish, argument = node
        assert scope == "customers"
        tests, failing = [f"e.t <= {self.now}", self.named(names, "e.name")], []
        for narrowing in narrowings:
            self.narrow(narrowing, tests, failing)
        events = self.make("SELECT e.id, e.customer, e.t, e.day, row_number() OVER ("
                           "PARTITION BY e.customer ORDER BY e.t, e.name, e.id) AS place "
                           f"FROM events e WHERE {' AND '.join(tests)}")
        made = Finish(self, events, argument).table(finish)
        for bound in failing:
            self.db.execute(f"UPDATE {made} SET tag = 'error', val = NULL WHERE id IN "
                            f"(SELECT id FROM {bound} WHERE tag <> 'time')")
        return made

    def narrow(self, narrowing, tests, failing):
        kind, *rest = narrowing
        if kind == "within":
            tests.append(f"e.t >= {self.base.calendar.ago(self.now, rest[0])}")
        elif kind == "where":
            passing = self.condition(rest[0], "events")
            tests.append(f"e.id IN (SELECT id FROM {passing} WHERE yes)")
        elif kind == "then":
            months, days, ms = parts(rest[1])
            tests.append(f"EXISTS (SELECT 1 FROM events f WHERE f.customer = e.customer AND "
                         f"f.t > e.t AND f.t <= moved(e.t, {months}, {days}, {ms}) AND "
                         f"f.t <= {self.now} AND {self.named(rest[0], 'f.name')})")
        else:
            for at, value in enumerate(rest):
                bound = self.as_time(self.value(value, "customers"))
                failing.append(bound)
                op = "<" if kind == "before" or at == 1 else ">="
                tests.append(f"e.t {op} (SELECT val FROM {bound} x WHERE x.id = e.customer)")

    def as_time(self, table):
        return self.make(f"SELECT id, CASE WHEN tag = 'text' AND iso(val) IS NOT NULL THEN 'time' "
                         f"ELSE tag END AS tag, CASE tag WHEN 'text' THEN iso(val) ELSE val END "
                         f"AS val FROM {table}")

    # ---- conditions ----

    def condition(self, node, scope):
        kind = node[0]
        if kind in ("and", "or"):
            a, b = self.condition(node[1], scope), self.condition(node[2], scope)
            return self.make(f"SELECT a.id, a.yes {kind} b.yes AS yes FROM {a} a JOIN {b} b USING(id)")
        if kind == "not":
            return self.make(f"SELECT id, NOT yes AS yes FROM {self.condition(node[1], scope)}")
        if kind == "if":
            test, a, b = (self.condition(part, scope) for part in node[1:])
            return self.make(f"SELECT t.id, CASE WHEN t.yes THEN a.yes ELSE b.yes END AS yes "
                             f"FROM {test} t JOIN {a} a USING(id) JOIN {b} b USING(id)")
        if kind in ("changes", "tags"):
            return self.loop(node)
        return getattr(self, "ask_" + kind)(node, scope)

    def ask_cmp(self, node, scope):
        _, op, left, right = node
        a, b = self.value(left, scope), self.value(right, scope)
        word = "=" if op == "==" else op
        mirrored = "=" if op == "==" else MIRROR[op]
        unlike = int(op == "!=")
        same = int(op in ("==", "!="))  # Lists and maps have no order.
        calendar = "({0}.mo <> 0 OR {0}.dy <> 0)"
        back = "moved({0}.t1, -{1}.mo, -{1}.dy, -{1}.val)"
        return self.make(f"""SELECT a.id, coalesce(CASE
            WHEN a.tag = 'error' OR b.tag = 'error' THEN 0
            WHEN a.tag IN {NUMBERS} AND b.tag IN {NUMBERS} THEN
              CASE WHEN 'nan' IN (a.tag, b.tag) THEN {unlike} ELSE a.val {word} b.val END
            WHEN a.tag = 'dur' AND b.tag = 'dur' THEN CASE
              WHEN a.t1 IS NOT NULL AND {calendar.format('b')} THEN
                {back.format('a', 'b')} {word} a.t0
              WHEN b.t1 IS NOT NULL AND {calendar.format('a')} THEN
                {back.format('b', 'a')} {mirrored} b.t0
              ELSE {nominal('a')} {word} {nominal('b')} END
            WHEN a.tag = 'time' AND b.tag = 'text' THEN
              coalesce(a.val {word} iso(b.val), {unlike})
            WHEN a.tag = 'text' AND b.tag = 'time' THEN
              coalesce(iso(a.val) {word} b.val, {unlike})
            WHEN a.tag = b.tag AND a.tag = 'null' THEN {int(op == '==')}
            WHEN a.tag IN ('list', 'map') AND a.tag = b.tag AND NOT {same} THEN 0
            WHEN a.tag = b.tag THEN a.val {word} b.val
            ELSE {unlike} END, 0) AS yes FROM {a} a JOIN {b} b USING(id)""")

    def ask_in(self, node, scope):
        value = self.value(node[1], scope)
        tests = " OR ".join(
            f"(x.tag IN {NUMBERS} AND x.val = {item[1]})"
            if cell(item[1])[0] in ("int", "double") else
            f"(x.tag = '{cell(item[1])[0]}' AND x.val = " + (
                f"'{item[1]}')" if isinstance(item[1], str) else f"{int(item[1])})")
            for item in node[2])
        return self.make(f"SELECT id, x.tag <> 'error' AND coalesce({tests}, 0) AS yes "
                         f"FROM {value} x")

    def ask_is(self, node, scope):
        return self.make(f"SELECT id, tag = 'bool' AND coalesce(val, 0) AS yes "
                         f"FROM {self.value(node[1], scope)}")

    def ask_text(self, node, scope):
        _, function, value, part = node
        test = {"contains": f"instr(val, '{part}') > 0" if part else "1",
                "startsWith": f"substr(val, 1, {len(part)}) = '{part}'",
                "endsWith": f"substr(val, -{len(part)}) = '{part}'" if part else "1",
                "matches": f"found('{part}', val)"}[function]
        return self.make(f"SELECT id, tag = 'text' AND coalesce({test}, 0) AS yes "
                         f"FROM {self.value(value, scope)}")

    def ask_has(self, node, scope):
        return self.make(f"SELECT id, tag NOT IN ('null', 'error') AS yes "
                         f"FROM {self.value(node[1], scope)}")

    def ask_segment(self, node, scope):
        return self.make(f"SELECT s.id, EXISTS (SELECT 1 FROM members m WHERE m.customer = s.id AND "
                         f"m.kind = '{node[0]}' AND m.what = '{node[1]}') AS yes FROM {scope} s")

    def ask_list(self, node, scope):
        """Nobody stands on a list before it is filled, which is while the test runs."""
        if self.now < LISTS_FILLED:
            return self.make(f"SELECT id, 0 AS yes FROM {scope}")
        return self.ask_segment(node, scope)

    def loop(self, node):
        """exists, all, exists_one over items; `all` of nothing is true."""
        if node[0] == "changes":
            scope, macro, test = f"(SELECT * FROM consents WHERE channel='{node[1]}')", *node[2:]
            listed = "1"
        else:
            scope, macro, test = "tags", *node[1:]
            listed = "EXISTS (SELECT 1 FROM traits x WHERE x.customer = c.id AND x.key = 'tags')"
        asked = self.condition(test, scope)
        holds = f"(SELECT count(*) FROM {asked} q JOIN {scope} s USING(id) WHERE s.customer = c.id{{}})"
        total, yes = holds.format(""), holds.format(" AND q.yes")
        answer = {"exists": f"{yes} > 0", "all": f"{yes} = {total}", "exists_one": f"{yes} = 1"}
        return self.make(f"SELECT c.id, {listed} AND {answer[macro]} AS yes FROM customers c")


class Finish:
    """What is made of the counted events of each customer."""

    def __init__(self, question, events, argument):
        self.question, self.events, self.argument = question, events, argument

    def table(self, finish):
        return getattr(self, finish)()

    def grouped(self, tag, value):
        """`value` is an aggregate over g; null where it gives none."""
        return self.question.make(
            f"SELECT c.id, CASE WHEN v IS NULL THEN 'null' ELSE '{tag}' END AS tag, v AS val, {PLAIN} "
            f"FROM customers c LEFT JOIN (SELECT customer, {value} AS v FROM {self.events} g "
            "GROUP BY customer) x ON x.customer = c.id")

    def filled(self, tag, value):
        made = self.grouped(tag, value)
        zero = "0.0" if tag == "double" else "0"
        self.question.db.execute(f"UPDATE {made} SET tag = '{tag}', val = {zero} WHERE tag = 'null'")
        return made

    def count(self):
        return self.filled("int", "count(*)")

    def any(self):
        return self.filled("bool", "1")

    def none(self):
        made = self.any()
        self.question.db.execute(f"UPDATE {made} SET val = NOT val")
        return made

    def days_active(self):
        return self.filled("int", "count(DISTINCT day)")

    def first_time(self):
        return self.grouped("time", "min(t)")

    def last_time(self):
        return self.grouped("time", "max(t)")

    def last_time_or(self):
        last = self.last_time()
        other = self.question.value(self.argument, "customers")
        return self.question.make(f"SELECT a.id, CASE a.tag WHEN 'time' THEN a.tag ELSE b.tag END "
                                  f"AS tag, CASE a.tag WHEN 'time' THEN a.val ELSE b.val END AS val, "
                                  f"{PLAIN} FROM {last} a JOIN {other} b USING(id)")

    def since_last(self):
        last, now = self.last_time(), self.question.now
        return self.question.make(
            f"SELECT id, CASE tag WHEN 'time' THEN 'dur' ELSE 'null' END AS tag, {now} - val AS val, "
            f"0 AS mo, 0 AS dy, val AS t0, CASE tag WHEN 'time' THEN {now} END AS t1 FROM {last}")

    def mean_gap(self):
        return self.grouped("dur", "CASE WHEN count(*) > 1 THEN (max(t) - min(t)) / (count(*) - 1) "
                                   "END")

    def median_gap(self):
        gaps = (f"SELECT customer, gap, row_number() OVER (PARTITION BY customer ORDER BY gap) AS n, "
                f"count(*) OVER (PARTITION BY customer) AS total FROM (SELECT customer, t - lag(t) "
                f"OVER (PARTITION BY customer ORDER BY place) AS gap FROM {self.events}) "
                "WHERE gap IS NOT NULL")
        return self.question.make(
            f"SELECT c.id, CASE WHEN v IS NULL THEN 'null' ELSE 'dur' END AS tag, v AS val, {PLAIN} "
            f"FROM customers c LEFT JOIN (SELECT customer, sum(gap) / count(*) AS v FROM ({gaps}) "
            "WHERE n IN ((total + 1) / 2, total / 2 + 1) GROUP BY customer) x ON x.customer = c.id")

    def cells(self):
        """Lists and maps are null to finishes."""
        return (f"(SELECT g.customer, g.place, coalesce(p.tag, 'null') AS tag, p.val AS val "
                f"FROM {self.events} g LEFT JOIN props p ON p.event = g.id AND "
                f"p.key = '{self.argument}' AND p.tag NOT IN ('list', 'map'))")

    def edge(self, order):
        return self.question.make(
            f"SELECT c.id, coalesce(x.tag, 'null') AS tag, x.val AS val, {PLAIN} FROM customers c "
            f"LEFT JOIN (SELECT *, row_number() OVER (PARTITION BY customer ORDER BY place {order}) "
            f"AS n FROM {self.cells()}) x ON x.customer = c.id AND x.n = 1")

    def first(self):
        return self.edge("ASC")

    def last(self):
        return self.edge("DESC")

    def total(self, aggregate):
        return self.question.make(
            f"SELECT c.id, CASE WHEN v IS NULL THEN 'null' ELSE 'double' END AS tag, v AS val, {PLAIN} "
            f"FROM customers c LEFT JOIN (SELECT customer, {aggregate}(CAST(val AS REAL)) AS v FROM "
            f"(SELECT * FROM {self.cells()} WHERE tag IN ('int', 'double') ORDER BY customer, place) "
            "GROUP BY customer) x ON x.customer = c.id")

    def sum(self):
        made = self.total("sum")
        self.question.db.execute(f"UPDATE {made} SET tag = 'double', val = 0.0 WHERE tag = 'null'")
        return made

    def avg(self):
        return self.total("avg")

    def extreme(self, order):
        """Of the properties that can be compared with the first one."""
        sort = "replace(tag, 'double', 'int')"
        return self.question.make(
            f"SELECT c.id, coalesce(x.tag, 'null') AS tag, x.val AS val, {PLAIN} FROM customers c "
            f"LEFT JOIN (SELECT *, row_number() OVER (PARTITION BY customer ORDER BY val {order}, "
            f"place) AS n FROM (SELECT *, first_value({sort}) OVER (PARTITION BY customer ORDER BY "
            f"place) AS sort FROM {self.cells()} WHERE tag <> 'null') WHERE {sort} = sort) x "
            "ON x.customer = c.id AND x.n = 1")

    def min(self):
        return self.extreme("ASC")

    def max(self):
        return self.extreme("DESC")

    def distinct(self):
        return self.question.make(
            f"SELECT c.id, 'int' AS tag, (SELECT count(*) FROM (SELECT DISTINCT "
            f"replace(tag, 'double', 'int'), val FROM {self.cells()} x WHERE x.customer = c.id AND "
            f"tag <> 'null')) AS val, {PLAIN} FROM customers c")

"""Moments of a zone's calendar, by Python's own database of zones (docs/design/conditions.md)."""
import re
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
DAY = 86_400_000
MONTH = 2_629_746_000  # 30.436875 days


def utc(ms):
    return EPOCH + timedelta(milliseconds=ms)


def to_ms(moment):
    return (moment - EPOCH) // timedelta(milliseconds=1)


def iso(ms):
    moment = utc(ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def read_iso(text):
    """Milliseconds of an ISO 8601 text; None of any other."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?", text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc))


def parts(step):
    """(months, days, milliseconds) of a span such as 1d12h."""
    months = days = ms = 0
    for number, unit in re.findall(r"(\d+)(mo|[smhdwy])", step):
        n = int(number)
        months += n * {"mo": 1, "y": 12}.get(unit, 0)
        days += n * {"d": 1, "w": 7}.get(unit, 0)
        ms += n * {"s": 1000, "m": 60_000, "h": 3_600_000}.get(unit, 0)
    return months, days, ms


class Calendar:
    def __init__(self, zone):
        self.zone = ZoneInfo(zone)

    def local(self, ms):
        return utc(ms).astimezone(self.zone)

    def offset(self, ms):
        return self.local(ms).utcoffset()

    def moment(self, wall):
        """The earlier moment at which the clock shows `wall`; in a gap the first one after it."""
        found = wall.replace(tzinfo=self.zone, fold=0).astimezone(timezone.utc)
        ms = to_ms(found)
        if self.local(ms).replace(tzinfo=None) == wall:
            return ms
        low, high = ms - 2 * DAY, ms
        after = self.offset(high)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.offset(middle) == after else (middle, high)
        return high

    def move(self, ms, months, days, rest):
        """Months first, then days, both by the wall clock, then exact milliseconds."""
        if months or days:
            wall = self.local(ms).replace(tzinfo=None)
            index = wall.year * 12 + wall.month - 1 + months
            year, month = index // 12, index % 12 + 1
            longest = (datetime(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
            wall = wall.replace(year=year, month=month, day=min(wall.day, longest))
            ms = self.moment(wall + timedelta(days=days))
        return ms + rest

    def add(self, ms, step):
        return self.move(ms, *parts(step))

    def ago(self, ms, step):
        return self.move(ms, *(-n for n in parts(step)))

    def changes(self, year):
        """When clocks change in a year."""
        at = to_ms(datetime(year, 1, 1, tzinfo=timezone.utc))
        found = []
        for day in range(366):
            low, high = at + day * DAY, at + (day + 1) * DAY
            before, after = self.offset(low), self.offset(high)
            if before == after:
                continue
            while high - low > 1:
                middle = (low + high) // 2
                if self.offset(middle) == after:
                    high = middle
                else:
                    low = middle
            found.append(high)
        return found

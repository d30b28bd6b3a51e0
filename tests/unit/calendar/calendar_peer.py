"""calendar_peer.py TOOL [SEED]: thousands of random questions to the calendar, answered a second time by Python.

The other answers share nothing with ours: Python reads the zones itself, and schedules are found by looking at each
day, not by computing the next. The seed is printed; a difference shows both answers.
"""

import calendar
import os
import random
import subprocess
import sys
import zoneinfo
from datetime import date, datetime, timedelta, timezone

ZONES = """Europe/Paris America/New_York Australia/Sydney America/Sao_Paulo Australia/Lord_Howe Asia/Tehran
    Africa/Casablanca Pacific/Apia Europe/Dublin Asia/Gaza America/Nuuk Asia/Jerusalem Africa/Cairo Asia/Kolkata
    Pacific/Chatham America/St_Johns Antarctica/Troll America/Santiago Europe/London Pacific/Kiritimati
    America/Havana Asia/Kathmandu Europe/Istanbul Asia/Beirut America/Asuncion Pacific/Kwajalein UTC""".split()
DAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
RUN, BEFORE, AFTER, SKIP = range(4)
NEAR = 31
ONE = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def seconds(moment):
    return (moment - EPOCH) // timedelta(seconds=1)


def offset(zone, utc_s):
    return int((EPOCH + timedelta(seconds=utc_s)).astimezone(zone).utcoffset().total_seconds())


def find(zone, day, minute):
    """The instant at which the clocks show it, and how: 0 once, 1 never (then the first after), 2 twice."""
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60)
    found = set()
    for fold in 0, 1:
        at = seconds(local.replace(tzinfo=zone, fold=fold))
        if datetime.fromtimestamp(at, zone).replace(tzinfo=None) == local:
            found.add(at)
    if found:
        return min(found), 2 if len(found) == 2 else 0
    wanted = seconds(local.replace(tzinfo=timezone.utc))
    low, high = wanted - 100000, wanted + 100000  # shows less; shows as much or more
    while high - low > 1:
        middle = (low + high) // 2
        if middle + offset(zone, middle) < wanted:
            low = middle
        else:
            high = middle
    return high, 1


class Schedule:
    def __init__(self, rng):
        self.zone_name = rng.choice(ZONES)
        self.zone = zoneinfo.ZoneInfo(self.zone_name)
        self.weekend = rng.choice([{5, 6}, {5, 6}, {4, 5}, {6}, set(), {3, 4}, {4, 5, 6}, {0, 1, 2, 3, 5, 6}])
        self.policy = rng.randrange(4)
        year = self.year = rng.choice([1999, 2011, 2026, 2027, 2036, 2099, rng.randrange(1975, 2200)])
        days = [date(year, 1, 1) + ONE * n for n in range(-40, 800)]
        self.holidays = set(rng.sample(days, rng.choice([0, 5, 20, 100])))
        for _ in range(rng.choice([0, 1, 2])):  # closed for a while
            first = rng.randrange(len(days))
            self.holidays |= set(days[first:first + rng.choice([3, 10, 33, 70])])
        if rng.random() < 0.5:
            self.holidays |= {date(y, m, d) for y in (year - 1, year, year + 1)
                              for m, d in ((12, 24), (12, 25), (12, 31), (1, 1))}
        self.rules = []
        for _ in range(rng.randrange(1, 5)):
            rule = self.make_rule(rng)
            if rule not in self.rules:
                self.rules.append(rule)

    @staticmethod
    def make_rule(rng):
        kind = rng.choice(["last-day", "last-business-day", "last-business-day-", "first-business-day",
                           "business-day+", "day", "weekly", "daily"])
        what = ""
        if kind == "last-business-day-":
            what = str(rng.randrange(1, 21))
        elif kind == "business-day+":
            what = str(rng.randrange(2, 21))
        elif kind == "day":
            what = " %d" % rng.randrange(1, 31)
        elif kind == "weekly":
            what = " " + rng.choice(DAYS)
        minute = rng.choice([0, 30, 60, 90, 120, 135, 150, 180, 1080, 1380, 1410, 1439, rng.randrange(1440)])
        return kind, what.strip(), kind + what + " %02d:%02d" % divmod(minute, 60), minute

    def commands(self):
        yield "zone " + self.zone_name
        yield "weekend " + (",".join(DAYS[d] for d in sorted(self.weekend)) or "none")
        yield "holidays " + " ".join(d.isoformat() for d in sorted(self.holidays))
        yield "policy %d" % self.policy
        yield "when " + ", ".join(text for _, _, text, _ in self.rules)

    def works(self, day):
        return day.weekday() not in self.weekend and day not in self.holidays

    def named(self, kind, what, day):
        """Whether the rule names this day, and the period then."""
        if kind == "daily":
            return day.isoformat()
        if kind == "weekly":
            return "%04d-W%02d" % day.isocalendar()[:2] if DAYS[day.weekday()] == what else None
        length = calendar.monthrange(day.year, day.month)[1]
        month = "%04d-%02d" % (day.year, day.month)
        if kind == "last-day":
            return month if day.day == length else None
        if kind == "day":
            return month if day.day == min(int(what), length) else None
        if not self.works(day):
            return None
        working = [d for d in range(1, length + 1) if self.works(day.replace(day=d))]
        if kind in ("first-business-day", "business-day+"):
            return month if working.index(day.day) + 1 == int(what or 1) else None
        return month if working[::-1].index(day.day) == int(what or 0) else None

    def moved(self, kind, day):
        if "business" in kind or self.policy == RUN or self.works(day):
            return day
        if kind == "daily" or self.policy == SKIP:
            return None
        for away in range(1, NEAR + 1):
            other = day + (ONE if self.policy == AFTER else -ONE) * away
            if self.works(other):
                return other
        return None

    def runs(self, after, count):
        found = []
        day = (EPOCH + timedelta(seconds=after)).date() - ONE * 45
        until = day + ONE * 800
        while day < until:
            for index, (kind, what, text, minute) in enumerate(self.rules):
                period = self.named(kind, what, day)
                where = self.moved(kind, day) if period else None
                if where:
                    at, fit = find(self.zone, where, minute)
                    if at > after:
                        found.append((at, index, day, "%d %d %s %s %s" % (at, fit, where, period, text)))
            day += ONE
        found.sort()
        # What is moved from beyond the end could still come before the last of these.
        safe = seconds(datetime(until.year, until.month, until.day, tzinfo=timezone.utc)) - 45 * 86400
        return [line for at, _, _, line in found if at < safe][:count]


def questions(rng):
    """Commands, and for each answer expected its text and what it is about."""
    commands, expected = [], []
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        commands.append("zone " + name)
        for _ in range(150):
            at = rng.randrange(0, 4102444800 if rng.random() < 0.7 else 7258118400)
            commands.append("offset %d" % at)
            expected.append((str(offset(zone, at)), "%s at %d" % (name, at)))
        for day in critical_days(rng, zone):
            minute = rng.choice([0, 15, 30, 59, 60, 90, 105, 120, 150, 180, 1380, 1410, rng.randrange(1440)])
            commands.append("find %s %d" % (day, minute))
            expected.append(("%d %d" % find(zone, day, minute), "%s %s %d" % (name, day, minute)))
    for _ in range(150):
        schedule = Schedule(rng)
        commands += schedule.commands()
        after = seconds(datetime(schedule.year, rng.randrange(1, 13), 1, tzinfo=timezone.utc)) + rng.randrange(2000000)
        lines = schedule.runs(after, 60)
        if lines:
            commands.append("walk %d %d" % (after, len(lines)))
            expected += [(line, list(schedule.commands())) for line in lines]
    return commands, expected


def critical_days(rng, zone):
    """Days around each change of the clocks in some years, and others."""
    for year in rng.sample(range(1971, 2037), 12) + [2011, 2018, 2026, 2037, 2038, 2050, 2090, 2100, 2120]:
        start = seconds(datetime(year, 1, 1, tzinfo=timezone.utc))
        previous = offset(zone, start)
        for n in range(1, 367):
            now = offset(zone, start + n * 86400)
            if now != previous:
                day = (EPOCH + timedelta(days=start // 86400 + n)).date()
                yield from (day - ONE * 2, day - ONE, day - ONE, day, day, day + ONE)
            previous = now
        yield date(year, 1, 1) + ONE * rng.randrange(365)


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 6
    print("seed %d" % seed)
    zoneinfo.reset_tzpath([os.environ.get("TZDIR") or "/usr/share/zoneinfo"])
    commands, expected = questions(random.Random(seed))
    ran = subprocess.run([sys.argv[1]], input="\n".join(commands) + "\n", capture_output=True, text=True)
    if ran.returncode:
        print(ran.stderr)
        return ran.returncode
    answers = ran.stdout.splitlines()
    wrong = [(a, e) for a, e in zip(answers, expected) if a != e[0]]
    for answer, (other, about) in wrong[:20]:
        print("%s\n    the calendar: %s\n    Python:       %s" % (about, answer, other))
    print("%d answers compared, %d differ" % (len(expected), len(wrong)))
    return 1 if wrong or len(answers) != len(expected) or len(expected) < 10000 else 0


sys.exit(main())

#!/usr/bin/env python3
"""Random sets of events, each with the findings that the oracle has for it.

usage: findings_sets.py ORACLE COUNT SEED

Written for each set: "E <event>" lines, "F <finding>" lines, then ".". The events are shuffled, some
come twice (spelled otherwise), some as parts, some under one id with two bodies. The oracle gets the
same events whole, and none of which parts are missing. The world is small and its times are few, so
that all rules meet: a few hours around grace, windows, spacing and validity, and clocks that overlap."""
import datetime as dt
import importlib.util
import json
import random
import sys

BASE = dt.datetime(2023, 1, 1, tzinfo=dt.timezone.utc)
REQUIRED = ["location", "reasons", "identity", "good_faith", "right"]
KINDS = (["sponsored_ad", "promo_email", "preferred_status", "featured_placement"] * 3 +
         ["hosting", "organic_search", "recommendation", "drone_delivery"])


class World:
    """One set of events."""

    def __init__(self, rng):
        self.rng = rng
        self.events = []
        self.scoped = rng.random() < 0.3
        self.tight = rng.random() < 0.4 # whole days, sure clocks, many strikes: bounds are met exactly
        self.platforms = ["P"] if rng.random() < 0.7 else ["P", "Q"]
        self.merchants = ["M%d" % i for i in range(1, 3 if self.tight else rng.randint(2, 5))]
        self.owner = {}
        self.notices = []
        self.orders = ["O%d" % i for i in range(1, rng.randint(1, 4))]
        self.span_h = rng.choice([48, 96, 240, 600])

    def chance(self, probability):
        return self.rng.random() < probability

    def hour(self, low=0, high=None):
        """Hours since BASE on a coarse grid, so that instants meet."""
        high = self.span_h if high is None else high
        step = 24 if self.tight else self.rng.choice([1, 6, 12, 24])
        return max(0, self.rng.randint(int(low), max(int(low), int(high))) // step * step)

    def at(self, hour):
        shift = 0 if self.tight else self.rng.choice([0] * 6 + [-1, 1, 1, -0.001, 5, -5, 3600])
        when = BASE + dt.timedelta(hours=hour, seconds=shift)
        if self.chance(0.1):
            when = when.astimezone(dt.timezone(dt.timedelta(hours=self.rng.choice([-5, 2, 8]))))
            return when.isoformat()
        return when.isoformat().replace("+00:00", "Z")

    def add(self, type_, hour, /, **members):
        event = {"id": "e%d" % len(self.events), "type": type_, "at": self.at(hour)}
        if self.chance(0.3):
            event["id"] = "%s.%d" % (self.rng.choice("abc"), len(self.events))
        event.update((name, value) for name, value in members.items() if value is not None)
        if self.chance(0.1 if self.tight else 0.4):
            event["unc_ms"] = self.rng.choice([0, 1, 1000, 5000, 60000, 3600000, 43200000])
        if self.chance(0.1):
            event["note"] = {"b": [1, 2.5, None, True], "a": "x\u00e9\n"}
        self.events.append(event)
        return event

    def listings_of(self, platform):
        return [name for where, name in self.owner if where == platform]

    def some(self, values, most=3):
        return self.rng.sample(values, min(len(values), self.rng.randint(1, most)))

    def register(self):
        rng = self.rng
        for i in range(rng.randint(1, 6)):
            where = rng.choice(self.platforms)
            # where ids are scoped, two platforms may use the same one for two things
            name = "L%d" % (rng.randint(1, 4) if self.scoped else i + 1)
            if self.chance(0.1):
                name = "L\u00e9 \"%d" % i
            self.owner[where, name] = rng.choice(self.merchants)
            if self.chance(0.9):
                self.add("listing", self.hour(0, 4), platform=where, listing=name,
                         merchant=self.owner[where, name])
                if self.chance(0.05):
                    self.add("listing", self.hour(), platform=where, listing=name,
                             merchant=rng.choice(self.merchants))

    def rules(self):
        rng = self.rng
        for where in self.platforms:
            for _ in range(rng.choice([0, 1, 1, 1, 1, 2])):
                strike = {"kinds": rng.choice([["counterfeit"], ["counterfeit", "trademark"]]),
                          "threshold": rng.randint(1, 3),
                          "validity_s": rng.choice([3600, 86400, 864000, 31536000, 31536000]),
                          "spacing_s": rng.choice([[0], [3600], [86400], [86400, 172800], [172800, 86400]]),
                          "established": rng.choice(["decision_or_lapse"] * 3 + ["decision"]),
                          "counter_window_s": rng.choice([0, 3600, 43200, 432000])}
                self.add("policy", rng.choice([0, 0, 0, self.hour()]), platform=where,
                         policy="p", grace_s=rng.choice([0, 3600, 86400, 86400, None]),
                         required=rng.choice([REQUIRED, REQUIRED, ["location"], [], None]),
                         strike=strike)
            if self.chance(0.9):
                self.add("channel", 0, platform=where, channel="portal" if where == "P" else "desk",
                         **{"class": "designated"})
            self.add("channel", 0, platform=where, channel="mail" + where,
                     **{"class": rng.choice(["other", "court", "agent"])})
            if self.chance(0.5):
                begin = self.hour(0, 6)
                for _ in range(rng.randint(1, 2)):
                    self.add("coverage", self.span_h, platform=where,
                             kind=rng.choice(["counter"] * 4 + ["crawl"]),
                             **{"from": self.at(begin), "to": self.at(begin + rng.choice([24, 600, 2000]))})

    def notice(self, number):
        rng = self.rng
        where = rng.choice(self.platforms)
        named = self.listings_of(where)
        if not named:
            return
        hour = self.hour(0, self.span_h * 0.7)
        name = "N%d" % (number if self.chance(0.95) else rng.randint(1, max(1, number)))
        if self.scoped: # the oracle's copy of what follows a notice is rewritten for one platform
            name += where
        listings = self.some(named)
        channel = rng.choice((["portal" if where == "P" else "desk"] * 5) + ["mail" + where, None])
        has = REQUIRED if self.chance(0.8) else self.some(REQUIRED, 4)
        kind = rng.choice(["counterfeit"] * 5 + ["trademark", "copyright"])
        self.notices.append((name, where, listings, hour))
        if self.chance(0.2):
            self.add("notice.draft", hour, notice=name, platform=where, listings=listings)
        self.add("notice.sent", hour, platform=where, notice=name, channel=channel, kind=kind, has=has,
                 listings=listings if self.chance(0.95) else None, right="US1")
        for _ in range(rng.choice([0, 1, 1, 1, 1, 1, 2])):
            self.add("notice.received", hour + rng.choice([0, 0, 0, 1, 24]), notice=name)
        self.later(name, named, listings, hour)

    def later(self, name, named, listings, hour):
        """What may follow a notice."""
        rng = self.rng

        def few():
            return rng.choice([None, listings, self.some(named), []])

        if self.chance(0.15):
            self.add("notice.ack", hour + rng.choice([0, 2, 30]), notice=name, listings=few())
        if self.chance(0.6 if self.tight else 0.35):
            self.add("notice.decision", hour + (24 if self.tight else rng.choice([1, 6, 24, 48])), notice=name, listings=few(),
                     outcome=rng.choice(["upheld"] * 4 + ["rejected", "partial"]))
        if self.chance(0.12):
            self.add("notice.correct", hour + rng.choice([-1, 6, 24]), notice=name,
                     has=self.some(REQUIRED, 5), add=self.some(named))
        if self.chance(0.1):
            self.add("notice.withdraw", hour + rng.choice([6, 24, 48]), notice=name, listings=few(),
                     reason=rng.choice(["error", "duplicate", "resolved", "settled"]))
        if self.chance(0.2):
            filed = hour + rng.choice([0, 6, 24])
            self.add("counter.filed", filed, notice=name, listings=few())
            if self.chance(0.6):
                self.add("counter.decision", filed + rng.choice([0, 12, 48, 200]), notice=name,
                         listings=few(), outcome=rng.choice(["accepted", "rejected", "rejected"]))

    def lives(self):
        """What was seen of listings, taken down, put back."""
        rng = self.rng
        if not self.scoped: # one event without a platform makes ids global
            self.add("sighting", self.hour(), listing="elsewhere", state="active")
        for where, name in self.owner:
            where = where if self.scoped else None
            for _ in range(rng.randint(0, 4)):
                kind = rng.choice(["active"] * 5 + ["gone", "takedown", "takedown", "restore"])
                if kind == "takedown":
                    hour = self.hour()
                    self.add("takedown", hour, listing=name, actor="platform", platform=where)
                    if self.chance(0.3): # at the very instant
                        self.add("sighting", hour, listing=name, state="active", platform=where)
                elif kind == "restore":
                    self.add("restore", self.hour(), listing=name, platform=where,
                             actor=rng.choice(["platform", "platform", "seller", None]),
                             reason=rng.choice([None, "policy", "counter_accepted"]))
                else:
                    self.add("sighting", self.hour(0, self.span_h * 1.2), listing=name, state=kind, platform=where,
                             via=rng.choice([None, "page", "api", "platform", "cache", "search_index"]))

    def courts(self):
        rng = self.rng
        for order in self.orders:
            hour = self.hour(0, self.span_h * 0.4)
            for _ in range(rng.choice([0, 1, 1, 1, 1, 2])):
                self.add("order", hour, order=order, kind="TRO", docket="d", court="c",
                         expires=self.at(hour + rng.choice([24, 300])) if self.chance(0.15) else None)
            for where in self.platforms:
                for _ in range(rng.choice([0, 1, 1, 2])):
                    self.add(rng.choice(["order.served", "order.ack"]), hour + rng.choice([0, 1, 24]),
                             order=order, platform=where)
            for merchant in self.some(self.merchants):
                self.add("order.party", hour, order=order, merchant=merchant)
                if self.chance(0.1):
                    self.add("order.dismissed", self.hour(), order=order, merchant=merchant)
            if self.chance(0.08):
                self.add("order.vacated", self.hour(), order=order)

    def merchants_too(self):
        rng = self.rng
        for _ in range(rng.choice([0, 0, 1, 2])):
            a, b = rng.choice(self.merchants), rng.choice(self.merchants)
            self.add("merchant.link", self.hour(), a=a, b=b,
                     status=rng.choice(["verified", "verified", "asserted", "asserted", "rejected"]))
        for number in range(rng.choice([0, 0, 0, 1, 2, 4])):
            self.add("strike", self.hour(), platform=rng.choice(self.platforms), strike="S%d" % (number // 2),
                     merchant=rng.choice(self.merchants), action=rng.choice(["issued"] * 4 + ["revoked"]))
        if self.chance(0.15):
            self.add("account", self.hour(), platform=rng.choice(self.platforms),
                     merchant=rng.choice(self.merchants),
                     state=rng.choice(["closed", "closed", "suspended", "reinstated"]))

    def acts(self):
        rng = self.rng
        for _ in range(rng.randint(1, 3)):
            where = rng.choice(self.platforms)
            named = self.listings_of(where)
            target = rng.random()
            self.add("support", self.hour(self.span_h * 0.2, self.span_h * 1.1), platform=where,
                     kind=rng.choice(KINDS), gen=rng.choice([None, "human", "algorithmic", "unknown"]),
                     listing=rng.choice(named) if named and target < 0.65 else None,
                     merchant=rng.choice(self.merchants) if target > 0.6 and target < 0.97 else None)

    def make(self):
        self.register()
        self.rules()
        for number in range(1, self.rng.choice([3, 5, 7] if self.tight else [1, 2, 2, 3, 4, 6])):
            self.notice(number)
        self.lives()
        self.courts()
        self.merchants_too()
        self.acts()
        return self.events


def spelled(event, rng):
    """The same event in another spelling."""
    members = list(event.items())
    rng.shuffle(members)
    return json.dumps(dict(members), ensure_ascii=rng.random() < 0.5)


def split(event, rng):
    """The event as parts (DESIGN 9.14): its lines, and whether one is missing."""
    listings = event["listings"]
    count = rng.randint(1, 3)
    cuts = sorted(rng.randint(0, len(listings)) for _ in range(count - 1))
    lines = []
    for i, (begin, end) in enumerate(zip([0] + cuts, cuts + [len(listings)])):
        part = dict(event, listings=listings[begin:end], part=[i + 1, count])
        lines += [spelled(part, rng)] * rng.choice([1, 1, 1, 2])
    missing = count > 1 and rng.random() < 0.1
    if missing:
        lost = rng.randint(1, count)
        lines = [line for line in lines if json.loads(line)["part"][0] != lost]
    return lines, missing


def written(events, rng):
    """The lines for us, and the events for the oracle."""
    lines, whole = [], []
    for event in events:
        if "listings" in event and rng.random() < 0.1 and event["type"] != "notice.correct":
            parts, missing = split(event, rng)
            lines += parts
            whole += [] if missing else [event]
            continue
        lines.append(json.dumps(event))
        whole.append(event)
        if rng.random() < 0.05:
            lines.append(spelled(event, rng))
        if rng.random() < 0.01 and event.get("listing") != "elsewhere":
            other = dict(event, note="another body")
            lines.append(json.dumps(other))
            whole.append(other)
    rng.shuffle(lines)
    return lines, whole


def scoped_for_oracle(events):
    """Where ids count by platform, the oracle gets the platform within the id."""
    where = {e["notice"]: e["platform"] for e in events if e["type"] == "notice.sent"}
    for event in events:
        event = dict(event)
        platform = event.get("platform") or where.get(event.get("notice"))
        if platform is None and ("listings" in event or "add" in event):
            continue
        for name in ("listing", "channel"):
            if name in event:
                event[name] = platform + "/" + event[name]
        for name in ("listings", "add"):
            if name in event:
                event[name] = [platform + "/" + listing for listing in event[name]]
        yield event


def is_scoped(events):
    """DESIGN 9.3, as facts.c reads it: every listing and channel says its platform."""
    return all("platform" in e for e in events
               if e["type"] in ("listing", "sighting", "takedown", "restore", "channel", "support"))


def findings(oracle, events):
    kept = {}
    for event in events:
        kept.setdefault(event["id"], []).append(json.dumps(event, sort_keys=True))
    alone = {i for i, bodies in kept.items() if len(set(bodies)) == 1}
    scoped = is_scoped([e for e in events if e["id"] in alone])
    if not scoped:
        return oracle.Log(events).findings()
    found = oracle.Log(list(scoped_for_oracle(events))).findings()
    for finding in found:
        if finding["listing"]:
            finding["listing"] = finding["listing"].split("/", 1)[1]
    return found


def main():
    spec = importlib.util.spec_from_file_location("oracle", sys.argv[1])
    oracle = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(oracle)
    count, seed = int(sys.argv[2]), int(sys.argv[3])
    for number in range(count):
        rng = random.Random(seed * 1000003 + number)
        events = World(rng).make()
        lines, whole = written(events, rng)
        out = ["E " + line for line in lines]
        out += ["F " + json.dumps(f, separators=(",", ":")) for f in findings(oracle, whole)]
        print("\n".join(out + ["."]))


if __name__ == "__main__":
    main()

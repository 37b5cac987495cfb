#!/usr/bin/env python3
"""Writes payments.ndjson: a bank's events, made up, with a few frauds planted among them.

    python3 generate.py > payments.ndjson

The same seed gives the same file. Fifteen customers go about their lives for fifteen weeks; the
functions named after a fraud add one story each. README.md says which rule should find which story.
"""
import json
import random
from datetime import datetime, timedelta, timezone

SEED = 20260105
START = datetime(2026, 1, 5, tzinfo=timezone.utc)
WEEKS = 15

USERS = ["ann", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "karl",
         "laura", "mike", "nina", "oscar"]
PLACES = {  # home towns: country, latitude, longitude
    "GB": [("London", 51.51, -0.13), ("Leeds", 53.80, -1.55)],
    "DE": [("Berlin", 52.52, 13.40), ("Munich", 48.14, 11.58)],
    "FR": [("Paris", 48.86, 2.35), ("Lyon", 45.76, 4.84)],
}
SHOPS = [("corner.example", "groceries", 8, 60), ("cafe.example", "restaurant", 6, 30),
         ("fuel.example", "fuel", 30, 80), ("books.example", "books", 10, 45),
         ("shoes.example", "clothes", 40, 140), ("trains.example", "travel", 15, 90)]

rng = random.Random(SEED)
events = []


def emit(when, type_, **fields):
    events.append({"ts": when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z",
                   "type": type_, **fields})


class Customer:
    def __init__(self, number, name):
        self.name = name
        self.card = f"4111-{number:04d}"
        self.account = f"A{number:03d}"
        self.device = f"d{number:03d}"
        self.ip = f"198.51.100.{number}"
        self.country = rng.choice(sorted(PLACES))
        self.town, self.lat, self.lon = rng.choice(PLACES[self.country])

    def login(self, when, outcome="success", **other):
        emit(when, "login", **{"user": self.name, "outcome": outcome, "ip": self.ip,
                               "device": self.device, "country": self.country, **other})

    def pay(self, when, amount, merchant, category, status="approved", channel="pos", **other):
        place = {"lat": self.lat, "lon": self.lon} if channel == "pos" else {"ip": self.ip, "device": self.device}
        emit(when, "payment", **{"user": self.name, "card": self.card, "amount": round(amount, 2),
                                 "merchant": merchant, "category": category, "status": status,
                                 "channel": channel, "country": self.country, **place, **other})

    def transfer(self, when, amount, to, ref, **other):
        emit(when, "transfer_out", **{"user": self.name, "account": self.account, "counterparty": to,
                                      "amount": round(amount, 2), "ref": ref, "ip": self.ip,
                                      "device": self.device, **other})


def at(day, hour=0, minute=0, second=0):
    return START + timedelta(days=day, hours=hour, minutes=minute, seconds=second)


def daily_life(c, number):
    """A login and a payment or two a week, rent on the first of the month, now and then a refund."""
    for week in range(WEEKS):
        day = 7 * week + rng.randrange(5)
        c.login(at(day, 8, rng.randrange(60), rng.randrange(60)))
        if rng.random() < 0.15:  # mistyped once
            c.login(at(day, 7, rng.randrange(60), rng.randrange(60)), outcome="failure")
        for _ in range(rng.choice((1, 1, 2))):
            shop, category, low, high = rng.choice(SHOPS)
            day = 7 * week + rng.randrange(7)
            hour = rng.randrange(11, 20)
            amount = rng.uniform(low, high)
            c.pay(at(day, hour, rng.randrange(60), rng.randrange(60)), amount, shop, category)
            if category == "clothes" and rng.random() < 0.2:
                emit(at(day + 4, 12, rng.randrange(60)), "refund", user=c.name, card=c.card,
                     amount=round(amount, 2), merchant=shop, reason="size", staff="till2")
    for month, day in enumerate((27, 55, 86)):
        c.transfer(at(day, 9, number), 850 + 10 * number, f"LANDLORD{number}", f"R{number:03d}-{month}")


def card_testing(c):
    day = at(31, 3, 14)
    for i, (amount, status) in enumerate(((1.00, "declined"), (0.50, "approved"), (1.99, "approved"))):
        c.pay(day + timedelta(minutes=2 * i), amount, "donate.example", "charity", status, "online",
              ip="203.0.113.61", device="dx01", country="US")
    c.pay(day + timedelta(minutes=17), 899, "phones.example", "electronics", "approved", "online",
          ip="203.0.113.61", device="dx01", country="US")


def account_takeover(c):
    """Which is also a transfer that nobody confirms, and therefore a case."""
    day = at(44, 22, 5)
    for i in range(5):
        c.login(day + timedelta(seconds=20 * i), "failure", ip=f"203.0.113.{70 + i}", device="dx02", country="NL")
    c.login(day + timedelta(minutes=3), ip="203.0.113.74", device="dx02", country="NL")
    c.transfer(day + timedelta(minutes=6), 4800, "X0001", "T9001", ip="203.0.113.74", device="dx02")


def impossible_travel(c):
    c.pay(at(52, 12, 10), 23.40, "corner.example", "groceries")
    c.pay(at(52, 13, 45), 640, "watches.example", "jewellery", country="SG", lat=1.35, lon=103.82)


def contact_change(c):
    emit(at(60, 10, 2), "profile_change", user=c.name, what="phone", ip="203.0.113.88", device="dx03")
    c.transfer(at(60, 14, 40), 1450, "X0002", "T9002", ip="203.0.113.88", device="dx03")


def harmless_change(c):
    emit(at(61, 10, 2), "profile_change", user=c.name, what="email", ip=c.ip, device=c.device)
    c.transfer(at(61, 11, 0), 45, "SPORTSCLUB", "T0100")


def confirmed_transfer(c):
    c.transfer(at(64, 9, 0), 7500, "CARDEALER", "T0101")
    emit(at(64, 9, 4), "confirmation", user=c.name, ref="T0101", device=c.device)


def gift_cards(c):
    for i, amount in enumerate((100, 150, 200)):
        c.pay(at(70, 15, 9 * i), amount, "giftcards.example", "gift_card", "approved", "online")


def limit_probing(c):
    for i, amount in enumerate((900, 700, 500)):
        c.pay(at(75, 1, i), amount, "cameras.example", "electronics", "declined", "online",
              ip="203.0.113.90", device="dx04")
    c.pay(at(75, 1, 4), 350, "cameras.example", "electronics", "approved", "online",
          ip="203.0.113.90", device="dx04")


def new_device(c):
    c.login(at(66, 20, 1), ip="203.0.113.95", device="dx08")
    c.pay(at(66, 20, 19), 1249, "laptops.example", "electronics", "approved", "online", ip="203.0.113.95", device="dx08")


def velocity(c):
    for i in range(7):
        c.pay(at(73, 2, i, 11 * i), 19.99, "games.example", "games", "approved", "online")


def refund_abuse(c):
    """Four coats bought, four said never to have come."""
    for i in range(4):
        c.pay(at(36 + 5 * i, 18, 40), 79 + i, "coats.example", "clothes", "approved", "online")
        emit(at(40 + 5 * i, 9, 5), "refund", user=c.name, card=c.card, amount=79 + i, merchant="coats.example",
             reason="not received", staff="web")


def many_cards(customers):
    for i, c in enumerate(customers):
        c.pay(at(80, 4, 5 * i), 49.90, "tickets.example", "events", "approved" if i % 2 else "declined", "online",
              ip="203.0.113.99", device="dx05", country="RO")


def mule():
    """An account that no customer above owns: opened to be used once."""
    for i, amount in enumerate((950, 870, 990, 640, 910, 780)):
        emit(at(84, 8 + i, 12), "transfer_in", user="quentin", account="A900", counterparty=f"V{i + 1:03d}", amount=amount)
    for i, amount in enumerate((2500, 2300)):
        emit(at(85, 9, 20 * i), "transfer_out", user="quentin", account="A900", counterparty=f"X01{i}", amount=amount,
             ref=f"T901{i}", ip="203.0.113.120", device="dx06")
        emit(at(85, 9, 20 * i + 2), "confirmation", user="quentin", ref=f"T901{i}", device="dx06")


def structuring(c):
    for day, amount, branch in ((88, 9600, "north"), (90, 9850, "south"), (93, 9300, "east")):
        emit(at(day, 11, 30), "cash_deposit", user=c.name, account=c.account, amount=amount, branch=branch)


def refund_without_purchase(c):
    emit(at(97, 17, 55), "refund", user=c.name, card="4111-9999", amount=180, merchant="shoes.example",
         reason="size", staff="till4")


def dormant(name, number):
    c = Customer(number, name)
    c.pay(at(2, 12), 35, "books.example", "books")
    for i, amount in enumerate((180, 240, 310)):
        c.pay(at(99, 19, 25 * i), amount, "outlet.example", "clothes", "approved", "online",
              ip="203.0.113.130", device="dx07")


def main():
    customers = [Customer(i + 1, name) for i, name in enumerate(USERS)]
    for number, c in enumerate(customers):
        daily_life(c, number + 1)
    by_name = {c.name: c for c in customers}
    card_testing(by_name["ann"])
    account_takeover(by_name["bob"])
    impossible_travel(by_name["carol"])
    contact_change(by_name["dave"])
    harmless_change(by_name["erin"])
    confirmed_transfer(by_name["frank"])
    gift_cards(by_name["grace"])
    limit_probing(by_name["heidi"])
    new_device(by_name["laura"])
    velocity(by_name["mike"])
    refund_abuse(by_name["judy"])
    many_cards([by_name[n] for n in ("ivan", "judy", "karl", "laura", "mike")])
    mule()
    structuring(by_name["nina"])
    refund_without_purchase(by_name["oscar"])
    dormant("peggy", 90)
    events.sort(key=lambda e: e["ts"])
    for event in events:
        print(json.dumps(event, separators=(",", ":")))


if __name__ == "__main__":
    main()

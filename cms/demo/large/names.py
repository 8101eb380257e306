"""Invented names for thousands: first names alone and in pairs, last names alone and doubled."""

import random

from cms.demo.contacts import FIRST, LAST


def first_name(chance: random.Random) -> str:
    one = chance.choice(FIRST)
    two = chance.choice(FIRST)
    return one if one == two or chance.randrange(3) == 0 else f"{one} {two}"


def last_name(chance: random.Random) -> str:
    one = chance.choice(LAST)
    two = chance.choice(LAST)
    return one if one == two or chance.randrange(2) == 0 else f"{one} {two}"

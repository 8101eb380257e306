"""Names of places for the demo's local associations: made up, in the manner of each part of the country.

Counties are real (they are the regions), places are not: a name that exists somewhere does so by chance.
"""

import random

# How places begin and end along the coast, inland and in the north.
_BEGINNINGS = {
    "coast": [
        "Sand", "Strand", "Hav", "Skjær", "Sund", "Fjord", "Bratt", "Stor", "Lille", "Nord", "Sør", "Kvit",
        "Svart", "Laks", "Sild", "Tang", "Vind", "Måke", "Ørn", "Tjeld",
    ],
    "inland": [
        "Berg", "Skog", "Furu", "Gran", "Bjørk", "Ulv", "Elg", "Hest", "Rug", "Bygg", "Sol", "Høy", "Lang",
        "Brei", "Myr", "Mo", "Øvre", "Nedre", "Ask", "Lind",
    ],
    "north": [
        "Rein", "Fjell", "Snø", "Is", "Tind", "Kval", "Torsk", "Skrei", "Vest", "Øst", "Ytre", "Indre",
        "Hvit", "Grå", "Multe", "Lyng", "Ravn", "Lo", "Sel", "Nord",
    ],
}  # fmt: skip
_ENDINGS = {
    "coast": ["vik", "nes", "øy", "sund", "havn", "voll", "fjord", "strand", "holm", "ås", "land", "berg"],
    "inland": ["dal", "moen", "rud", "stad", "by", "heim", "set", "li", "vang", "bru", "haug", "elv"],
    "north": ["nes", "vær", "eid", "botn", "fjord", "øy", "vik", "mo", "bakk", "skar", "vatn", "hamn"],
}
MANNER = {
    "03": "inland", "11": "coast", "15": "coast", "18": "north", "31": "inland", "32": "inland",
    "33": "inland", "34": "inland", "39": "coast", "40": "inland", "42": "coast", "46": "coast",
    "50": "coast", "55": "north", "56": "north",
}  # fmt: skip


def places(county: str, count: int, chance: random.Random) -> list[str]:
    """So many different names of places for a county, always the same for the same seed."""
    manner = MANNER[county]
    every = [f"{begin}{end}" for begin in _BEGINNINGS[manner] for end in _ENDINGS[manner]]
    # "Skogg…", "Sundd…": where two words meet, three letters alike become two.
    every = [name for name in every if name[: len(name) // 2].lower() != name[len(name) // 2 :]]
    chance.shuffle(every)
    if count > len(every):
        raise ValueError(f"only {len(every)} names for county {county}")
    return every[:count]

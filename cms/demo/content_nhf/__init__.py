"""Demo content of Norges Handikapforbund. Written for the demonstration; not the organisation's own texts."""

from cms.demo.texts import Content, Picture

from .decks import DECKS
from .faqs import FAQS
from .links import LINKS

PICTURES = {
    "bench": Picture(
        "bench",
        "To på en benk",
        "Tegning av to mennesker som sitter ved siden av hverandre på en benk, i rødt og gult.",
        ("#fbeee6", "#f2c14e", "#9b1b30"),
    ),
    "cups": Picture(
        "cups",
        "To kopper",
        "Tegning av to dampende kopper på et bord.",
        ("#fdf6ec", "#e8cfa6", "#9b1b30"),
    ),
    "path": Picture(
        "path",
        "En vei fremover",
        "Tegning av en stiplet vei som går mot en rød sol.",
        ("#eef3f1", "#b7c9c2", "#9b1b30"),
    ),
}

CONTENT = Content(faqs=FAQS, links=LINKS, decks=DECKS, pictures=PICTURES)

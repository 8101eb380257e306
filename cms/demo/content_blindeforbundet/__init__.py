"""Demo content of Norges Blindeforbund. Written for the demonstration; not the organisation's own texts."""

from cms.demo.texts import Content, Picture

from .decks import DECKS
from .faqs import FAQS
from .links import LINKS

PICTURES = {
    "cups": Picture(
        "cups",
        "Kaffe til to",
        "Tegning av to dampende kopper på et blått bord.",
        ("#eef4fb", "#9fc0e6", "#0b5394"),
    ),
    "path": Picture(
        "path",
        "Stokk og vei",
        "Tegning av en vei med hvit stiplet linje og en hvit stokk ved siden av.",
        ("#f4f7fb", "#7f8fa6", "#0b5394"),
    ),
}

CONTENT = Content(faqs=FAQS, links=LINKS, decks=DECKS, pictures=PICTURES)

"""What a mentor agrees to when accepting an assignment: the words of each version, by language.

A version that was used stays as it is; new words are a new version.
"""

import hashlib
from dataclasses import dataclass

from domain.certification.names import languages

VERSION = 1
TEXTS: dict[int, dict[str, str]] = {
    1: {
        "nb": (
            "Jeg tar på meg dette oppdraget. Det jeg får vite om personen, bruker jeg bare til oppdraget. "
            "Jeg forteller det ikke til andre, og jeg lager ingen kopier. Er jeg i tvil, spør jeg "
            "koordinatoren."
        ),
        "nn": (
            "Eg tek på meg dette oppdraget. Det eg får vite om personen, bruker eg berre til oppdraget. "
            "Eg fortel det ikkje til andre, og eg lagar ingen kopiar. Er eg i tvil, spør eg "
            "koordinatoren."
        ),
        "en": (
            "I take on this assignment. What I learn about the person I use for the assignment alone. "
            "I don't tell it to others, and I make no copies. When in doubt I ask the coordinator."
        ),
    }
}


@dataclass(frozen=True)
class ConsentText:
    version: int
    language: str
    words: str

    @property
    def sha256(self) -> str:
        """Of the words in UTF-8."""
        return hashlib.sha256(self.words.encode()).hexdigest()


def current(wanted: str = "") -> ConsentText:
    """The words to agree to now, in the reader's language (or the one wanted)."""
    texts = TEXTS[VERSION]
    language = next(code for code in languages(wanted) if code in texts)
    return ConsentText(VERSION, language, texts[language])


def shown(sha256: str) -> ConsentText | None:
    """Which of the present version's texts has this hash; None where it is none of them."""
    found = (ConsentText(VERSION, code, words) for code, words in TEXTS[VERSION].items())
    return next((text for text in found if text.sha256 == sha256.lower()), None)

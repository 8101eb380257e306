"""The form of the demo content's texts; the texts themselves are in content_<organisation>.py.

Bokmål is the original; `nn` and `en` are translations, where there are any.
"""

from dataclasses import dataclass, field

MEMBERS, PUBLIC, ROLES = "members", "public", "roles"
# What is done with an item after it was written.
LIVE, DRAFT, SCHEDULED, REVIEW, CHANGED = "live", "draft", "scheduled", "review", "changed"


@dataclass(frozen=True)
class Faq:
    question: str
    answer: str
    nn: tuple[str, str] | None = None
    en: tuple[str, str] | None = None
    audience: str = MEMBERS
    roles: tuple[str, ...] = ()
    state: str = LIVE


@dataclass(frozen=True)
class Link:
    title: str
    url: str
    description: str
    nn: tuple[str, str] | None = None
    en: tuple[str, str] | None = None
    audience: str = PUBLIC
    roles: tuple[str, ...] = ()
    state: str = LIVE
    picture: str = ""


@dataclass(frozen=True)
class Card:
    """A translation is (title, prompt, follow-up questions)."""

    title: str
    prompt: str
    follow_ups: tuple[str, ...] = ()
    theme: str = ""
    difficulty: str = "easy"
    advice: str = ""
    nn: tuple[str, str, tuple[str, ...]] | None = None
    en: tuple[str, str, tuple[str, ...]] | None = None
    audience: str = ROLES
    roles: tuple[str, ...] = ("coordinator", "org_admin", "peer_mentor")
    state: str = LIVE
    picture: str = ""


@dataclass(frozen=True)
class Group:
    """A category or deck with its name in three languages (a missing one is not translated)."""

    name: str
    items: tuple
    nn: str = ""
    en: str = ""
    description: str = ""


@dataclass(frozen=True)
class Picture:
    """A drawn image: `motif` is one of cms.demo.pictures; the description is its alternative text."""

    motif: str
    title: str
    description: str
    colours: tuple[str, str, str]


@dataclass(frozen=True)
class Content:
    faqs: tuple[Group, ...] = ()
    links: tuple[Group, ...] = ()
    decks: tuple[Group, ...] = ()
    pictures: dict[str, Picture] = field(default_factory=dict)

"""Files to import, and the two halves of an import: looking and carrying out."""

import pytest
from wagtail.models import Locale

from cms import rules
from cms.admin.importing.kinds import CARDS, FAQ, LINKS
from cms.admin.importing.output import write_csv
from cms.admin.importing.planning import Options, plan_import
from cms.admin.importing.tables import read_table
from cms.admin.importing.writing import run_import
from cms.models import CardDeck, ConversationCard, FaqCategory, FaqEntry, ResourceCategory, ResourceLink

KINDS = {"faq": FAQ, "link": LINKS, "card": CARDS}


def locale(code: str = "nb") -> Locale:
    return Locale.objects.get(language_code=code)


class Make:
    """Content that is there already."""

    def category(self, name: str = "Om oss", model=FaqCategory, code: str = "nb"):
        found = model.objects.filter(name=name, locale=locale(code)).first()
        return found or rules.create(model(name=name, locale=locale(code)), by=None)

    def faq(self, question: str = "Hva koster det?", *, live: bool = True, **values) -> FaqEntry:
        code = values.pop("code", "nb")
        values.setdefault("category", self.category(code=code))
        values.setdefault("answer", "<p>Ingenting.</p>")
        return rules.create(FaqEntry(question=question, locale=locale(code), **values), by=None, publish=live)

    def link(self, title: str = "Nav", *, live: bool = True, **values) -> ResourceLink:
        values.setdefault("category", self.category("Rettigheter", ResourceCategory))
        values.setdefault("url", "https://www.nav.no/")
        return rules.create(ResourceLink(title=title, locale=locale(), **values), by=None, publish=live)

    def card(self, title: str = "Å bli kjent", *, live: bool = True, **values) -> ConversationCard:
        values.setdefault("deck", self.category("Første møte", CardDeck))
        values.setdefault("prompt", "Hva gjorde deg glad?")
        return rules.create(ConversationCard(title=title, locale=locale(), **values), by=None, publish=live)


@pytest.fixture
def make(nhf):
    return Make()


@pytest.fixture
def admin(nhf, person):
    return person("admin@nhf.example")


@pytest.fixture
def coordinator(nhf, person):
    return person("coordinator@nhf.example")


class Importing:
    """One file on its way: `look()` is the dry run, `carry_out()` writes what was looked at."""

    def __init__(self, kind, data: bytes, *, by, create_headings: bool, language: str):
        self.kind, self.by = kind, by
        self.table = read_table(data)
        self.names = kind.columns_of(self.table.headers)
        self.options = Options(language=language, create_headings=create_headings)
        self.plan = None

    def look(self):
        self.plan = plan_import(self.kind, self.table, self.names, self.options, by=self.by)
        return self.plan

    def outcomes(self) -> list[str]:
        return [row.outcome.value for row in self.look().rows]

    def problems(self) -> list[str]:
        return [" ".join(str(problem) for problem in row.problems) for row in self.look().rows]

    def carry_out(self, *, only_good: bool = False, publish: bool = False):
        plan = self.plan or self.look()
        return run_import(
            self.kind,
            self.table,
            self.names,
            self.options,
            stamps=plan.stamps(),
            only_good=only_good,
            publish=publish,
            by=self.by,
            file_name="spørsmål.csv",
        )


@pytest.fixture
def importing(nhf, admin):
    """`importing("faq", ["question", "answer"], ["Hva?", "Det."])` or, with bytes, a file as it comes."""

    def start(kind: str, *rows, by=None, create_headings: bool = False, language: str = "nb") -> Importing:
        data = rows[0] if isinstance(rows[0], bytes) else write_csv(rows[0], rows[1:])
        return Importing(
            KINDS[kind], data, by=by or admin, create_headings=create_headings, language=language
        )

    return start

"""An organisation's own words."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django_tenants.utils import schema_context, tenant_context

from domain.audit.models import AuditEvent
from domain.config import memory
from domain.config.choices import Term
from domain.config.default_terms import DEFAULT_TERMS, Forms
from domain.config.models import TerminologyOverride
from domain.config.rules import override_term, reset_term
from domain.config.terminology import term, term_lazy, terminology_etag, terms_for
from domain.core.errors import DomainError, InvalidInput, NotAllowed, StaleVersion
from tenants.models import LANGUAGE_CODES, Organization
from tests.support.queries import statements

GUIDE = Forms("veiviser", "veivisere", "veiviseren", "veiviserne")


def test_every_term_has_all_forms_in_every_language():
    assert set(DEFAULT_TERMS) == {code for code, _label in LANGUAGE_CODES}
    for words in DEFAULT_TERMS.values():
        assert set(words) == set(Term.values)
        for forms in words.values():
            assert all(forms), forms


def test_without_own_words_the_shipped_ones_count(nhf):
    assert term("peer_mentor", "plural", "nb") == "likepersoner"
    assert terms_for("nn")["peer_mentor"].definite_plural == "likepersonane"


def test_an_own_word_replaces_the_shipped_one_in_its_language_only(nhf, person):
    override_term(term="peer_mentor", locale="nb", forms=GUIDE, by=person("admin@nhf.example"))
    assert terms_for("nb")["peer_mentor"] == GUIDE
    assert terms_for("nn")["peer_mentor"].singular == "likeperson"


def test_a_label_follows_the_readers_language(nhf):
    label = term_lazy("resource_link", "plural")
    with translation.override("nb"):
        assert str(label) == "ressurslenker"
    with translation.override("nn"):
        assert str(label) == "ressurslenkjer"
    with translation.override("de"):
        assert str(label) == "ressurslenker"


def test_a_label_shows_the_word_of_the_organisation_that_is_selected_now(nhf, blindeforbundet, person):
    label = term_lazy("peer_mentor", "plural")
    with tenant_context(nhf), translation.override("nb"):
        override_term(term="peer_mentor", locale="nb", forms=GUIDE, by=person("admin@nhf.example"))
    with translation.override("nb"):
        for _turn in range(3):
            with tenant_context(nhf):
                assert str(label) == "veivisere"
            with tenant_context(blindeforbundet):
                assert str(label) == "likepersoner"


def test_the_public_schema_and_migrations_get_shipped_words_without_a_query(nhf):
    with schema_context("public"), CaptureQueriesContext(connection) as queries:
        assert term("faq", "plural", "nb") == "spørsmål og svar"
    with translation.override(None):
        assert term("faq") == "FAQ"
    assert len(queries) == 0


def test_all_labels_of_a_request_together_cost_one_query(nhf):
    memory.begin()
    try:
        with statements() as queries:
            for key in Term.values:
                term(key, "plural", "nb")
            terms_for("nn")
            terminology_etag()
        assert len(queries) == 1
    finally:
        memory.end()


def test_a_change_shows_at_once_in_the_request_that_made_it_and_in_the_next(nhf, person):
    memory.begin()
    try:
        assert term("contact", "singular", "en") == "contact"
        override_term(
            term="contact",
            locale="en",
            forms=Forms("person", "people", "", ""),
            by=person("admin@nhf.example"),
        )
        assert term("contact", "singular", "en") == "person"
    finally:
        memory.end()
    assert term("contact", "plural", "en") == "people"


def test_english_makes_its_definite_forms_itself(nhf, person):
    row = override_term(
        term="contact", locale="en", forms={"singular": " fellow ", "plural": "fellows"}, by=None
    )
    assert row.singular == "fellow"
    assert term("contact", "definite_plural", "en") == "the fellows"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"term": "wizard"}, "unknown-term"),
        ({"locale": "se"}, "unknown-locale"),
        ({"forms": {"singular": "x", "plural": "y"}}, "required"),
        ({"forms": Forms("x" * 81, "y", "z", "w")}, "max-length"),
        ({"forms": Forms("x\u202e", "y", "z", "w")}, "invalid"),
    ],
)
def test_what_is_no_word_is_refused(nhf, change, code):
    arguments = {"term": "contact", "locale": "nb", "forms": GUIDE, **change}
    with pytest.raises(InvalidInput) as refusal:
        override_term(**arguments, by=None)
    assert refusal.value.code == code


def test_an_unknown_key_is_refused_when_read_too(nhf):
    with pytest.raises(DomainError, match="wizard"):
        term("wizard")
    with pytest.raises(DomainError):
        term("contact", "genitive")


def test_the_database_refuses_a_key_that_is_not_on_the_list(nhf):
    with pytest.raises(IntegrityError, match="term_known"), transaction.atomic():
        TerminologyOverride.objects.create(term="wizard", locale="nb", singular="x", plural="y")


def test_a_coordinator_may_not_choose_words(nhf, person):
    with pytest.raises(NotAllowed):
        override_term(term="contact", locale="nb", forms=GUIDE, by=person("coordinator@nhf.example"))
    with pytest.raises(NotAllowed):
        reset_term(term="contact", by=person("coordinator@nhf.example"))


def test_an_admin_of_one_organisation_may_not_choose_anothers_words(blindeforbundet, person):
    with pytest.raises(NotAllowed):
        override_term(term="contact", locale="nb", forms=GUIDE, by=person("admin@nhf.example"))


def test_a_word_changed_by_someone_else_meanwhile_is_not_overwritten(nhf):
    first = override_term(term="contact", locale="nb", forms=GUIDE, by=None)
    override_term(term="contact", locale="nb", forms=GUIDE._replace(plural="flere"), by=None)
    with pytest.raises(StaleVersion):
        override_term(term="contact", locale="nb", forms=GUIDE, by=None, version=first.version)


def test_each_form_that_changed_is_in_the_audit(nhf, person):
    admin = person("admin@nhf.example")
    override_term(term="contact", locale="nb", forms=GUIDE, by=admin)
    override_term(term="contact", locale="nb", forms=GUIDE._replace(plural="flere"), by=admin)
    override_term(term="contact", locale="nb", forms=GUIDE._replace(plural="flere"), by=admin)
    assert reset_term(term="contact", by=admin) == 1
    events = list(AuditEvent.objects.filter(object_type="config.terminologyoverride").order_by("id"))
    assert [event.action for event in events] == [
        "terminology.overridden",
        "terminology.overridden",
        "terminology.reset",
    ]
    assert events[1].changes == {"plural": ["veivisere", "flere"]}
    assert events[2].changes["singular"] == ["veiviser", "kontakt"]
    assert events[0].actor_id == admin.pk


def test_reset_gives_the_shipped_word_back_and_may_be_repeated(nhf):
    override_term(term="contact", locale="nb", forms=GUIDE, by=None)
    override_term(term="contact", locale="nn", forms=GUIDE, by=None)
    assert reset_term(term="contact", locale="nb", by=None) == 1
    assert term("contact", "singular", "nb") == "kontakt"
    assert term("contact", "singular", "nn") == "veiviser"
    assert reset_term(term="contact", by=None) == 1
    assert reset_term(term="contact", by=None) == 0


def test_the_etag_changes_with_every_change_and_comes_back_with_the_words(nhf):
    seen = [terminology_etag()]
    override_term(term="contact", locale="nb", forms=GUIDE, by=None)
    seen.append(terminology_etag())
    override_term(term="contact", locale="nb", forms=GUIDE._replace(plural="flere"), by=None)
    seen.append(terminology_etag())
    assert len(set(seen)) == 3
    reset_term(term="contact", by=None)
    assert terminology_etag() == seen[0]


def test_two_organisations_have_different_etags_only_if_their_words_differ(nhf, blindeforbundet):
    with tenant_context(Organization.objects.get(schema_name="nhf")):
        before = terminology_etag()
        override_term(term="contact", locale="nb", forms=GUIDE, by=None)
        after = terminology_etag()
    assert terminology_etag() == before != after

"""Declarations of confidentiality: versions, the exact words, signing."""

import hashlib
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from domain.certification import declarations
from domain.certification.choices import RoleContext, SigningMethod, StandingCode
from domain.certification.models import ConfidentialityDeclaration, DeclarationText
from domain.certification.queries import has_signed, today_here
from domain.certification.standing import standing
from domain.core.errors import InvalidInput, InvalidState, NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def text(nhf, admin):
    """The mentors' declaration, published."""
    draft = DeclarationText.objects.get(role_context=RoleContext.MENTOR)
    return declarations.publish_text(draft, by=admin)


def sign(user, text, by=None, **more):
    shown = declarations.render(text, "nb")
    values = {"language": "nb", "text_sha256": shown.sha256, **more}
    return declarations.sign_declaration(user=user, text=text, by=by or user, **values)


def test_signing_keeps_the_exact_words_and_their_hash(nhf, solveig, text):
    row = sign(solveig, text)
    assert nhf.name in row.signed_text
    assert "{organization}" not in row.signed_text
    assert hashlib.sha256(row.signed_text.encode()).hexdigest() == row.text_sha256
    assert (row.language, row.method) == ("nb", SigningMethod.APP)
    with pytest.raises(InvalidState) as refusal:
        sign(solveig, text)
    assert refusal.value.code == "signed-already"


def test_other_words_than_were_shown_are_not_signed(solveig, text):
    shown = declarations.render(text, "nn")
    with pytest.raises(InvalidState) as refusal:
        sign(solveig, text, text_sha256=shown.sha256)
    assert refusal.value.code == "text-changed"


def test_a_new_version_asks_again_and_the_old_signature_stays(solveig, text, admin):
    row = sign(solveig, text)
    assert standing(solveig).is_allowed
    draft = declarations.write_text(
        by=admin, role_context=RoleContext.MENTOR, title_nb="Ny", body_nb="Nye ord for {organization}."
    )
    assert draft.number == 2
    assert has_signed(solveig, RoleContext.MENTOR, today_here())
    second = declarations.publish_text(draft, by=admin)
    assert standing(solveig).code == StandingCode.DECLARATION_NOT_SIGNED
    with pytest.raises(InvalidState) as refusal:
        sign(solveig, text)
    assert refusal.value.code == "not-current"
    sign(solveig, second)
    assert standing(solveig).is_allowed
    assert ConfidentialityDeclaration.objects.get(pk=row.pk).signed_text == row.signed_text


def test_a_published_version_is_never_changed_not_even_by_sql(text, admin):
    with pytest.raises(InvalidState):
        declarations.change_text(text, changes={"body_nb": "Other"}, by=admin)
    for wrong in ({"body_nb": "Other"}, {"number": 9}, {"published_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DeclarationText.objects.filter(pk=text.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        DeclarationText.objects.filter(pk=text.pk).delete()


def test_a_draft_is_changed_and_discarded_by_who_may(solveig, admin, nhf):
    draft = DeclarationText.objects.get(role_context=RoleContext.DRIVER)
    with pytest.raises(NotAllowed):
        declarations.change_text(draft, changes={"title_nb": "Min"}, by=solveig)
    draft = declarations.change_text(draft, changes={"title_nb": "Vår"}, by=admin)
    with pytest.raises(InvalidInput):
        declarations.change_text(draft, changes={"body_nn": ""}, by=admin)
    with pytest.raises(InvalidState):
        declarations.write_text(by=admin, role_context=RoleContext.DRIVER, title_nb="x", body_nb="y")
    declarations.discard_text(DeclarationText.objects.get(pk=draft.pk), by=admin)
    assert not DeclarationText.objects.filter(role_context=RoleContext.DRIVER).exists()


def test_for_somebody_else_only_paper_is_noted_and_only_where_one_may(solveig, karim, text, person):
    with pytest.raises(InvalidInput):
        sign(solveig, text, by=karim)
    with pytest.raises(NotAllowed):
        sign(karim, text, by=solveig, method=SigningMethod.PAPER)
    assert sign(solveig, text, by=karim, method=SigningMethod.PAPER).method == SigningMethod.PAPER


def test_a_revoked_or_outlived_declaration_asks_again(solveig, admin, nhf):
    draft = DeclarationText.objects.get(role_context=RoleContext.MENTOR)
    draft = declarations.change_text(draft, changes={"validity_months": 12}, by=admin)
    text = declarations.publish_text(draft, by=admin)
    row = sign(solveig, text)
    assert standing(solveig, on=row.valid_until).is_allowed
    assert not standing(solveig, on=row.valid_until + timedelta(days=1)).is_allowed
    declarations.revoke_declaration(row, by=admin, reason="Broken")
    assert standing(solveig).code == StandingCode.DECLARATION_NOT_SIGNED
    assert sign(solveig, text).pk != row.pk


def test_a_driver_signs_the_drivers_words(solveig, text, admin):
    sign(solveig, text)
    draft = DeclarationText.objects.get(role_context=RoleContext.DRIVER)
    assert standing(solveig, context=RoleContext.DRIVER).is_allowed
    declarations.publish_text(draft, by=admin)
    assert not standing(solveig, context=RoleContext.DRIVER).is_allowed
    assert standing(solveig).is_allowed

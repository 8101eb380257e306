"""Stored addresses are brought into the one spelling by a command, which tells what it had to leave."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from domain.access.choices import Role
from domain.access.invitations import invite
from domain.access.leaving import invitations_of
from domain.access.models import Invitation
from domain.identity.models import User
from tenants.db import connection

pytestmark = pytest.mark.django_db
MENTOR = "mentor@nhf.example"


def spell() -> str:
    out = StringIO()
    call_command("spell_addresses", stdout=out)
    return out.getvalue()


def test_invitations_are_found_by_their_address_once_it_is_spelled(nhf, person):
    invitation = invite(email="kari@xn--blbr-roah.example", role=Role.PEER_MENTOR, by=None)
    Invitation.objects.filter(pk=invitation.pk).update(email="Kari@Blåbær.example")
    kari = User(email="kari@xn--blbr-roah.example")
    assert not invitations_of(kari).exists()
    told = spell()
    assert "invitations of nhf: 1 addresses changed" in told
    assert "@" not in told
    assert list(invitations_of(kari)) == [invitation]
    assert "invitations of nhf: 0 addresses changed" in spell()


def test_an_address_that_another_has_is_left_and_the_command_says_whose(nhf, person):
    row = person(MENTOR)
    with connection.as_owner():
        User.objects.filter(pk=row.pk).update(email="ａdmin@nhf.example", name_key="")
    out = StringIO()
    with pytest.raises(CommandError, match="1 addresses"):
        call_command("spell_addresses", stdout=out)
    other = person("admin@nhf.example").pk
    assert f"{row.pk}: its address, rightly spelled, is that of {other}" in out.getvalue()
    assert "people: 1 ordered anew" in out.getvalue()

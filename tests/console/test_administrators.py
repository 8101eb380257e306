"""The first administrator of an organisation, from the command line."""

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context

from domain.access.management.commands import add_administrator
from domain.audit.models import AuditEvent
from domain.identity.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(monkeypatch):
    def answer(*passwords: str) -> None:
        rest = list(passwords)
        monkeypatch.setattr(add_administrator, "getpass", lambda prompt: rest.pop(0))

    return answer


def test_a_new_administrator_signs_in_to_the_admin(typed, browser_of, capsys):
    typed("en lang setning 9", "en lang setning 9")

    call_command("add_administrator", "nhf", "ny@nhf.example", first_name="Ny", last_name="Sjef")

    assert "Ny Sjef is now organisation admin of Norges Handikapforbund." in capsys.readouterr().out
    assert browser_of("nhf", "ny@nhf.example").get("/admin/").status_code == 200
    with schema_context("nhf"):
        actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"membership.created", "role.assigned"} <= actions


def test_someone_known_keeps_name_and_password(browser_of, person):
    before = person("mentor@nhf.example").password

    call_command("add_administrator", "blindeforbundet", "Mentor@nhf.example", first_name="Someone")

    after = person("mentor@nhf.example")
    assert (after.first_name, after.password) == ("Solveig", before)
    assert browser_of("blindeforbundet", "mentor@nhf.example").get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "passwords", "words"),
    [
        (("nowhere", "ny@nhf.example"), (), "no organisation"),
        (("meander_template", "ny@nhf.example"), (), "no organisation"),
        (("nhf", "ny@nhf.example"), ("en lang setning 9", "en annen setning"), "differ"),
        (("nhf", "ny@nhf.example"), ("kort", "kort"), "short"),
        (("nhf", "no address"), ("en lang setning 9", "en lang setning 9"), "e-mail address"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(typed, arguments, passwords, words):
    typed(*passwords)

    with pytest.raises(CommandError, match=words):
        call_command("add_administrator", *arguments)

    assert not User.objects.filter(email__in=["ny@nhf.example", "no address"]).exists()

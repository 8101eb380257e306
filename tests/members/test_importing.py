"""Members from a spreadsheet: looked at first, then invited, registered, or given a title."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from domain.access.choices import Role
from domain.access.models import Invitation
from domain.identity.models import Membership, User
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db
ASTRID, KARIM = "admin@nhf.example", "coordinator@nhf.example"
HEADINGS = "Medlemsnummer;Fornavn;Etternavn;E-post;Rolle;Lokallag;Tittel"


@pytest.fixture
def look(nhf, browser_of):
    """Upload rows; gives the client and the page that says what would happen."""
    client = browser_of("nhf", ASTRID)

    def upload(*rows: str):
        text = "\n".join([HEADINGS, *rows])
        file = SimpleUploadedFile("folk.csv", text.encode(), "text/csv")
        response = client.post(reverse("members:import"), {"file": file})
        assert response.status_code == 302, response.content.decode()
        return client, response["Location"], client.get(response["Location"]).content.decode()

    return upload


def test_nothing_is_written_by_looking_and_everything_by_confirming(look, tree, mailbox):
    client, url, text = look(
        "1;Kari;Nordmann;kari@nhf.example;likeperson;101;", "2;Ola;Hansen;;peer_mentor;101;Vert"
    )
    assert "is invited" in text
    assert "is registered without e-mail" in text
    assert not Invitation.objects.exists()
    assert client.post(url)["Location"] == reverse("members:index")
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.local_association) == (
        "kari@nhf.example",
        Role.PEER_MENTOR,
        tree.grorud,
    )
    assert not User.objects.filter(email="kari@nhf.example").exists()
    ola = Membership.objects.here().get(external_reference="2")
    assert (str(ola.user), ola.user.email, ola.display_title) == ("Ola Hansen", None, "Vert")
    assert work_off() == ["done"]
    assert mailbox[0]["To"] == "kari@nhf.example"


def test_a_number_that_is_there_changes_the_title_and_nothing_of_the_person(look, membership_of):
    row = membership_of(KARIM)
    Membership.objects.filter(pk=row.pk).update(external_reference="7")
    client, url, text = look("7;Helt;Annen;annen@nhf.example;koordinator;;Leder")
    assert "Karim Haddad" in text
    client.post(url)
    after = membership_of(KARIM)
    assert (str(after.user), after.display_title) == ("Karim Haddad", "Leder")
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1;Kari;Nordmann;kari;peer_mentor;;", "no e-mail address"),
        (f"1;Kari;Nordmann;{KARIM};peer_mentor;;", "a member already"),
        ("1;Kari;Nordmann;kari@nhf.example;;;", "Must be filled where"),
        ("1;Kari;Nordmann;kari@nhf.example;keiser;;", "is not known"),
        ("1;Kari;Nordmann;kari@nhf.example;platform_staff;;", "is not known"),
        ("1;Kari;Nordmann;kari@nhf.example;peer_mentor;999;", "none with this number"),
        ("1;Kari;Nordmann;kari@nhf.example;finance;101;", "whole organisation"),
        ("1;Kari;;;;;", "Must be filled in"),
        (f"1;{'K' * 101};Nordmann;;;;", "At most 100"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_and_the_row_left_out(look, tree, row, said):
    before = Membership.objects.here().count()
    client, url, text = look(row)
    assert said in text
    client.post(url)
    assert Membership.objects.here().count() == before
    assert not Invitation.objects.exists()


def test_what_changed_after_the_look_is_not_written(look, person, tree):
    from domain.access.invitations import invite

    client, url, _text = look("1;Kari;Nordmann;kari@nhf.example;peer_mentor;;")
    invite(email="kari@nhf.example", role=Role.COORDINATOR, by=None)
    assert client.post(url)["Location"] == url
    assert Invitation.objects.get().role == Role.COORDINATOR


def test_a_coordinator_does_not_import(nhf, browser_of):
    response = browser_of("nhf", KARIM).get(reverse("members:import"))
    assert response.status_code in (302, 403)

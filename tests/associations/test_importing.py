"""Importing a register of local associations: every row is looked at before anything is written."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cms.admin.associations.import_plan import Plan, carry_out
from cms.admin.importing.output import write_table
from cms.admin.importing.tables import read_table
from cms.demo.associations import seed_associations
from domain.access.queries import scope_for
from domain.associations import rules
from domain.associations.models import LocalAssociation
from domain.audit.models import AuditEvent
from domain.core.errors import StaleVersion
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db
ADMIN = "admin@nhf.example"
HEADERS = ["Number", "Name", "Kind", "Parent number"]


def table(*rows, headers=HEADERS):
    return read_table(write_table("csv", headers, rows))


@pytest.fixture
def admin(person):
    return person(ADMIN)


@pytest.fixture
def planned(tree, admin):
    return lambda *rows, **options: Plan(table(*rows, **options), scope_for(admin))


def problems(plan) -> list[str]:
    return [str(problem) for row in plan.rows for problem in row.problems]


def test_a_file_may_name_parents_in_any_order(tree, admin):
    data = table(["301", "Nes", "local", "30"], ["30", "Nord", "region", "1"])
    plan = Plan(data, scope_for(admin))
    assert plan.counts["new"] == 2
    figures = carry_out(data, stamps=plan.stamps(), scope=scope_for(admin), by=admin, file_name="a.csv")
    assert figures == {"created": 2, "updated": 0, "failed": 0}
    nes = LocalAssociation.objects.get(number="301")
    assert nes.parent.name == "Nord"
    assert AuditEvent.objects.filter(object_id=str(nes.pk), action="local-association.created").exists()


def test_headings_in_norwegian_and_labels_of_choices_are_understood(planned):
    plan = planned(["301", "Nes", "Lokallag"], headers=["Nummer", "Navn", "Type"])
    assert plan.names == ["number", "name", "kind"]


def test_what_is_there_is_changed_moved_or_left_alone(planned):
    plan = planned(
        ["101", "Grorud lag", "local", "10"],
        ["102", "Sinsen", "local", "20"],
        ["201", "Bergen", "local", "20"],
    )
    assert [row.outcome.value for row in plan.rows] == ["update", "update", "unchanged"]
    assert [change.new for row in plan.rows for change in row.changes] == ["Grorud lag", "20"]


def test_each_error_stands_at_its_row(planned):
    plan = planned(
        ["", "Uten nummer", "", ""],
        ["500", "", "", ""],
        ["501", "Ukjent", "", "999"],
        ["502", "To", "", "1"],
        ["502", "To igjen", "", "1"],
        ["503", "Rart", "fylkesting", "1"],
        ["504", "Under feil", "", "501"],
    )
    assert plan.counts["error"] == 6
    assert "The same as row 5." in problems(plan)
    assert any("There is none with the number “999”" in text for text in problems(plan))
    assert any("Row 4 has an error." in text for text in problems(plan))


def test_a_ring_made_of_several_rows_is_found(planned):
    plan = planned(["10", "Øst", "", "201"], ["20", "Vest", "", "101"])
    # Without the first row the second is no ring.
    assert [row.outcome.value for row in plan.rows] == ["error", "update"]
    assert "above and below itself" in problems(plan)[0]


def test_an_organisation_number_can_not_be_given_twice(planned):
    headers = ["Number", "Name", "Parent number", "Organisation number"]
    plan = planned(["601", "A", "1", "923609016"], ["602", "B", "1", "923 609 016"], headers=headers)
    assert problems(plan) == ["Organisation number: “601” has this organisation number."]


def test_what_changed_since_the_look_stops_the_import(tree, admin):
    data = table(["101", "Grorud lag", "local", "10"])
    stamps = Plan(data, scope_for(admin)).stamps()
    rules.change_association(tree.grorud, changes={"name": "Annet"}, by=None)
    with pytest.raises(StaleVersion):
        carry_out(data, stamps=stamps, scope=scope_for(admin), by=admin, file_name="a.csv")
    assert LocalAssociation.objects.get(pk=tree.grorud.pk).name == "Annet"


def test_an_export_comes_back_as_unchanged(nhf, browser_of, admin):
    seed_associations()
    client = browser_of("nhf", ADMIN)
    for kind in ("csv", "xlsx"):
        response = client.get(f"{reverse('local_associations:index')}?export={kind}")
        data = read_table(b"".join(response.streaming_content))
        plan = Plan(data, scope_for(admin))
        assert problems(plan) == []
        assert plan.counts == {"new": 0, "update": 0, "unchanged": 1400, "error": 0}


def test_a_large_register_arrives_in_a_handful_of_statements_per_row(blindeforbundet, person):
    from tests.support.queries import statements

    admin = person("admin@blindeforbundet.example")
    rows = [["1", "Norge", "national", ""], *[[f"L{n}", f"Lag {n}", "local", "1"] for n in range(600)]]
    data, scope = table(*rows), scope_for(admin)
    stamps = Plan(data, scope).stamps()
    with statements() as found:
        carry_out(data, stamps=stamps, scope=scope, by=admin, file_name="stor.csv")
    assert LocalAssociation.objects.count() == 601
    assert len(found) < 2 * 601


def test_the_pages_lead_from_file_to_list(tree, browser_of):
    client = browser_of("nhf", ADMIN)
    start = reverse("local_associations:import")
    assert client.get(start).status_code == 200
    upload = SimpleUploadedFile(
        "lag.csv", write_table("csv", HEADERS, [["301", "Nes", "local", "10"], ["", "X"]])
    )
    response = client.post(start, {"file": upload})
    check = response["Location"]
    page = client.get(check).content.decode()
    assert "Nes" in client.get(f"{check}?show=all").content.decode()
    assert not LocalAssociation.objects.filter(number="301").exists()
    assert client.get(f"{check}failed.csv").status_code == 200
    assert "lag.csv" in page
    assert client.post(check)["Location"] == reverse("local_associations:index")
    assert LocalAssociation.objects.get(number="301").parent == tree.east
    assert client.get(check).status_code == 404


def test_a_long_file_is_looked_through_and_written_by_jobs_whole_or_not_at_all(tree, browser_of):
    client, start = browser_of("nhf", ADMIN), reverse("local_associations:import")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    rows = [[f"4{number:03}", f"Lag {number}", "local", "10"] for number in range(501)]

    def asked_for() -> str:
        upload = SimpleUploadedFile("lag.csv", write_table("csv", HEADERS, rows))
        progress = client.post(start, {"file": upload})["Location"]
        check = progress.replace("progress/", "")
        assert client.get(check)["Location"] == client.post(check)["Location"] == progress
        assert client.get(f"{check}failed.csv").status_code == 404
        return looked_at(progress)

    def looked_at(progress: str) -> str:
        assert "is being looked through" in client.get(progress).content.decode()
        work_off()
        check = progress.replace("progress/", "")
        assert client.get(progress.replace("progress", "state")).json()["next"] == check
        assert client.get(progress)["Location"] == check
        assert check.split("import/")[1] in client.get(start).content.decode()
        page = client.get(check).content.decode()
        assert "Import 501 rows" in page
        assert client.post(check)["Location"] == progress
        assert "is being imported" in client.get(progress).content.decode()
        return progress

    refused = asked_for()
    LocalAssociation.objects.filter(number="10").update(is_active=False)
    work_off()
    page = client.get(refused).content.decode()
    assert "help-critical" in page
    assert "lag.csv" in client.get(start).content.decode()
    assert not LocalAssociation.objects.filter(number="4500").exists()
    LocalAssociation.objects.filter(number="10").update(is_active=True)
    # What was refused is looked through anew.
    progress = client.post(refused)["Location"]
    assert progress == refused
    looked_at(progress)
    work_off()
    assert client.get(progress.replace("progress", "state")).json()["next"] == progress
    assert client.get(progress)["Location"] == reverse("local_associations:index")
    assert LocalAssociation.objects.filter(number="4500").exists()
    other = browser_of("nhf", "both@meander.example")
    assert other.get(progress).status_code in (302, 403, 404)


def test_a_file_is_seen_by_nobody_else(tree, browser_of, person):
    from domain.access.rules import assign_role

    assign_role(person("both@meander.example"), "org_admin", by=None)
    upload = SimpleUploadedFile("lag.csv", write_table("csv", HEADERS, [["301", "Nes", "local", "10"]]))
    check = browser_of("nhf", ADMIN).post(reverse("local_associations:import"), {"file": upload})["Location"]
    assert browser_of("nhf", "both@meander.example").get(check).status_code == 404


def test_a_file_without_numbers_is_refused_at_once(tree, browser_of):
    upload = SimpleUploadedFile("lag.csv", write_table("csv", ["Name"], [["Nes"]]))
    response = browser_of("nhf", ADMIN).post(reverse("local_associations:import"), {"file": upload})
    assert response.status_code == 422
    assert response.context["form"].errors["file"]


def test_who_may_not_write_does_not_import(tree, east_coordinator, browser_of):
    response = browser_of("nhf", "coordinator@nhf.example").get(reverse("local_associations:import"))
    assert response.status_code == 302

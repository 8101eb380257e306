"""The import as one meets it in the admin: four pages, each with the right to be there checked again."""

import io
import os
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from cms.admin.importing import staging
from cms.admin.importing.output import write_csv
from cms.admin.importing.tables import read_table
from cms.models import FaqEntry
from domain.access.models import UserGroup
from domain.identity.models import User
from tenants.jobs import registry
from tenants.schedules import schedules

LIST = "/admin/content/faqs/"
START = f"{LIST}import/"
HEAD = ["Category", "Question", "Answer"]


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


class Visitor:
    """Someone at the browser, on the way through an import."""

    def __init__(self, client):
        self.client = client

    def upload(self, data: bytes, name: str = "spørsmål.csv"):
        return self.client.post(START, {"file": SimpleUploadedFile(name, data)})

    def columns(self, response, **changes):
        """Accept the guess about the columns, with these changes."""
        page = self.client.get(response["Location"])
        assert page.status_code == 200
        form = page.context["form"]
        data = {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}
        data = {name: value for name, value in data.items() if value not in (False, "")} | changes
        return self.client.post(response["Location"], data)

    def check(self, response):
        return self.client.get(response["Location"])

    def carry_out(self, response, rows: str = "all", state: str = "draft"):
        return self.client.post(response["Location"], {"rows": rows, "state": state})


@pytest.fixture
def visitor(browser_of, make):
    def make_visitor(email: str = "admin@nhf.example", organization: str = "nhf") -> Visitor:
        client = browser_of(organization, email)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return Visitor(client)

    return make_visitor


@pytest.fixture
def three_rows() -> bytes:
    return write_csv(HEAD, [["Om oss", "A?", "a"], ["Om oss", "B?", "b"], ["Ikke", "C?", "c"]])


def test_from_file_to_content_and_the_failed_rows_back(make, visitor, three_rows):
    make.category()
    me = visitor()
    assert b"import/" in me.client.get(LIST).content
    checked = me.columns(me.upload(three_rows))
    page = me.check(checked)
    assert page.context["counts"] == {"new": 2, "update": 0, "unchanged": 0, "error": 1}
    assert not FaqEntry.objects.exists()
    done = me.client.get(me.carry_out(checked, rows="good", state="publish")["Location"])
    assert done.context["report"]["created"] == 2
    assert FaqEntry.objects.filter(live=True).count() == 2
    for each in done.context["failed_urls"]:
        back = read_table(me.client.get(each["url"]).content)
        assert back.headers == [*HEAD, "Error"]
        assert [row.cells[:3] for row in back.rows] == [["Ikke", "C?", "c"]]


def test_a_category_is_made_where_one_ticks_the_box(make, visitor, three_rows):
    make.category()
    me = visitor()
    checked = me.columns(me.upload(three_rows), create_headings="on")
    page = me.check(checked)
    assert page.context["counts"]["error"] == 0
    assert page.context["new_headings"] == ["Ikke"]
    me.carry_out(checked)
    assert FaqEntry.objects.get(question="C?").category.name == "Ikke"


def test_all_or_none_is_not_offered_while_rows_have_errors(make, visitor, three_rows):
    make.category()
    me = visitor()
    checked = me.columns(me.upload(three_rows))
    assert me.carry_out(checked, rows="all").status_code == 422
    assert not FaqEntry.objects.exists()


def test_publishing_is_not_offered_to_who_may_not(make, visitor):
    make.category()
    me = visitor("coordinator@nhf.example")
    checked = me.columns(me.upload(write_csv(HEAD, [["Om oss", "A?", "a"]])))
    assert me.carry_out(checked, state="publish").status_code == 422
    assert me.carry_out(checked).status_code == 302
    assert not FaqEntry.objects.get().live


def test_the_failed_rows_can_be_had_before_anything_is_imported(make, visitor, three_rows):
    make.category()
    me = visitor()
    page = me.check(me.columns(me.upload(three_rows)))
    back = read_table(me.client.get(page.context["failed_urls"][0]["url"]).content)
    assert [row.cells[1] for row in back.rows] == ["C?"]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_empty_file_has_headings_that_are_understood(visitor, importing, format):
    data = visitor().client.get(f"{START}template.{format}").content
    headers = (
        data.decode("utf-8-sig").strip().split(";")
        if format == "csv"
        else [cell.value for cell in load_workbook(io.BytesIO(data)).active[1]]
    )
    kind = importing("faq", ["x"], ["1"]).kind
    assert None not in kind.columns_of(headers)


@pytest.mark.parametrize(
    ("data", "message"), [(b"", "empty"), (b"PK\x03\x04x", "damaged"), (b"\x00\x01\x02" * 99, "neither")]
)
def test_a_file_that_cannot_be_read_is_answered_with_why(visitor, data, message):
    response = visitor().upload(data)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not default_storage.exists("imports")


def test_columns_must_say_where_the_question_is(make, visitor):
    me = visitor()
    page = me.columns(me.upload(write_csv(["Noe", "Answer"], [["A?", "a"]])))
    assert page.status_code == 422
    assert "Say which column holds: Category, Question." in page.content.decode()


def test_two_columns_cannot_be_the_same(make, visitor):
    me = visitor()
    page = me.columns(me.upload(write_csv(["Question", "x"], [["A?", "a"]])), column_1="question")
    assert page.status_code == 422
    assert page.content.decode().count("Two columns can&#x27;t both be this.") == 2


def test_what_is_imported_already_is_not_imported_again_by_going_back(make, visitor):
    make.category()
    me = visitor()
    checked = me.columns(me.upload(write_csv(HEAD, [["Om oss", "A?", "a"]])))
    done = me.carry_out(checked)
    for address in (checked["Location"], checked["Location"].replace("check", "columns")):
        assert me.client.get(address)["Location"] == done["Location"]
    assert me.carry_out(checked)["Location"] == done["Location"]
    assert me.client.get(done["Location"]).context["report"]["created"] == 1
    assert FaqEntry.objects.count() == 1


def test_cancelling_throws_the_file_away(make, visitor, three_rows):
    me = visitor()
    columns = me.upload(three_rows)["Location"]
    assert me.client.post(columns.replace("columns", "cancel"))["Location"] == LIST
    assert me.client.get(columns).status_code == 404
    assert default_storage.listdir("imports")[1] == []


def test_long_results_come_in_pages(make, visitor):
    make.category()
    me = visitor()
    rows = [["Om oss", f"{number}?", "x"] for number in range(120)]
    checked = me.columns(me.upload(write_csv(HEAD, rows)))["Location"]
    assert len(me.client.get(checked).context["page"].object_list) == 50
    assert len(me.client.get(checked, {"show": "new", "p": "3"}).context["page"].object_list) == 20


class TestWalls:
    @pytest.mark.parametrize("email", ["mentor@nhf.example", None])
    def test_who_may_not_write_is_not_let_in(self, browser_of, make, email):
        client = browser_of("nhf", email)
        assert client.get(START).status_code == 302
        assert client.get(f"{START}template.csv").status_code == 302

    def test_the_list_shows_no_button_to_who_may_only_read(self, browser_of, make, person):
        group = UserGroup.objects.get(user=person("coordinator@nhf.example")).group
        with connection.as_owner():
            group.permissions.remove(
                *Permission.objects.filter(codename__in=["add_faqentry", "change_faqentry"])
            )
        client = browser_of("nhf", "coordinator@nhf.example")
        assert b"faqs/import/" not in client.get(LIST).content
        assert client.get(START).status_code == 302

    @pytest.mark.parametrize("step", ["columns/", "check/", "done/", "failed.csv"])
    def test_a_colleague_cannot_open_my_file(self, make, visitor, three_rows, step):
        columns = visitor().upload(three_rows)["Location"]
        colleague = visitor("coordinator@nhf.example")
        assert colleague.client.get(columns.replace("columns/", step)).status_code == 404

    def test_nor_can_i_from_another_browser(self, make, visitor, three_rows):
        columns = visitor().upload(three_rows)["Location"]
        assert visitor().client.get(columns).status_code == 404

    def test_nor_another_organisation(self, make, visitor, three_rows):
        columns = visitor().upload(three_rows)["Location"]
        other = visitor("admin@blindeforbundet.example", "blindeforbundet")
        assert other.client.get(columns).status_code == 404

    def test_nor_as_another_kind_of_content(self, make, visitor, three_rows):
        me = visitor()
        columns = me.upload(three_rows)["Location"]
        assert me.client.get(columns.replace("faqs", "resource-links")).status_code == 404

    def test_a_name_from_the_disk_opens_nothing(self, make, visitor, three_rows):
        visitor().upload(three_rows)
        name = default_storage.listdir("imports")[1][0].removesuffix(".json")
        for token in (name, "../imports/" + name, "..%2f" + name):
            assert visitor().client.get(f"{START}{token}/columns/").status_code == 404

    def test_no_address_serves_the_folder(self, make, visitor, three_rows):
        me = visitor()
        me.upload(three_rows)
        name = default_storage.listdir("imports")[1][0]
        assert me.client.get(f"/media/imports/{name}").status_code == 404

    def test_my_file_is_gone_after_a_day(self, make, visitor, three_rows):
        me = visitor()
        columns = me.upload(three_rows)["Location"]
        assert staging.sweep() == 0
        assert staging.sweep(timezone.now() + timedelta(hours=25)) == 1
        assert me.client.get(columns).status_code == 404

    def test_also_where_nobody_uploads_any_more(self, make, visitor, three_rows):
        visitor().upload(three_rows)
        name = default_storage.listdir("imports")[1][0]
        old = (timezone.now() - timedelta(hours=25)).timestamp()
        os.utime(default_storage.path(f"imports/{name}"), (old, old))
        assert "imports.sweep" in schedules
        assert registry["imports.sweep"].function(None) == {"deleted": 1}

    def test_a_forged_token_form_is_refused(self, browser_of, make):
        client = Client(HTTP_HOST="nhf.localhost", enforce_csrf_checks=True)
        client.force_login(User.objects.get(email="admin@nhf.example"))
        assert client.post(START, {"file": SimpleUploadedFile("a.csv", b"a;b\n1;2")}).status_code == 403

"""Settings, areas and branding: what an organisation decides about itself."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tenants.utils import tenant_context
from PIL import Image

from domain.audit.models import AuditEvent
from domain.config.branding import change_branding
from domain.config.choices import Area
from domain.config.models import FeatureArea
from domain.config.queries import current_settings, enabled_areas, locales_in_use
from domain.config.rules import change_settings, set_area
from domain.core.errors import InvalidInput, InvalidState, NotAllowed, StaleVersion
from tenants.models import Organization


def picture(kind: str = "PNG", size: tuple[int, int] = (1200, 300), **options) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "#9b1b30").save(out, kind, **options)
    return SimpleUploadedFile(f"logo.{kind.lower()}", out.getvalue())


# --- Areas


def test_a_new_organisation_has_every_area_but_the_platforms_own(nhf, platform):
    assert enabled_areas() == set(Area.values)
    with tenant_context(nhf):
        assert enabled_areas() == set(Area.values) - {"demo_bookings"}


def test_an_area_switched_off_is_gone_and_comes_back_whole(nhf, person):
    admin = person("admin@nhf.example")
    row = set_area(area="faqs", enabled=False, by=admin)
    assert "faqs" not in enabled_areas()
    assert row.enabled_by == admin
    assert row.enabled_at is not None
    set_area(area="faqs", enabled=True, by=admin)
    assert "faqs" in enabled_areas()
    assert list(
        AuditEvent.objects.filter(action__startswith="area.").order_by("id").values_list("action", flat=True)
    ) == [
        "area.disabled",
        "area.enabled",
    ]


def test_switching_to_what_it_already_is_changes_nothing(nhf):
    set_area(area="faqs", enabled=True, by=None)
    assert not AuditEvent.objects.filter(action__startswith="area.").exists()


def test_an_area_without_a_row_counts_as_in_a_new_organisation(nhf):
    FeatureArea.objects.all().delete()
    assert enabled_areas() == set(Area.values) - {"demo_bookings"}
    set_area(area="faqs", enabled=False, by=None)
    assert "faqs" not in enabled_areas()


def test_the_platforms_areas_cannot_be_switched_on_elsewhere(nhf):
    with pytest.raises(InvalidState):
        set_area(area="demo_bookings", enabled=True, by=None)


def test_only_who_may_change_areas_can(nhf, person):
    for email in ("coordinator@nhf.example", "mentor@nhf.example", "admin@blindeforbundet.example"):
        with pytest.raises(NotAllowed):
            set_area(area="faqs", enabled=False, by=person(email))


def test_an_unknown_area_is_refused_and_a_stale_version_too(nhf):
    with pytest.raises(InvalidInput):
        set_area(area="wizardry", enabled=True, by=None)
    with pytest.raises(StaleVersion):
        set_area(area="faqs", enabled=False, by=None, version=99)


# --- Settings


def test_a_setting_is_changed_and_audited_field_by_field(nhf, person):
    change_settings(changes={"locales": ["en", "nb"], "escalation_days": 10}, by=person("admin@nhf.example"))
    assert locales_in_use() == ("nb", "en")
    event = AuditEvent.objects.get(action="settings.changed")
    assert event.changes == {"locales": [["nb", "nn", "en"], ["nb", "en"]]}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"locales": []}, "required", "locales"),
        ({"locales": ["nn", "en"]}, "main-language", "locales"),
        ({"locales": ["nb", "xx"]}, "invalid", "locales"),
        ({"version": 3}, "unknown-setting", "version"),
        ({"wizard": 3}, "unknown-setting", "wizard"),
        ({"escalation_days": 0}, "invalid", "escalation_days"),
        ({"quiet_hours_start": "22:00"}, "invalid", ""),
    ],
)
def test_settings_that_make_no_sense_are_refused(nhf, changes, code, field):
    with pytest.raises(InvalidInput) as refusal:
        change_settings(changes=changes, by=None)
    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_settings_changed_meanwhile_are_not_overwritten(nhf):
    version = current_settings().version
    change_settings(changes={"escalation_days": 7}, by=None, version=version)
    with pytest.raises(StaleVersion):
        change_settings(changes={"escalation_days": 8}, by=None, version=version)


def test_one_organisations_settings_are_not_anothers(nhf, blindeforbundet):
    with tenant_context(nhf):
        change_settings(changes={"locales": ["nb"]}, by=None)
    assert locales_in_use() == ("nb", "nn", "en")


# --- Branding


def test_an_admin_changes_name_colour_and_consent(nhf, person):
    change_branding(
        changes={"short_name": " NHF Norge ", "brand_color": "#123456", "is_listed": False},
        by=person("admin@nhf.example"),
    )
    row = Organization.objects.get(schema_name="nhf")
    assert (row.short_name, row.brand_color, row.is_listed) == ("NHF Norge", "#123456", False)
    assert AuditEvent.objects.get(action="branding.changed").changes == {
        "short_name": ["NHF", "NHF Norge"],
        "brand_color": ["#9b1b30", "#123456"],
        "is_listed": [True, False],
    }


def test_what_belongs_to_the_platform_is_not_the_organisations_to_change(nhf):
    for field in ("status", "schema_name", "slug", "kind", "organization_number"):
        with pytest.raises(InvalidInput):
            change_branding(changes={field: "x"}, by=None)


def test_branding_is_the_admins(nhf, person):
    for email in ("coordinator@nhf.example", "admin@blindeforbundet.example"):
        with pytest.raises(NotAllowed):
            change_branding(changes={"short_name": "Ours"}, by=person(email))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"brand_color": "red"}, "brand_color"),
        ({"name": ""}, "name"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"default_language": "de"}, "default_language"),
    ],
)
def test_branding_that_cannot_be_is_refused_by_field(nhf, changes, field):
    with pytest.raises(InvalidInput) as refusal:
        change_branding(changes=changes, by=None)
    assert refusal.value.field == field


def test_the_main_language_must_be_in_use(nhf):
    change_settings(changes={"locales": ["nb"]}, by=None)
    with pytest.raises(InvalidInput):
        change_branding(changes={"default_language": "en"}, by=None)


def test_a_logo_is_kept_as_a_small_png_without_what_else_was_in_the_file(nhf):
    exif = Image.Exif()
    exif[0x010E] = "canary-in-exif"
    organization = change_branding(changes={}, logo=picture("JPEG", exif=exif), by=None)
    with organization.logo.open() as file:
        data = file.read()
    assert data.startswith(b"\x89PNG")
    assert b"canary" not in data
    assert Image.open(io.BytesIO(data)).size == (800, 200)


def test_a_replaced_or_removed_logo_leaves_the_disk(nhf, django_capture_on_commit_callbacks):
    first = change_branding(changes={}, logo=picture(), by=None).logo
    with django_capture_on_commit_callbacks(execute=True):
        second = change_branding(changes={}, logo=picture("WEBP"), by=None).logo
    assert first.name != second.name
    assert not first.storage.exists(first.name)
    with django_capture_on_commit_callbacks(execute=True):
        change_branding(changes={}, remove_logo=True, by=None)
    assert not second.storage.exists(second.name)
    assert not Organization.objects.get(schema_name="nhf").logo


@pytest.mark.parametrize(
    "upload",
    [
        SimpleUploadedFile("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        SimpleUploadedFile("logo.jpg", b"<html><script>alert(1)</script></html>"),
        SimpleUploadedFile("logo.gif", b"GIF89a" + b"\x00" * 40),
        SimpleUploadedFile("logo.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100),
        SimpleUploadedFile("logo.png", b"\x00" * (2 * 1024 * 1024 + 1)),
        SimpleUploadedFile("logo.png", b""),
        picture(size=(6001, 10)),
        picture(size=(5000, 5000)),
    ],
    ids=["svg", "html", "gif", "broken", "large", "empty", "wide", "many-pixels"],
)
def test_what_is_no_reasonable_picture_is_no_logo(nhf, upload):
    with pytest.raises(InvalidInput) as refusal:
        change_branding(changes={}, logo=upload, by=None)
    assert refusal.value.field == "logo"


def test_branding_changed_meanwhile_is_not_overwritten(nhf):
    read_at = Organization.objects.get(schema_name="nhf").updated_at
    change_branding(changes={"short_name": "A"}, by=None, read_at=read_at)
    with pytest.raises(StaleVersion):
        change_branding(changes={"short_name": "B"}, by=None, read_at=read_at)

"""Each organisation's look: on the admin, the login page, the front page and errors."""

import re

import pytest
from django.urls import reverse
from django_tenants.utils import tenant_context
from hypothesis import given
from hypothesis import strategies as st

from cms import theme
from cms.colors import WHITE, contrast, mix
from domain.config.branding import change_branding
from tenants import routing
from tenants.models import Organization
from tests.config.test_settings import picture

pytestmark = pytest.mark.django_db
PAGE = "/admin/settings/branding/"
COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def data_of(page) -> dict:
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields if name not in ("logo", "remove_logo")}
    return {name: value for name, value in values.items() if value not in (None, False)}


@pytest.fixture
def logo(nhf):
    name = change_branding(changes={}, logo=picture(), by=None).logo.name
    routing.forget()
    return name


def test_an_admin_changes_name_colour_and_logo_and_sees_them_at_once(browser_of):
    browser = browser_of("nhf", "admin@nhf.example")
    data = data_of(browser.get(PAGE))
    answer = browser.post(
        PAGE, {**data, "short_name": "NHF Norge", "brand_color": "#ffcc00", "logo": picture()}
    )
    assert answer.status_code == 302
    routing.forget()  # On commit, which a test never reaches.
    page = browser.get("/admin/").content.decode()
    assert "NHF Norge" in page
    row = Organization.objects.get(schema_name="nhf")
    assert reverse("branding_logo", args=[row.logo.name]) in page


def test_a_wrong_colour_or_picture_is_told_at_its_field(browser_of):
    browser = browser_of("nhf", "admin@nhf.example")
    data = data_of(browser.get(PAGE))
    assert "brand_color" in browser.post(PAGE, {**data, "brand_color": "red"}).context["form"].errors
    from django.core.files.uploadedfile import SimpleUploadedFile

    svg = SimpleUploadedFile("x.png", b"<svg/>")
    assert "logo" in browser.post(PAGE, {**data, "logo": svg}).context["form"].errors


def test_a_coordinator_has_no_branding_page(browser_of):
    assert browser_of("nhf", "coordinator@nhf.example").get(PAGE).status_code == 302


def test_a_page_opened_before_someone_elses_change_overwrites_nothing(browser_of, nhf):
    browser = browser_of("nhf", "admin@nhf.example")
    data = data_of(browser.get(PAGE))
    with tenant_context(nhf):
        change_branding(changes={"short_name": "Theirs"}, by=None)
    assert browser.post(PAGE, {**data, "short_name": "Mine"}).status_code == 200
    assert Organization.objects.get(schema_name="nhf").short_name == "Theirs"


def test_a_logo_is_shown_without_signing_in_on_its_own_host_alone(browser_of, logo):
    address = reverse("branding_logo", args=[logo])
    answer = browser_of("nhf").get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert "immutable" in answer["Cache-Control"]
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
    assert browser_of("blindeforbundet").get(address).status_code == 404


@pytest.mark.parametrize("name", ["..%2f..%2fsecret.png", "x.png", "0" * 32 + ".png", "", "logo.svg"])
def test_no_other_file_comes_out_of_the_logo_address(browser_of, logo, name):
    assert browser_of("nhf").get(f"/branding/logo/{name}").status_code == 404


def test_login_front_page_and_errors_carry_the_logo_and_the_colours(browser_of, logo):
    browser = browser_of("nhf")
    for address in ("/", "/nothing/", "/admin/login/"):
        page = browser.get(address).content.decode()
        assert logo in page, address
        assert "/branding/theme.css?v=" in page, address


def test_the_stylesheet_and_the_icon_are_each_organisations_own(browser_of):
    for path in ("theme.css", "icon.svg"):
        ours = browser_of("nhf").get(f"/branding/{path}")
        theirs = browser_of("blindeforbundet").get(f"/branding/{path}")
        assert ours.status_code == theirs.status_code == 200
        assert ours.content != theirs.content
    assert b"#9b1b30" in ours.content


def test_the_icon_escapes_the_name(browser_of, nhf):
    change_branding(changes={"short_name": "<script>"}, by=None)
    routing.forget()
    assert b"&lt;</text>" in browser_of("nhf").get("/branding/icon.svg").content


@given(COLORS)
def test_whatever_the_brand_colour_text_can_be_read_on_it(color):
    sidebar, action = theme.sidebar_color(color), theme.action_color(color)
    assert contrast(mix(sidebar, WHITE, theme.MENU_LABEL_OPACITY), sidebar) >= 4.5
    assert contrast(WHITE, action) >= 4.5
    assert contrast(action, "#f6f6f8") >= 4.5


@given(COLORS)
def test_the_stylesheet_is_valid_hsl(color):
    for name in ("primary", "secondary"):
        values = re.findall(
            rf"--w-color-{name}-(hue|saturation|lightness): ([0-9.]+)(%?);", theme.stylesheet(color)
        )
        assert [(part, unit) for part, _value, unit in values] == [
            ("hue", ""),
            ("saturation", "%"),
            ("lightness", "%"),
        ]
        assert float(values[0][1]) <= 360
        assert all(float(value) <= 100 for _part, value, _unit in values[1:])

"""Support access from asking to giving back, with the web processes' own login: never as the owner."""

from django.test import Client
from django_tenants.utils import schema_context

from cms.demo.organizations import PASSWORD
from domain.identity.models import SupportAccessGrant
from tenants.models import Organization

FAQS = "/admin/content/faqs/"


def test_it_works_with_the_web_processes_own_login(web_login):
    with web_login():
        platform = Client(HTTP_HOST="localhost")
        assert (
            platform.post(
                "/admin/login/", {"username": "owner@meander.example", "password": PASSWORD}
            ).status_code
            == 302
        )
        with schema_context("platform"):
            nhf = Organization.objects.get(schema_name="nhf")
        asked = platform.post(
            f"/admin/organizations/{nhf.pk}/support/",
            {"reason": "Help", "areas": ["faqs"], "access": "read", "hours": "4", "starts_at": ""},
        )
        assert asked.status_code == 302, asked.content
        assert f"{nhf.pk}/support/" in platform.get(f"/admin/organizations/{nhf.pk}/").content.decode()

        admin = Client(HTTP_HOST="nhf.localhost")
        admin.post("/admin/login/", {"username": "admin@nhf.example", "password": PASSWORD})
        with schema_context("nhf"):
            grant = SupportAccessGrant.objects.get()
        assert admin.get("/admin/support-access/?status=pending").status_code == 200
        assert admin.get(f"/admin/support-access/{grant.pk}/").status_code == 200
        assert admin.get(f"/admin/support-access/{grant.pk}/approve/").status_code == 200
        assert admin.post(f"/admin/support-access/{grant.pk}/approve/").status_code == 302
        assert "card--support" in admin.get("/admin/").content.decode()

        support = Client(HTTP_HOST="nhf.localhost")
        assert (
            support.post(
                "/admin/login/", {"username": "owner@meander.example", "password": PASSWORD}
            ).status_code
            == 302
        )
        assert support.get(FAQS).status_code == 200

        assert platform.post(f"/admin/organizations/{nhf.pk}/support/{grant.pk}/end/").status_code == 302
        assert support.get(FAQS).status_code in (302, 403)

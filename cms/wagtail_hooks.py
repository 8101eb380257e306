"""Registers with Wagtail what cms.admin defines; nothing is defined here."""

from wagtail import hooks

from cms.admin.branding import BrandingPage
from cms.admin.dashboard import replace_panels
from cms.admin.demo_bookings import SalesViewSetGroup
from cms.admin.menu import construct_main_menu
from cms.admin.settings import AreasPage, OrganizationSettingsPage
from cms.admin.terminology import TerminologyPage

hooks.register("register_admin_viewset", SalesViewSetGroup)
hooks.register("construct_homepage_panels", replace_panels)
hooks.register("construct_main_menu", construct_main_menu)
for page in (BrandingPage, TerminologyPage, AreasPage, OrganizationSettingsPage):
    hooks.register("register_admin_viewset", page)

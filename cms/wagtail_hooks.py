"""Registers with Wagtail what cms.admin defines; nothing is defined here."""

from wagtail import hooks
from wagtail.snippets.models import register_snippet

from cms.admin.activities.evidence import attachments, documents
from cms.admin.activities.viewsets import ActivitiesGroup
from cms.admin.assignments.viewsets import AssignmentsGroup
from cms.admin.associations.choosers import association_chooser, person_chooser
from cms.admin.associations.viewsets import AssociationsGroup
from cms.admin.audit import AuditViewSet
from cms.admin.branding import BrandingPage
from cms.admin.bulk_publish import BULK_ACTIONS
from cms.admin.certification.group import CertificationGroup
from cms.admin.content import register_log_actions, translate_urls
from cms.admin.content_group import ContentViewSetGroup
from cms.admin.content_links import register_link_feature
from cms.admin.dashboard import replace_panels
from cms.admin.dashboard_year import YearPage
from cms.admin.demo_bookings import SalesViewSetGroup
from cms.admin.file_rights import register_policies
from cms.admin.grants.viewsets import RuleSetViewSet
from cms.admin.languages import drop_translate_button
from cms.admin.members.viewsets import PeopleGroup
from cms.admin.menu import construct_main_menu
from cms.admin.organizations.viewsets import OrganizationsGroup
from cms.admin.people.choosers import contact_chooser, relative_chooser
from cms.admin.people.viewsets import ContactsGroup
from cms.admin.settings import AreasPage, OrganizationSettingsPage
from cms.admin.stored_files import file_urls
from cms.admin.support import SupportAccessPage
from cms.admin.terminology import TerminologyPage
from cms.media import may_open_document
from cms.preview.icons import register_icons

register_policies()
hooks.register("register_admin_viewset", AuditViewSet)
hooks.register("register_admin_viewset", SalesViewSetGroup)
hooks.register("register_admin_viewset", OrganizationsGroup)
hooks.register("register_admin_viewset", lambda: association_chooser)
hooks.register("register_admin_viewset", lambda: person_chooser)
hooks.register("register_admin_viewset", AssociationsGroup)
hooks.register("register_admin_viewset", PeopleGroup)
hooks.register("register_admin_viewset", lambda: contact_chooser)
hooks.register("register_admin_viewset", lambda: relative_chooser)
hooks.register("register_admin_viewset", ContactsGroup)
hooks.register("register_admin_viewset", ActivitiesGroup)
hooks.register("register_admin_urls", attachments.urls)
hooks.register("register_admin_urls", documents.urls)
hooks.register("register_admin_viewset", RuleSetViewSet)
hooks.register("register_admin_viewset", CertificationGroup)
hooks.register("register_admin_viewset", AssignmentsGroup)
hooks.register("register_admin_viewset", YearPage)
hooks.register("construct_homepage_panels", replace_panels)
hooks.register("construct_main_menu", construct_main_menu)
for page in (BrandingPage, TerminologyPage, AreasPage, OrganizationSettingsPage, SupportAccessPage):
    hooks.register("register_admin_viewset", page)

register_snippet(ContentViewSetGroup)
for action in BULK_ACTIONS:
    # After Wagtail's own, so that ours takes the place of its "delete".
    hooks.register("register_bulk_action", action, order=10)
hooks.register("register_admin_urls", translate_urls, order=-10)
hooks.register("register_admin_urls", file_urls)
hooks.register("construct_snippet_listing_buttons", drop_translate_button)
hooks.register("register_log_actions", register_log_actions)
hooks.register("register_rich_text_features", register_link_feature, order=10)
hooks.register("before_serve_document", may_open_document, order=-10)
hooks.register("register_icons", register_icons)

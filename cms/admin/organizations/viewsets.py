"""The console's addresses and its entry in the menu."""

from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.base import ViewSet, ViewSetGroup

from .access import PlatformMenuItem
from .accounts import AccountActionView, AccountsView
from .actions import ActionView
from .creation import NewOrganizationView
from .detail import DetailView
from .hosts import AddHostView, PrimaryHostView, RemoveHostView
from .listing import OrganizationsView
from .relations import AddRelationView, EndRelationView
from .runs import JobsView, RetryView, RunStateView, RunView
from .support import GiveBackView, RequestSupportView


class OrganizationsViewSet(ViewSet):
    name = "organizations"
    icon = "site"
    menu_label = _("All organisations")
    menu_name = "all-organizations"
    menu_item_class = PlatformMenuItem

    def get_urlpatterns(self):
        return [
            path("", OrganizationsView.as_view(), name="index"),
            path("results/", OrganizationsView.as_view(results_only=True), name="results"),
            path("new/", NewOrganizationView.as_view(), name="new"),
            path("runs/<uuid:pk>/", RunView.as_view(), name="run"),
            path("runs/<uuid:pk>/state/", RunStateView.as_view(), name="run_state"),
            path("runs/<uuid:pk>/retry/", RetryView.as_view(), name="retry"),
            path("<uuid:pk>/", DetailView.as_view(), name="detail"),
            path("<uuid:pk>/hosts/add/", AddHostView.as_view(), name="add_host"),
            path("<uuid:pk>/hosts/<uuid:host>/remove/", RemoveHostView.as_view(), name="remove_host"),
            path("<uuid:pk>/hosts/<uuid:host>/primary/", PrimaryHostView.as_view(), name="primary_host"),
            path("<uuid:pk>/relations/add/", AddRelationView.as_view(), name="add_relation"),
            path("<uuid:pk>/relations/<uuid:edge>/end/", EndRelationView.as_view(), name="end_relation"),
            path("<uuid:pk>/support/", RequestSupportView.as_view(), name="request_support"),
            path("<uuid:pk>/support/<uuid:grant>/end/", GiveBackView.as_view(), name="give_back_support"),
            path("<uuid:pk>/<slug:action>/", ActionView.as_view(), name="action"),
        ]


class JobsViewSet(ViewSet):
    name = "jobs"
    icon = "tasks"
    menu_label = _("Jobs")
    menu_name = "jobs"
    menu_item_class = PlatformMenuItem

    def get_urlpatterns(self):
        return [
            path("", JobsView.as_view(), name="index"),
            path("results/", JobsView.as_view(results_only=True), name="results"),
        ]


class AccountsViewSet(ViewSet):
    name = "accounts"
    icon = "user"
    menu_label = _("Accounts")
    menu_name = "accounts"
    menu_item_class = PlatformMenuItem

    def get_urlpatterns(self):
        return [
            path("", AccountsView.as_view(), name="index"),
            path("<uuid:person>/<slug:action>/", AccountActionView.as_view(), name="action"),
        ]


class OrganizationsGroup(ViewSetGroup):
    menu_label = _("Organisations")
    menu_name = "organizations"
    menu_icon = "site"
    menu_order = 200
    items = (OrganizationsViewSet, AccountsViewSet, JobsViewSet)

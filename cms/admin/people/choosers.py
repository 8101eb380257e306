"""Choosing a contact, a relative or a mentor in a dialogue."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.chooser import ChooserViewSet

from cms.admin.scoped import ScopedChooserViewSet
from cms.admin.scoped.choosers import ChooseResultsView, ChooseView
from domain.people.models import Contact, RegisteredRelative
from domain.people.models.contacts import VIEW


class _Contacts:
    @property
    def columns(self):
        return [
            self.title_column,  # type: ignore[attr-defined]
            Column("birth_year", label=_("Year of birth")),
            Column("local_association", label=_("Belongs to")),
        ]

    def get_object_list(self):
        rows = super().get_object_list().present()  # type: ignore[misc]
        return rows.select_related("local_association").order_by("name_key", "pk")


class ContactChooseView(_Contacts, ChooseView):
    pass


class ContactChooseResultsView(_Contacts, ChooseResultsView):
    pass


class ContactChooserViewSet(ScopedChooserViewSet):
    model = Contact
    name = "contact_chooser"
    url_prefix = "contacts/chooser"
    icon = "user"
    choose_one_text = gettext_lazy("Choose a person")
    choose_another_text = gettext_lazy("Choose another person")
    edit_item_text = gettext_lazy("Open")
    edit_url_name = "contacts:inspect"
    search_fields = ["name_search"]
    per_page = 15
    choose_view_class = ContactChooseView
    choose_results_view_class = ContactChooseResultsView


contact_chooser: ChooserViewSet = ContactChooserViewSet()
ContactWidget = contact_chooser.widget_class


class _Relatives:
    @property
    def columns(self):
        return [
            self.title_column,  # type: ignore[attr-defined]
            Column("birth_year", label=_("Year of birth")),
            Column("phone", label=_("Phone")),
        ]

    def get_object_list(self):
        return super().get_object_list().filter(erased_at=None).order_by("name_key", "pk")  # type: ignore[misc]


class RelativeChooseView(_Relatives, ChooseView):
    pass


class RelativeChooseResultsView(_Relatives, ChooseResultsView):
    pass


class RelativeChooserViewSet(ScopedChooserViewSet):
    model = RegisteredRelative
    name = "relative_chooser"
    url_prefix = "relatives/chooser"
    icon = "group"
    # Relatives are seen with the contacts they belong to.
    permission = VIEW
    choose_one_text = gettext_lazy("Choose a person")
    choose_another_text = gettext_lazy("Choose another person")
    search_fields = ["name_search"]
    per_page = 15
    choose_view_class = RelativeChooseView
    choose_results_view_class = RelativeChooseResultsView


relative_chooser: ChooserViewSet = RelativeChooserViewSet()
RelativeWidget = relative_chooser.widget_class

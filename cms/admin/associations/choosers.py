"""Choosing an association, or a person, in a dialogue."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.chooser import ChooserViewSet

from cms.admin.scoped import ScopedChooserViewSet
from cms.admin.scoped.choosers import ChooseResultsView, ChooseView
from domain.associations.models import LocalAssociation
from domain.identity.models import User
from domain.identity.models.people import VIEW_MEMBERSHIP

from . import people  # noqa: F401 - says whom of the people a form may offer


class _Columns:
    @property
    def columns(self):
        return [
            self.title_column,  # type: ignore[attr-defined]
            Column("number", label=_("Number")),
            Column("parent", label=_("Belongs to")),
        ]

    def get_object_list(self):
        return super().get_object_list().active().select_related("parent")  # type: ignore[misc]


class AssociationChooseView(_Columns, ChooseView):
    pass


class AssociationChooseResultsView(_Columns, ChooseResultsView):
    pass


class AssociationChooserViewSet(ScopedChooserViewSet):
    model = LocalAssociation
    name = "local_association_chooser"
    url_prefix = "local-associations/chooser"
    icon = "group"
    choose_one_text = gettext_lazy("Choose")
    choose_another_text = gettext_lazy("Choose another")
    edit_item_text = gettext_lazy("Open")
    edit_url_name = "local_associations:inspect"
    search_fields = ["name_search", "number", "parent__name_search"]
    per_page = 15
    choose_view_class = AssociationChooseView
    choose_results_view_class = AssociationChooseResultsView


association_chooser: ChooserViewSet = AssociationChooserViewSet()
AssociationWidget = association_chooser.widget_class


class _People:
    @property
    def columns(self):
        return [self.title_column, Column("email", label=_("E-mail"))]  # type: ignore[attr-defined]

    def get_object_list(self):
        return super().get_object_list().order_by("name_key", "pk")  # type: ignore[misc]


class PersonChooseView(_People, ChooseView):
    pass


class PersonChooseResultsView(_People, ChooseResultsView):
    pass


class PersonChooserViewSet(ScopedChooserViewSet):
    """The people a form may offer: members whom the caller reaches (`cms.admin.associations.people`)."""

    model = User
    name = "person_chooser"
    url_prefix = "people/chooser"
    icon = "user"
    permission = VIEW_MEMBERSHIP
    choose_one_text = gettext_lazy("Choose a person")
    choose_another_text = gettext_lazy("Choose another person")
    search_fields = ["name_search", "email"]
    per_page = 15
    choose_view_class = PersonChooseView
    choose_results_view_class = PersonChooseResultsView


person_chooser: ChooserViewSet = PersonChooserViewSet()
PersonWidget = person_chooser.widget_class

"""Choosing an association in a dialogue."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.chooser import ChooserViewSet

from cms.admin.scoped import ScopedChooserViewSet
from cms.admin.scoped.choosers import ChooseResultsView, ChooseView
from domain.associations.models import LocalAssociation


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
    search_fields = ["name", "number", "parent__name"]
    per_page = 15
    choose_view_class = AssociationChooseView
    choose_results_view_class = AssociationChooseResultsView


association_chooser: ChooserViewSet = AssociationChooserViewSet()
AssociationWidget = association_chooser.widget_class

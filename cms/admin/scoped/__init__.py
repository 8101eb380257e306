"""Wagtail's generated views for operational entities, held to the rows that the caller may see.

Wagtail's permission policies ask "may this person edit contacts?", never "may they edit *this* contact?": in
its `ModelViewSet` every view (list, export, edit, inspect, history, delete, copy, choosers) takes any row of
the table. `ScopedViewSet` is the base of every admin page of ours that isn't content:

    class GrantViewSet(ScopedViewSet):
        model = Grant                          # its manager has `visible_to(scope)`
        path_field = "association__path"       # where a row belongs; None: the whole organisation
        list_display = ["name", "valid_to"]
        list_export = ["name", "valid_to"]
        search_fields = ["name"]
        filterset_class = GrantFilterSet       # derives from ScopedFilterSet
        form_class = GrantForm                 # derives from ScopedModelForm (or give `form_fields`)

        def create(self, values, *, by):
            return rules.create_grant(**values, by=by)

        def change(self, row, values, *, by, version):
            return rules.change_grant(row, changes=values, by=by, version=version)

* Rows: every view reads `self.model.objects.visible_to(scope)` (or `rows(scope)` where the viewset overrides
  it). A row out of sight, one that doesn't exist and an id that is none all answer 404.
* Permissions: "<app>.<verb>_<model>" of the role table, asked of the scope for the row's chapter path.
* Writing: `create`, `change`, `delete` call the area's rules. Where a method isn't written there is no such
  page, and its address is a 404. A `DomainError` stands at its field, and what was typed stays; a
  `StaleVersion` shows who changed what meanwhile and lets the person save once more knowingly.
* More actions on a row: `row_views = {"end": EndView}` with views deriving from `ScopedActionView` (a form
  and `apply`) or `ScopedRowView`; they get the address `end/<id>/` and the name `end`. Pages of the whole
  list: `list_views = {"tree": TreeView}`, deriving from `ScopedPageView`.
* Several at once: `bulk_actions = [EndMany]`, deriving from `ScopedBulkAction` (its `act` calls the rule).
* Choices: every model choice in a `ScopedModelForm`, `ScopedForm` or `ScopedFilterSet` offers what the scope
  sees. A model without `visible_to` needs an entry in `row_scopes`; without one the form refuses to be built.
* Phones: a column with `classname="wide-only"` gives way where the screen is narrow.
* Choosers: `ScopedChooserViewSet`, with `search_fields`.
* History is the audit; there is no usage page, no Wagtail log, no revision and no reference index.
* Tests: tests/associations/test_scoped_views.py walks every address of every registered ScopedViewSet; add a
  maker of own, sibling and foreign rows for the model there.
"""

from .access import ScopeError, row_scopes, scope_of, scoped
from .bulk import ScopedBulkAction
from .choosers import ScopedChooserViewSet
from .forms import ScopedFilterSet, ScopedForm, ScopedModelForm
from .pages import ScopedActionView, ScopedPageView, ScopedRowView
from .viewset import ScopedGroup, ScopedViewSet

__all__ = [
    "ScopeError",
    "ScopedActionView",
    "ScopedBulkAction",
    "ScopedChooserViewSet",
    "ScopedFilterSet",
    "ScopedForm",
    "ScopedGroup",
    "ScopedModelForm",
    "ScopedPageView",
    "ScopedRowView",
    "ScopedViewSet",
    "row_scopes",
    "scope_of",
    "scoped",
]

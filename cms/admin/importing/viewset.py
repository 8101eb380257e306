"""How a list of content gets its import: two mixins, one for the viewset and one for its list."""

from functools import cached_property
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from wagtail.admin.widgets.button import HeaderButton

from . import background_views, views
from .kinds import KINDS, ImportKind
from .output import safe_cell


class ImportableViewSet:
    """For a SnippetViewSet: the addresses below `import/`, where the model is one that can be imported."""

    model: Any
    get_url_name: Any

    @cached_property
    def import_kind(self) -> ImportKind | None:
        return KINDS.get(self.model)

    def get_urlpatterns(self):
        patterns = super().get_urlpatterns()  # type: ignore[misc]
        if self.import_kind is None:
            return patterns
        options = {"viewset": self, "kind": self.import_kind}
        return [
            *patterns,
            path("import/", views.StartView.as_view(**options), name="import"),
            path(
                "import/template.<str:format>",
                views.TemplateFileView.as_view(**options),
                name="import_template",
            ),
            path("import/<str:token>/columns/", views.ColumnsView.as_view(**options), name="import_columns"),
            path("import/<str:token>/check/", views.CheckView.as_view(**options), name="import_check"),
            path(
                "import/<str:token>/progress/",
                background_views.ProgressView.as_view(**options),
                name="import_progress",
            ),
            path(
                "import/<str:token>/state/",
                background_views.StateView.as_view(**options),
                name="import_state",
            ),
            path("import/<str:token>/done/", views.DoneView.as_view(**options), name="import_done"),
            path("import/<str:token>/cancel/", views.CancelView.as_view(**options), name="import_cancel"),
            path(
                "import/<str:token>/failed.<str:format>",
                views.FailedFileView.as_view(**options),
                name="import_failed",
            ),
        ]


class ImportableList:
    """For its list: the button, and an export that imports back unchanged.

    What is exported is what an editor would see: the newest draft where there is one. Lists in a cell are
    one item per line, rich text is without the editor's own marks.
    """

    model: Any
    request: Any

    @cached_property
    def header_buttons(self):
        buttons = list(super().header_buttons)  # type: ignore[misc]
        if self.import_kind is not None and self._may_import():
            viewset = self.model.snippet_viewset
            buttons.append(
                HeaderButton(
                    label=_("Import"),
                    url=reverse(viewset.get_url_name("import")),
                    icon_name="upload",
                    priority=1100,
                )
            )
        return buttons

    @property
    def import_kind(self) -> ImportKind | None:
        return KINDS.get(self.model)

    def _may_import(self) -> bool:
        name = self.model._meta.model_name
        return any(self.request.user.has_perm(f"cms.{verb}_{name}") for verb in ("add", "change"))

    def to_row_dict(self, item):
        if self.import_kind is not None and item.has_unpublished_changes and item.latest_revision:
            item = item.with_content_json(item.latest_revision.content)
        return super().to_row_dict(item)  # type: ignore[misc]

    def preprocess_field_value(self, field, value, export_format):
        """Every text as a cell that no spreadsheet takes for a formula."""
        if self.import_kind is not None and value is not None:
            column = self.import_kind.exported(field)
            if column is not None:
                return safe_cell(column.written(value))
        return super().preprocess_field_value(field, value, export_format)  # type: ignore[misc]

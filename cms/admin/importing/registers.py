"""How the list of a register (local associations, members) gets its import: a mixin for the viewset."""

from typing import Any, Protocol

from django.urls import path

# Address below the list, its view, its name.
STEPS = (
    ("import/", "StartView", "import"),
    ("import/template.<str:format>", "TemplateFileView", "import_template"),
    ("import/<str:token>/", "CheckView", "import_check"),
    ("import/<str:token>/failed.<str:format>", "FailedFileView", "import_failed"),
    ("import/<str:token>/cancel/", "CancelView", "import_cancel"),
    ("import/<str:token>/progress/", "ProgressView", "import_progress"),
    ("import/<str:token>/state/", "StateView", "import_state"),
)


class ImportSteps(Protocol):
    """A module with a view per step (`cms.admin.associations.import_views`)."""

    StartView: Any
    TemplateFileView: Any
    CheckView: Any
    FailedFileView: Any
    CancelView: Any
    ProgressView: Any
    StateView: Any


class RegisterImport:
    """First base of a ScopedViewSet: the addresses below `import/`."""

    import_views: ImportSteps
    construct_view: Any

    def get_urlpatterns(self) -> list:
        return [
            *super().get_urlpatterns(),  # type: ignore[misc]
            *(
                path(address, self.construct_view(getattr(self.import_views, view)), name=name)
                for address, view, name in STEPS
            ),
        ]

"""The forms of the steps: which file, which column is what, how to carry it out."""

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.config.queries import locales_in_use

from .columns import ID
from .kinds import ImportKind
from .planning import Options
from .tables import MAX_BYTES, FileRefusedError, Table, read_table

ALL, GOOD = "all", "good"
DRAFT, PUBLISH = "draft", "publish"


class UploadForm(forms.Form):
    """Takes a file and reads it: `table` is what it holds."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(
            attrs={"accept": ".csv,.tsv,.txt,.xlsx,text/csv"},
        ),
        error_messages={"empty": gettext_lazy("The file is empty.")},
    )
    table: Table

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(size)s. Split it into several.")
                % {"size": filesizeformat(MAX_BYTES)}
            )
        try:
            self.table = read_table(file.read())
        except FileRefusedError as error:
            raise forms.ValidationError(str(error)) from None
        return file


class ColumnsForm(forms.Form):
    """What each column of the file holds."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language of rows that name none"), choices=settings.LANGUAGES
    )
    create_headings = forms.BooleanField(required=False)

    def __init__(self, kind: ImportKind, table: Table, *args, may_create_headings: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind, self.table = kind, table
        in_use = locales_in_use()
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            (code, label) for code, label in settings.LANGUAGES if code in in_use
        ]
        choices = [("", _("Don't import"))]
        choices += [(column.name, capfirst(str(column.label))) for column in kind.columns]
        for index, header in enumerate(table.headers):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=header or _("Column %(number)d") % {"number": index + 1},
                choices=choices,
                required=False,
            )
        heading = kind.heading_column
        self.fields["create_headings"].label = _("Make what is missing: %(name)s") % {
            "name": capfirst(str(heading.label))
        }
        if not may_create_headings:
            del self.fields["create_headings"]

    @property
    def column_fields(self) -> list:
        """The select of each column, with what the first rows hold in it."""
        samples = self.table.rows[:3]
        return [
            {"field": self[f"column_{index}"], "samples": [row.cells[index] for row in samples]}
            for index in range(len(self.table.headers))
        ]

    def clean(self):
        data = super().clean()
        names = self.names
        for name in {name for name in names if name and names.count(name) > 1}:
            for index, each in enumerate(names):
                if each == name:
                    self.add_error(f"column_{index}", _("Two columns can't both be this."))
        if ID.name not in names:
            missing = [
                capfirst(str(column.label))
                for column in self.kind.columns
                if column.required and column.name not in names
            ]
            if missing:
                raise forms.ValidationError(
                    _("Say which column holds: %(names)s.") % {"names": ", ".join(missing)}
                )
        elif not any(name and name != ID.name for name in names):
            raise forms.ValidationError(_("Say what the columns hold."))
        return data

    @property
    def names(self) -> list[str | None]:
        """For each column of the file the name of the kind's column, or None."""
        return [self.cleaned_data.get(f"column_{index}") or None for index in range(len(self.table.headers))]

    @property
    def options(self) -> Options:
        return Options(
            language=self.cleaned_data["language"],
            create_headings=bool(self.cleaned_data.get("create_headings")),
        )


class CarryOutForm(forms.Form):
    """All rows or the good ones; as drafts or published."""

    rows = forms.ChoiceField(
        label=gettext_lazy("Which rows"), widget=forms.RadioSelect, choices=[(ALL, ""), (GOOD, "")]
    )
    state = forms.ChoiceField(
        label=gettext_lazy("How"),
        widget=forms.RadioSelect,
        choices=[(DRAFT, gettext_lazy("As drafts, which readers don't see yet"))],
        initial=DRAFT,
    )

    def __init__(
        self, counts: dict[str, int], *args, may_publish: bool, in_background: bool = False, **kwargs
    ):
        super().__init__(*args, **kwargs)
        good = counts["new"] + counts["update"]
        choices = [(GOOD, _("Only the %(good)d good rows; the others come back as a file") % {"good": good})]
        if not counts["error"]:
            choices = [(ALL, _("All %(good)d rows, or none if one of them fails") % {"good": good}), *choices]
            choices[1] = (GOOD, _("Every row by itself; if one fails, the others are still imported"))
        if in_background:
            # Written in parts, which can't be taken back together.
            choices = choices[-1:]
        self.fields["rows"].choices = choices  # type: ignore[attr-defined]
        self.fields["rows"].initial = choices[0][0]
        if may_publish:
            self.fields["state"].choices = [  # type: ignore[attr-defined]
                *CarryOutForm.base_fields["state"].choices,  # type: ignore[attr-defined]
                (PUBLISH, _("Published at once")),
            ]

"""Forms and filters whose model choices are the rows that the caller sees."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms.models import WagtailAdminModelForm

from domain.core.scope import Scope

from .access import ScopeError, scope_of, scoped


def scope_choices(form: forms.BaseForm, scope: Scope, instance: Any = None) -> None:
    """Narrow every model choice of a form; what a row refers to already stays among its choices."""
    for name, field in form.fields.items():
        if not isinstance(field, forms.ModelChoiceField):
            continue
        if field.queryset is None:
            raise ScopeError(f"{type(form).__name__}.{name} has no queryset to take choices from")
        model, every = field.queryset.model, field.queryset
        allowed = Q(pk__in=scoped(every, scope).values("pk"))
        if instance is not None and not instance._state.adding:
            present = getattr(instance, f"{name}_id", None)
            if present is not None:
                allowed |= Q(pk=present)
        field.queryset = model._default_manager.filter(pk__in=every.values("pk")).filter(allowed)
        ordering = every.query.order_by or model._meta.ordering
        if ordering:
            field.queryset = field.queryset.order_by(*ordering)
        # A chooser would look up, and name, whatever id was sent.
        field.widget.choices_of_form = field.queryset


class ScopedForm(forms.Form):
    """A plain form; give it `scope`."""

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.scope = scope
        scope_choices(self, scope)


class ScopedModelForm(WagtailAdminModelForm):
    """A form of one row. It checks what was typed; writing is the viewset's `create` and `change`.

    `version` is the one that the person read; the rule refuses where there is another by now.
    """

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.scope = scope
        scope_choices(self, scope, self.instance)
        if self.instance._state.adding:
            del self.fields["version"]
        else:
            self.fields["version"].required = True
            self.fields["version"].initial = self.instance.version

    def values(self) -> dict[str, Any]:
        """What was typed, by field."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def save(self, commit: bool = True):
        raise NotImplementedError("rows are written by the area's rules, not by their form")


class ScopedFilterSet(WagtailFilterSet):
    """Filters of a list; every model choice offers what the caller sees."""

    def __init__(self, data=None, queryset=None, *, request=None, prefix=None):
        super().__init__(data, queryset, request=request, prefix=prefix)
        scope = scope_of(request)
        for name, item in self.filters.items():
            if isinstance(item, django_filters.filters.QuerySetRequestMixin):
                rows = item.extra.get("queryset")
                # Not by its truth: that would run the query, and an empty one is one all the same.
                rows = self._related(name) if rows is None else rows
                item.extra["queryset"] = scoped(rows(request) if callable(rows) else rows, scope)
                item.extra.setdefault("error_messages", {})["invalid_choice"] = _("There is no such choice.")

    def _related(self, name: str):
        return self._meta.model._meta.get_field(name).related_model._default_manager.all()

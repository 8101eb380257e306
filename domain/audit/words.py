"""Events in words."""

from typing import Any

from django.apps import apps

from .actions import sentence


def kind_of(object_type: str, *, several: bool = False) -> str:
    """What a row of a model is called, or several of them: “question”."""
    try:
        meta = apps.get_model(object_type)._meta
    except (LookupError, ValueError):
        return object_type
    return str(meta.verbose_name_plural if several else meta.verbose_name)


def said(event: Any) -> str:
    """An event (`AuditEvent.objects`) as a sentence."""
    return sentence(
        event.action,
        actor=event.actor_label,
        is_system=event.actor_id is None,
        label=event.object_label,
        several="" if event.object_id else kind_of(event.object_type, several=True),
    )

"""Everything Wagtail logs about content becomes an audit event, in the transaction that did it.

Wagtail's log entries stay for its history pages; the audit is the record that can't be changed. Images and
documents are recorded by their own signals, since not every view of theirs logs.
"""

from typing import Any, cast

from django.apps import apps
from django.db import models
from django.db.models.signals import post_delete, post_save
from wagtail.log_actions import get_active_log_context
from wagtail.models import ModelLogEntry

from domain.audit.rules import record

NOUNS = {
    "faqentry": "faq",
    "faqcategory": "faq-category",
    "resourcelink": "resource-link",
    "resourcecategory": "link-category",
    "conversationcard": "conversation-card",
    "carddeck": "card-deck",
    "customimage": "image",
    "customdocument": "document",
    "groupapprovaltask": "workflow-task",
}
VERBS = {
    "wagtail.create": "created",
    "wagtail.edit": "edited",
    "wagtail.delete": "deleted",
    "wagtail.publish": "published",
    "wagtail.publish.schedule": "scheduled",
    "wagtail.publish.scheduled": "published",
    "wagtail.schedule.cancel": "unscheduled",
    "wagtail.unpublish": "unpublished",
    "wagtail.unpublish.scheduled": "expired",
    "wagtail.lock": "locked",
    "wagtail.unlock": "unlocked",
    "wagtail.revert": "reverted",
    "wagtail.workflow.start": "submitted",
    "wagtail.workflow.approve": "approved",
    "wagtail.workflow.reject": "sent-back",
    "wagtail.workflow.resume": "resubmitted",
    "wagtail.workflow.cancel": "review-cancelled",
    "cms.move": "moved",
    "cms.audience": "audience-changed",
    "cms.reorder": "reordered",
    "cms.translate": "translated",
}
# Said by the event that comes with them.
SILENT = {"wagtail.rename"}
FILES = {"customimage", "customdocument"}


class Logged:
    """What `record` needs to know of an object that a log entry names, which may be gone by now."""

    def __init__(self, entry: ModelLogEntry):
        model = entry.content_type.model_class() if entry.content_type else None
        self._meta = (model or ModelLogEntry)._meta
        self.pk = entry.object_id
        self.label = entry.label

    def __str__(self):
        return self.label


def action_name(model_name: str, log_action: str) -> str:
    """“faq.published” for Wagtail's `wagtail.publish` of a FAQ."""
    verb = VERBS.get(log_action) or log_action.removeprefix("wagtail.").replace(".", "-")
    return f"{NOUNS.get(model_name, model_name)}.{verb}"


def _continues(entry: ModelLogEntry) -> bool:
    """Whether this saves a draft once more that the same person made a moment ago (autosave)."""
    return (
        entry.action == "wagtail.edit"
        and entry.revision_id is not None
        and ModelLogEntry.objects.filter(
            content_type_id=entry.content_type_id,
            object_id=entry.object_id,
            revision_id=entry.revision_id,
            user_id=entry.user_id,
            action__in=["wagtail.edit", "wagtail.create"],
        )
        .exclude(pk=entry.pk)
        .exists()
    )


def _changes(entry: ModelLogEntry) -> dict[str, tuple[Any, Any]]:
    if entry.action.startswith("wagtail.publish") and entry.revision_id:
        return getattr(entry.revision, "reader_changes", {})
    return {
        name: (value.get("old"), value.get("new"))
        for name, value in entry.data.items()
        if isinstance(value, dict) and {"old", "new"} <= value.keys()
    }


def record_log_entry(sender, instance: ModelLogEntry, created: bool, **kwargs) -> None:
    """Write the audit event of a log entry; the two are in one transaction, or neither is."""
    model_name = instance.content_type.model if instance.content_type else ""
    if not created or instance.action in SILENT or model_name in FILES or _continues(instance):
        return
    record(
        action_name(model_name, instance.action),
        cast(models.Model, Logged(instance)),
        by=instance.user,
        changes=_changes(instance),
        reason=str(instance.data.get("comment") or "")[:500],
    )


def record_file(sender, instance, created: bool = False, **kwargs) -> None:
    """An image or document was uploaded, changed or deleted."""
    signal = kwargs["signal"]
    verb = "deleted" if signal is post_delete else "uploaded" if created else "edited"
    fields = kwargs.get("update_fields")
    if verb == "edited" and fields and set(fields) <= {"file_size", "file_hash"}:
        return  # Wagtail notes size and hash when it first needs them.
    by = get_active_log_context().user or (instance.uploaded_by_user if created else None)
    record(f"{NOUNS[instance._meta.model_name]}.{verb}", instance, by=by)


def connect() -> None:
    """Called when the app is ready."""
    post_save.connect(record_log_entry, sender=ModelLogEntry, dispatch_uid="audit-log-entry")
    for name in sorted(FILES):
        model = apps.get_model("cms", name)
        post_save.connect(record_file, sender=model, dispatch_uid=f"audit-{name}-saved")
        post_delete.connect(record_file, sender=model, dispatch_uid=f"audit-{name}-deleted")

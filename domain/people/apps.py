from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "domain.people"
    label = "people"

    def ready(self):
        from django.utils.translation import gettext_lazy as _

        from domain.access.models.shares import share_models
        from domain.associations.rules import merge_steps
        from domain.audit.actions import register
        from domain.identity.erasing import erased_with_person, erasure_steps
        from tenants.provisioning import default_steps

        from . import erasing, erasure_jobs, handing_out_jobs, reminder_jobs  # noqa: F401 - register the jobs
        from .defaults import create_defaults
        from .handing_out import forget_copies
        from .models import ContactShare
        from .notes import drop_private_notes
        from .rules import hand_over_contacts
        from .sharing import forget_shares

        default_steps.append(create_defaults)
        merge_steps.append(hand_over_contacts)
        # Who supported whom is the mentor's as well; the contact's timeline goes on without it.
        erased_with_person.update(["people.ContactMentor", "people.ContactShare", "people.Note"])
        erasure_steps.append(drop_private_notes)
        erasing.erasure_steps += [forget_copies, forget_shares]
        share_models.append(ContactShare)
        register(
            nouns={
                "contact": _("the contact"),
                "contact-mentor": _("the support of"),
                "contactmentor": _("the support of"),
                "contact-merge": _("the merge of"),
                "contact-note": _("the note about"),
                "contact-hand-out": _("the copy of what is kept about"),
                "contacthandout": _("the copy of what is kept about"),
                "contactnote": _("the note about"),
                "note-request": _("the request for a private note about"),
                "noterequest": _("the request for a private note about"),
                "contact-share": _("the sharing of"),
                "contactshare": _("the sharing of"),
                "note": _("a note of one's own"),
                "caregiver": _("the caregiver"),
                "relative": _("the relative"),
                "contact-relative": _("the relative of a contact"),
                "contactrelative": _("the relative of a contact"),
                "registeredrelative": _("the relative"),
                "diagnosiscategory": _("the diagnosis category"),
                "diagnosis-category": _("the diagnosis category"),
            },
            verbs={
                "paused": _("%(who)s paused %(what)s"),
                "activated": _("%(who)s made %(what)s active"),
                "followed-up": _("%(who)s noted a follow-up as done: %(what)s"),
                "erasure-requested": _("%(who)s asked for %(what)s to be erased"),
                "compared": _("%(who)s compared %(what)s"),
                "asked": _("%(who)s asked for %(what)s"),
                "fetched": _("%(who)s fetched %(what)s"),
                "released": _("%(who)s released what was asked for: %(what)s"),
                "withheld": _("%(who)s kept back what was asked for: %(what)s"),
                "seal-asked": _("%(who)s asked for a sealed release: %(what)s"),
                "handed-over": _("%(who)s handed over to the team: %(what)s"),
                "kept": _("%(who)s keeps to themselves %(what)s"),
                "handed-out": _("%(who)s handed out what was released: %(what)s"),
                "destroyed": _("%(who)s destroyed %(what)s"),
                "unmerged": _("%(who)s undid the merge of %(what)s"),
            },
            sentences={
                "person.notes-asked": _("%(who)s asked %(what)s what becomes of their notes"),
                "contact.took-over": _("%(who)s merged another into %(what)s"),
            },
        )

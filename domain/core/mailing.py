"""Sending a mail of which one wants to know what became of it (docs/jobs.md, "Mail that is sent once")."""

import smtplib
from collections.abc import Iterable
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from .reminding import Delivery

# SMTP's answers of this kind are "not now"; those from 500 on are "no" (RFC 5321, section 4.2.1).
FOR_GOOD = 500


def deliver(mail: EmailMessage, *, key: str) -> Delivery | None:
    """Send one mail: SENT, FAILED (refused for good), UNCERTAIN, or None where it certainly wasn't sent and
    may be tried again later.

    `key` names what the mail is about and whom it goes to. It becomes the Message-ID, so that one that is
    sent a second time is recognised as the same by mail servers and programs.
    """
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    mail.extra_headers["Message-ID"] = f"<{key}@{host}>"
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException):
        return None  # Nobody was there, or nobody who knows us.
    try:
        connection.send_messages([mail])
        return Delivery.SENT
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _text in refused.recipients.values()]
        return Delivery.FAILED if max(codes, default=FOR_GOOD) >= FOR_GOOD else None
    except smtplib.SMTPResponseException as refused:
        return Delivery.FAILED if refused.smtp_code >= FOR_GOOD else None
    except (OSError, smtplib.SMTPException):
        return Delivery.UNCERTAIN  # It broke off: the server may have taken it before.
    finally:
        _close(connection)


def deliver_all(mails: Iterable[tuple[str, EmailMessage]]) -> Delivery | None:
    """Send mails about one thing, each with its key, and say what became of it as a whole.

    SENT where somebody was told; NO_ADDRESS where there was nobody to tell.
    """
    found = [deliver(mail, key=key) for key, mail in mails]
    if not found:
        return Delivery.NO_ADDRESS
    for outcome in (Delivery.SENT, Delivery.UNCERTAIN, None):
        if outcome in found:
            return outcome
    return Delivery.FAILED


def _close(connection: object) -> None:
    """Say goodbye; that it can't be heard any more changes nothing."""
    try:
        connection.close()  # type: ignore[attr-defined]
    except (OSError, smtplib.SMTPException):
        return

"""Looking after resource links: does what they point to still answer?

A link is looked at once a week, one that failed once a day. A dead address (404, 410) is broken at once; a
server that is merely unwell (5xx, no answer) only when it was so the last time too. A server that refuses
robots (401, 403, 405, 429) is there.
"""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.models import ResourceLink
from cms.models.resource_links import LinkCheck, LinkStatus
from domain.core.outgoing import ForbiddenAddressError, OutgoingClient, OutgoingError
from tenants.choices import OrganizationStatus
from tenants.jobs import JobContext, job
from tenants.models import Organization
from tenants.schedules import every, read_schemas

logger = logging.getLogger(__name__)
WEEK, DAY = timedelta(days=7), timedelta(days=1)
# Requests at once, and links in one run: the next run takes the rest.
AT_ONCE = 8
PER_RUN = 400
# So many different addresses without any answer are no coincidence.
OUTAGE = 3
REFUSES_ROBOTS = {401, 403, 405, 406, 429, 999}
# What is stored in `LinkCheck.error`: a code, with the status of the answer where there was one.
NOT_PUBLIC, NO_ANSWER, GONE, UNWELL = "not-public", "no-answer", "gone", "unwell"


@dataclass(frozen=True)
class Finding:
    """What one look at an address found; `lasting`: looking again soon will find the same."""

    error: str = ""
    lasting: bool = True


def look_at(url: str, client: OutgoingClient) -> Finding:
    """Fetch an address and say by a code what is wrong with it, if anything."""
    try:
        answer = client.fetch(url)
    except ForbiddenAddressError:
        return Finding(NOT_PUBLIC)
    except OutgoingError:
        return Finding(NO_ANSWER, lasting=False)
    if answer.status < 400 or answer.status in REFUSES_ROBOTS:
        return Finding()
    if answer.status >= 500:
        return Finding(f"{UNWELL} {answer.status}", lasting=False)
    return Finding(f"{GONE} {answer.status}")


def describe(error: str) -> str:
    """What a stored code means, in the reader's language."""
    code, _space, status = error.partition(" ")
    sentences = {
        NOT_PUBLIC: gettext("The address is not on the public internet."),
        NO_ANSWER: gettext("No answer: the name is unknown, the connection failed, or it took too long."),
        GONE: gettext("The page is gone (%(status)s).") % {"status": status},
        UNWELL: gettext("The server answers with an error (%(status)s).") % {"status": status},
    }
    return sentences.get(code, error)


def links_due(now: datetime) -> QuerySet[ResourceLink]:
    """Published links that are to be looked at by now, the longest waiting first."""
    never = Q(link_check__isnull=True)
    failed = ~Q(link_check__error="") & Q(link_check__checked_at__lt=now - DAY)
    return (
        ResourceLink.objects.select_related("link_check")
        .filter(never | failed | Q(link_check__checked_at__lt=now - WEEK), live=True)
        .order_by(F("link_check__checked_at").asc(nulls_first=True), "pk")
    )


def note(link: ResourceLink, finding: Finding, now: datetime) -> str:
    """Write what was found; returns the link's status afterwards."""
    failed_before = bool(link.link_error)
    if not finding.error:
        status = LinkStatus.OK
    elif finding.lasting or failed_before:
        status = LinkStatus.BROKEN
    else:
        status = link.link_status
    with transaction.atomic():
        # Whoever changed the address meanwhile gets no answer about the old one.
        if ResourceLink.objects.select_for_update(of=("self",)).filter(pk=link.pk, url=link.url).exists():
            LinkCheck.objects.update_or_create(
                link_id=link.pk,
                defaults={"status": status, "error": finding.error, "checked_at": now},
            )
    return status


def organizations_with_links_due(now: datetime) -> Iterable[Organization]:
    """Organisations with a link that is to be looked at by now."""
    table, checks = ResourceLink._meta.db_table, LinkCheck._meta.db_table
    condition = (
        f"EXISTS (SELECT FROM {{schema}}.{table} l LEFT JOIN {{schema}}.{checks} c ON c.link_id = l.id "
        "WHERE l.live AND (c.checked_at IS NULL "
        "OR c.checked_at < %s OR (c.error <> '' AND c.checked_at < %s)))"
    )
    in_use = Organization.objects.filter(status=OrganizationStatus.ACTIVE)
    is_due = read_schemas(
        condition,
        in_use.values_list("schema_name", flat=True),
        tables=[table, checks],
        parameters=[now - WEEK, now - DAY],
    )
    return in_use.filter(schema_name__in=[schema for schema, due in is_due.items() if due])


@every(minutes=60, due=organizations_with_links_due)
@job("resource-links.check", title=_("Check links"), atomic=False)
def check_links(context: JobContext, failed: bool = False) -> dict[str, int]:
    """Look at the links that are due, or at all that failed; returns how many have which status now."""
    links = failed_links() if failed else links_due(timezone.now())
    return check(links, progress=context.progress)


def failed_links() -> QuerySet[ResourceLink]:
    """Published links that had something wrong with them the last time."""
    return (
        ResourceLink.objects.select_related("link_check")
        .filter(live=True, link_check__isnull=False)
        .exclude(link_check__error="")
        .order_by("link_check__checked_at", "pk")
    )


def check(
    due: QuerySet[ResourceLink],
    *,
    client: OutgoingClient | None = None,
    progress: Callable[[int, str], None] = lambda percent, step: None,
) -> dict[str, int]:
    """Look at these links of the organisation that is selected, several at once.

    Where not one of several answers, it is our own network that is down, and nothing is noted.
    """
    client = client or OutgoingClient()
    links = list(due[:PER_RUN])
    counts = dict.fromkeys(LinkStatus.values, 0)
    findings: list[Finding] = []
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        # The threads only fetch: the database is written here, where the organisation is selected.
        for finding in pool.map(lambda link: look_at(link.url, client), links):
            findings.append(finding)
            step = gettext("%(done)d of %(all)d links") % {"done": len(findings), "all": len(links)}
            progress(100 * len(findings) // len(links), step)
    if len({link.url for link in links}) >= OUTAGE and all(found.error == NO_ANSWER for found in findings):
        logger.warning("no link answered: taken for an outage of our own network")
        return counts
    for link, finding in zip(links, findings, strict=True):
        counts[note(link, finding, timezone.now())] += 1
    return counts

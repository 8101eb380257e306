"""One parent at a time and no circles, also when two people link at once."""

import threading
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from domain.identity.models import User
from tenants.choices import HierarchyKind
from tenants.hierarchy import link_organizations, unlink_organizations
from tenants.models import Organization, OrganizationHierarchy


def organizations(*names: str) -> list[Organization]:
    """Rows alone: relations need no schema."""
    made = [
        Organization(schema_name=name, name=name, short_name=name, slug=name, status="active")
        for name in names
    ]
    return Organization.objects.bulk_create(made)


def link(parent, child, valid_from="2026-01-01", by=None):
    return link_organizations(
        parent=parent,
        child=child,
        kind=HierarchyKind.REGION,
        valid_from=date.fromisoformat(valid_from),
        by=by,
    )


def test_a_second_parent_in_the_same_period_is_refused(db):
    a, b, c = organizations("a", "b", "c")
    edge = link(a, c)
    for day in ("2025-01-01", "2026-01-01", "2030-01-01"):
        with pytest.raises(ValidationError):
            link(b, c, day)
    unlink_organizations(edge, last_day=date(2026, 6, 30), by=None)
    with pytest.raises(ValidationError):
        link(b, c, "2026-06-30")
    link(b, c, "2026-07-01")
    with pytest.raises(ValidationError):  # back over the successor's days
        unlink_organizations(edge, last_day=date(2026, 7, 1), by=None)


def test_a_circle_is_refused_however_long(db):
    a, b, c, d = organizations("a", "b", "c", "d")
    for parent, child in ((a, b), (b, c), (c, d)):
        link(parent, child)
    for below in (b, c, d):
        with pytest.raises(ValidationError):
            link(below, a)
    with pytest.raises(ValidationError):
        link(a, a)


def test_what_was_a_circle_only_at_different_times_is_none(db):
    a, b = organizations("a", "b")
    edge = link(a, b)
    unlink_organizations(edge, last_day=date(2026, 6, 30), by=None)
    link(b, a, "2026-07-01")


def test_the_database_refuses_it_from_whatever_writes(db):
    a, b = organizations("a", "b")
    link(a, b)
    with pytest.raises(IntegrityError), transaction.atomic():
        OrganizationHierarchy.objects.bulk_create(
            [OrganizationHierarchy(parent=b, child=a, kind="region", valid_from=date(2026, 1, 1))]
        )


def test_two_links_at_once_cannot_close_a_circle(own_database):
    a, b = organizations("a", "b")
    barrier, made, refused = threading.Barrier(2), [], []

    def work(parent, child):
        try:
            with transaction.atomic():
                barrier.wait()
                made.append(link(parent, child))
        except ValidationError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in ((a, b), (b, a))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(made), len(refused)) == (1, 1)


def test_only_staff_relate_organisations_and_the_record_knows(db):
    a, b = organizations("a", "b")
    with pytest.raises(PermissionDenied):
        link(a, b, by=User.objects.get(email="admin@nhf.example"))
    owner = User.objects.get(email="owner@meander.example")
    link(a, b, by=owner)
    with schema_context("platform"):
        assert AuditEvent.objects.filter(object_id=str(b.pk), actor_id=owner.pk).count() == 1


def test_an_organisation_sees_its_own_relations_alone(db):
    nhf = Organization.objects.get(schema_name="nhf")
    a, b, c = organizations("a", "b", "c")
    link(a, b)
    link(nhf, c)
    with schema_context("nhf"):
        assert [edge.child_id for edge in OrganizationHierarchy.objects.all()] == [c.pk]
    with schema_context("platform"):
        assert OrganizationHierarchy.objects.count() == 2

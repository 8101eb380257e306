"""The page that shows local associations as a tree: what is read for it, and what it says."""

import pytest
from django.urls import reverse

from cms.admin.associations.tree import build_tree, render_tree
from cms.demo.associations import seed_associations
from domain.associations import rules
from domain.associations.models import LocalAssociation
from tests.support.queries import statements

ADMIN = "admin@nhf.example"


@pytest.mark.django_db
def test_the_tree_is_read_in_one_query_and_in_norwegian_order(tree):
    rules.create_association(name="Ås", number="103", parent=tree.east, by=None)
    rules.create_association(name="Zoolag", number="104", parent=tree.east, by=None)
    with statements() as found:
        roots, count = build_tree(LocalAssociation.objects.all())
    assert len(found) == 1
    assert count == 8
    assert [node.label for node in roots] == ["Norge"]
    assert [node.label for node in roots[0].children] == ["Vest", "Øst"]
    assert [node.label for node in roots[0].children[1].children] == ["Grorud", "Sinsen", "Zoolag", "Ås"]


@pytest.mark.django_db
def test_finding_keeps_what_is_above(tree):
    roots, count = build_tree(LocalAssociation.objects.all(), "groru")
    assert count == 1
    assert [node.label for node in roots[0].children] == ["Øst"]
    assert (roots[0].found, roots[0].children[0].children[0].found) == (False, True)
    assert build_tree(LocalAssociation.objects.all(), "201")[1] == 1
    assert build_tree(LocalAssociation.objects.all(), "finnes ikke") == ([], 0)


@pytest.mark.django_db
def test_a_name_can_not_break_out_of_the_page(tree):
    rules.change_association(tree.grorud, changes={"name": "<script>alert(1)</script>"}, by=None)
    html = render_tree(build_tree(LocalAssociation.objects.all())[0], is_open=False)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.django_db
def test_an_alias_has_no_place_of_its_own(tree):
    rules.merge_associations(tree.grorud, into=tree.sinsen, by=None)
    assert build_tree(LocalAssociation.objects.all(), "grorud")[1] == 0


@pytest.mark.django_db
def test_the_page_of_1400_takes_few_queries(nhf, browser_of):
    seed_associations()
    client = browser_of("nhf", ADMIN)
    client.get(reverse("local_associations:tree"))
    with statements() as found:
        page = client.get(reverse("local_associations:tree"))
    assert page.content.decode().count("tree-item") == 1400
    # The tree itself; the caller's standing names the table as well.
    assert len([sql for sql in found if '"merged_into_id" IS NULL' in sql]) == 1

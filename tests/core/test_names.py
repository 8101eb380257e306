"""Names of people and places: their order, and finding them with and without the Norwegian letters."""

import pytest

from domain.associations.models import LocalAssociation
from domain.core.names import has_words, person_key, search_text, sort_key
from domain.identity.models import User
from domain.identity.spelling import name_people, spell_addresses
from tenants.db import connection


@pytest.mark.parametrize(
    "order",
    [
        ["andre", "Lag 2", "Lag 10", "Zebra", "Ærfugl", "Østfold", "Ål", "Ås", "Aasen"],
        ["Jæren", "Jæren 2", "Jør", "Jåsund"],
        ["Pizza", "Pizzå", "Piæ", "Piø", "Piå"],
        ["Dahl", "Đurić", "Lunde", "Łysek", "Müller", "Mæland", "Möller", "Måseide"],
        ["Elan", "élan B", "Elan-c", "ELAN d"],
        ["Lag 0", "Lag 1", "Lag 01 B", "Lag 20261123"],
    ],
)
def test_names_stand_in_norwegian_order(order):
    shuffled = order[::-1]
    assert sorted(shuffled, key=sort_key) == order


def test_capitals_accents_and_how_a_letter_was_typed_do_not_count():
    assert sort_key("  ÉLISE   Ås ") == sort_key("elise a\u030as") == sort_key("Elise Aas")
    assert sort_key("Øst-Agder") == sort_key("öst agder")


def test_no_key_is_longer_than_its_column():
    assert len(sort_key("1 å " * 100)) <= 300
    assert len(person_key("å" * 100, "z" * 200)) <= 300


def test_people_stand_by_last_name_then_first_and_without_one_by_what_they_are_shown_by():
    people = [
        ("Zoë", "Hansen", ""),
        ("Anna", "Hansen Berg", ""),
        ("Kari", "", ""),
        ("", "", "lars@example.no"),
        ("Åse", "Ødegård", ""),
        ("Ørjan", "Ødegård", ""),
    ]
    shuffled = people[::-1]
    by_key = sorted(shuffled, key=lambda each: person_key(*each))
    assert [first for first, _last, _email in by_key] == ["Zoë", "Anna", "Kari", "", "Ørjan", "Åse"]


@pytest.mark.parametrize(
    ("words", "names", "found"),
    [
        ("ås", ("Åse", "Li"), True),
        ("ås", ("Asker",), False),
        ("as", ("Ås",), True),
        ("oyvind", ("Øyvind", "Bø"), True),
        ("oeyvind boe", ("Øyvind", "Bø"), True),
        ("Bö øyv", ("Øyvind", "Bø"), True),
        ("andre", ("André", "Næss"), True),
        ("naess ANDRE", ("André", "Næss"), True),
        ("nord odal", ("Nord-Odal",), True),
        ("%", ("Kari",), False),
        ("", ("Kari",), False),
        ("kari li", ("Kari", "Bø"), False),
        ("ari", ("Kari", "Bø"), False),
    ],
)
def test_a_name_is_found_by_those_who_lack_its_letters(words, names, found):
    assert has_words(words, search_text(*names)) is found


@pytest.mark.django_db
def test_the_database_finds_as_python_does(nhf):
    row = LocalAssociation.objects.create(name="Øvre Ås-lag 100%", number="n77")
    for words, found in (
        ("ovre as", 1),
        ("ås øvre", 1),
        ("åsk", 0),
        ("re", 0),
        ("_", 0),
        ("1%", 1),
        ("\\", 0),
    ):
        rows = LocalAssociation.objects.filter(pk=row.pk, name_search__icontains=words)
        assert rows.count() == found, words


@pytest.mark.django_db
def test_keys_follow_the_name_whatever_was_asked_to_be_saved(nhf, person):
    person = person("mentor@nhf.example")
    person.first_name, person.last_name = "Åse", "Aas"
    person.save()
    assert person.name_key == person_key("Åse", "Aas")
    person.last_name = "Øye"
    person.save(update_fields=["last_name"])
    assert User.objects.get(name_search__icontains="oye").pk == person.pk
    person.refresh_from_db()
    assert person.name_key.startswith(sort_key("Øye"))
    place = LocalAssociation.objects.create(name="Lag 9", number="n78")
    place.name = "Ås"
    place.save(update_fields=["name"])
    assert LocalAssociation.objects.get(pk=place.pk).name_key == sort_key("Ås")


@pytest.mark.django_db
def test_people_of_before_get_their_keys_and_those_who_have_them_are_left_alone(platform):
    with connection.as_owner():
        person = User.objects.create_user("gro@example.no", first_name="Gro", last_name="Ås")
        User.objects.filter(pk=person.pk).update(name_key="", name_search="")
        assert name_people(User) == 1
        version = User.objects.get(pk=person.pk).version
        assert User.objects.get(name_search__icontains="gro as").name_key == person_key("Gro", "Ås")
        assert name_people(User) == 0
        assert User.objects.get(pk=person.pk).version == version


@pytest.mark.django_db
def test_stored_addresses_are_spelled_and_what_collides_is_told_and_left(platform):
    with connection.as_owner():
        people = [
            User.objects.create_user(f"stored{n}@example.no", first_name="Per", last_name="Li")
            for n in range(4)
        ]
        wide = "stored0＠EXAMPLE.no"
        for person, address in zip(people[1:], (wide, "Per@Blåbær.example", "per@@example"), strict=True):
            User.objects.filter(pk=person.pk).update(email=address)
        found = spell_addresses(User)
        stored = dict(User.objects.values_list("pk", "email"))
    assert (found.changed, found.unreadable) == (1, [people[3].pk])
    assert found.collisions == [(people[1].pk, people[0].pk)]
    assert stored[people[2].pk] == "per@xn--blbr-roah.example"
    assert stored[people[1].pk] == wide
    assert [str(people[1].pk) in found.problems[0], str(people[3].pk) in found.problems[1]] == [True, True]
    assert "example" not in "".join(found.problems)

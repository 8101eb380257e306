"""Every kind of field, alone: what PostgreSQL builds equals what DRF builds, or is refused."""

import json
import uuid
from datetime import date, timedelta

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.test.utils import isolate_apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework import serializers

from api.core.fields import MarkedNamesField
from api.core.projection import NotCompilable, project
from api.core.reading import reader_for
from api.core.serializers import EntitySerializer
from tenants.db import connection

from .values import values_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample(nhf):
    """Models with every kind of column and relation, their tables made for this test."""
    with isolate_apps("api"):

        class Place(models.Model):
            id = models.UUIDField(primary_key=True, default=uuid.uuid4)
            name = models.CharField(max_length=50)
            seen_at = models.DateTimeField(null=True)

            class Meta:
                app_label = "api"
                ordering = ["-name"]

        class Thing(models.Model):
            id = models.UUIDField(primary_key=True, default=uuid.uuid4)
            version = models.PositiveIntegerField(default=1)
            title = models.CharField(max_length=200, default="")
            body = models.TextField(null=True)
            kind = models.CharField(max_length=5, choices=[("a", "A"), ("b", "B")], default="a")
            grade = models.IntegerField(choices=[(1, "one"), (2, "two")], default=1)
            is_open = models.BooleanField(default=True)
            maybe = models.BooleanField(null=True)
            small = models.PositiveSmallIntegerField(default=0)
            big = models.BigIntegerField(default=0)
            ratio = models.FloatField(null=True)
            amount = models.DecimalField(max_digits=9, decimal_places=2, default=0)
            rate = models.DecimalField(max_digits=12, decimal_places=6, null=True)
            day = models.DateField(default=date.today)
            starts = models.TimeField(null=True)
            at = models.DateTimeField(null=True)
            length = models.DurationField(default=timedelta)
            data = models.JSONField(null=True)
            key = models.UUIDField(default=uuid.uuid4)
            words = ArrayField(models.CharField(max_length=20), default=list)
            numbers = ArrayField(models.IntegerField(), null=True)
            amounts = ArrayField(models.DecimalField(max_digits=9, decimal_places=2), null=True)
            email = models.EmailField(blank=True)
            home = models.ForeignKey(Place, models.CASCADE, related_name="things")
            other = models.ForeignKey(Place, models.CASCADE, null=True, related_name="+")
            parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="parts")
            visited = models.ManyToManyField(Place, related_name="visitors")

            class Meta:
                app_label = "api"
                ordering = ["day"]

        class Note(models.Model):
            id = models.UUIDField(primary_key=True, default=uuid.uuid4)
            thing = models.OneToOneField(Thing, models.CASCADE, related_name="note")
            words = models.TextField()

            class Meta:
                app_label = "api"

        with connection.as_owner(), connection.schema_editor() as editor:
            for model in (Place, Thing, Note):
                editor.create_model(model)
            for model in (Place, Thing, Note, Thing.visited.through):
                editor.execute(f"GRANT ALL ON {model._meta.db_table} TO PUBLIC")
        yield Place, Thing, Note


def serializer_of(model, **declared) -> type[EntitySerializer]:
    meta = type("Meta", (), {"model": model, "fields": ["id", *declared]})
    fields = {name: field for name, field in declared.items() if field is not None}
    return type("S", (EntitySerializer,), {"Meta": meta, **fields})


def both(serializer_class, queryset) -> tuple[list, list]:
    found = []
    for compiled in (True, False):
        rows = reader_for(serializer_class, queryset, compiled=compiled).read(queryset, ("pk",), context={})
        found.append([json.loads(row.json) for row in rows])
    return found[0], found[1]


def test_every_kind_of_column_reads_alike(sample):
    place_model, thing_model, _note = sample
    home = place_model.objects.create(name="Hjem")
    row = thing_model.objects.create(home=home)
    plain = [f for f in thing_model._meta.concrete_fields if not f.is_relation and not f.primary_key]
    serializer_class = serializer_of(thing_model, **dict.fromkeys(field.name for field in plain))
    assert len(plain) == 22

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def alike(data):
        values = {field.name: data.draw(values_of(field), label=field.name) for field in plain}
        thing_model.objects.filter(pk=row.pk).update(**values)
        compiled, represented = both(serializer_class, thing_model.objects.order_by("pk"))
        assert compiled == represented

    alike()


def test_relations_of_every_kind_read_alike(sample):
    place_model, thing_model, note_model = sample
    places = [place_model.objects.create(name=name) for name in ("Åre", "Bø", "Å", "bø", "Ål")]
    whole = thing_model.objects.create(home=places[0], other=places[1], day=date(2020, 1, 1))
    whole.visited.set(places)
    bare = thing_model.objects.create(home=places[2], parent=whole)
    thing_model.objects.create(home=places[2], parent=whole, day=date(2019, 1, 1))
    note_model.objects.create(thing=whole, words="æ")

    place = serializer_of(place_model, name=None, seen_at=None)
    part = serializer_of(thing_model, title=None, home=place())
    serializer_class = serializer_of(
        thing_model,
        home=None,
        other=None,
        parent=None,
        visited=None,
        home_name=serializers.CharField(source="home.name", read_only=True),
        other_name=serializers.CharField(source="other.name", read_only=True, allow_null=True),
        grand=serializers.UUIDField(source="parent.home.id", read_only=True, allow_null=True),
        home_place=place(source="home", read_only=True),
        other_place=place(source="other", read_only=True),
        visited_places=place(source="visited", many=True, read_only=True),
        parts=part(many=True, read_only=True),
        slug=serializers.SlugRelatedField(source="other", slug_field="name", read_only=True),
        note=serializer_of(note_model, words=None)(read_only=True, allow_null=True),
        part_of=part(source="parent", read_only=True),
        whole=serializer_of(thing_model, title=None)(source="*", read_only=True),
    )
    compiled, represented = both(serializer_class, thing_model.objects.order_by("pk"))
    assert compiled == represented
    by_id = {row["id"]: row for row in compiled}
    assert len(by_id[str(whole.pk)]["visited"]) == 5
    assert by_id[str(whole.pk)]["note"]["words"] == "æ"
    assert [by_id[str(bare.pk)][name] for name in ("note", "other_place", "visited", "parts")] == [
        None,
        None,
        [],
        [],
    ]
    place_serializer = serializer_of(
        place_model,
        things=serializers.PrimaryKeyRelatedField(many=True, read_only=True),
        visitors=serializers.PrimaryKeyRelatedField(many=True, read_only=True),
    )
    compiled, represented = both(place_serializer, place_model.objects.order_by("pk"))
    assert compiled == represented


def test_annotations_of_the_queryset_read_alike(sample):
    place_model, thing_model, _note = sample
    for name in ("a", "b"):
        thing_model.objects.create(home=place_model.objects.create(name=name))
    queryset = place_model.objects.annotate(
        thing_count=models.Count("things"), may_close=models.Q(name="a")
    ).order_by("pk")
    serializer_class = serializer_of(
        place_model,
        thing_count=serializers.IntegerField(read_only=True),
        allowed=MarkedNamesField(names=("close",)),
    )
    compiled, represented = both(serializer_class, queryset)
    assert compiled == represented
    assert sorted(row["allowed"] for row in compiled) == [[], ["close"]]


class Shouting(serializers.CharField):
    def to_representation(self, value):
        return value.upper()


@pytest.mark.parametrize(
    "declare",
    [
        lambda: {"title": Shouting()},
        lambda: {"x": serializers.SerializerMethodField()},
        lambda: {"other_name": serializers.CharField(source="other.name", read_only=True)},
        lambda: {"amount": serializers.DecimalField(max_digits=9, decimal_places=1)},
        lambda: {"at": serializers.DateTimeField()},
        lambda: {"day": serializers.DateField(format="%d.%m.%Y")},
        lambda: {"data": serializers.DictField()},
        lambda: {"label": serializers.CharField(source="get_kind_display", read_only=True)},
        lambda: {"key": serializers.UUIDField(format="hex")},
        lambda: {"length": serializers.DurationField(format="iso-8601")},
        lambda: {"data": serializers.ReadOnlyField()},
    ],
)
def test_what_would_not_read_alike_is_refused(sample, declare):
    thing_model = sample[1]
    with pytest.raises(NotCompilable):
        project(serializer_of(thing_model, **declare())(), thing_model, {})


def test_a_serializer_that_represents_rows_in_its_own_way_is_refused(sample):
    thing_model = sample[1]

    class Own(serializer_of(thing_model, title=None)):
        def to_representation(self, instance):
            return {"own": True}

    with pytest.raises(NotCompilable, match="own way"):
        project(Own(), thing_model, {})


def test_json_is_built_for_the_rows_of_the_page_alone(sample):
    place_model = sample[0]
    place_model.objects.bulk_create([place_model(name=f"{n:04}") for n in range(2000)])
    serializer_class = serializer_of(place_model, name=None)
    queryset = place_model.objects.order_by("name", "pk")[:10]
    reader = reader_for(serializer_class, queryset, compiled=True)
    with transaction.atomic():
        rows = reader.read(queryset, ("name", "pk"), context={})
    assert [json.loads(row.json)["name"] for row in rows] == [f"{n:04}" for n in range(10)]

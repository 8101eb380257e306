"""Theme and place as they are looked in, with an index of their words."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations
from django.db.models import F

from domain.core.names import NameSearchField, WordsOf, search_text
from domain.core.operations import unnoticed

FILL = """
UPDATE {table} SET text_search = spelled.searched
FROM unnest(%s::text[], %s::text[], %s::text[]) AS spelled(theme, place, searched)
WHERE {table}.theme = spelled.theme AND {table}.place = spelled.place
"""


def fill(apps, schema_editor):
    """Themes and places are few, and written often: each pair is spelled once."""
    model = apps.get_model("activities", "Activity")
    pairs = model.objects.exclude(theme="", place="").order_by().values_list("theme", "place").distinct()
    spelled = [(theme, place, search_text(theme, place)) for theme, place in pairs]
    table = schema_editor.quote_name(model._meta.db_table)
    with unnoticed(schema_editor, model), schema_editor.connection.cursor() as cursor:
        cursor.execute(FILL.format(table=table), [[row[column] for row in spelled] for column in range(3)])


class Migration(migrations.Migration):
    dependencies = [("activities", "0004_find_what_is_not_approved")]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="text_search",
            field=NameSearchField(db_default="", editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="activity",
            index=GinIndex(WordsOf(F("text_search")), name="activity_by_words"),
        ),
    ]

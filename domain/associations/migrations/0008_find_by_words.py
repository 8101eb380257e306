from django.contrib.postgres.indexes import GinIndex
from django.db import migrations
from django.db.models import F

from domain.core.names import WordsOf


class Migration(migrations.Migration):
    dependencies = [("associations", "0007_keep_positions")]

    operations = [
        migrations.AddIndex(
            model_name="localassociation",
            index=GinIndex(WordsOf(F("name_search")), name="association_by_words"),
        ),
    ]

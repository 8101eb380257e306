from django.db import migrations

from domain.core.operations import TrackChanges


class Migration(migrations.Migration):
    dependencies = [("cms", "0002_initial")]
    operations = [
        TrackChanges("FaqCategory"),
        TrackChanges("FaqEntry"),
        TrackChanges("ResourceCategory"),
        TrackChanges("ResourceLink"),
        TrackChanges("CardDeck"),
        TrackChanges("ConversationCard"),
    ]

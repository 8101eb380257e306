from django.db import migrations, models

import tenants.fields
from api.operations import MarkContentChanges


class Migration(migrations.Migration):
    initial = True
    dependencies = [("cms", "0003_track_changes"), ("config", "0003_track_changes")]
    operations = [
        migrations.CreateModel(
            name="ContentChange",
            fields=[
                ("xid", tenants.fields.Xid8Field(primary_key=True, serialize=False)),
                ("changes", models.PositiveIntegerField(default=1)),
            ],
        ),
        MarkContentChanges("cms.FaqCategory"),
        MarkContentChanges("cms.FaqEntry"),
        MarkContentChanges("cms.ResourceCategory"),
        MarkContentChanges("cms.ResourceLink"),
        MarkContentChanges("cms.CardDeck"),
        MarkContentChanges("cms.ConversationCard"),
        MarkContentChanges("cms.CustomImage"),
        MarkContentChanges("cms.CustomDocument"),
        MarkContentChanges("config.FeatureArea"),
        MarkContentChanges("config.OrganizationSettings"),
        MarkContentChanges("config.TerminologyOverride"),
    ]

"""The triggers, and the rules of the regulation in force since the grant year 2020.

Source: forskrift om tilskudd til funksjonshemmedes organisasjoner (Bufdir, 2019), as organisations report it
to their members: outreach is a conversation in person; groups have three participants or more, last 45
minutes or more and are led by a peer mentor; a course day lasts twice 45 minutes or more; all of it in Norway
(https://www.revmatiker.no/enklere-likepersonsrapportering/, https://likeperson.no/regler-for-rapportering/).
The paragraphs are left for the platform's staff to fill in from the regulation itself.
"""

from datetime import date

from django.db import migrations

from domain.core.operations import TrackChanges

NAME = "2020"
SOURCE = (
    "Forskrift om tilskudd til funksjonshemmedes organisasjoner (Bufdir, 2019), "
    "i kraft fra tilskuddsåret 2020. https://lovdata.no"
)
RULES = {
    "outreach": {"in_person": None, "in_norway": None, "led_by_mentor": None, "min_participants": 1},
    "group": {"in_norway": None, "led_by_mentor": None, "min_participants": 3, "min_minutes": 45},
    "course": {"in_norway": None, "min_minutes": 90},
}

# Published rules say what past activities counted by: only the end of a published set may still change.
KEEP_PUBLISHED = """
CREATE FUNCTION public.meander_keep_published_rules() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'grants_ruleset' THEN
        IF OLD.status = 'published' AND (TG_OP = 'DELETE' OR (NEW.name, NEW.source, NEW.valid_from, NEW.status)
                IS DISTINCT FROM (OLD.name, OLD.source, OLD.valid_from, OLD.status)) THEN
            RAISE EXCEPTION 'published counting rules are never changed'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF EXISTS (SELECT FROM public.grants_ruleset s WHERE s.status = 'published'
            AND s.id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.rule_set_id END,
                         CASE WHEN TG_OP <> 'DELETE' THEN NEW.rule_set_id END)) THEN
        RAISE EXCEPTION 'published counting rules are never changed'
                USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON public.grants_ruleset
    FOR EACH ROW EXECUTE FUNCTION public.meander_keep_published_rules();
CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON public.grants_countingrule
    FOR EACH ROW EXECUTE FUNCTION public.meander_keep_published_rules();
"""
DROP = """
DROP TRIGGER keep_published ON public.grants_countingrule;
DROP TRIGGER keep_published ON public.grants_ruleset;
DROP FUNCTION public.meander_keep_published_rules();
"""


def add_rules(apps, schema_editor):
    RuleSet, CountingRule = apps.get_model("grants", "RuleSet"), apps.get_model("grants", "CountingRule")
    made = RuleSet.objects.create(name=NAME, source=SOURCE, valid_from=date(2020, 1, 1), status="published")
    CountingRule.objects.bulk_create(
        CountingRule(rule_set=made, category=category, requirement=requirement, value=value)
        for category, asked in RULES.items()
        for requirement, value in asked.items()
    )


class Migration(migrations.Migration):
    dependencies = [("grants", "0001_initial")]
    operations = [
        TrackChanges("RuleSet"),
        TrackChanges("CountingRule"),
        migrations.RunPython(add_rules, migrations.RunPython.noop),
        migrations.RunSQL(KEEP_PUBLISHED, DROP),
    ]

"""What the grant counts, for apps that judge offline: /api/v1/counting-rules/."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.query import Query
from api.core.views import MemberView
from domain.grants.choices import GrantCategory, Requirement
from domain.grants.models import CountingRule, RuleSet
from domain.grants.vectors import vectors


class RuleSerializer(serializers.ModelSerializer):
    class Meta:
        model = CountingRule
        fields = ["category", "requirement", "value", "paragraph"]


class RuleSetSerializer(serializers.ModelSerializer):
    rules = RuleSerializer(many=True)

    class Meta:
        model = RuleSet
        fields = ["name", "source", "valid_from", "valid_to", "rules"]


class FactsSerializer(serializers.Serializer):
    """What a verdict depends on; null: not known, which never counts."""

    category = serializers.ChoiceField(GrantCategory.choices)
    minutes = serializers.IntegerField(allow_null=True)
    participants = serializers.IntegerField(allow_null=True, help_text="Besides those who led it.")
    led_by_mentor = serializers.BooleanField(
        allow_null=True, help_text="Whether a leader was an approved peer mentor on the day."
    )
    in_person = serializers.BooleanField(allow_null=True)
    in_norway = serializers.BooleanField(allow_null=True)


class VectorSerializer(serializers.Serializer):
    """A case and its verdict: an implementation that disagrees is wrong."""

    title = serializers.CharField()
    day = serializers.DateField()
    facts = FactsSerializer()
    counts = serializers.BooleanField()
    unmet = serializers.ListField(
        child=serializers.CharField(),
        help_text="Requirements that aren't met, in order; or `not_in_grant`, or `no_rules`.",
    )


class CountingRulesSerializer(serializers.Serializer):
    requirements = serializers.ListField(
        child=serializers.ChoiceField(Requirement.choices), help_text="In the order in which they are judged."
    )
    rule_sets = RuleSetSerializer(many=True, help_text="The latest first. One holds from day to day.")
    vectors = VectorSerializer(many=True)


class CountingRulesView(MemberView):
    """The published rules with their dates, and cases to test an implementation with."""

    @extend_schema(
        operation_id="getCountingRules",
        parameters=[Query],
        responses=CountingRulesSerializer,
        tags=["Activities"],
    )
    def get(self, request):
        rule_sets = RuleSet.objects.visible_to(self.scope).published().prefetch_related("rules")
        return Response(
            {
                "requirements": Requirement.values,
                "rule_sets": RuleSetSerializer(rule_sets, many=True).data,
                "vectors": vectors(),
            }
        )


urlpatterns = [path("counting-rules/", CountingRulesView.as_view())]

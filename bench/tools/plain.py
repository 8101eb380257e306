"""The plain ways, as a Django site of its own: no organisations, no sign-in, next to no middleware.

* `/constant/`: a view that returns a constant.
* `/drf/`: a DRF ModelViewSet over the rows that our list shows, 25 a page.
* `/json/`: a view that returns the same rows as PostgreSQL's own json_agg makes them.

`PLAIN_SCHEMA` is the schema that has the rows.
"""

import os

import django
import environ
from django.conf import settings

_database = environ.Env().db_url("DATABASE_URL")
_database["OPTIONS"] = {
    **_database.get("OPTIONS", {}),
    "options": f"-c search_path={os.environ['PLAIN_SCHEMA']},public",
    "pool": {"min_size": 1, "max_size": 16},
}
settings.configure(
    SECRET_KEY="plain",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DATABASES={"default": _database},
    USE_TZ=True,
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
        "PAGE_SIZE": 25,
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
)
django.setup()

from django.db import connection, models  # noqa: E402 - after the settings
from django.http import HttpResponse, JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from rest_framework import routers, serializers, viewsets  # noqa: E402


class Locale(models.Model):
    language_code = models.CharField(max_length=100)

    class Meta:
        app_label = "plain"
        managed = False
        db_table = "wagtailcore_locale"

    def __str__(self):
        return self.language_code


class Category(models.Model):
    id = models.UUIDField(primary_key=True)
    translation_key = models.UUIDField()
    name = models.CharField(max_length=120)
    sort_order = models.PositiveIntegerField()

    class Meta:
        app_label = "plain"
        managed = False
        db_table = "cms_faqcategory"

    def __str__(self):
        return self.name


class Faq(models.Model):
    id = models.UUIDField(primary_key=True)
    translation_key = models.UUIDField()
    question = models.CharField(max_length=255)
    answer = models.TextField()
    audience = models.CharField(max_length=10)
    live = models.BooleanField()
    sort_order = models.PositiveIntegerField()
    updated_at = models.DateTimeField()
    category = models.ForeignKey(Category, models.DO_NOTHING)
    locale = models.ForeignKey(Locale, models.DO_NOTHING)

    class Meta:
        app_label = "plain"
        managed = False
        db_table = "cms_faqentry"

    def __str__(self):
        return self.question


class CategorySerializer(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ("translation_key", "name")


class FaqSerializer(serializers.ModelSerializer):
    category = CategorySerializer()
    locale = serializers.CharField(source="locale.language_code")

    class Meta:
        model = Faq
        fields = (
            *("translation_key", "locale", "audience", "updated_at"),
            *("question", "answer", "category"),
        )


class FaqViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = FaqSerializer
    queryset = (
        Faq.objects.filter(live=True, audience="public", locale__language_code="nb")
        .select_related("category", "locale")
        .order_by("category__sort_order", "sort_order", "id")
    )


def constant(request) -> HttpResponse:
    return JsonResponse({"status": "ok"})


def json_agg(request) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT json_agg(row)::text FROM (
                SELECT f.translation_key AS id, l.language_code AS locale, f.audience, f.updated_at,
                       f.question, f.answer,
                       json_build_object('id', c.translation_key, 'name', c.name) AS category
                FROM cms_faqentry f JOIN cms_faqcategory c ON c.id = f.category_id
                JOIN wagtailcore_locale l ON l.id = f.locale_id
                WHERE f.live AND f.audience = 'public' AND l.language_code = 'nb'
                ORDER BY c.sort_order, f.sort_order, f.id LIMIT 25
            ) AS row
            """
        )
        return HttpResponse(cursor.fetchone()[0], content_type="application/json")


router = routers.SimpleRouter()
router.register("drf", FaqViewSet)
urlpatterns = [path("constant/", constant), path("json/", json_agg), path("", include(router.urls))]

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()

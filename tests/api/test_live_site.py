"""The API over real HTTP, with the web processes' own database login."""

from django.db import connection


def test_the_site_answers_on_each_organisations_host(shared_site):
    with shared_site.client("nhf") as nhf, shared_site.client("unheard-of") as nobody:
        assert nhf.get("/health/live").json() == {"status": "ok"}
        refused = nobody.get("/api/v1/me/")
    assert refused.status_code == 404
    assert refused.json()["type"] == "/problems/unknown-host"


def test_the_web_process_owns_nothing(shared_site):
    with shared_site.client("nhf") as nhf:
        nhf.get("/api/v1/me/")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database() "
                "AND usename LIKE '%%\\_\\_web'"
            )
            logins = [row[0] for row in cursor.fetchall()]
            assert len(logins) == 1
            cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = %s", logins)
            assert cursor.fetchone() == (0,)

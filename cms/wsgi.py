"""WSGI entry point of the web processes.

Web processes log in to PostgreSQL as the role of WEB_DATABASE_URL, which owns nothing (see
docs/architecture.md, "second wall"); setting the process kind before Django loads is what selects it.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")
os.environ["MEANDER_PROCESS"] = "web"

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

# One image for all processes of the Procfile; the platform chooses the command. Settings: docs/operations.md.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    DJANGO_SETTINGS_MODULE=cms.settings.production \
    MEANDER_DATA=/data \
    STATIC_ROOT=/app/static \
    PORT=8000

WORKDIR /app

# Before the code, so that a change of code installs nothing again.
COPY requirements/production.txt requirements/
RUN pip install --require-hashes --root-user-action=ignore -r requirements/production.txt

COPY . .

# Static files belong to the image, MEANDER_DATA to a volume. The throw-away secrets satisfy the settings and are
# not kept.
RUN python -m compileall -q api cms domain tenants \
    && python tools/compile_messages.py \
    && python tools/with_throwaway_secrets.py collectstatic --noinput \
    && useradd --system --uid 10001 --no-create-home --home-dir /data meander \
    && install -d -o meander -g meander /data

USER meander
VOLUME /data
EXPOSE 8000

CMD ["sh", "-c", "exec granian --interface wsgi cms.wsgi:application --host 0.0.0.0 --port ${PORT} --workers ${WEB_CONCURRENCY:-2} --blocking-threads ${WEB_THREADS:-4} --no-ws"]

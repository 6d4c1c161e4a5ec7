# One image for web, worker and beat: the command decides. Build: docker build -t integrator .
FROM python:3.12-slim-bookworm AS build
WORKDIR /app
RUN pip install --no-cache-dir uv
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --locked --no-dev --no-install-project
COPY . .
# Only for collectstatic: the real keys come with the environment of the container.
RUN SECRET_KEY=build FIELD_ENCRYPTION_KEYS=build INTEGRATOR_DATA=/app/data \
    .venv/bin/python manage.py collectstatic --no-input --skip-checks

FROM python:3.12-slim-bookworm
# What the wheels of pyodbc and mssql-python leave to the system (wapro/errors.py names the same).
RUN apt-get update && apt-get install -y --no-install-recommends libodbc2 libltdl7 libkrb5-3 libgssapi-krb5-2 libssl3 \
    && rm -rf /var/lib/apt/lists/* && useradd --create-home integrator
WORKDIR /app
COPY --from=build --chown=integrator /app /app
USER integrator
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 INTEGRATOR_DATA=/app/data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "integrator.wsgi:application"]

"""The Celery application. Messages only nudge: everything a task needs to know is in the database."""

import os
from typing import Any

from celery import Celery, signals
from django.core.exceptions import ImproperlyConfigured

from integrator import checks, log_setup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")

app = Celery("integrator")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    # Far longer than a slice, so that a message is never handed out twice while its slice still runs.
    broker_transport_options={"visibility_timeout": 3600, "socket_connect_timeout": 2, "socket_timeout": 5},
    broker_connection_retry_on_startup=True,
    # A worker outlives any absence of its broker; it would give up after a hundred tries else.
    broker_connection_max_retries=None,
    # A page waits for each message: whoever cannot send it leaves it to the scheduler.
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2},
    timezone="UTC",
)
app.autodiscover_tasks()


def refuse_unsafe(**kwargs: Any) -> None:
    """A worker or scheduler does not start with settings that must never run. Celery would only log an exception."""
    try:
        checks.refuse_unsafe()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from None


signals.worker_init.connect(refuse_unsafe)
signals.beat_init.connect(refuse_unsafe)
signals.task_prerun.connect(log_setup.bind_task)
signals.task_postrun.connect(log_setup.unbind_task)

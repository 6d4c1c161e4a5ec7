"""One look at what people are to be told of, outside the queue: run by cron, it also sees that the queue is silent."""

from typing import Any

from django.core.management.base import BaseCommand

from syncjobs.alerts import telling


class Command(BaseCommand):
    help = (
        "Look at what needs a person, and send the alerts that are due. Also tells when worker or scheduler are silent."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        telling.tell(from_outside=True)

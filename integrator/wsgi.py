"""The WSGI application."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from integrator import checks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")
application = get_wsgi_application()
checks.refuse_unsafe()
# All pages are imported now, and what that made is looked through by the collector no more: a tenth of a second in one
# request of a few dozen else.
get_resolver().url_patterns  # noqa: B018
gc.collect()
gc.freeze()

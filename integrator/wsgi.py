"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from integrator import checks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")
application = get_wsgi_application()
checks.refuse_unsafe()

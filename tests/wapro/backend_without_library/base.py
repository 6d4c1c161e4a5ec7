"""Fails on import exactly as the SQL Server backend does where its system library is missing."""

from django.core.exceptions import ImproperlyConfigured

raise ImproperlyConfigured("Error loading pyodbc module: libodbc.so.2: cannot open shared object file")

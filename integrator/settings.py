"""Settings, all of them, read from the environment (and a `.env` file beside manage.py where there is one)."""

from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

from integrator.log_setup import set_up_logging

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
environ.Env.read_env(env.str("INTEGRATOR_ENV_FILE", default=str(BASE_DIR / ".env")))

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS", default=[])
"""Fernet keys: the first one writes, all of them read."""
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=False)
"""The panel is served over HTTPS (by a proxy in front): cookies are marked secure."""
DATA_DIR = Path(env.str("INTEGRATOR_DATA", default=str(BASE_DIR / "var")))

INTEGRATOR_ALLOW_LOOPBACK = env.bool("INTEGRATOR_ALLOW_LOOPBACK", default=False)
"""Shop addresses on this machine and in private networks may be called: demo and tests."""
INTEGRATOR_ALLOWED_NETWORKS = env.list("INTEGRATOR_ALLOWED_NETWORKS", default=[])
"""Private networks in which shops and receivers of alerts may be (`192.168.7.0/24`), by the administrator's word."""
INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = False
INTEGRATOR_PUBLIC_URL = env.str("INTEGRATOR_PUBLIC_URL", default="")
"""The panel's address as shops reach it from outside (`https://panel.example.pl`); empty: they cannot."""

EMAIL_READY = bool(env.str("EMAIL_URL", default=""))
"""A server for e-mail is named (`smtp+tls://user:password@mail.example.pl:587`); else none is sent."""
if EMAIL_READY:
    vars().update(env.email_url("EMAIL_URL"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("EMAIL_FROM", default="integrator@localhost")
EMAIL_TIMEOUT = 15

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "integrator",
    "integrator.accounts",
    "wapro",
    "shops",
    "syncjobs",
]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "integrator.log_setup.request_ids",
    "integrator.headers.standing_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Safe with CSRF tokens in the pages (BREACH): Django masks them anew each time, the middleware varies the length.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "integrator.accounts.sessions.SessionAgeMiddleware",
    "integrator.accounts.middleware.SignInMiddleware",
    "integrator.accounts.middleware.UserPreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "integrator.accounts.confirming.ConfirmingMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "integrator.urls"
WSGI_APPLICATION = "integrator.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "integrator.accounts.context.preferences",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'integrator.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # SQLite makes the file but not its folder, and the first `migrate` comes before anything else that would.
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    # Several processes write: WAL lets readers go on, IMMEDIATE makes a writer wait for its turn instead of losing.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASE_ROUTERS = ["wapro.router.WaproRouter"]
DATABASE_CONNECTION_POOLING = False
"""Read by the SQL Server backend: else its driver keeps a pool under Django, with logins that were changed since."""
ATOMIC_REQUESTS = False

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": {
        "BACKEND": "integrator.shared_cache.SharedCache",
        "LOCATION": REDIS_URL,
        # A page waits no longer for a server that is away.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
CELERY_BROKER_URL = REDIS_URL or "memory://"
TICK_SECONDS = env.float("TICK_SECONDS", default=15.0)
"""Between two rounds of the scheduler."""
SILENT_SECONDS = env.float("SILENT_SECONDS", default=60.0)
"""Work that nobody has looked at for so long lost its message or its worker: the scheduler nudges it again."""
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
"""Whoever sends it as a bearer token reads `/metrics`; empty: nobody does."""
ALERT_SECONDS = env.float("ALERT_SECONDS", default=60.0)
"""Between two looks at what people are to be told of."""
PRUNE_SECONDS = env.float("PRUNE_SECONDS", default=600.0)
"""Between two slices of taking old history away."""
KEEP_DAYS = {
    "changes": env.int("INTEGRATOR_KEEP_CHANGES_DAYS", default=365),
    "runs": env.int("INTEGRATOR_KEEP_RUNS_DAYS", default=730),
    "raw": env.int("INTEGRATOR_KEEP_RAW_DAYS", default=90),
    "receipts": env.int("INTEGRATOR_KEEP_RECEIPTS_DAYS", default=30),
    "events": env.int("INTEGRATOR_KEEP_EVENTS_DAYS", default=14),
    "buyers": env.int("INTEGRATOR_KEEP_BUYERS_DAYS", default=365),
    "elements": env.int("INTEGRATOR_KEEP_ELEMENTS_DAYS", default=180),
}
"""How long history is kept, in days; 0: for ever. What each holds: `syncjobs.retention.Terms`."""
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "syncjobs.tasks.tick", "schedule": TICK_SECONDS},
    # A look that waited longer than the next one is of no use.
    "tell": {"task": "syncjobs.tasks.tell", "schedule": ALERT_SECONDS, "options": {"expires": ALERT_SECONDS}},
    "prune": {"task": "syncjobs.tasks.prune", "schedule": PRUNE_SECONDS, "options": {"expires": PRUNE_SECONDS}},
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "integrator.accounts.passwords.NotTooLong"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
CSRF_FAILURE_VIEW = "integrator.accounts.views.csrf_failed"

LANGUAGE_CODE = "pl"
LANGUAGES = [("pl", _("Polish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Warsaw"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "media"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        # Tabler's stylesheet carries the marks of checkboxes and selects as data.
        "img-src": ["'self'", "data:"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if HTTPS:
    # Browsers take these names only from this very host, over HTTPS, for all of it: no neighbour can plant them.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=False)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
"""Asked by machines beside the panel, without the proxy."""
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
"""Whether the domain's other hosts are HTTPS only is not this panel's to say (HSTS_SUBDOMAINS, preload lists)."""
DEFAULT_EXCEPTION_REPORTER = "integrator.errors_shown.SecretsReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "integrator.errors_shown.SecretsFilter"
SESSION_COOKIE_AGE = SESSION_LIFETIME_SECONDS = env.int("SESSION_LIFETIME_SECONDS", default=14 * 24 * 3600)
"""After so long people sign in anew, whatever they did in between."""
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=8 * 3600)
"""A session that was left alone for so long is over. A page that renews itself counts as left alone."""
PASSKEY_ORIGINS = [one.rstrip("/") for one in env.list("PASSKEY_ORIGINS", default=[])]
"""Addresses at which people open the panel (`https://panel.example.pl`), as browsers write them. Passkeys are bound to
them; empty: none are offered."""
PASSKEY_SITE = env.str("PASSKEY_SITE", default="")
"""The domain that passkeys belong to, where it is not just the host of the first of these addresses."""
PROXIES = env.int("PROXIES", default=0)
"""Proxies in front of the panel that append to X-Forwarded-For: the address of a visitor is then the one that the
outermost of them saw."""
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"

LOGGING = set_up_logging(
    debug=DEBUG,
    secrets=[
        SECRET_KEY,
        *FIELD_ENCRYPTION_KEYS,
        DATABASES["default"].get("PASSWORD"),
        vars().get("EMAIL_HOST_PASSWORD"),
        METRICS_TOKEN,
    ],
    level=env.str("LOG_LEVEL", default="INFO"),
)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
"""The worker logs as the panel does."""

PROBLEM_SENTENCES = "syncjobs.explain.explain"
"""What turns a problem into a sentence: named here, because the ERP's own commands may not import the pipeline."""

"""What every test starts from: keys of its own, no `.env` of the developer, no network but loopback."""

import os

os.environ["INTEGRATOR_ENV_FILE"] = os.devnull
os.environ["DJANGO_SETTINGS_MODULE"] = "integrator.settings"
os.environ["SECRET_KEY"] = "tests-only-" + "k" * 50
os.environ["FIELD_ENCRYPTION_KEYS"] = "dGVzdHMtb25seS1rZXktMzItYnl0ZXMtbG9uZy0wMTI="
os.environ["DEBUG"] = "true"
os.environ["INTEGRATOR_ALLOW_LOOPBACK"] = "true"

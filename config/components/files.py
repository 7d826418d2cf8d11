"""Static files (hashed, compressed, served by WhiteNoise) and uploads."""

from typing import Any

from config.env import ROOT, Environment

HASHED = "apps.core.hashed.HashedFiles"
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"


def files(env: Environment, *, hashed: bool) -> dict[str, Any]:
    """Return the settings of static files and uploads."""
    return {
        "STATIC_URL": "/static/",
        "STATIC_ROOT": env.data_dir / "static",
        "STATICFILES_DIRS": [ROOT / "static"],
        "WHITENOISE_ALLOW_ALL_ORIGINS": False,  # Our pages alone use them.
        "MEDIA_ROOT": env.data_dir / "media",
        "STORAGES": {
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": HASHED if hashed else PLAIN},
        },
    }

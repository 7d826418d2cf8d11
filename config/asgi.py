"""The web process for an ASGI server."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
os.environ["ANDON_PROCESS"] = "web"

application = get_asgi_application()

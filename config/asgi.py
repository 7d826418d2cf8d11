"""The web process for an ASGI server."""

import os
from concurrent.futures import ThreadPoolExecutor

from django.core.asgi import get_asgi_application

from config.start import require_sound_database, warm_early

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
os.environ["ANDON_PROCESS"] = "web"

application = get_asgi_application()
# Servers import this inside their loop, where Django refuses to ask a database.
with ThreadPoolExecutor(1) as thread:
    thread.submit(require_sound_database).result()
warm_early()

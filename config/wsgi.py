"""The web process."""

import os

from django.core.wsgi import get_wsgi_application

from config.start import require_sound_database, warm_early

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
os.environ["ANDON_PROCESS"] = "web"  # Only web processes pool their connections.

application = get_wsgi_application()
require_sound_database()
warm_early()

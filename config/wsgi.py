"""The web process."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from config.start import require_sound_database, warm_early

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
os.environ["ANDON_PROCESS"] = "web"  # Only web processes pool their connections.

application = get_wsgi_application()
require_sound_database()
warm_early()
# What is there by now stays: the collector need not look at it again and again for garbage.
gc.collect()
gc.freeze()

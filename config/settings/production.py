"""Production: refuses to start unless it is safe."""

from config.components.compose import compose
from config.components.security import https
from config.env import read
from config.settings.base import *  # noqa: F403 - settings are layered by their names

DEBUG = False
globals().update(compose(read(production=True), hashed=True, structured=True) | https())

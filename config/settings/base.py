"""What holds everywhere. INSTALLED_APPS lists our apps in layers, top first: it is the diagram."""

from config.env import ROOT

INSTALLED_APPS = [
    "config.admin.AndonAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "csp",
    "corsheaders",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    # Top layer: doors, set-up and the demo.
    "apps.dashboards",
    "apps.floor",
    "apps.installation",
    # Paper.
    "apps.paper",
    # The core.
    "apps.jobs",
    # What jobs are made of.
    "apps.machines",
    "apps.customers",
    "apps.catalog",
    "apps.processes",
    "apps.notifications",
    # Who and where.
    "apps.accounts",
    "apps.shop",
    # The kit.
    "apps.backoffice",
    "apps.observability",
    "apps.api",
    "apps.audit",
    "apps.background",
    "apps.counters",
    "apps.core",
]

MIDDLEWARE = [
    # On every answer, whoever gives it.
    "apps.core.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.core.headers.PolicyMiddleware",
    "apps.core.headers.SecurityHeadersMiddleware",
    "apps.core.headers.CrossOriginMiddleware",
    "apps.core.compression.CompressionMiddleware",
    # Answers that need neither host nor session.
    "apps.observability.middleware.HealthMiddleware",
    "apps.core.nul_bytes.NulBytesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.core.cache.OneMomentMiddleware",
    # Pages: programs with a token go past sessions, users and messages.
    "apps.core.doors.LanguageMiddleware",
    "apps.core.doors.SessionMiddleware",
    "apps.core.doors.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "apps.core.doors.AuthenticationMiddleware",
    "apps.accounts.middleware.TerminalMiddleware",
    "apps.audit.middleware.ActingMiddleware",
    "apps.core.doors.MessageMiddleware",
    "apps.observability.middleware.FaultMiddleware",
    "apps.shop.middleware.ShopZoneMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.accounts.context.terminal",
            ],
        },
    },
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]  # A page speaks the one that its browser asks for.
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # Instants are stored and logged in UTC; the shop's zone is a row in `shop`.

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS += ["django.forms"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # Bytes.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # A job with hundreds of steps is one form.

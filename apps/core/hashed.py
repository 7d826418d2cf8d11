"""Static files by names that change with their content."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # without types
    """Hashed names in the imports of JavaScript modules too.

    Otherwise a page of today's release runs yesterday's modules for as long as they are cached.
    """

    support_js_module_import_aggregation = True

"""Keys of rows as text: from an address, a form, a code that was scanned."""

DIGITS_AT_MOST = len(str(2**63 - 1)) - 1  # So many always fit a bigint; no key needs one more.


def key_of(text: str | None) -> int | None:
    """Return the key that a text says; None if it can be no row's."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= DIGITS_AT_MOST):
        return None
    return int(text)

"""A language that nobody speaks: every message written in wide letters, places left as they are.

What a page says in plain Latin letters then went past the catalogue.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import NullTranslations
from html.parser import HTMLParser
from typing import Any

from django.utils.translation import trans_real

CODE = "en-gb"  # Django knows how to write its numbers and dates.
WIDE = {code: code + 0xFEE0 for code in range(ord("!"), ord("~")) if chr(code).isalpha()}
PLACES = re.compile(r"(%\([a-z_]+\)[sd]|%[sd%]|\{[a-z_]*\}|<[^>]*>|&[a-z]+;)")
FORMAT = "a day's format"  # Such a message is a pattern and no words.
SPOKEN = ("title", "aria-label", "aria-description", "placeholder", "alt")
# What is said alike in every language.
UNIVERSAL = re.compile(
    r"\bAndon\b|\b(?:PDF|QR|PIN|USB)\b"
    r"|\bJOB-\d+\b|\b[SMUA]-[\w-]+"  # Codes, as they are scanned.
    r"|\{[a-z_]+\}"  # Where a script puts something in.
    r"|\d{4}-\d\d-\d\dT[\d:.+]+"
)
WORD = re.compile("[A-Za-z]+")
LATIN = re.compile("[A-Za-z]")


class Pseudo(NullTranslations):
    """The catalogue."""

    code = CODE

    def to_language(self) -> str:
        """Return its code, as Django asks for it."""
        return self.code

    def gettext(self, message: str) -> str:
        """Return the message in wide letters."""
        context, _, words = message.rpartition(trans_real.CONTEXT_SEPARATOR)
        return words if context == FORMAT else self.spell(words)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form for so many."""
        return self.gettext(msgid1 if n == 1 else msgid2)

    def spell(self, words: str) -> str:
        """Return words as the language writes them."""
        return wide(words)


class Longer(Pseudo):
    """A language whose every word is two fifths longer than the English one, as some are."""

    code = "en-au"  # Pages that were drawn in the other one are kept.

    def spell(self, words: str) -> str:
        """Return the words with letters of theirs once more."""
        return longer(words)


@contextmanager
def spoken(settings: Any, catalogue: type[Pseudo] = Pseudo) -> Iterator[dict[str, str]]:
    """Have pages speak it to whose browser asks so; yields the header that does."""
    code = catalogue.code
    settings.LANGUAGES = [("en", "English"), (code, "Pseudo")]
    before = trans_real._translations.pop(code, None)
    trans_real._translations[code] = catalogue()
    try:
        yield {"Accept-Language": code}
    finally:
        del trans_real._translations[code]
        if before is not None:
            trans_real._translations[code] = before


def longer(words: str) -> str:
    """Return words each two fifths longer, what stands for something else as it is."""
    parts = PLACES.split(words)
    return "".join(
        part if place % 2 else WORD.sub(_stretch, part) for place, part in enumerate(parts)
    )


def _stretch(word: re.Match[str]) -> str:
    letters = word[0]
    return letters + letters.lower()[-max(round(0.4 * len(letters)), 1) :]


def wide(words: str) -> str:
    """Return words in wide letters, what stands for something else as it is."""
    parts = PLACES.split(words)
    return "".join(part if place % 2 else part.translate(WIDE) for place, part in enumerate(parts))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self._silent += tag in {"script", "style"}
        names = [name for name in said if name in SPOKEN or name.startswith("data-")]
        if tag == "input" and said.get("type") in {"submit", "button"}:
            names.append("value")
        for name in names:
            value = said[name] or ""
            # Of what a script reads, words are what is written as no code or address is.
            if name in SPOKEN or name == "value" or re.search(r"[A-Z ]", value):
                self.found.append(value)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def untranslated(words: str) -> bool:
    """Whether some words hold plain Latin letters, beyond what is said alike everywhere."""
    return LATIN.search(UNIVERSAL.sub("", words)) is not None


def untranslated_of_page(html: str) -> list[str]:
    """Return what a page says that was not translated, each with its spaces as one."""
    reader = _Words()
    reader.feed(html)
    return [" ".join(each.split()) for each in reader.found if untranslated(each)]


def untranslated_of_answer(told: Any, under: str = "") -> list[str]:
    """Return what an answer to a script says in words that were not translated."""
    if isinstance(told, dict):
        return [
            each for name, value in told.items() for each in untranslated_of_answer(value, name)
        ]
    if isinstance(told, list):
        return [each for value in told for each in untranslated_of_answer(value, under)]
    is_words = under in {"done", "refused", "says", "why", "word", "title", "detail"}
    return [told] if is_words and isinstance(told, str) and untranslated(told) else []

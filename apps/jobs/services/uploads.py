"""Looking at an upload before anything of it is kept: its name, its size, its real type."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType

from django.core.files.base import File
from django.utils.translation import gettext as _

from apps.jobs.errors import EmptyFile, FileTooLarge, FileTypeNotAllowed

# Drawings, photographs and work sheets lie far below; the proxy lets no more than 25 MB pass.
MOST_BYTES = 20 * 1024 * 1024
NAME_LENGTH = 120

# What a browser looks at to guess a type. Source: WHATWG MIME Sniffing, "resource header".
HEADER_BYTES = 1_445
# Bytes no text holds. Source: WHATWG MIME Sniffing, "binary data byte".
BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
MARKUP = re.compile(rb"<(!doctype|html|head|body|script|svg|iframe|object|embed)\b", re.IGNORECASE)
# Where a package of Office lists its parts: its directory is at the end, and is not compressed.
TAIL_BYTES = 1024 * 1024
MACROS = b"vbaProject.bin"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of file that may be kept. ``starts`` is how its bytes begin."""

    content_type: str
    starts: re.Pattern[bytes]
    is_text: bool = False
    part: bytes = b""  # Of a package: the beginning of the name of a part that it must have.


def _office(name: str, part: bytes) -> Kind:
    content_type = f"application/vnd.openxmlformats-officedocument.{name}"
    return Kind(content_type, re.compile(rb"PK\x03\x04"), part=part)


def _text(content_type: str, starts: bytes = b"") -> Kind:
    # A byte order mark and blanks may come first; markup may not.
    begins = re.compile(rb"(\xef\xbb\xbf)?+\s*+(?!<[!?a-z])" + starts, re.IGNORECASE)
    return Kind(content_type, begins, is_text=True)


JPEG = Kind("image/jpeg", re.compile(rb"\xff\xd8\xff"))
STEP = _text("model/step", rb"ISO-10303-21;")
# Lines of eighty columns; the seventy-third names the section, and the first is Start.
IGES = Kind("model/iges", re.compile(rb"[^\r\n]{72}S[ 0]*1\s"), is_text=True)
DXF_COMMENTS = rb"(999\r?\n[^\n]*\n\s*)*"
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "pdf": Kind("application/pdf", re.compile(rb"%PDF-\d")),
        "png": Kind("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
        "jpg": JPEG,
        "jpeg": JPEG,
        "gif": Kind("image/gif", re.compile(rb"GIF8[79]a")),
        "webp": Kind("image/webp", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
        "txt": _text("text/plain"),
        "csv": _text("text/csv"),
        "xlsx": _office("spreadsheetml.sheet", b"xl/workbook"),
        "docx": _office("wordprocessingml.document", b"word/document"),
        "dxf": _text("image/vnd.dxf", DXF_COMMENTS + rb"0\r?\n\s*SECTION"),
        "step": STEP,
        "stp": STEP,
        "igs": IGES,
        "iges": IGES,
    }
)
ALLOWED = ", ".join(KINDS)


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of an upload that may be kept."""

    file_name: str
    extension: str
    content_type: str
    size: int
    sha256: str


def check_upload(upload: "File[bytes]") -> Checked:
    """Return what an upload is, by its name and by its bytes. Reads it a piece at a time.

    Raises: EmptyFile, FileTooLarge, FileTypeNotAllowed.
    """
    file_name = clean_name(upload.name or "")
    extension = PurePosixPath(file_name).suffix[1:].lower()
    if extension not in KINDS:
        raise FileTypeNotAllowed(
            _("“%(file)s” is of a type that is not kept. These are: %(types)s.")
            % {"file": file_name, "types": ALLOWED},
            field="upload",
            allowed=[*KINDS],
        )
    if not upload.size:
        raise EmptyFile(_("“%(file)s” is empty.") % {"file": file_name}, field="upload")
    if upload.size > MOST_BYTES:
        raise FileTooLarge(
            _("“%(file)s” has %(size)s bytes; at most %(most)s are kept.")
            % {"file": file_name, "size": f"{upload.size:,}", "most": f"{MOST_BYTES:,}"},
            field="upload",
            size=upload.size,
            most=MOST_BYTES,
        )
    kind = KINDS[extension]
    if not _is(kind, upload):
        raise FileTypeNotAllowed(
            _("What “%(file)s” holds is not what its name says: it is no %(extension)s file.")
            % {"file": file_name, "extension": extension},
            field="upload",
            allowed=[*KINDS],
        )
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return Checked(file_name, extension, kind.content_type, upload.size, digest.hexdigest())


def clean_name(name: str) -> str:
    """Return a file's name for people to read: no path, nothing unseen, NAME_LENGTH at most."""
    last = name.replace("\\", "/").rpartition("/")[2]
    stem, dot, extension = printable(last).strip(" .").rpartition(".")
    if not dot:
        stem, extension = extension, ""
    end = f"{dot}{extension}"[:NAME_LENGTH]
    return f"{stem[: NAME_LENGTH - len(end)].strip()}{end}" or "file"


def printable(text: str) -> str:
    """Return the text on one line, without what is not seen."""
    # Categories C*: control and format characters (one can turn a name's end round), surrogates.
    seen = (char if unicodedata.category(char)[0] != "C" else " " for char in text)
    return " ".join(unicodedata.normalize("NFC", "".join(seen)).split())


def _is(kind: Kind, upload: "File[bytes]") -> bool:
    """Whether the bytes are of the kind, and would pass for no page."""
    upload.seek(0)
    header = upload.read(HEADER_BYTES)
    if not kind.starts.match(header):
        return False
    if kind.is_text:
        return not any(BINARY.search(chunk) for chunk in upload.chunks())
    if MARKUP.search(header):
        return False
    return not kind.part or _is_package(kind.part, upload)


def _is_package(part: bytes, upload: "File[bytes]") -> bool:
    """Whether a zip lists the part and no macros. Nothing is unpacked, so nothing can swell."""
    upload.seek(max(0, upload.size - TAIL_BYTES))
    listed = upload.read()
    return b"[Content_Types].xml" in listed and part in listed and MACROS not in listed

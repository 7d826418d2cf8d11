"""Pictures on paper: opened carefully, made as small as print needs."""

import io
import logging
import struct
import zlib
from functools import lru_cache
from typing import IO, cast

from PIL import Image, ImageOps
from reportlab.lib.utils import ImageReader

from apps.jobs.models import Attachment

logger = logging.getLogger(__name__)

SHOWN = ("image/png", "image/jpeg")
LONGEST_SIDE = 2_000  # Pixels: 280 an inch over the width of a page.
MOST_PIXELS = 40_000_000  # 160 MB while it is made smaller; a drawing of A1 at 200 an inch has 31.
QUALITY = 85
# Whatever reading a file that is not what it says may end in: Pillow wraps not all of it.
FAULTS = (
    OSError,
    ValueError,
    SyntaxError,  # Pillow's word for a broken PNG.
    EOFError,
    MemoryError,
    ArithmeticError,
    LookupError,
    TypeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def is_picture(file: Attachment) -> bool:
    """Whether a file is drawn, rather than named."""
    return file.content_type in SHOWN


class Pictures:
    """The pictures of one document: each is read once, however many jobs share it."""

    def __init__(self) -> None:
        self._kept = lru_cache(maxsize=32)(self._load)

    def get(self, file: Attachment) -> ImageReader | None:
        """Return a picture ready to draw; None where the file is gone, broken or too large."""
        return self._kept(file.sha256, file.pk, str(file.file))

    @staticmethod
    def _load(_digest: str, key: int, name: str) -> ImageReader | None:
        storage = Attachment._meta.get_field("file").storage
        try:
            with storage.open(name, "rb") as content:
                return ImageReader(_reduced(cast("IO[bytes]", content)))
        except FAULTS:
            logger.warning("Attachment %s cannot be drawn.", key, exc_info=True)
            return None


def _reduced(content: IO[bytes]) -> io.BytesIO:
    """Return the picture upright, on white, no larger than print needs.

    Raises: ValueError for one with more than MOST_PIXELS.
    """
    picture: Image.Image = Image.open(content, formats=("PNG", "JPEG"))
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError(f"{picture.width} × {picture.height} pixels are too many.")
    is_photo = picture.format != "PNG"  # A phone's JPEG of several pictures has another name.
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # A JPEG is decoded smaller at once.
    if picture.mode not in {"L", "RGB", "RGBA"}:
        picture = picture.convert("RGBA")  # Palettes and the like have nothing between two pixels.
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    layered = ImageOps.exif_transpose(picture).convert("RGBA")
    flat = Image.new("RGB", layered.size, "white")
    flat.paste(layered, mask=layered.getchannel("A"))
    made = io.BytesIO()
    if is_photo:
        flat.save(made, "JPEG", quality=QUALITY)
    else:
        flat.save(made, "PNG")
    made.seek(0)
    return made

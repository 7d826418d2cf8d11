"""Paper as a reader sees it: its words, and its codes as a camera reads them."""

from dataclasses import dataclass

import pypdfium2
import zxingcpp

SCALE = 2.5  # 180 dots an inch.


@dataclass(frozen=True)
class Page:
    """One page: its text, its codes from the top, and its size in points."""

    text: str
    codes: list[str]
    size: tuple[float, float]
    pictures: int


def read(pdf: bytes, *, scale: float = SCALE) -> list[Page]:
    """Read every page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_page(page, scale) for page in document]
    finally:
        document.close()


def _page(page: pypdfium2.PdfPage, scale: float) -> Page:
    picture = page.render(scale=scale).to_pil()
    found = sorted(
        zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode),
        key=lambda code: code.position.top_left.y,
    )
    image = pypdfium2.raw.FPDF_PAGEOBJ_IMAGE
    return Page(
        text=page.get_textpage().get_text_bounded().replace("\r\n", "\n"),
        codes=[code.text for code in found],
        size=tuple(round(side) for side in page.get_size()),
        pictures=len(list(page.get_objects(filter=[image]))),
    )

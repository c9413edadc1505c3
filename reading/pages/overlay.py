"""Pictures of pages with what was found drawn over them: boxes by kind, order, words by confidence."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from ocr2.documents.document import OpenDocument
from ocr2.documents.sources import Source
from ocr2.errors import OutputError
from ocr2.options import ReadOptions
from ocr2.results.document import Document, Page

COLOURS = {
    "title": "#b00020", "heading": "#d35400", "paragraph": "#1565c0", "list_item": "#2e7d32", "code": "#6a1b9a",
    "figure": "#558b2f", "chart": "#4527a0", "molecule": "#5d4037", "score": "#0277bd", "geometry": "#ef6c00",
    "caption": "#8d6e63", "footnote": "#8d6e63",
    "table": "#00838f", "markup": "#3949ab", "header": "#757575", "footer": "#757575", "page_number": "#757575",
}  # fmt: skip


def save_overlays(document: Document, source: Source, folder: Path, *, stem: str, options: ReadOptions) -> list[Path]:
    """Write one PNG a page that was read.

    Args:
        document: What was read.
        source: From where; it is opened again for the pictures.
        folder: Where the pictures go.
        stem: What their names begin with.
        options: How it was read, so that the boxes fit.

    Raises:
        OutputError: If a picture cannot be written.
    """
    opened = OpenDocument(source, dpi=options.dpi, rasterizer=options.rasterizer, password=options.password)
    paths = []
    try:
        for page in document.pages:
            if page.error is None:
                path = folder / f"{stem}-{page.number:04}.png"
                picture = draw_overlay(Image.fromarray(opened.page(page.number).gray), page)
                try:
                    picture.save(path, compress_level=1)
                except OSError as error:
                    raise OutputError(f"cannot write {path}: {error.strerror}") from error
                paths.append(path)
    finally:
        opened.close()
    return paths


def draw_overlay(image: Image.Image, page: Page) -> Image.Image:
    """Return the page in colour with blocks outlined and numbered, and words shaded from green to red."""
    base = image.convert("RGB")
    shade = Image.new("RGBA", base.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(shade)
    size = max(12, base.width // 70)
    font = ImageFont.load_default(size=size)
    for order, block in enumerate(page.blocks, start=1):
        for line in block.lines:
            for word in line.words:
                doubt = 1 - word.confidence
                pen.rectangle(
                    word.box.as_list(), fill=(round(255 * min(1, 2 * doubt)), round(160 * (1 - doubt)), 0, 48)
                )
        if block.box is None:
            continue
        colour = COLOURS[block.kind]
        pen.rectangle(block.box.as_list(), outline=colour, width=max(2, base.width // 600))
        label = f"{order} {block.kind} {block.confidence:.2f}"
        pen.text((block.box.left, max(0, block.box.top - size)), label, fill=colour, font=font)
    return Image.alpha_composite(base.convert("RGBA"), shade).convert("RGB")

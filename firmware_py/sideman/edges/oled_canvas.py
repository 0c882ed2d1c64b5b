"""A 128 x 64 black-and-white canvas: text in three sizes, boxes, inversion. What ``oled_face`` paints with."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw

from sideman.edges import oled_glyphs, oled_letters

WIDTH = 128
HEIGHT = 64
SMALLEST = (5, 2)
"""Width and stroke of the smallest large letter; longer words are written small."""
ON = 255
OFF = 0

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels, right and bottom excluded."""


class Canvas:
    """One frame; all methods clip at the border."""

    def __init__(self) -> None:
        self.image = Image.new("1", (WIDTH, HEIGHT), OFF)
        self._draw = ImageDraw.Draw(self.image)

    def text(self, x: int, y: int, text: str, *, ink: int = ON, tiny: bool = False) -> int:
        """Small text with its top left corner at (x, y); returns the x after it, gap included."""
        for letter in text:
            bitmap = _small(letter, tiny)
            self._draw.bitmap((x, y), bitmap, fill=ink)
            x += bitmap.width + 1
        return x

    def text_right(self, right: int, y: int, text: str, *, ink: int = ON, tiny: bool = False) -> int:
        """Small text that ends before ``right``; returns its left."""
        left = right - oled_glyphs.width(text, tiny=tiny)
        self.text(left, y, text, ink=ink, tiny=tiny)
        return left

    def text_centred(self, box: Box, text: str, *, ink: int = ON) -> None:
        """One line in the middle of a box, in the larger alphabet that fits, shortened if none does."""
        left, top, right, bottom = box
        tiny = oled_glyphs.width(text) > right - left
        text = oled_glyphs.fitted(text, right - left, tiny=tiny)
        high = 5 if tiny else oled_glyphs.HEIGHT
        x = left + (right - left - oled_glyphs.width(text, tiny=tiny)) // 2
        self.text(x, top + (bottom - top - high + 1) // 2, text, ink=ink, tiny=tiny)

    def word(self, box: Box, text: str, *, ink: int = ON, size: tuple[int, int] | None = None) -> None:
        """A large word, centred: it fills the box's height and as much of its width as suits it.

        Args:
            box: Where it goes.
            text: The word.
            ink: ``ON`` or ``OFF``.
            size: Letter width and stroke; the largest that fits when None.
        """
        left, top, right, bottom = box
        if size is None and oled_letters.word_width(text, *SMALLEST) > right - left:
            self.text_centred(box, text, ink=ink)
            return
        height = bottom - top
        width, stroke = size or oled_letters.fit(text, right - left, height)
        height = min(height, max(7, round(width * 2.6)))
        top += (bottom - top - height) // 2
        x = left + max(0, (right - left - oled_letters.word_width(text, width, stroke)) // 2)
        for letter in text:
            bitmap = _large(letter, width, height, stroke)
            self._draw.bitmap((x, top), bitmap, fill=ink)
            x += bitmap.width + oled_letters.gap(stroke)

    def fill(self, box: Box, ink: int = ON) -> None:
        """A solid box."""
        if box[2] > box[0] and box[3] > box[1]:
            self._draw.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), fill=ink)

    def frame(self, box: Box, ink: int = ON) -> None:
        """A box's border, one pixel wide."""
        if box[2] > box[0] and box[3] > box[1]:
            self._draw.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), outline=ink)

    def plate(self, box: Box, ink: int = ON) -> None:
        """A solid box without its four corner pixels: what a key looks like."""
        self.fill(box, ink)
        for x in (box[0], box[2] - 1):
            for y in (box[1], box[3] - 1):
                self._draw.point((x, y), fill=ON - ink)

    def dashes(self, box: Box, ink: int = ON) -> None:
        """A dashed border: something that may still change."""
        left, top, right, bottom = box
        for x in range(left, right):
            if x % 4 < 2:
                self._draw.point([(x, top), (x, bottom - 1)], fill=ink)
        for y in range(top, bottom):
            if y % 4 < 2:
                self._draw.point([(left, y), (right - 1, y)], fill=ink)

    def invert(self, box: Box) -> None:
        """Swap black and white inside a box."""
        if box[2] > box[0] and box[3] > box[1]:
            self.image.paste(ImageChops.invert(self.image.crop(box)), box)


@lru_cache(maxsize=512)
def _small(letter: str, tiny: bool) -> Image.Image:
    rows = oled_glyphs.glyph(letter, tiny=tiny)
    return _bitmap(tuple(tuple(cell == "#" for cell in row) for row in rows))


@lru_cache(maxsize=512)
def _large(letter: str, width: int, height: int, stroke: int) -> Image.Image:
    return _bitmap(oled_letters.letter_rows(letter, width, height, stroke))


def _bitmap(rows: oled_letters.Bitmap) -> Image.Image:
    image = Image.new("1", (len(rows[0]), len(rows)), OFF)
    for y, row in enumerate(rows):
        for x, lit in enumerate(row):
            if lit:
                image.putpixel((x, y), ON)
    return image

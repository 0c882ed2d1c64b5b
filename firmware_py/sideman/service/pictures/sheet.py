"""Contact sheets: several OLED pictures with their names, enlarged, on one page."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

PAPER = (24, 26, 30)
GLASS = (4, 6, 8)
GLOW = (206, 236, 255)
LABEL = (170, 178, 190)


def enlarged(face: Image.Image, scale: int) -> Image.Image:
    """An OLED picture as a photograph would show it: cold white pixels on black glass, ``scale`` times larger."""
    big = face.resize((face.width * scale, face.height * scale), Image.Resampling.NEAREST)
    grey = big.convert("L")
    image = Image.new("RGB", big.size, GLASS)
    image.paste(GLOW, mask=grey)
    if scale >= 5:
        draw = ImageDraw.Draw(image)
        for x in range(0, big.width, scale):
            draw.line((x, 0, x, big.height), fill=GLASS)
        for y in range(0, big.height, scale):
            draw.line((0, y, big.width, y), fill=GLASS)
    return image


def sheet(faces: dict[str, Image.Image], *, columns: int = 3, scale: int = 3) -> Image.Image:
    """All faces on one page, each with its name above."""
    margin, head = 8 * scale, 18
    first = next(iter(faces.values()))
    wide, high = first.width * scale + margin, first.height * scale + margin + head
    rows = -(-len(faces) // columns)
    page = Image.new("RGB", (columns * wide + margin, rows * high + margin), PAPER)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(14)
    for index, (name, face) in enumerate(faces.items()):
        x, y = margin + index % columns * wide, margin + index // columns * high
        draw.text((x, y), name, fill=LABEL, font=font)
        page.paste(enlarged(face, scale), (x, y + head))
    return page

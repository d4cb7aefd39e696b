"""Picture: what a fresh build looks like, compared with what it looked like."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import CheckError
from .recorded import write

if TYPE_CHECKING:
    from .replaying import Stage

# Drawn by the browser that took them. What counts is what either has on its background, which is most of a page: one
# button that went is little of that, and much of what is there.
COMPARE = """async ([before, after, least]) => {
  const images = await Promise.all([before, after].map(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    return image;
  }));
  const width = Math.max(...images.map((one) => one.width));
  const height = Math.max(...images.map((one) => one.height));
  const [a, b] = images.map((image) => {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, width, height).data;
  });
  const counts = new Map();
  const pixels = new Uint32Array(a.buffer);
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  let ground = pixels[0];
  for (const [pixel, count] of counts) if (count > counts.get(ground)) ground = pixel;
  const background = new Uint8Array(new Uint32Array([ground]).buffer);
  const differ = (one, at, other, from) => {
    for (let n = 0; n < 4; n += 1) if (Math.abs(one[at + n] - other[from + n]) > least) return true;
    return false;
  };
  let other = 0;
  let drawn = 0;
  for (let at = 0; at < a.length; at += 4) {
    if (differ(a, at, b, at)) other += 1;
    if (differ(a, at, background, 0) || differ(b, at, background, 0)) drawn += 1;
  }
  return drawn ? other / drawn : 0;
}"""
LEAST = 10
"""By how much, of 255, a colour must be another to count."""


class Picture:
    """A picture of an app. A notebook shows it."""

    def __init__(self, name: str, png: bytes) -> None:
        self.name = name
        self.png = png
        self.differs = 0.0
        """Share of what is drawn in either that is not as in the one that was kept, from 0 to 1."""

    def __repr__(self) -> str:
        return f"Picture({self.name!r})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        del include, exclude
        return {"text/plain": repr(self), "image/png": base64.b64encode(self.png).decode()}

    def save(self, path: str | Path) -> Path:
        """Write it as a PNG file."""
        file = Path(path).expanduser()
        file.write_bytes(self.png)
        return file

    def settle(self, file: Path, stage: Stage, tolerance: float, *, keep: bool, anew: bool) -> None:
        """Compare it with the one in a file, or keep it there. Raises CheckError."""
        if not file.is_file() and not keep:
            raise CheckError(f"No picture {self.name!r} is kept in '{file.parent.name}' to compare with.")
        fresh = file.with_suffix(".new.png")
        if anew or not file.is_file():
            write(file, self.png)
            fresh.unlink(missing_ok=True)
            return
        known = file.read_bytes()
        if known != self.png:
            pair = [base64.b64encode(one).decode() for one in (known, self.png)]
            self.differs = float(stage.evaluate(COMPARE, [*pair, LEAST]))
        if self.differs > tolerance:
            write(fresh, self.png)
            raise CheckError(
                f"The picture {self.name!r} differs in {self.differs:.1%} of what is drawn from the one that is kept, "
                f"and {tolerance:.1%} may: see {fresh.name}, and move it to {file.name} where it is right."
            )
        fresh.unlink(missing_ok=True)

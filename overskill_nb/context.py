"""What a prompt is given beside its words: files, tables, images, values."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from . import values
from .errors import GenerationError
from .protocol_generation import Picture

ROWS = 5
"""Of a table that a model is shown."""
MAX_TEXT = 100_000
MAX_PICTURE = 5_000_000
_MEDIA = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif"}


class Context(NamedTuple):
    """Context as a request carries it."""

    paths: list[str]
    """Of the app's files."""
    data: dict[str, str]
    pictures: list[Picture]

    @property
    def fields(self) -> dict[str, Any]:
        """By the request's own names."""
        return {"context": self.paths, "data": self.data, "pictures": self.pictures}


def read(given: object, files: Iterable[str]) -> Context:
    """``given`` is a path, a table, an image, any plain value, several of these, or a mapping of names to these.

    ``files`` are the app's paths; a path that is none of them is a file beside the notebook. Raises GenerationError.
    """
    context = Context([], {}, [])
    if given is None:
        return context
    if isinstance(given, Mapping):
        for name, value in given.items():
            _add(context, str(name), value, files)
        return context
    items: Sequence[object] = given if isinstance(given, (list, tuple)) else [given]
    for number, value in enumerate(items, 1):
        _add(context, str(value) if isinstance(value, (str, Path)) else f"value {number}", value, files)
    return context


def _add(context: Context, name: str, value: Any, files: Iterable[str]) -> None:
    if isinstance(value, (str, Path)) and _is_path(value):
        _add_file(context, str(value), files)
    elif picture := _picture(name, value):
        context.pictures.append(picture)
    else:
        context.data[name] = _text(name, value)


def _is_path(value: str | Path) -> bool:
    """A text of several lines, or with spaces around it, is a text."""
    return isinstance(value, Path) or (len(value) < 400 and "\n" not in value and Path(value).suffix != "")


def _add_file(context: Context, path: str, files: Iterable[str]) -> None:
    if path in set(files):
        context.paths.append(path)
        return
    file = Path(path).expanduser()
    if not file.is_file():
        raise GenerationError(f"There is no file '{path}', neither in the app nor beside the notebook.")
    if media := _MEDIA.get(file.suffix.lower()):
        context.pictures.append(_encoded(path, file.read_bytes(), media))
        return
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        raise GenerationError(f"'{path}' is neither text nor an image (PNG, JPEG, WebP, GIF).") from None
    context.data[file.name] = _cut(text)


def _picture(name: str, value: Any) -> Picture | None:
    """What IPython would show as an image."""
    if isinstance(value, type):
        return None
    for method, media in (("_repr_png_", "image/png"), ("_repr_jpeg_", "image/jpeg")):
        show = getattr(value, method, None)
        shown = show() if callable(show) else None
        if isinstance(shown, tuple):  # the image and what is said of it
            shown = shown[0]
        if isinstance(shown, str):
            shown = base64.b64decode(shown)
        if isinstance(shown, bytes):
            return _encoded(name, shown, media)
    return None


def _encoded(name: str, image: bytes, media: str) -> Picture:
    if len(image) > MAX_PICTURE:
        raise GenerationError(f"The image '{name}' has more than {MAX_PICTURE // 1_000_000} MB; make it smaller.")
    return Picture(media_type=media, data=base64.b64encode(image).decode())


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return _cut(value)
    if hasattr(value, "dtypes") and hasattr(value, "columns") and hasattr(value, "head"):
        return _table(value)
    try:
        return _cut(json.dumps(values.as_props({name: value})[name], ensure_ascii=False, indent=1))
    except TypeError as error:
        raise GenerationError(f"'{name}' cannot be given as context: {error}.") from error


def _table(frame: Any) -> str:
    """A pandas or polars frame: its columns with their types, and its first rows as the app would get them."""
    types = frame.dtypes
    kinds = list(types) if isinstance(types, (list, tuple)) else [types.iloc[n] for n in range(len(frame.columns))]
    columns = ", ".join(f"{column} ({kind})" for column, kind in zip(frame.columns, kinds, strict=True))
    rows = values.as_props({"rows": frame.head(ROWS)})["rows"]
    return f"{len(frame)} rows. Columns: {columns}\nThe first rows as JSON:\n{json.dumps(rows, ensure_ascii=False)}"


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}\n… (cut off)"

"""Pages that show a preview without a notebook."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from saved_notebook import counter

import overskill_nb as ov
from overskill_nb import session, shown
from overskill_nb.widgets import bundle

pytestmark = [
    pytest.mark.usefixtures("folder", "tools"),
    pytest.mark.skipif(not bundle.HANDOVER.is_file(), reason="run `node build.mjs` in js/ first"),
]


@pytest.fixture
def app() -> ov.App:
    return ov.App("tips")


def parts(page: str, kind: str) -> dict[str, Any]:
    """What a page holds of a kind, by name."""
    found = re.findall(rf'<script type="[^"]*" data-overskill-{kind}="([^"]*)">([^<]*)</script>', page)
    return {name: json.loads(gzip.decompress(base64.b64decode(data))) for name, data in found}


def modules(page: str) -> list[str]:
    return [module["id"] for snapshot in parts(page, "app").values() for module in snapshot["modules"]]


def test_a_page_is_one_file_that_loads_nothing(app: ov.App, folder: Path) -> None:
    preview = counter(app, label="</script><b>")
    file = preview.to_html("counter.html")
    page = file.read_text("utf-8")
    assert file.resolve() == folder.resolve() / "counter.html"
    assert "<title>tips · Counter</title>" in page
    assert not re.search(r"<(?:link|img)\b|\ssrc=", re.sub(r"<script>.*</script>", "", page, flags=re.DOTALL))
    assert "</script><b>" not in page
    assert len(page.encode()) < 500_000


def test_it_holds_the_packages_once_and_only_what_is_shown(app: ov.App) -> None:
    preview = counter(app)
    counter(app, "Other")
    page = preview.to_html("page.html").read_text("utf-8")
    assert "src/components/Counter.tsx" in modules(page)
    assert "src/components/Other.tsx" not in modules(page)
    assert all(chunk["code"] is None for app in parts(page, "app").values() for chunk in app["vendor"])
    assert any("createElement" in chunk["code"] for chunk in parts(page, "packages").values())
    whole = app.preview().to_html("app.html").read_text("utf-8")
    assert "src/App.tsx" in modules(whole)


def test_the_same_app_gives_the_same_page_on_every_machine(app: ov.App, folder: Path) -> None:
    first = counter(app).to_html("first.html").read_bytes()
    assert str(folder) not in str(parts(first.decode(), "app"))
    assert re.search(rb"tips-[0-9a-f]{12}", first) is None
    session.close()
    again = counter(ov.App("tips")).to_html("again.html").read_bytes()
    assert first == again


def test_what_does_not_compile_has_no_page(app: ov.App) -> None:
    good, bad = counter(app), counter(app, "Bad")
    with pytest.raises(ov.BuildError):
        app.write("src/components/Bad.tsx", "export default function Bad( {")
    with pytest.raises(ov.BuildError, match=r"Bad\.tsx"):
        bad.to_html("bad.html")
    good.to_html("good.html")


def test_a_displayed_preview_leaves_what_it_takes_to_show_it_again(app: ov.App) -> None:
    preview = counter(app, label="one")
    data, metadata = preview._repr_mimebundle_()
    assert data["text/plain"] == "Preview(tips · Counter)"
    (kept,) = shown.kept(metadata)
    assert (kept.folder, kept.module, kept.props) == ("tips", "src/components/Counter.tsx", {"label": "one"})
    assert kept.functions == ["save"]
    assert len(json.dumps(metadata)) < 400
    assert preview._repr_mimebundle_()[1] == metadata


def test_props_that_are_too_much_are_not_kept(app: ov.App) -> None:
    preview = counter(app, label="x" * 200_000)
    _, metadata = preview._repr_mimebundle_()
    (kept,) = shown.kept(metadata)
    assert kept.props == {}
    assert kept.props_bytes > 200_000
    assert len(json.dumps(metadata)) < 1000
    assert "x" * 200_000 in preview.to_html("large.html").read_text("utf-8")


def test_an_editor_is_its_page(app: ov.App) -> None:
    editor = app.editor()
    (kept,) = shown.kept(editor._repr_mimebundle_()[1])
    assert kept.module == "src/App.tsx"
    assert "src/App.tsx" in modules(editor.to_html("page.html").read_text("utf-8"))


@pytest.mark.parametrize("metadata", [{}, {"overskill": None}, {"overskill": {"previews": [{"title": 1}]}}])
def test_other_metadata_are_none_of_ours(metadata: dict[str, Any]) -> None:
    assert shown.kept(metadata) == []

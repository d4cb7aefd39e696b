"""The store of artefacts."""

from __future__ import annotations

import hashlib
import threading
import time
from pathlib import Path

import pytest

from overskill_nb.errors import ArtefactError
from overskill_nb.pipeline.artefacts import ArtefactStore, BuiltFile, BuiltFiles


def built(folder: Path, files: dict[str, str], **more: object) -> BuiltFiles:
    """A build of these files."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for path, text in files.items():
        data = text.encode()
        sha256 = hashlib.sha256(data).hexdigest()
        (folder / sha256).write_bytes(data)
        made.append(BuiltFile(path=path, sha256=sha256, size=len(data), source=str(folder / sha256)))
    return BuiltFiles(files=made, **more)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> ArtefactStore:
    return ArtefactStore(tmp_path / "store")


def blobs(store: ArtefactStore) -> list[Path]:
    return [file for file in store.blobs.rglob("*") if file.is_file()]


def test_what_was_put_comes_back(store: ArtefactStore, tmp_path: Path) -> None:
    put = store.put(built(tmp_path / "out", {"/index.html": "<p>", "/a.js": "1"}, first_load=["/index.html"]))
    got = ArtefactStore(store.folder).get(put.id)
    assert got == put
    assert [file.path for file in got.files] == ["/a.js", "/index.html"]
    assert store.read(got.files[1].sha256) == b"<p>"


def test_the_id_depends_on_what_is_served_and_on_nothing_else(store: ArtefactStore, tmp_path: Path) -> None:
    files = {"/index.html": "<p>", "/a.js": "1"}
    first = store.put(built(tmp_path / "out", files))
    turned = store.put(built(tmp_path / "elsewhere", dict(reversed(files.items())), warnings=["large"]))
    assert turned.id == first.id
    assert (
        len(
            {
                first.id,
                *(
                    store.put(built(tmp_path / "out", f, **m)).id
                    for f, m in [
                        ({**files, "/a.js": "2"}, {}),
                        ({"/index.html": "<p>", "/b.js": "1"}, {}),
                        (files, {"headers": "/*\n  X: y"}),
                        (files, {"redirects": "/a /b"}),
                        (files, {"uses_env": True}),
                    ]
                ),
            }
        )
        == 6
    )


def test_the_same_content_is_kept_once(store: ArtefactStore, tmp_path: Path) -> None:
    store.put(built(tmp_path / "out", {"/index.html": "<p>", "/a.txt": "same", "/b.txt": "same"}))
    store.put(built(tmp_path / "out", {"/index.html": "<i>", "/a.txt": "same"}))
    assert len(blobs(store)) == 3


def test_a_file_that_changed_meanwhile_is_refused(store: ArtefactStore, tmp_path: Path) -> None:
    files = built(tmp_path / "out", {"/index.html": "<p>"})
    Path(files.files[0].source).write_text("other")
    with pytest.raises(ArtefactError, match=r"/index.html changed while the app was built; deploy again"):
        store.put(files)
    assert not blobs(store)


@pytest.mark.parametrize("path", ["/../x", "x", "/a\\b", "/a\0b"])
def test_paths_that_cannot_be_served_are_refused(store: ArtefactStore, tmp_path: Path, path: str) -> None:
    with pytest.raises(ArtefactError, match="cannot be served"):
        store.put(built(tmp_path / "out", {path: "x"}))


def test_unknown_and_damaged_artefacts_say_what_to_do(store: ArtefactStore, tmp_path: Path) -> None:
    for id_ in ("0" * 64, "../../etc/passwd", ""):
        with pytest.raises(ArtefactError):
            store.get(id_)
    artefact = store.put(built(tmp_path / "out", {"/index.html": "<p>"}))
    file = store.folder / "artefacts" / f"{artefact.id}.json"
    whole = file.read_text()
    file.write_text(whole.replace("/index.html", "/other.html"))
    with pytest.raises(ArtefactError, match="is damaged; deploy the app again"):
        store.get(artefact.id)
    file.write_text(whole[:-9])
    with pytest.raises(ArtefactError, match="cannot be read"):
        store.get(artefact.id)


def test_damaged_content_is_noticed_and_written_anew_by_the_next_build(store: ArtefactStore, tmp_path: Path) -> None:
    artefact = store.put(built(tmp_path / "out", {"/index.html": "<p>"}))
    sha256 = artefact.files[0].sha256
    (blob,) = blobs(store)
    blob.write_bytes(b"<q>")
    with pytest.raises(ArtefactError, match="is damaged; deploy the app again"):
        store.read(sha256)
    store.put(built(tmp_path / "out", {"/index.html": "<p>"}))
    assert store.read(sha256) == b"<p>"
    with pytest.raises(ArtefactError):
        store.read("../../../etc/passwd")


def test_what_no_artefact_needs_is_collected(store: ArtefactStore, tmp_path: Path) -> None:
    kept = store.put(built(tmp_path / "out", {"/index.html": "<p>", "/same.js": "same"}))
    gone = store.put(built(tmp_path / "out", {"/index.html": "<i>", "/same.js": "same", "/big.js": "x" * 1000}))
    assert store.collect({kept.id}) == 0, "what is young stays"
    freed = store.collect({kept.id}, grace=-1)
    assert freed > 1000
    assert store.get(kept.id)
    assert all(store.read(file.sha256) for file in kept.files)
    with pytest.raises(ArtefactError):
        store.get(gone.id)
    assert len(blobs(store)) == 2
    assert store.collect({kept.id}, grace=-1) == 0


def test_collecting_while_builds_are_put_takes_nothing_that_they_need(store: ArtefactStore, tmp_path: Path) -> None:
    ids: list[str] = []
    until = time.monotonic() + 2

    def put(worker: int) -> None:
        number = 0
        while time.monotonic() < until:
            number += 1
            files = {"/index.html": f"{worker} {number}", "/same.js": "same"}
            ids.append(store.put(built(tmp_path / f"out{worker}", files)).id)

    threads = [threading.Thread(target=put, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        store.collect(set(ids), grace=0.5)
    assert len(ids) > 4
    for id_ in ids[-4:]:
        assert all(store.read(file.sha256) for file in store.get(id_).files)

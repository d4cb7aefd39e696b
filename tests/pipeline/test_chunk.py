from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from overskill_nb import config
from overskill_nb.pipeline import likely
from overskill_nb.pipeline.chunk import Chunk, kept, read_raw
from overskill_nb.pipeline.follower import Follower
from overskill_nb.pipeline.likely import LikelyChunks


class _Nobody:
    congested = False

    def send(self, message: msgspec.Struct) -> None: ...


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(config.CACHE, str(tmp_path))
    (tmp_path / "bundles/vendor").mkdir(parents=True)
    return tmp_path / "bundles"


def keep(cache: Path, name: str, code: str = "kept()") -> Chunk:
    file = cache / "vendor" / f"{name}.js"
    file.write_text(code, "utf-8")
    return Chunk(name, file=str(file))


@pytest.mark.parametrize(("fetches", "code"), [(False, "kept()\n// ü"), (True, None)])
def test_a_chunk_goes_with_its_code_unless_the_preview_has_it_or_fetches_it(
    cache: Path, fetches: bool, code: str | None
) -> None:
    follower = Follower(_Nobody(), "p", ["had"], fetches)
    chunks = [keep(cache, "aa", "kept()\n// ü"), Chunk("sent", code="sent()"), Chunk("had", file="gone.js")]
    found = [(chunk.id, chunk.code) for chunk in follower.give(chunks)]
    assert found == [("aa", code), ("sent", "sent()"), ("had", None)]


def test_nothing_is_read_where_nobody_receives_it(tmp_path: Path) -> None:
    chunks = msgspec.Raw(msgspec.json.encode([Chunk("a", file=str(tmp_path / "gone.js"))]))
    assert [(chunk.id, chunk.code) for chunk in read_raw(chunks, code=False)] == [("a", None)]


def test_only_chunks_are_found_by_a_name(cache: Path) -> None:
    chunk = keep(cache, "ab12")
    (cache / "secret.js").write_text("")
    assert str(kept("ab12")) == chunk.file
    assert [kept(name) for name in ("ab", "../secret", "AB12", "", "ab12\n")] == [None] * 5


def test_what_a_preview_needed_is_likely_the_next_time(cache: Path) -> None:
    chunks = [keep(cache, "aa"), keep(cache, "bb")]
    assert LikelyChunks("tips").of("") == []
    LikelyChunks("tips").note("", chunks)
    LikelyChunks("tips").note("src/Tip.tsx", chunks[:1])
    assert LikelyChunks("tips").of("") == ["aa", "bb"]
    assert LikelyChunks("tips").of("src/Tip.tsx") == ["aa"]
    assert LikelyChunks("other").of("") == []


def test_chunks_that_were_cleaned_away_are_not_likely(cache: Path) -> None:
    LikelyChunks("tips").note("", [keep(cache, "aa"), Chunk("bb", code="b()")])
    assert LikelyChunks("tips").of("") == ["aa"]


def test_what_is_likely_is_bounded_and_what_was_needed_last_stays(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likely, "MODULES", 2)
    chunk = keep(cache, "aa")
    for module in ("a", "b", "a", "c"):
        LikelyChunks("tips").note(module, [chunk, keep(cache, "bb")] if module == "a" else [chunk])
        if module == "b":
            LikelyChunks("tips").note("a", [chunk])
    assert [LikelyChunks("tips").of(module) for module in ("a", "b", "c")] == [["aa", "bb"], [], ["aa"]]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"": 1}', '{"": null}'])
def test_what_cannot_be_read_is_not_guessed_from(cache: Path, text: str) -> None:
    (cache / "likely").mkdir()
    (cache / "likely/tips.json").write_text(text)
    assert LikelyChunks("tips").of("") == []
    LikelyChunks("tips").note("", [keep(cache, "aa")])
    assert LikelyChunks("tips").of("") == ["aa"]

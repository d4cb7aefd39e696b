from __future__ import annotations

from pathlib import Path

import msgspec

from overskill_nb.pipeline.chunk import Chunk, read_all, read_raw


def test_a_chunk_is_read_from_its_file_unless_it_came_with_its_code_or_the_receiver_has_it(tmp_path: Path) -> None:
    script = tmp_path / "kept.js"
    script.write_text("kept()\n// ü", "utf-8")
    chunks = [
        Chunk("kept", file=str(script)),
        Chunk("sent", code="sent()"),
        Chunk("had", file=str(tmp_path / "gone.js")),
    ]
    found = [(chunk.id, chunk.code) for chunk in read_all(chunks, have={"had"})]
    assert found == [("kept", "kept()\n// ü"), ("sent", "sent()"), ("had", None)]


def test_nothing_is_read_where_nobody_receives_it(tmp_path: Path) -> None:
    chunks = msgspec.Raw(msgspec.json.encode([Chunk("a", file=str(tmp_path / "gone.js"))]))
    assert [(chunk.id, chunk.code) for chunk in read_raw(chunks, code=False)] == [("a", None)]

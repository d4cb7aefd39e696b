"""The record of deployments, read by those who only measure."""

from __future__ import annotations

from overskill_nb.pipeline.metrics import Record


async def test_it_tells_what_was_deployed_in_either_database(make_workspace, tmp_path, database_url) -> None:
    workspace = make_workspace(tmp_path / "work", database_url)
    ended = [await workspace.deploy("tips", text) for text in ("one", "two")]
    ended += [await workspace.deploy("tips", "three", "staging")]
    found = Record(tmp_path / "work", database_url)
    assert found.deployment_ms == [made.timings["total"] for made in ended[:2]]
    sizes = {made.artefact: made.first_load_gzip for made in ended if made.first_load_gzip}
    assert found.bundle_bytes == list(sizes.values())

"""What clients ask of an app's history, and what comes of it on disk and in previews."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from client import Client
from history_files import Git, fine, write

from overskill_nb.errors import AppError, FileError, HistoryError
from overskill_nb.pipeline import Engine
from overskill_nb.pipeline.history import recorder
from overskill_nb.protocol import (
    AppInfo,
    EditFile,
    Event,
    FileChange,
    OpenApp,
    Prepare,
    Prepared,
    RenameFile,
    WriteComponent,
    WriteFiles,
    Written,
)
from overskill_nb.protocol_history import (
    Checkpoint,
    CheckpointInfo,
    CheckpointMade,
    Checkpoints,
    Diff,
    ListCheckpoints,
    MakeCheckpoint,
    ReadDiff,
    RestoreCheckpoint,
)

pytestmark = pytest.mark.usefixtures("tools")


@pytest_asyncio.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    made = Engine(tmp_path / "work")
    (tmp_path / "work").mkdir()
    yield made
    await made.close()


@pytest_asyncio.fixture
async def client(engine: Engine) -> Client:
    return Client.of(engine)


@pytest_asyncio.fixture
async def app(client: Client) -> AppInfo:
    return await client.ask(OpenApp(folder="tips", create=True), AppInfo)


async def log(client: Client, app: AppInfo) -> list[Checkpoint]:
    return (await client.ask(ListCheckpoints(app=app.app), Checkpoints)).checkpoints


async def restore(client: Client, app: AppInfo, checkpoint: str) -> Checkpoint:
    return (await client.ask(RestoreCheckpoint(app=app.app, checkpoint=checkpoint), CheckpointInfo)).checkpoint


def files(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and ".git" not in file.relative_to(folder).parts
    }


async def test_each_change_becomes_a_checkpoint_that_says_where_it_came_from(
    client: Client, app: AppInfo, git: Git
) -> None:
    await log(client, app)
    source = "export default function Tip() { return <b>tip</b>; }\n"
    for request in (
        WriteComponent(app=app.app, name="Tip", source=source, origin="cell"),
        EditFile(app=app.app, path="src/components/Tip.tsx", old="tip</b>", new="top</b>", origin="prompt"),
        RenameFile(app=app.app, path="src/components/Tip.tsx", to="src/components/Top.tsx", origin="editor"),
        WriteFiles(app=app.app, files=[FileChange(path="src/broken.ts", content="let = ;")], origin="python"),
    ):
        await client.answer(client.start(request))
        await log(client, app)
    write(Path(app.folder), "src/App.tsx", "export default () => <i>by another program</i>;\n")
    found = await log(client, app)
    assert [(checkpoint.origin, checkpoint.message) for checkpoint in found] == [
        ("file", "Change src/App.tsx"),
        ("python", "Add src/broken.ts"),
        ("editor", "Change src/components/Tip.tsx and src/components/Top.tsx"),
        ("prompt", "Change src/components/Tip.tsx"),
        ("cell", "Add src/components/Tip.tsx"),
        ("file", "Begin"),
    ]
    told = [event.checkpoint for event in client.events("") if isinstance(event, CheckpointMade)]
    assert told == found[::-1]
    fine(git, Path(app.folder))
    diff = await client.ask(ReadDiff(app=app.app, checkpoint=found[3].id[:7]), Diff)
    assert [(file.path, file.status) for file in diff.files] == [("src/components/Tip.tsx", "changed")]
    assert "+export default function Tip() { return <b>top</b>; }" in diff.files[0].text


async def test_checkpoints_come_by_themselves_and_say_whether_the_app_compiled(
    client: Client, app: AppInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "QUIET_SECONDS", 0.2)
    monkeypatch.setattr(recorder, "BROKEN_SECONDS", 0.6)
    await client.ask(Prepare(app=app.app), Prepared)
    await client.ask(
        WriteFiles(app=app.app, files=[FileChange(path="src/App.tsx", content="export default (")]), Written
    )

    def broken(event: Event) -> bool:
        return isinstance(event.event, CheckpointMade) and not event.event.checkpoint.compiles

    made = (await client.wait_for(Event, broken)).event
    assert isinstance(made, CheckpointMade)
    assert made.checkpoint.files == ["src/App.tsx"]


async def test_restoring_makes_the_files_what_they_were_and_previews_follow(
    client: Client, app: AppInfo, git: Git
) -> None:
    folder = Path(app.folder)
    await client.follow(app.app)
    write(folder, "logo.bin", bytes(range(256)))
    first = (await log(client, app))[0]
    kept = files(folder)
    changes = [
        FileChange(path="src/App.tsx", content='import Tip from "./Tip";\nexport default () => <Tip />;\n'),
        FileChange(path="src/Tip.tsx", content="export default () => <b>tip</b>;\n"),
    ]
    written = await client.ask(WriteFiles(app=app.app, files=changes), Written)
    (folder / "logo.bin").unlink()
    write(folder, ".env", "SECRET=1")
    write(folder, "scratch.local", "mine")
    second = (await log(client, app))[0]
    latest = files(folder)
    back = await restore(client, app, first.id[:9])
    assert back.origin == "history"
    assert back.message == f"Back to {first.id[:8]}: {first.message}"
    assert files(folder) == {**kept, ".env": b"SECRET=1", "scratch.local": b"mine"}
    update = await client.update(written.seq + 1)
    assert update.origin == "history"
    assert "src/Tip.tsx" in update.removed
    assert [checkpoint.id for checkpoint in await log(client, app)][:2] == [back.id, second.id]
    fine(git, folder)
    await restore(client, app, second.id)
    assert files(folder) == latest
    again = await restore(client, app, second.id)
    assert again.id == (await log(client, app))[0].id
    assert len(await log(client, app)) == 6
    await asyncio.sleep(0.3)
    assert client.updates()[-1].origin == "history"


async def test_restoring_loses_nothing_that_was_not_recorded_yet(client: Client, app: AppInfo, git: Git) -> None:
    folder = Path(app.folder)
    write(folder, "notes.txt", "recorded")
    first = (await log(client, app))[0]
    write(folder, ".gitignore", "node_modules\ndist\nnotes.txt\n")
    git(folder, "rm", "--cached", "-q", "notes.txt")
    await log(client, app)
    write(folder, "notes.txt", "ignored now, and not recorded")
    write(folder, "src/App.tsx", "not recorded either")
    await restore(client, app, first.id)
    assert (folder / "notes.txt").read_text() == "recorded"
    texts = {
        git(folder, "show", f"{commit}:notes.txt", check=False) for commit in git(folder, "rev-list", "HEAD").split()
    }
    assert "ignored now, and not recorded" in texts
    assert "not recorded either" in git(folder, "log", "-p", "--", "src/App.tsx")


async def test_restored_packages_are_installed(client: Client, app: AppInfo) -> None:
    folder = Path(app.folder)
    source = 'import { clsx } from "clsx";\nexport default () => <b className={clsx("a")}>b</b>;\n'
    first = (await log(client, app))[0]
    await client.follow(app.app)
    await client.ask(WriteFiles(app=app.app, files=[FileChange(path="src/App.tsx", content=source)]), Written)
    second = (await log(client, app))[0]
    assert second.files == ["package.json", "src/App.tsx"]
    assert "clsx" in (folder / "package.json").read_text()
    await restore(client, app, first.id)
    assert "clsx" not in (folder / "package.json").read_text()
    await restore(client, app, second.id)
    assert (await client.ask(Prepare(app=app.app), Prepared)).diagnostics == []


async def test_an_app_that_is_not_open_has_a_history_too(engine: Engine, client: Client, app: AppInfo) -> None:
    await engine.close()
    other = Engine(engine.workspace)
    try:
        again = Client.of(other)
        known = await again.ask(OpenApp(folder="tips", live=False), AppInfo)
        before = files(Path(app.folder))
        write(Path(app.folder), "src/App.tsx", "2")
        found = await log(again, known)
        assert [checkpoint.message for checkpoint in found] == ["Change src/App.tsx", "Begin"]
        await restore(again, known, found[-1].id)
        assert files(Path(app.folder)) == before
        assert other.apps == {}
        made = await again.ask(MakeCheckpoint(app=known.app, message="Nothing changed"), CheckpointInfo)
        assert made.checkpoint.message.startswith("Back to")
    finally:
        await other.close()


async def test_a_checkpoint_can_be_asked_for(client: Client, app: AppInfo) -> None:
    await log(client, app)
    write(Path(app.folder), "src/App.tsx", "2")
    made = (await client.ask(MakeCheckpoint(app=app.app, message="Works"), CheckpointInfo)).checkpoint
    assert made.message == "Works"
    same = (await client.ask(MakeCheckpoint(app=app.app), CheckpointInfo)).checkpoint
    assert same == made


async def test_what_cannot_be_is_an_error_and_changes_nothing(client: Client, app: AppInfo) -> None:
    await log(client, app)
    before = files(Path(app.folder))
    for wrong in ("f" * 40, "beef", "", "../.."):
        with pytest.raises(HistoryError):
            await restore(client, app, wrong)
        with pytest.raises(HistoryError):
            await client.ask(ReadDiff(app=app.app, checkpoint=wrong), Diff)
    with pytest.raises(AppError):
        await client.ask(ListCheckpoints(app="nope"), Checkpoints)
    assert files(Path(app.folder)) == before


async def test_a_history_that_fails_keeps_no_edit_from_being_made(client: Client, app: AppInfo) -> None:
    await log(client, app)
    shutil.rmtree(Path(app.folder) / ".git")
    (Path(app.folder) / ".git").write_text("garbage")
    change = FileChange(path="src/App.tsx", content="export default () => <b>edited</b>;\n")
    written = await client.ask(WriteFiles(app=app.app, files=[change]), Written)
    assert written.diagnostics == []
    with pytest.raises(HistoryError, match="damaged"):
        await log(client, app)
    assert (Path(app.folder) / "src/App.tsx").read_text() == change.content


async def test_replacing_is_all_or_nothing_and_knows_what_it_replaces(engine: Engine, app: AppInfo) -> None:
    live = engine.apps[app.app]
    folder = Path(app.folder)
    head = await engine.histories.flush(app.app)
    before = files(folder)
    (folder / "taken").mkdir()
    write(folder, "taken/inside.local", "in the way")
    for wrong, error in (
        ({"src/App.tsx": b"1", "taken": b"2"}, FileError),
        ({"src/App.tsx": None, "src/main.tsx/deeper": b"2"}, FileError),
        ({"src/App.tsx": b"1", "../out": b"2"}, Exception),
        ({"src/App.tsx": b"1", ".git/config": b"2"}, Exception),
        ({"src/App.tsx": b"1", "sub/.GIT /hooks/x": b"2"}, Exception),
    ):
        with pytest.raises(error):
            await live.replace(wrong, "github")
    assert files(folder) == {**before, "taken/inside.local": b"in the way"}
    write(folder, "src/App.tsx", "changed meanwhile")
    with pytest.raises(HistoryError, match="changed meanwhile; nothing was written"):
        await live.replace({"src/App.tsx": b"1"}, "github", head)
    assert (folder / "src/App.tsx").read_text() == "changed meanwhile"
    await live.replace({"src/App.tsx": b"\xff\xfe", "src/main.tsx": None, "src/main.tsx/odd ": b"3"}, "github")
    assert files(folder)["src/App.tsx"] == b"\xff\xfe"
    assert files(folder)["src/main.tsx/odd "] == b"3"


@pytest.mark.slow
async def test_any_sequence_of_edits_and_restores_gives_back_the_bytes(client: Client, app: AppInfo, git: Git) -> None:
    """Files come, change, go, become folders and links, and can be executed or not."""
    dice = random.Random(5)
    folder = Path(app.folder)
    states: dict[str, dict[str, tuple[str, bytes]]] = {}
    places = ["a", "a/b", "a/b/c", "d.txt", "src/e.ts", "src/f/g.tsx", "h i.css", "caf\u00e9", "cafe\u0301"]

    def state() -> dict[str, tuple[str, bytes]]:
        found = {}
        for file in folder.rglob("*"):
            path = file.relative_to(folder).as_posix()
            if path.split("/")[0] == ".git" or (file.is_dir() and not file.is_symlink()):
                continue
            kind = "link" if file.is_symlink() else "run" if file.stat().st_mode & 0o100 else "file"
            found[path] = (kind, str(file.readlink()).encode() if kind == "link" else file.read_bytes())
        return found

    def edit() -> None:
        file = folder / dice.choice(places)
        if any(parent.is_symlink() or parent.is_file() for parent in file.parents if parent != folder):
            return
        if file.is_symlink() or file.is_file():
            if dice.random() < 0.4:
                file.unlink()
                return
        elif file.is_dir():
            if dice.random() < 0.5:
                shutil.rmtree(file)
            return
        if file.is_symlink():
            file.unlink()
        file.parent.mkdir(parents=True, exist_ok=True)
        if dice.random() < 0.1 and not file.exists():
            file.symlink_to(dice.choice(["package.json", "../package.json"][: 1 if file.parent == folder else 2]))
            return
        file.write_bytes(dice.choice([b"", b"x" * 10, dice.randbytes(20), b"line\n" * dice.randrange(50)]))
        file.chmod(dice.choice([0o644, 0o755]))

    for step in range(120):
        for _ in range(dice.randrange(4)):
            edit()
        if states and dice.random() < 0.3:
            wanted = dice.choice(list(states))
            await restore(client, app, wanted)
            assert git(folder, "diff", "--stat", wanted, "HEAD") == ""
            tracked = set(git(folder, "ls-files", "-z").split("\0")) - {""}
            assert {path: side for path, side in state().items() if path in tracked} == {
                path: side for path, side in states[wanted].items() if path in tracked
            }
        newest = (await log(client, app))[0]
        tracked = set(git(folder, "ls-files", "-z").split("\0")) - {""}
        now = {path: side for path, side in state().items() if path in tracked}
        assert states.setdefault(newest.id, now) == now
        if step % 20 == 0:
            fine(git, folder)
    fine(git, folder)
    assert len(states) > 60

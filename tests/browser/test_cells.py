"""What a cell says: one clear error for bad input, a stop when interrupted, a saved notebook that stays small."""

from __future__ import annotations

import asyncio
import io
import json
import re
import shutil
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import expect
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from .conftest import Host
from .jupyter import PATIENT, Notebook, until

pytestmark = pytest.mark.asyncio(loop_scope="session")
IN_HOSTS = ("lab",)

MATHS = "@overskill-tests/maths"
OPEN = "import overskill_nb as ov\napp = ov.App('demo')"
GOOD = "%%component Good\nexport default function Good({ n = 1 }: { n?: number }) { return <b id='good'>good {n}</b>; }"

BAD_CELLS = {
    "a syntax error": (GOOD.replace("return <b", "return <<b"), "BuildError", r"src/components/Good\.tsx:1:\d+"),
    "a missing file": (
        GOOD.replace("export", "import { x } from './missing';\nexport").replace("{n}", "{x}"),
        "BuildError",
        r"src/components/Good\.tsx:1:\d+: Cannot find './missing'",
    ),
    "a package that does not exist": (
        GOOD.replace("export", "import x from 'no-such-package-of-ours-9713';\nexport").replace("{n}", "{x}"),
        "BuildError",
        "no-such-package-of-ours-9713",
    ),
    "no component": ("%%component Good\nexport const answer = 42;", "BuildError", "no export that is"),
    "a path that leads out": ("%%source ../outside.ts\nexport {}", "PathError", "leads out"),
    "an absolute path": ("%%source /etc/overskill\nx", "PathError", "absolute"),
    "a device": ("%%source src/NUL.ts\nx", "PathError", "reserves for a device"),
    "a name that is too long": (f"%%source src/{'n' * 300}.ts\nx", "PathError", "longer than"),
    "a name that differs in case only": ("%%source src/app.tsx\nx", "PathError", "only in upper and lower case"),
    "a file of 20 MB": ("app.write('src/big.ts', 'x' * 20_000_000)", "FileError", "19.1 MB"),
    "a lone surrogate": ("app.write('src/bad.ts', '\\ud800')", "FileError", "not Unicode"),
    "an unknown option": ("%%component Good --hight 20\nx", "UsageError", "--hight"),
    "an unknown keyword": ("app.preview('Good', prop={})", "TypeError", "prop"),
    "a prop of a wrong type": ("app.preview('Good', props={'n': object()})", "PropError", "'n'"),
    "props that are no dict": ("app.preview('Good').props = 3", "PropError", "props is a dict"),
    "an unknown component": ("app.preview('Goood')", "BuildError", "There is no component Goood"),
    "a component's name that is none": ("%%component good\nx", "AppError", "capital letter"),
    "a folder that is no app": ("ov.App.open('/proc/self')", "AppError", "holds no app"),
    "an app's name that is none": ("ov.App('a/b')", "AppError", "not an app's name"),
    "an origin that is none": ("ov.App('demo', allow=['*'])", "AppError", "not an origin"),
}


async def opened(host: Host, folder: str) -> Notebook:
    notebook = await host.open(folder, OPEN, GOOD)
    for number in (0, 1):
        outcome = await notebook.run_cell(number)
        assert outcome.ok, outcome.error
    return notebook


async def test_bad_input_gives_one_clear_error_and_the_preview_stays(lab: Host) -> None:
    notebook = await opened(lab, "bad")
    frame = await notebook.frame_with("#good")
    await frame.evaluate("document.querySelector('#good').dataset.mark = 'same'")
    for name, (source, error, text) in BAD_CELLS.items():
        outcome = await notebook.run(source)
        shown = re.sub(r"\x1b\[[0-9;]*m", "", outcome.text)
        assert re.search(error, outcome.error) or re.search(error, shown), f"{name}: {outcome.error or shown[:300]}"
        assert re.search(text, shown), f"{name}: {shown[:600]}"
        own = error in {"BuildError", "PathError", "FileError", "AppError", "PropError"}
        assert len(shown.splitlines()) <= (16 if own else 40), f"{name}: {shown}"
        assert await frame.get_attribute("#good", "data-mark") == "same", name
    assert not (lab.root / "bad" / "outside.ts").exists()
    outcome = await notebook.run(GOOD.replace("good {n}", "better {n}"), 1)
    assert outcome.ok, outcome.error
    await notebook.wait_text(frame, "#good", "better 1")
    assert await frame.get_attribute("#good", "data-mark") == "same"


async def test_invalid_utf_8_and_links_on_disk_are_named_and_hurt_nothing(lab: Host) -> None:
    notebook = await opened(lab, "disk")
    frame = await notebook.frame_with("#good")
    app = lab.root / "disk" / "demo"
    (app / "src/latin.ts").write_bytes(b"export const word = 'caf\xe9';")
    (lab.root / "secret.ts").write_text("export const word = 'SECRET';")
    (app / "src/link.ts").symlink_to(lab.root / "secret.ts")
    for name, text in (("latin", "UTF-8"), ("link", "leads out")):
        outcome = await notebook.run(
            f"%%component Good\nimport {{ word }} from '../{name}';\n"
            "export default function Good() { return <b id='good'>{word}</b>; }"
        )
        assert outcome.error.startswith("BuildError"), outcome.error
        assert text in outcome.text
        assert "SECRET" not in outcome.text
        assert await frame.text_content("#good") == "good 1"
    assert "SECRET" not in (await notebook.run("app.read('src/link.ts')")).text


class Registry:
    """A registry of one package, ``@overskill-tests/maths``, which answers only once it is let go."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.answers = asyncio.Event()
        self._server = HTTPServer(Application([("/maths.tgz", _Tarball), ("/.*", _Packument)], registry=self))
        [socket] = bind_sockets(0, "127.0.0.1")
        self.url = f"http://127.0.0.1:{socket.getsockname()[1]}/"
        self._server.add_socket(socket)

    def close(self) -> None:
        self._server.stop()


class _Packument(RequestHandler):
    async def get(self) -> None:
        registry: Registry = self.settings["registry"]
        registry.asked.set()
        await registry.answers.wait()
        version = {"name": MATHS, "version": "1.0.0", "dist": {"tarball": registry.url + "maths.tgz"}}
        self.finish({"name": MATHS, "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}})


class _Tarball(RequestHandler):
    def get(self) -> None:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for name, text in {
                "package.json": json.dumps({"name": MATHS, "version": "1.0.0", "main": "index.js"}),
                "index.js": "exports.clamp = (n, low, high) => Math.min(high, Math.max(low, n));",
            }.items():
                entry = tarfile.TarInfo(f"package/{name}")
                entry.size = len(text)
                archive.addfile(entry, io.BytesIO(text.encode()))
        self.finish(packed.getvalue())


async def test_an_interrupted_cell_stops_its_installation_and_leaves_nothing_half_done(lab: Host, cache: Path) -> None:
    for known in (cache / "packages").glob(f"*/node_modules/{MATHS}"):
        shutil.rmtree(known.parents[2])  # of an earlier run: it would be taken without a question to the registry
    notebook = await opened(lab, "interrupt")
    package = lab.root / "interrupt" / "demo" / "package.json"
    before = package.read_text()
    wanting = GOOD.replace("export", f"import {{ clamp }} from '{MATHS}';\nexport").replace(
        "good {n}", "{clamp(n, 3, 4)}"
    )
    with closing(Registry()) as registry:
        # By the app, and not past it: a change from outside would start the installation again.
        outcome = await notebook.run(f"app.write('.npmrc', '@overskill-tests:registry={registry.url}')")
        assert outcome.ok, outcome.error
        running = asyncio.create_task(notebook.run(wanting, 1))
        await asyncio.wait_for(registry.asked.wait(), PATIENT)
        await notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()")
        outcome = await asyncio.wait_for(running, PATIENT)
        assert outcome.error.startswith("KeyboardInterrupt"), outcome.error
        registry.answers.set()
        await asyncio.sleep(0.5)
        assert package.read_text() == before
        frame = await notebook.frame_with("#good")
        assert await frame.text_content("#good") == "good 1"
        # The very same cell again does what was stopped.
        outcome = await notebook.run_cell(1)
    assert outcome.ok, outcome.error
    await notebook.wait_text(frame, "#good", "3")
    assert f'"{MATHS}"' in package.read_text()


async def test_a_saved_notebook_with_three_previews_stays_small_and_holds_nothing_volatile(lab: Host) -> None:
    cells = [GOOD.replace("Good", name).replace("'good'", f"'{name.lower()}'") for name in ("One", "Two", "Three")]
    notebook = await lab.open("size", OPEN, *cells)
    for number in range(4):
        assert (await notebook.run_cell(number)).ok
    for name in ("one", "two", "three"):
        await notebook.frame_with(f"#{name}")
    await notebook.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    file = lab.root / "size" / "nb.ipynb"

    async def written() -> bool:
        return file.read_text().count("Preview(demo") == 3

    await until(written)
    saved = file.read_text()
    assert len(saved) <= 60_000
    document = json.loads(saved)
    texts = ["".join(output["data"]["text/plain"]) for cell in document["cells"] for output in cell["outputs"]]
    assert texts == ["Preview(demo · One)", "Preview(demo · Two)", "Preview(demo · Three)"]
    assert lab.server.token not in saved
    assert lab.server.url not in saved


async def test_doctor_says_where_the_engine_is(host: Host) -> None:
    notebook = await host.open("doctor", "import overskill_nb as ov\nov.doctor()")
    outcome = await notebook.run_cell(0)
    expected = "engine     in this kernel" if host.name == "comm" else "engine     in the Jupyter server"
    assert outcome.text.startswith(expected)
    assert "missing    nothing" in outcome.text


async def test_a_preview_opens_in_a_tab_of_its_own_and_follows_there(lab: Host) -> None:
    notebook = await opened(lab, "tab")
    async with notebook.page.context.expect_page() as opening:
        await notebook.page.get_by_role("button", name="Open in a new tab").first.click()
    tab = await opening.value
    frame = await Notebook(tab, lab.server).frame_with("#good")
    assert await frame.text_content("#good") == "good 1"
    assert (await notebook.run("app.edit('src/components/Good.tsx', 'good {n}', 'tabbed {n}')")).ok
    await notebook.wait_text(frame, "#good", "tabbed 1")
    assert "token" not in tab.url


async def test_keys_typed_in_the_preview_do_not_reach_the_notebook(lab: Host) -> None:
    notebook = await lab.open(
        "keys", OPEN, "%%component Field\nexport default function Field() { return <input id='field' />; }", "1"
    )
    for number in (0, 1):
        assert (await notebook.run_cell(number)).ok
    frame = await notebook.frame_with("#field")
    await frame.click("#field")
    await notebook.page.keyboard.type("ddabm")
    await expect(frame.locator("#field")).to_have_value("ddabm", timeout=PATIENT * 1000)
    await notebook.page.get_by_role("button", name="console").first.focus()
    await notebook.page.keyboard.type("ddab")
    cells = await notebook.page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length")
    assert cells == 3

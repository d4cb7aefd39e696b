"""What is built runs in a browser, from a server that knows nothing but files."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import expect

from overskill_nb import config
from overskill_nb.pipeline.artefacts import Artefact, ArtefactStore
from overskill_nb.pipeline.node import Node
from overskill_nb.pipeline.packages import Packages
from overskill_nb.pipeline.production import Production
from overskill_nb.pipeline.project import Project

from .jupyter import launch

FILES = {
    "package.json": json.dumps(
        {"name": "shop", "dependencies": {"react": "^19.2.0", "react-dom": "^19.2.0", "clsx": "^2.1.0"}}
    ),
    "index.html": '<!doctype html><html><head><title>%VITE_TITLE%</title></head><body><div id="root"></div>'
    '<script type="module" src="/src/main.tsx"></script></body></html>',
    ".env.production": "VITE_TITLE=The shop",
    "public/greeting.txt": "a greeting",
    "src/main.tsx": """
import { createRoot } from "react-dom/client";
import "./index.css";
import App from "./App";
createRoot(document.getElementById("root")!).render(<App />);
""",
    "src/index.css": '@import "tailwindcss";\n.plain { color: rgb(1, 2, 3); }',
    "src/App.tsx": """
import * as React from "react";
import styles from "./app.module.css";
const Cart = React.lazy(() => import("./Cart"));
export default function App() {
  const [open, setOpen] = React.useState(false);
  const [text, setText] = React.useState("");
  React.useEffect(() => { fetch("/greeting.txt").then((r) => r.text()).then(setText); }, []);
  return (
    <main className="p-[7px]">
      <h1 className={styles.title}>{text} {String(import.meta.env.PLACE)}</h1>
      <p className="plain">plain</p>
      <button onClick={() => setOpen(true)}>open the cart</button>
      {open && <React.Suspense fallback={<i>loading</i>}><Cart /></React.Suspense>}
    </main>
  );
}
""",
    "src/app.module.css": ".title { color: rgb(4, 5, 6); }",
    "src/Cart.tsx": """
import clsx from "clsx";
import { useState } from "react";
import "./cart.css";
export default function Cart() {
  const [n, setN] = useState(1);
  return <button id="cart" className={clsx("cart", n > 1 && "many")} onClick={() => setN(n + 1)}>items: {n}</button>;
}
""",
    "src/cart.css": ".cart { color: rgb(7, 8, 9); } .many { color: rgb(9, 9, 9); }",
}


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A plain server of the folder's files."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
async def built(tmp_path: Path, node: Node, tools: Path) -> tuple[Artefact, Path]:
    """The app built, and its files in a folder."""
    root = tmp_path / "shop"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    modules = await Packages(Project.open(root), node, lambda _: None).ensure()
    production = Production(node, tools, config.cache_folder() / "bundles", ArtefactStore(tmp_path / "store"))
    try:
        artefact = await production.build(root, modules, app="shop-1")
    finally:
        await production.close()
    out = tmp_path / "out"
    for file in artefact.files:
        target = out / file.path[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(production.store.read(file.sha256))
    return artefact, out


async def test_a_built_app_runs_and_loads_its_parts_when_they_are_wanted(built: tuple[Artefact, Path]) -> None:
    artefact, out = built
    (out / "_overskill").mkdir()
    (out / "_overskill/env.js").write_text('globalThis.__overskill_env = {PLACE: "in a test"};')
    with serving(out) as url:
        async with launch() as browser:
            page = await browser.new_page()
            problems: list[str] = []
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
            asked: list[str] = []
            page.on("request", lambda request: asked.append("/" + request.url.removeprefix(url)))
            await page.goto(url)
            await expect(page.locator("h1")).to_have_text("a greeting in a test")
            await expect(page).to_have_title("The shop")
            await expect(page.locator("h1")).to_have_css("color", "rgb(4, 5, 6)")
            await expect(page.locator(".plain")).to_have_css("color", "rgb(1, 2, 3)")
            await expect(page.locator("main")).to_have_css("padding", "7px")
            assert set(artefact.first_load[1:]) <= set(asked)
            assert not [path for path in asked if "Cart" in path]
            await page.get_by_text("open the cart").click()
            await expect(page.locator("#cart")).to_have_css("color", "rgb(7, 8, 9)")
            await page.locator("#cart").click()
            await expect(page.locator("#cart")).to_have_text("items: 2")
            await expect(page.locator("#cart")).to_have_css("color", "rgb(9, 9, 9)")
            assert [path for path in asked if path.startswith("/assets/Cart-")]
            assert not [problem for problem in problems if "favicon" not in problem and "404" not in problem]

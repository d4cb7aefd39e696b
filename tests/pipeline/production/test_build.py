"""What a build makes of an app."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from pathlib import Path

from overskill_nb.pipeline.node import Node
from overskill_nb.pipeline.project import TEMPLATE

from .conftest import APP, Bench, Make, write

PNG = b"\x89PNG" + bytes(5000)


async def test_the_template_becomes_hashed_files_that_index_html_names(bench: Bench) -> None:
    shutil.copytree(TEMPLATE, bench.root)
    artefact = await bench.production.build(bench.root, bench.modules, app="tips-1", on_line=bench.lines.append)
    html = bench.text(artefact, "/index.html")
    assert artefact.first_load[0] == "/index.html"
    assert all(path in html for path in artefact.first_load[1:])
    assert all(re.search(r"-[A-Z0-9]{8}\.(js|css)$", path) for path in artefact.first_load[1:])
    assert "/src/main.tsx" not in html
    types = {file.path.rpartition(".")[2]: file.content_type for file in artefact.files}
    assert types["js"] == "text/javascript; charset=utf-8"
    assert types["html"] == "text/html; charset=utf-8"
    assert 0 < artefact.first_load_gzip < 100_000
    assert {"react-dom", ""} <= {package.name for package in artefact.packages}
    assert bench.lines[-1].startswith(f"Built {len(artefact.files)} files in ")


async def test_source_maps_are_kept_and_not_served(bench: Bench) -> None:
    artefact = await bench.build()
    assert not [file.path for file in artefact.files if file.path.endswith(".map")]
    (kept,) = bench.store.maps(artefact.id)
    assert kept.path.startswith("/assets/index-")
    sources = json.loads(bench.store.read(kept.sha256))["sources"]
    assert "app:src/App.tsx" in sources
    assert not [source for source in sources if str(bench.root) in source]
    assert "sourceMappingURL" not in bench.text(artefact, "/assets/index-*.js")


async def test_the_same_sources_elsewhere_give_the_same_artefact(make: Make) -> None:
    files = {
        "src/App.tsx": 'import { useState } from "react"; import "./a.css"; import styles from "./b.module.css";\n'
        'import big from "./big.png"; export default () => <img src={big} className={styles.box} />',
        "src/a.css": "body { color: teal }",
        "src/b.module.css": ".box { color: red }",
        "src/big.png": PNG,
    }
    first = await make("one").build(files)
    second = await make("two").build(files)
    assert first.id == second.id


async def test_the_artefact_depends_on_the_sources_and_not_on_what_was_built_before(make: Make) -> None:
    css = {"src/index.css": '@import "tailwindcss";', "src/main.tsx": 'import "./index.css"; import "./App";'}
    plain = {**css, "src/App.tsx": 'document.body.className = "p-1";'}
    other = {**css, "src/App.tsx": 'document.body.className = "p-1 bg-rose-300 [--mine:7px]";'}
    bench = make("one")
    first = await bench.build(plain)
    assert "--mine:7px" in bench.text(await bench.build(other), "/assets/index-*.css")
    again = await bench.build(plain)
    assert again.id == first.id
    assert (await make("two").build(plain)).id == first.id


async def test_an_edit_leaves_the_files_of_packages_as_they_are(bench: Bench) -> None:
    first = await bench.build()
    second = await bench.build({"src/App.tsx": "export default () => <h2>Other</h2>;"})
    assert first.id != second.id
    names = [{file.path for file in artefact.files if "/packages" in file.path} for artefact in (first, second)]
    assert names[0] == names[1] != set()


async def test_a_part_that_is_loaded_later_is_no_part_of_the_first_load(bench: Bench) -> None:
    artefact = await bench.build(
        {
            "src/App.tsx": 'import { lazy, Suspense } from "react"; import "./app.css"; const Later = lazy(() => '
            'import("./Later")); export default () => <Suspense><Later /></Suspense>;',
            "src/app.css": ".app { color: red }",
            "src/Later.tsx": 'import "./later.css"; import { useId } from "react";\n'
            "export default function Later() { return <p className='later'>later on{useId()}</p>; }",
            "src/later.css": ".later { color: blue }",
        }
    )
    first = "".join(bench.text(artefact, path) for path in artefact.first_load)
    assert "later on" not in first
    assert ".later" not in first
    later = next(f.path for f in artefact.files if f.path.startswith("/assets/Later-") and f.path.endswith(".css"))
    assert later in bench.text(artefact, "/assets/index-*.js")
    assert "later on" in bench.text(artefact, "/assets/Later-*.js")


async def test_an_edit_of_a_late_sheet_gives_the_scripts_that_name_it_other_names(bench: Bench) -> None:
    files = {
        "src/App.tsx": 'export const load = () => import("./Later"); export default () => <b onClick={load} />;',
        "src/Later.tsx": 'import "./later.css"; export const later = 1;',
        "src/later.css": ".later { color: blue }",
    }
    first = await bench.build(files)
    second = await bench.build({**files, "src/later.css": ".later { color: green }"})
    assert first.first_load[1] != second.first_load[1]


async def test_assets_raw_texts_json_and_css_modules(bench: Bench) -> None:
    artefact = await bench.build(
        {
            "src/App.tsx": """
import big from "./big.png";
import small from "./small.svg";
import note from "./note.txt?raw";
import where from "./note.txt?url";
import data, { unit } from "@/data.json";
import styles from "./a.module.css";
const page = new URL("./big.png", import.meta.url);
const all = import.meta.glob("./parts/*.ts", { eager: true, import: "default" });
export default () => <p className={styles.box} title={note}>{big}{small}{where}{data.name}{unit}{page.href}
  {Object.values(all)}</p>;
""",
            "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
            "src/big.png": PNG,
            "src/small.svg": "<svg xmlns='http://www.w3.org/2000/svg'><g/></svg>",
            "src/note.txt": "a raw note",
            "src/data.json": '{"name": "the data", "unit": "ounce", "unused": "left-over"}',
            "src/a.module.css": ".box { background: url(./big.png); composes: base from './b.module.css'; }",
            "src/b.module.css": ".base { color: red }",
            "src/parts/one.ts": "export default 'part one';",
        }
    )
    code = bench.text(artefact, "/assets/index-*.js")
    for text in ("a raw note", "the data", "ounce", "part one", "data:image/svg+xml,"):
        assert text in code
    big = next(file for file in artefact.files if file.path.endswith(".png"))
    assert big.content_type == "image/png"
    assert big.path in code
    css = bench.text(artefact, "/assets/index-*.css")
    assert big.path in css
    box = re.search(r"\.(a-module_box_\w+|\w*box\w*)", css)
    assert box
    assert box[1] in code


async def test_values_of_env_files_are_built_in_and_others_are_looked_up_where_it_runs(bench: Bench) -> None:
    app = (
        "export default () => <p>{import.meta.env.VITE_NAME}{import.meta.env.MODE}{String(import.meta.env.DEV)}"
        "{import.meta.env.API_URL}{import.meta.env?.VITE_LATER}</p>;"
    )
    artefact = await bench.build(
        {
            "src/App.tsx": app,
            ".env": "VITE_NAME=plain\nSECRET=canary-4711",
            ".env.production": "VITE_NAME=productive",
            ".env.development": "VITE_NAME=developing",
        }
    )
    code = bench.text(artefact, "/assets/index-*.js")
    assert "productive" in code
    assert "globalThis.__overskill_env?.API_URL" in code
    assert artefact.uses_env
    assert '<script src="/_overskill/env.js"></script>' in bench.text(artefact, "/index.html")
    assert b"canary-4711" not in bench.everything(artefact)
    without = await bench.build({"src/App.tsx": "export default () => <p>{import.meta.env.VITE_NAME}</p>;"})
    assert not without.uses_env
    assert "/_overskill/" not in bench.text(without, "/index.html")


async def test_public_files_headers_and_redirects(bench: Bench) -> None:
    artefact = await bench.build(
        {
            "public/robots.txt": "User-agent: *",
            "public/.well-known/thing": "x",
            "public/.env": "SECRET=canary-4711",
            "public/_headers": "/*\n  X-Mine: yes\n",
            "public/_redirects": "/old /new 301\n",
        }
    )
    assert {"/robots.txt", "/.well-known/thing"} <= {file.path for file in artefact.files}
    assert artefact.headers == "/*\n  X-Mine: yes\n"
    assert artefact.redirects == "/old /new 301\n"
    assert not [file for file in artefact.files if file.path in {"/_headers", "/_redirects"}]
    assert b"canary-4711" not in bench.everything(artefact)
    assert any("public/.env may hold secrets" in warning for warning in artefact.warnings)


async def test_worker_code_becomes_one_module(bench: Bench, node: Node, tmp_path: Path) -> None:
    artefact = await bench.build(
        {
            "worker/index.ts": 'import { greet } from "./greet";\nimport { DurableObject } from "cloudflare:workers";\n'
            "export class Room extends DurableObject {}\n"
            "export default { fetch: async (request: Request) => new Response(greet(request.url)) };",
            "worker/greet.ts": "export const greet = (name: string): string => `hello ${name}`;",
        }
    )
    code = bench.store.read(artefact.worker).decode()
    assert 'from"cloudflare:workers"' in code
    assert "hello " in code
    assert not [file for file in artefact.files if "worker" in file.path]


async def test_worker_code_without_a_handler_is_refused(bench: Bench) -> None:
    told = await bench.refused({"worker/index.ts": "export const x = 1;"})
    assert "worker/index.ts has no default export" in told


async def test_a_namespace_gives_what_is_used_of_it(bench: Bench) -> None:
    artefact = await bench.build(
        {
            "src/App.tsx": 'import * as React from "react"; import * as all from "./all";\n'
            "export default () => <p>{React.useId()}{React.version}{all.used}</p>;",
            "src/all.ts": "export const used = 'is used'; export const unused = 'is not used';",
        }
    )
    code = bench.text(artefact, "/assets/index-*.js")
    assert "is used" in code
    assert "is not used" not in code


async def test_the_built_scripts_run_in_node(bench: Bench, node: Node, tmp_path: Path) -> None:
    artefact = await bench.build(
        {
            "src/main.tsx": 'import * as React from "react"; import { version } from "react";\n'
            'import Default from "react";\n'
            'const later = await import("./later"); const whole = await import("react");\n'
            "globalThis.seen = [React.version === version, Default.version === version, later.value(), "
            "whole.version === version, 'useId' in React];\n",
            "src/later.ts": 'import { useId } from "react"; export const value = () => typeof useId;',
        }
    )
    for file in artefact.files:
        write(tmp_path / "out", {file.path[1:]: bench.store.read(file.sha256)})
    write(tmp_path / "out", {"package.json": '{"type": "module"}'})
    script = f"await import('./out{artefact.first_load[1]}'); console.log(JSON.stringify(globalThis.seen));"
    done = subprocess.run(
        [node.executable, "--input-type=module", "-e", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == '[true,true,"function",true,true]', done.stderr


async def test_packages_that_are_required_are_built_in(bench: Bench) -> None:
    artefact = await bench.build(
        {
            "src/main.tsx": 'import "./old";',
            "src/old.js": "const React = require('react'); globalThis.v = React.version;",
        }
    )
    assert "__require" not in bench.text(artefact, "/assets/index-*.js")
    assert "react" in {package.name for package in artefact.packages}


async def test_a_syntax_error_is_told_with_its_place(bench: Bench) -> None:
    told = await bench.refused({"src/App.tsx": "export default () => {\n  return <p>;\n};\n"})
    assert "src/App.tsx" in told
    assert "> 2 |   return <p>;" in told or "> 3 | };" in told


async def test_a_missing_file_and_a_missing_package_are_told_with_their_place(bench: Bench) -> None:
    told = await bench.refused(
        {"src/App.tsx": 'import a from "./Ap";\nimport b from "nowhere-at-all";\nexport default a + b;'}
    )
    assert "Cannot find './Ap'" in told
    assert "The package 'nowhere-at-all' is not installed" in told
    assert "line=2" in told


async def test_an_app_without_an_entry_is_refused_in_a_sentence(bench: Bench) -> None:
    write(bench.root, {"package.json": APP["package.json"], "index.html": "<p>nothing</p>"})
    told = await bench.refused({"index.html": "<p>nothing</p>"})
    assert "The app has no entry" in told


async def test_a_file_beyond_what_cloudflare_serves_is_refused(bench: Bench) -> None:
    told = await bench.refused({"public/film.mp4": bytes(25 * 1024 * 1024 + 1)})
    assert "public/film.mp4 is 25.0 MiB; Cloudflare serves files of at most 25 MiB" in told


async def test_a_large_first_load_is_warned_of_with_the_largest_packages(bench: Bench, tmp_path: Path) -> None:
    modules = tmp_path / "own"
    shutil.copytree(bench.modules / "node_modules", modules / "node_modules", symlinks=True)
    generator = random.Random(1)
    noise = "".join(generator.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=1_600_000))
    write(
        modules / "node_modules/huge",
        {"package.json": '{"name": "huge", "main": "i.js"}', "i.js": f"export default '{noise}';"},
    )
    artefact = await bench.build(
        {"src/App.tsx": 'import t from "huge"; export default () => <p>{t}</p>;'}, modules=modules
    )
    (warning,) = [warning for warning in artefact.warnings if "first load" in warning]
    assert "huge (1600 kB)" in warning
    assert "import()" in warning

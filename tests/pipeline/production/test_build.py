"""What a build makes of an app."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from overskill_nb.errors import BuildError
from overskill_nb.pipeline import tools as toolchain
from overskill_nb.pipeline.node import Node
from overskill_nb.pipeline.packages import Packages
from overskill_nb.pipeline.project import TEMPLATE, Project

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


async def test_a_project_of_another_age_with_tailwind_3_and_react_18(make: Make, node: Node) -> None:
    source = Path(__file__).parents[2] / "projects/shadcn"
    made = []
    for name in ("one", "two"):
        bench = make(name)
        shutil.copytree(source, bench.root)
        modules = await Packages(Project.open(bench.root), node, lambda _: None).ensure()
        made.append(await bench.production.build(bench.root, modules, app="shadcn-1"))
    assert made[0].id == made[1].id
    css = bench.text(made[0], "/assets/index-*.css")
    assert ".inline-flex" in css
    assert "@tailwind" not in css
    assert "@apply" not in css
    assert not made[0].warnings


async def test_an_export_that_a_package_lacks_is_told_where_it_is_imported(bench: Bench) -> None:
    modules = bench.root.parent / "own"
    shutil.copytree(bench.modules / "node_modules", modules / "node_modules", symlinks=True)
    tiny = {"package.json": '{"name": "tiny", "type": "module", "main": "i.js"}', "i.js": "export const there = 1;"}
    write(modules / "node_modules/tiny", tiny)
    app = 'import { there, absent } from "tiny";\nexport default () => <p>{there}{absent}</p>;\n'
    with pytest.raises(BuildError) as caught:
        await bench.build({"src/App.jsx": app, "src/main.tsx": 'import "./App.jsx";'}, modules=modules)
    (problem,) = caught.value.diagnostics
    assert 'for import "absent"' in problem.message
    assert problem.location is not None
    assert (problem.location.file, problem.location.line) == ("src/App.jsx", 1)
    # Of a namespace, what is not there is undefined, as it is anywhere.
    maybe = 'import * as tiny from "tiny"; globalThis.seen = [tiny.there, tiny.absent];'
    artefact = await bench.build({"src/main.tsx": maybe}, modules=modules)
    assert "seen" in bench.text(artefact, "/assets/index-*.js")


async def test_what_a_package_wants_and_nobody_installed_is_empty_and_warned_of(bench: Bench) -> None:
    modules = bench.root.parent / "own"
    shutil.copytree(bench.modules / "node_modules", modules / "node_modules", symlinks=True)
    code = "let peer; try { peer = require('a-peer') } catch {} export default typeof peer;"
    write(
        modules / "node_modules/tiny",
        {"package.json": '{"name": "tiny", "main": "i.js"}', "i.js": f"import 'b-peer'; {code}"},
    )
    app = {"src/App.tsx": 'import t from "tiny"; export default () => <p>{t}</p>;'}
    artefact = await bench.build(app, modules=modules)
    (warning,) = artefact.warnings
    assert "'tiny' wants 'b-peer', which is not installed" in warning
    write(
        modules / "node_modules/b-peer",
        {"package.json": '{"name": "b-peer", "main": "i.js"}', "i.js": "globalThis.b = 4711"},
    )
    again = await bench.build(app, modules=modules)
    assert not again.warnings
    assert b"4711" in bench.everything(again)


async def test_what_a_package_leaves_out_for_browsers_is_empty(bench: Bench) -> None:
    modules = bench.root.parent / "own"
    shutil.copytree(bench.modules / "node_modules", modules / "node_modules", symlinks=True)
    manifest = '{"name": "tiny", "main": "i.js", "browser": {"./node.js": false, "path": false}}'
    code = "import fs from 'fs'; import p from 'path'; import './node.js'; import d from 'data:text/plain,inlined';"
    tiny = {"package.json": manifest, "i.js": f"{code} export default [fs, p, d]", "node.js": "globalThis.never = 4711"}
    write(modules / "node_modules/tiny", tiny)
    artefact = await bench.build(
        {"src/App.tsx": 'import t from "tiny"; export default () => <p>{t}</p>;'}, modules=modules
    )
    assert b"inlined" in bench.everything(artefact)
    assert b"4711" not in bench.everything(artefact)


async def test_a_package_that_changed_on_disk_is_built_anew(bench: Bench) -> None:
    modules = bench.root.parent / "own"
    shutil.copytree(bench.modules / "node_modules", modules / "node_modules", symlinks=True)
    app = {"src/App.tsx": 'import t from "tiny"; export default () => <p>{t}</p>;'}
    for version in ("1.0.0", "2.0.0-x"):
        manifest = f'{{"name": "tiny", "main": "i.js", "version": "{version}"}}'
        write(modules / "node_modules/tiny", {"package.json": manifest, "i.js": f"export default 'release {version}'"})
        assert f"release {version}".encode() in bench.everything(await bench.build(app, modules=modules))


async def test_sheets_and_images_that_packages_bring_along(bench: Bench) -> None:
    modules = bench.root.parent / "own"
    shutil.copytree(bench.modules / "node_modules", modules / "node_modules", symlinks=True)
    write(
        modules / "node_modules/pretty",
        {
            "package.json": '{"name": "pretty", "main": "i.js"}',
            "i.js": "import './a.css'; import s from './b.module.css'; export { s };\n"
            "export { default as image } from './c.png'",
            "a.css": ".pretty { background: url(./c.png) }",
            "b.module.css": ".local { color: red }",
            "c.png": PNG,
            "extra.css": ".extra { color: teal }",
        },
    )
    artefact = await bench.build(
        {
            "src/App.tsx": 'import { image, s } from "pretty"; import "pretty/extra.css"; import "./own.css";\n'
            "export default () => <img src={image} className={s.local} />;",
            "src/own.css": ".own { color: blue }",
        },
        modules=modules,
    )
    css = bench.text(artefact, "/assets/index-*.css")
    image = next(file.path for file in artefact.files if file.path.endswith(".png"))
    assert image in css
    assert css.index(".pretty") < css.index(".extra") < css.index(".own")
    local = re.search(r"\.([\w-]*local[\w-]*)", css)
    assert local
    scripts = [file.path for file in artefact.files if file.path.endswith(".js")]
    assert any(local[1] in bench.text(artefact, path) for path in scripts)
    assert any(image in bench.text(artefact, path) for path in scripts)


async def test_a_source_map_leads_to_the_source_whatever_was_changed_on_the_way(bench: Bench, node: Node) -> None:
    app = (
        'import * as React from "react";\nconst later = () => import("./Later");\n\n'
        "export default function App() {\n  const [n] = React.useState(import.meta.env.API_URL);\n"
        "  return <p onClick={later}>{n ?? fail('the marker')}</p>;\n}\n"
        "function fail(why: string): never {\n  throw new Error(why);\n}\n"
    )
    later = 'import "./later.css"; export const later = 1;'
    artefact = await bench.build({"src/App.tsx": app, "src/Later.ts": later, "src/later.css": ".a { color: red }"})
    path = artefact.first_load[1]
    (kept,) = [file for file in bench.store.maps(artefact.id) if file.path == f"{path}.map"]
    text = bench.store.read(kept.sha256).decode()
    assert str(bench.root) not in text
    assert str(bench.modules) not in text
    assert "/tmp" not in "".join(json.loads(text)["sources"])
    script = (
        "const { TraceMap, originalPositionFor } = require('@jridgewell/trace-mapping');"
        "const [code, map] = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
        "const at = code.indexOf('the marker'); const line = code.slice(0, at).split('\\n').length;"
        "const column = at - code.lastIndexOf('\\n', at) - 2;"
        "console.log(JSON.stringify(originalPositionFor(new TraceMap(map), { line, column })));"
    )
    done = subprocess.run(
        [node.executable, "-e", script],
        cwd=toolchain.folder(),
        input=json.dumps([bench.text(artefact, path), text]),
        capture_output=True,
        text=True,
        check=True,
    )
    place = json.loads(done.stdout)
    assert (place["source"], place["line"]) == ("app:src/App.tsx", 6)


async def test_parts_with_odd_names_are_loaded_by_addresses_that_every_server_takes(bench: Bench) -> None:
    names = ["世界 é", "a\"b'c", "a#b%20c", "[id]", "(group)"]
    files: dict[str, str | bytes] = {f"src/{name}.ts": f"export const v = {i};" for i, name in enumerate(names)}
    calls = ", ".join(f"() => import({json.dumps('./' + name)})" for name in names)
    artefact = await bench.build(
        {**files, "src/App.tsx": f"export const all = [{calls}];\nexport default () => <p>{{all.length}}</p>;"}
    )
    code = bench.text(artefact, "/assets/index-*.js")
    scripts = {file.path for file in artefact.files if file.path.endswith(".js")}
    asked = {f"/assets/{name}" for name in re.findall(r'import\("\./([^"]+)"\)', code)}
    assert len(asked) == len(names)
    assert asked <= scripts
    assert all(re.fullmatch(r"/assets/[\w.-]+", path, re.ASCII) for path in asked)

"""A build reads the app's folder and its packages. Every case has a file outside whose content must not get out."""

from __future__ import annotations

import base64
import os
import shutil
from pathlib import Path

import pytest

from overskill_nb.errors import BuildError
from overskill_nb.pipeline.production.builder import Limits

from .conftest import APP, Bench, Make, write

CANARY = "canary-4711-x"
# Also as base 64 has it, at each of the three places that a byte can have there.
ENCODED = [base64.b64encode(bytes(shift) + CANARY.encode())[4:-4] for shift in range(3)]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the app's with secrets of each kind."""
    return write(
        tmp_path / "one" / "outside",
        {
            "x.json": f'{{"key": "{CANARY}"}}',
            "x.txt": CANARY,
            "x.ts": f"export default '{CANARY}'",
            "x.js": f"module.exports = '{CANARY}'",
            "x.css": f".a {{ content: '{CANARY}' }}",
            "x.svg": f"<svg>{CANARY}</svg>",
            "id_rsa": f"-----BEGIN {CANARY}",
            "passwd": f"root:{CANARY}:0:0:root\n",
            "tsconfig.json": f'{{"compilerOptions": {{"jsxImportSource": "{CANARY}"}}}}',
            "theme.js": f"module.exports = {{ theme: {{ extend: {{ colors: {{ mine: '{CANARY}' }} }} }} }}",
        },
    )


async def nothing_gets_out(bench: Bench, files: dict[str, str | bytes], **more: Path) -> str:
    """Build it. Where that works, what came out lacks the content; where not, so does what is told."""
    try:
        artefact = await bench.build(files, **more)
    except BuildError as error:
        told = "\n".join(
            [str(error), *(f"{d.message}\n{d.frame}\n{d.hint}\n{d.stack}" for d in error.diagnostics), *bench.lines]
        )
        assert CANARY not in told
        return told
    everything = bench.everything(artefact)
    assert not [form for form in (CANARY.encode(), *ENCODED) if form in everything]
    assert CANARY not in "\n".join([*artefact.warnings, *bench.lines, artefact.headers, artefact.redirects])
    return ""


def importing(statement: str) -> dict[str, str | bytes]:
    return {"src/App.tsx": f"{statement}\nexport default () => <p>{{String(x)}}</p>;\n"}


IMPORTS = {
    "a JSON file above": 'import x from "../../outside/x.json";',
    "an absolute JSON file": 'import x from "OUTSIDE/x.json";',
    "a text file above": 'import x from "../../outside/x.txt";',
    "a raw text above": 'import x from "../../outside/x.txt?raw";',
    "an absolute raw text": 'import x from "OUTSIDE/x.txt?raw";',
    "a script above": 'import x from "../../outside/x";',
    "a key as text": 'import x from "../../outside/id_rsa" with { type: "text" };',
    "a key as bytes": 'import x from "../../outside/id_rsa" with { type: "bytes" };',
    "an image above": 'import x from "../../outside/x.svg";',
    "an address of a file above": 'const x = new URL("../../outside/x.txt", import.meta.url);',
    "required by a pattern": 'const f = "x"; const x = require("../../outside/" + f + ".json");',
    "required by a template": "const f = 'x'; const x = require(`../../outside/${f}.json`);",
    "imported by a template": "const f = 'x'; const x = import(`../../outside/${f}.json`);",
    "imported by a glob": 'const x = import.meta.glob("../../outside/*", { eager: true, query: "?raw" });',
    "required plainly": 'const x = require("../../outside/x.js");',
    "with a file address": 'import x from "file://OUTSIDE/x.json";',
    "by way of node_modules": 'import x from "/node_modules/../../outside/x.json";',
    "a file of the system": 'import x from "/etc/passwd";',
    "a file of the system as text": 'import x from "/etc/passwd" with { type: "text" };',
}


async def test_imports_that_lead_out(bench: Bench, outside: Path) -> None:
    for name, statement in IMPORTS.items():
        told = await nothing_gets_out(bench, importing(statement.replace("OUTSIDE", str(outside))))
        assert "root:x:0:0" not in told, name


async def test_an_error_shows_no_line_of_a_file_outside(bench: Bench, outside: Path) -> None:
    (bench.root / "src").mkdir(parents=True)
    (bench.root / "src/broken.ts").symlink_to(outside / "passwd")
    told = await nothing_gets_out(bench, importing('import x from "./broken";'))
    assert "leads out of the app's folder" in told


@pytest.mark.parametrize("secret", [".env", ".env.local", ".npmrc", ".git/config"])
async def test_files_of_the_app_that_hold_secrets_are_not_built_in(bench: Bench, secret: str) -> None:
    for how in ('"FILE?raw"', '"FILE" with { type: "text" }', '"FILE?url"'):
        bench.lines.clear()
        statement = f"import x from {how.replace('FILE', '../' + secret)};"
        told = await nothing_gets_out(bench, {secret: f"KEY={CANARY}", **importing(statement)})
        assert "holds secrets" in told, how


async def test_a_glob_does_not_give_files_with_secrets(bench: Bench) -> None:
    statement = 'const x = JSON.stringify(import.meta.glob("../.env*", { eager: true, query: "?raw" }));'
    await nothing_gets_out(bench, {".env": f"KEY={CANARY}", **importing(statement)})


@pytest.mark.parametrize("folder", [False, True], ids=["a file", "a folder"])
async def test_links_that_lead_out(bench: Bench, outside: Path, folder: bool) -> None:
    (bench.root / "src").mkdir(parents=True)
    (bench.root / "src/linked").symlink_to(outside if folder else outside / "x.txt", target_is_directory=folder)
    what = "./linked/x.json" if folder else "./linked?raw"
    assert await nothing_gets_out(bench, importing(f'import x from "{what}";'))


async def test_links_in_public_are_refused(bench: Bench, outside: Path) -> None:
    (bench.root / "public").mkdir(parents=True)
    (bench.root / "public/key").symlink_to(outside / "id_rsa")
    assert "public/key is a link" in await nothing_gets_out(bench, {})


async def test_a_public_folder_that_is_a_link_out_is_not_served(bench: Bench, outside: Path) -> None:
    bench.root.mkdir(parents=True)
    (bench.root / "public").symlink_to(outside, target_is_directory=True)
    await nothing_gets_out(bench, {})


async def test_a_page_that_names_files_outside(bench: Bench, outside: Path) -> None:
    body = f'<img src="../outside/x.svg"><img src="/.env"><img src="{outside}/x.svg">'
    html = f'<body>{body}<script type="module" src="/src/main.tsx"></script></body>'
    await nothing_gets_out(bench, {".env": CANARY, "index.html": html})
    script = '<body><script type="module" src="../outside/x.ts"></script></body>'
    await nothing_gets_out(bench, {"index.html": script})


SHEETS = {
    "imported": '@import "../../outside/x.css";',
    "imported absolutely": '@import "OUTSIDE/x.css";',
    "an address": ".a { background: url(../../outside/x.svg) }",
    "an absolute address": ".a { background: url(OUTSIDE/x.svg) }",
    "composed": ".a { composes: b from '../../outside/x.css' }",
    "of Tailwind": '@import "tailwindcss"; @import "../../outside/x.css";',
    "read by Tailwind for class names": '@import "tailwindcss"; @source "../../outside";',
    "a plugin of Tailwind's": '@import "tailwindcss"; @plugin "../../outside/theme.js"; .a { @apply text-mine }',
    "a configuration of Tailwind's": '@import "tailwindcss"; @config "../../outside/theme.js"; .a { @apply text-mine }',
}


async def test_sheets_that_lead_out(bench: Bench, outside: Path) -> None:
    for css in SHEETS.values():
        files: dict[str, str | bytes] = {"src/a.css": css.replace("OUTSIDE", str(outside))}
        await nothing_gets_out(bench, {**files, "src/App.tsx": 'import "./a.css"; export default () => <p />;'})
        module = {"src/a.module.css": files["src/a.css"]}
        app = 'import s from "./a.module.css"; export default () => <p>{s.a}</p>;'
        await nothing_gets_out(bench, {**module, "src/App.tsx": app})


async def test_typescript_settings_that_lead_out(bench: Bench, outside: Path) -> None:
    paths = '{"compilerOptions": {"paths": {"out/*": ["../outside/*"]}}}'
    assert await nothing_gets_out(bench, {"tsconfig.json": paths, **importing('import x from "out/x.json";')})
    await nothing_gets_out(bench, {"tsconfig.json": '{"extends": "../outside/tsconfig.json"}'})
    shutil.rmtree(bench.root)
    (bench.root).mkdir()
    (bench.root / "tsconfig.json").symlink_to(outside / "tsconfig.json")
    app = {name: content for name, content in APP.items() if name != "tsconfig.json"}
    await nothing_gets_out(bench, app)


async def test_an_alias_that_leads_out(bench: Bench, outside: Path) -> None:
    config = f"export default {{ resolve: {{ alias: {{ out: '{outside}' }} }}, define: {{ SECRET: '1' }} }};"
    assert await nothing_gets_out(bench, {"vite.config.ts": config, **importing('import x from "out/x.json";')})


@pytest.fixture
def own(bench: Bench, tmp_path: Path) -> Path:
    """A node_modules of its own, to put hostile packages in."""
    folder = tmp_path / "one" / "modules"
    shutil.copytree(bench.modules / "node_modules", folder / "node_modules", symlinks=True)
    return folder


PACKAGES: dict[str, dict[str, str | bytes]] = {
    "main": {"package.json": '{"name": "evil", "main": "../../../outside/x.js"}'},
    "absolute main": {"package.json": '{"name": "evil", "main": "OUTSIDE/x.js"}'},
    "browser field": {
        "package.json": '{"name": "evil", "main": "i.js", "browser": {"./y.js": "../../../outside/x.js"}}',
        "i.js": "module.exports = require('./y.js')",
        "y.js": "",
    },
    "import": {"i.js": "export { default } from '../../../outside/x.json'"},
    "absolute import": {"i.js": "export { default } from 'OUTSIDE/x.json'"},
    "text import": {"i.js": "import x from '../../../outside/id_rsa' with { type: 'text' }; export default x"},
    "bytes import": {"i.js": "import x from '../../../outside/id_rsa' with { type: 'bytes' }; export default x"},
    "pattern": {"i.js": "const f = 'x'; module.exports = require('../../../outside/' + f + '.json')"},
    "dynamic pattern": {"i.js": "const f = 'x'; export default import(`../../../outside/${f}.json`)"},
    "style": {"i.js": "import '../../../outside/x.css'; export default 1"},
    "sheet": {"i.js": "import './a.css'; export default 1", "a.css": '@import "../../../outside/x.css";'},
    "address": {
        "i.js": "import './a.css'; export default 1",
        "a.css": ".a { background: url(../../../outside/x.svg) }",
    },
    "image": {"i.js": "export { default } from '../../../outside/x.svg'"},
    "syntax": {"i.js": "export { default } from '../../../outside/passwd'"},
    "namespace": {"i.js": "import * as z from '../../../outside/x.ts'; export { z as default }"},
    "settings": {"i.js": "export default 1", "tsconfig.json": '{"extends": "../../../outside/tsconfig.json"}'},
}


@pytest.mark.parametrize("files", PACKAGES.values(), ids=PACKAGES)
async def test_packages_that_lead_out(bench: Bench, outside: Path, own: Path, files: dict[str, str]) -> None:
    written = {name: str(text).replace("OUTSIDE", str(outside)) for name, text in files.items()}
    write(own / "node_modules/evil", {"package.json": '{"name": "evil", "main": "i.js"}', **written})
    await nothing_gets_out(bench, importing('import x from "evil";'), modules=own)
    await nothing_gets_out(bench, importing('const x = require("evil");'), modules=own)
    await nothing_gets_out(bench, {"src/App.tsx": 'import "evil/a.css"; export default 1;'}, modules=own)


@pytest.mark.parametrize("kind", ["file", "folder"])
async def test_linked_packages_that_lie_elsewhere(bench: Bench, outside: Path, own: Path, kind: str) -> None:
    evil = own / "node_modules/evil"
    if kind == "folder":
        write(outside, {"package.json": '{"name": "evil", "main": "x.js"}'})
        evil.symlink_to(outside, target_is_directory=True)
    else:
        write(evil, {"package.json": '{"name": "evil", "main": "i.js"}'})
        (evil / "i.js").symlink_to(outside / "x.js")
    assert await nothing_gets_out(bench, importing('import x from "evil";'), modules=own)


async def test_packages_of_a_folder_further_up(bench: Bench, own: Path, tmp_path: Path) -> None:
    above = tmp_path / "one" / "node_modules"
    write(above / "upper", {"package.json": '{"name": "upper", "main": "i.js"}', "i.js": f"export default '{CANARY}'"})
    assert await nothing_gets_out(bench, importing('import x from "upper";'), modules=own)
    write(own / "node_modules/evil", {"package.json": '{"main": "i.js"}', "i.js": "export { default } from 'upper'"})
    await nothing_gets_out(bench, importing('import x from "evil";'), modules=own)


async def test_packages_as_pnpm_links_them_are_built_in(bench: Bench, own: Path) -> None:
    store = own / "node_modules/.pnpm/nice@1.0.0/node_modules/nice"
    write(store, {"package.json": '{"name": "nice", "main": "i.js"}', "i.js": "export default 'is nice'"})
    (own / "node_modules/nice").symlink_to(store, target_is_directory=True)
    artefact = await bench.build(importing('import x from "nice";'), modules=own)
    assert b"is nice" in bench.everything(artefact)
    assert "nice" in {package.name for package in artefact.packages}


async def test_worker_code_that_leads_out(bench: Bench, outside: Path) -> None:
    code = 'import x from "../../outside/x.json"; export default { fetch: () => new Response(x.key) };'
    assert await nothing_gets_out(bench, {"worker/index.ts": code})


async def test_addresses_are_not_fetched(bench: Bench) -> None:
    assert "is an address" in await bench.refused(importing('import x from "http://169.254.169.254/latest";'))


@pytest.mark.parametrize("as_package", [False, True], ids=["of the app", "of a package"])
@pytest.mark.parametrize("device", ["/dev/zero", "pipe"])
async def test_devices_and_pipes(make: Make, tmp_path: Path, device: str, as_package: bool) -> None:
    bench = make(limits=Limits(seconds=15, bytes=700 * 2**20))
    folder = tmp_path / "one" / "modules" / "node_modules"
    if as_package:
        shutil.copytree(bench.modules / "node_modules", folder, symlinks=True)
        file = folder / "evil/i.js"
        write(file.parent, {"package.json": '{"name": "evil", "main": "i.js"}'})
    else:
        file = bench.root / "src/evil.js"
        file.parent.mkdir(parents=True)
    if device == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to(device)
    statement = f'import x from "{"evil" if as_package else "./evil"}";'
    more = {"modules": folder.parent} if as_package else {}
    assert await bench.refused(importing(statement), **more)
    shutil.rmtree(file.parent)
    assert (await bench.build(importing("const x = 1;"), **more)).id


async def test_the_builder_has_no_token_in_its_environment(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLOUDFLARE_API_TOKEN", "GITHUB_TOKEN", "JUPYTER_TOKEN", "NODE_OPTIONS", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, CANARY)
    bench = make()
    await bench.build(
        {
            "src/a.css": '@import "tailwindcss"; @plugin "./p.js";',
            "src/main.tsx": 'import "./a.css";',
            "src/p.js": 'require("node:fs").writeFileSync(__dirname + "/../seen.json", '
            "JSON.stringify(process.env)); module.exports = () => {};",
        }
    )
    seen = (bench.root / "seen.json").read_text()
    assert CANARY not in seen
    assert '"PATH"' in seen
    environ = Path(f"/proc/{bench.production.pids[0]}/environ").read_text()
    assert CANARY not in environ


async def test_settings_in_package_json_that_other_tools_would_obey_do_nothing(bench: Bench, outside: Path) -> None:
    manifest = (
        '{"name": "tips", "dependencies": {"react": "^19.2.0", "react-dom": "^19.2.0"}, '
        '"esbuild": {"define": {"X": "1"}, "inject": ["../outside/x.ts"]}, "browser": {"react": "../outside/x.js"}, '
        '"imports": {"#x": "../outside/x.json", "#y": "./../outside/x.json"}, '
        '"scripts": {"build": "touch ran", "postinstall": "touch ran", "prebuild": "touch ran"}}'
    )
    await nothing_gets_out(bench, {"package.json": manifest, ".npmrc": "registry=http://127.0.0.1:1/"})
    await nothing_gets_out(bench, {"package.json": manifest, **importing('import x from "#x";')})
    assert not (bench.root / "ran").exists()


ODD_NAMES = [
    "src/</script><script>alert(1)</script>.png",
    "src/a\"b'c.png",
    "src/a\nb.png",
    "src/世界 é.png",
    "src/a%2e#b.png",
]


async def test_odd_file_names_do_no_harm(bench: Bench) -> None:
    files: dict[str, str | bytes] = {name.replace("/</", "/<_"): bytes(6000) + name.encode() for name in ODD_NAMES}
    files["src/App.tsx"] = (
        'const all = import.meta.glob("./*.png", { eager: true, query: "?url", import: "default" });\n'
        "export default () => <p>{JSON.stringify(all)}</p>;"
    )
    files["index.html"] = APP["index.html"].replace("Tips", "&lt;/script&gt; %VITE_X% %NODE_ENV%")
    artefact = await bench.build(files)
    assert all(file.path.isascii() and not set(file.path) & set("<>\"'\n?#%") for file in artefact.files)
    assert "</script><script>alert" not in bench.text(artefact, "/index.html")


async def test_names_that_differ_in_case_or_in_composition_only_are_kept_apart(bench: Bench) -> None:
    artefact = await bench.build(
        {
            "src/App.tsx": 'import a from "./Logo.png"; import b from "./logo.png";\n'
            "export default () => <p>{a}{b}</p>;",
            "src/Logo.png": bytes(6000),
            "src/logo.png": bytes(6001),
            "public/e\u0301.txt": "decomposed",
            "public/\u00e9.txt": "composed",
        }
    )
    paths = [file.path for file in artefact.files]
    assert len(set(paths)) == len(paths)
    assert len([path for path in paths if path.lower().startswith("/assets/logo-")]) == 2
    assert len([path for path in paths if path.endswith(".txt")]) == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"export default '\xff\xfe\x00bad'", "not valid UTF-8"),
        (b"export default '" + b"x" * (20 * 2**20) + b"'", "files over 5 MB are not loaded"),
        ("export default 1;".encode("utf-16"), "UTF-16"),
        (b"export default \x00\x01;", "src/bad.ts"),
    ],
    ids=["invalid UTF-8", "20 MB", "UTF-16", "NUL"],
)
async def test_sources_that_are_no_text(bench: Bench, content: bytes, told: str) -> None:
    assert told in await bench.refused({"src/bad.ts": content, **importing('import x from "./bad";')})

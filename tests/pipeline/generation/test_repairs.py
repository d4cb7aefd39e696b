"""What is put right without a model, each repair on code as models write it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from overskill_nb.pipeline import Engine
from overskill_nb.pipeline.generation.check import Checked
from overskill_nb.pipeline.generation.open_app import OpenApp
from overskill_nb.pipeline.project import Project
from overskill_nb.protocol import AppInfo, FileChange
from overskill_nb.protocol import OpenApp as Open

PATH = "src/components/Sample.tsx"


@asynccontextmanager
async def app_with_icons(workspace: Path) -> AsyncIterator[OpenApp]:
    """An app with icons, a component and a helper of its own."""
    root = Project.create(workspace / "shop").root
    manifest = json.loads((root / "package.json").read_text())
    manifest["dependencies"]["lucide-react"] = "^1"
    (root / "package.json").write_text(json.dumps(manifest))
    write(
        root, "src/components/Badge.tsx", "export default function Badge({ text = 'new' }) { return <b>{text}</b>; }\n"
    )
    write(root, "src/components/Panel.tsx", "export function Panel() { return <section>panel</section>; }\n")
    write(root, "src/lib/money.ts", "export const money = (n: number) => `$${n.toFixed(2)}`;\n")
    engine = Engine(workspace)
    info = await engine.handle(Open(folder="shop"))
    assert isinstance(info, AppInfo)
    yield OpenApp(await engine.app(info.app))
    await engine.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory, tools: Path, types: Path) -> AsyncIterator[OpenApp]:
    """For tests that write nothing into it."""
    async with app_with_icons(tmp_path_factory.mktemp("work")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def own(tmp_path: Path, tools: Path, types: Path) -> AsyncIterator[OpenApp]:
    async with app_with_icons(tmp_path) as opened:
        yield opened


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


async def mended(opened: OpenApp, code: str, path: str = PATH) -> tuple[str, Checked]:
    checked = await opened.check({path: textwrap.dedent(code).lstrip("\n")}, path)
    return (checked.mended[0].content if checked.mended else ""), checked


async def test_missing_imports_of_known_names(opened: OpenApp) -> None:
    code, checked = await mended(
        opened,
        """
        export default function Sample() {
          const [n, setN] = useState(1);
          useEffect(() => {}, []);
          const add = () => setN(n + 1);
          return <Fragment><Badge /><Panel /><Trash2 /><button onClick={add}>{money(n)}</button></Fragment>;
        }
        """,
    )
    assert checked.passed, checked.errors
    lines = code.splitlines()
    assert lines[:5] == [
        'import { Fragment, useEffect, useState } from "react";',
        'import Badge from "@/components/Badge";',
        'import { Panel } from "@/components/Panel";',
        'import { Trash2 } from "lucide-react";',
        'import { money } from "@/lib/money";',
    ]
    assert "imported Fragment, useEffect, useState from react" in checked.notes


async def test_a_name_joins_the_import_that_is_there(opened: OpenApp) -> None:
    code, _ = await mended(
        opened,
        """
        "use client";
        import { useState } from "react";
        export default function Sample() {
          const [n] = useState(1);
          const box = useRef(null);
          return <p ref={box}>{n}</p>;
        }
        """,
    )
    assert code.startswith('"use client";\nimport { useState, useRef } from "react";\n')


async def test_names_that_nobody_has_are_left_to_the_model(opened: OpenApp) -> None:
    _, checked = await mended(opened, "export default function Sample() { return <Nowhere />; }\n")
    assert not checked.mended
    assert "Nowhere is not defined" in checked.errors[0].message


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("function Sample() { return <p>a</p>; }\n", "Sample"),
        ("export function Sample() { return <p>a</p>; }\n", "Sample"),
        ("const Row = () => <i>r</i>;\nconst Sample = () => <p><Row /></p>;\n", "Sample"),
        ("const Row = () => <i>r</i>;\nconst Whole = () => <p><Row /></p>;\n", "Whole"),
        ("function Other() { return <p>a</p>; }\n", "Other"),
        ("class Sample extends React.Component { render() { return <p>a</p>; } }\n", "Sample"),
    ],
)
async def test_a_missing_default_export(opened: OpenApp, code: str, name: str) -> None:
    content, checked = await mended(opened, code)
    assert content.endswith(f"\nexport default {name};\n")
    assert checked.passed, checked.errors


async def test_html_attributes(opened: OpenApp) -> None:
    code, checked = await mended(
        opened,
        """
        export default function Sample() {
          return (
            <label class="a" for="b" style="color: red; --x: 1; font-size: 12px" tabindex="0" onclick={() => {}}>
              <svg viewbox="0 0 1 1"><path stroke-width="2" fill-rule="evenodd" clip-path="none" /></svg>
              <input id="b" maxlength={3} readonly value="" data-for="x" aria-label="x" />
            </label>
          );
        }
        """,
    )
    assert checked.passed, checked.errors
    assert not checked.warnings, checked.warnings
    assert (
        'className="a" htmlFor="b" style={{ color: "red", "--x": "1", fontSize: "12px" }} tabIndex="0" onClick=' in code
    )
    assert 'viewBox="0 0 1 1"><path strokeWidth="2" fillRule="evenodd" clipPath="none"' in code
    assert 'maxLength={3} readOnly value="" data-for="x" aria-label="x"' in code


async def test_attributes_of_components_are_their_own(opened: OpenApp) -> None:
    code = "const Card = (p: any) => <p>{p.class}</p>;\nexport default () => <Card class='a' for='b' onPress={1} />;\n"
    _, checked = await mended(opened, code)
    assert not checked.mended


async def test_react_native_props(opened: OpenApp) -> None:
    code, checked = await mended(
        opened,
        """
        import { useState } from "react";
        export default function Sample() {
          const [text, setText] = useState("");
          return (
            <div>
              <input value={text} onChangeText={setText} aria-label="t" />
              <input value={text} onChangeText={(t) => setText(t)} aria-label="u" />
              <button onPress={() => setText("")} activeOpacity={0.5} accessibilityLabel="clear">x</button>
            </div>
          );
        }
        """,
    )
    assert checked.passed, checked.errors
    assert not checked.warnings
    assert "onChange={(event) => setText(event.target.value)}" in code
    assert "onChange={(event) => ((t) => setText(t))(event.target.value)}" in code
    assert '<button onClick={() => setText("")}  aria-label="clear">' in code


async def test_numbers_stay_numbers(opened: OpenApp) -> None:
    code, checked = await mended(
        opened,
        """
        import { useState } from "react";
        export default function Sample() {
          const [bill, setBill] = useState(10);
          const [name, setName] = useState("");
          return (
            <div>
              <input aria-label="bill" value={bill} onChange={(e) => setBill(e.target.value)} />
              <input aria-label="name" value={name} onChange={(e) => setName(e.target.value)} />
              {(bill * 1.2).toFixed(2)} {bill.toFixed(1)}
            </div>
          );
        }
        """,
    )
    assert checked.passed, checked.errors
    assert "setBill(Number(e.target.value))" in code
    assert "setName(e.target.value)" in code


async def test_packages_that_are_not_there(opened: OpenApp) -> None:
    code, checked = await mended(
        opened,
        """
        import React from "react";
        import "./Sample.css";
        import "bootstrap/dist/css/bootstrap.min.css";
        import { styled } from "tailwindcss-react-native";
        import clsx from "clsx";
        import { FaRegTrashAlt, FaUnheardOf } from "react-icons/fa";
        import { TrashIcon } from "@heroicons/react/24/outline";
        import { v4 as uuid } from "uuid";
        import Link from "next/link";
        import PropTypes from "prop-types";
        export default function Sample({ title = "a" }) {
          return (
            <div className={clsx("a", { b: title })} id={uuid()}>
              <FaRegTrashAlt className="c" /><FaUnheardOf /><TrashIcon /><Link href="#">{title}</Link>
            </div>
          );
        }
        Sample.propTypes = { title: PropTypes.string };
        """,
    )
    assert checked.passed, [*checked.errors, code]
    for gone in (
        ".css",
        "tailwindcss-react-native",
        '"clsx"',
        "react-icons",
        "heroicons",
        '"uuid"',
        "next/link",
        "PropTypes",
    ):
        assert gone not in code, code
    assert 'from "lucide-react"' in code
    assert "Trash" in code
    assert "const FaUnheardOf = " in code


async def test_packages_whose_work_is_not_certain_are_left_to_the_model(opened: OpenApp) -> None:
    _, checked = await mended(
        opened, 'import { DataGrid } from "@mui/material";\nexport default () => <DataGrid>a</DataGrid>;\n'
    )
    assert [error.message for error in checked.errors] == ["The package '@mui/material' is not installed"]
    assert checked.errors[0].frame


async def test_a_component_that_mounts_itself(opened: OpenApp) -> None:
    code, checked = await mended(
        opened,
        """
        import React from "react";
        import ReactDOM from "react-dom/client";
        export default function Sample() { return <p>a</p>; }
        const root = ReactDOM.createRoot(document.getElementById("root")!);
        root.render(<React.StrictMode><Sample /></React.StrictMode>);
        """,
    )
    assert checked.passed, checked.errors
    assert code == "export default function Sample() { return <p>a</p>; }\n"


async def test_icons_that_the_package_lacks(opened: OpenApp) -> None:
    code, checked = await mended(
        opened,
        'import { Trash2, TrashIcn } from "lucide-react";\nexport default () => <p><Trash2 /><TrashIcn /></p>;\n',
    )
    assert checked.passed, checked.errors
    assert code


async def test_code_that_is_right_is_left_alone(own: OpenApp) -> None:
    template = Path(__file__).parents[2] / "projects/shadcn/src"
    # Components before what imports them.
    for file in sorted(template.rglob("*.tsx"), reverse=True):
        if file.name == "main.tsx":
            continue
        path = f"src/{file.relative_to(template)}"
        await own.change([FileChange(path=path, content=file.read_text())], "python")
        _, checked = await mended(own, file.read_text() + "\n", path)
        assert checked.notes == [], file.name


async def test_code_of_javascript_stays_javascript(opened: OpenApp) -> None:
    path = "src/components/Plain.jsx"
    code, checked = await mended(
        opened, 'import cx from "classnames";\nexport default () => <p class={cx("a")}>a</p>;\n', path
    )
    assert checked.passed, checked.errors
    assert ": unknown" not in code
    assert " as " not in code


async def test_components_of_libraries_that_are_not_there_become_elements(opened: OpenApp) -> None:
    code, checked = await mended(
        opened,
        """
        import { Button, useState } from "react";
        import { Card, TextField as Field } from "@mui/material";
        export default function Sample() {
          const [name, setName] = useState("");
          return (
            <Card className="p-2">
              <Input aria-label="Name" value={name} onChange={(e) => setName(e.target.value)} />
              <Button onClick={() => setName("")}>Clear</Button>
            </Card>
          );
        }
        """,
    )
    assert 'import { useState } from "react";' in code
    assert "@mui" not in code
    assert '<div className="p-2">' in code
    assert "<input aria-label" in code
    assert '<button onClick={() => setName("")}>Clear</button>' in code
    assert "</div>" in code
    assert checked.notes[0] == "took HTML's own button, div, input for Button, Card, Input"


async def test_an_apps_own_button_stays_a_component(own: OpenApp, tmp_path: Path) -> None:
    write(tmp_path / "shop", "src/components/Button.tsx", "export default function Button() { return <b>own</b>; }\n")
    code, checked = await mended(own, "export default function Sample() { return <div><Button /></div>; }\n")
    assert checked.passed
    assert 'import Button from "@/components/Button";' in code


async def test_what_a_new_file_imports_of_react_and_does_not_use_goes(own: OpenApp) -> None:
    source = """
        import React, { useState, type ReactNode } from "react";
        export default function Sample({ children }: { children?: ReactNode }) { return <p>{children}</p>; }
        """
    code, checked = await mended(own, source)
    assert checked.passed
    assert code.splitlines()[0] == 'import { type ReactNode } from "react";'
    assert checked.notes == ["left out the import of React, useState, which is not used"]
    # In a file that is there it may be somebody's.
    there = "export default function Sample() { return <p />; }\n"
    await own.change([FileChange(path=PATH, content=there)], "python")
    code, checked = await mended(own, source)
    assert checked.passed
    assert not code

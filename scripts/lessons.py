"""Run notebooks of the course, from what is recorded, and save them with their outputs.

usage: lessons.py [NOTEBOOK ...]

Each runs in a folder of its own, as under nbval. Pictures of previews need Chromium.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from overskill_nb import config
from overskill_nb.cli import main

COURSE = Path(__file__).resolve().parent.parent / "notebooks"


def run(notebook: Path) -> int:
    """Run one and save it; 1 where a picture is missing."""
    with tempfile.TemporaryDirectory(prefix="overskill-lesson-", ignore_cleanup_errors=True) as folder:
        shutil.copytree(COURSE / "recordings", Path(folder) / "recordings")
        copy = Path(shutil.copy(notebook, folder))
        os.environ.update({config.NOTEBOOK: str(copy), config.MODE: "replay", config.ENGINE: "kernel"})
        os.environ.pop(config.WORKSPACE, None)
        os.chdir(folder)
        document = nbformat.read(copy, as_version=4)
        kernel = document.metadata["kernelspec"]
        NotebookClient(document, timeout=300, resources={"metadata": {"path": folder}}, record_timing=False).execute()
        # The release of Python is not the lesson's.
        document.metadata |= {"kernelspec": kernel, "language_info": {"name": "python"}}
        nbformat.write(document, copy)
        status = main(["pictures", "--only", str(copy)])
        shutil.copyfile(copy, notebook)
        os.chdir(COURSE)
        return status


if __name__ == "__main__":
    named = [Path(name).resolve() for name in sys.argv[1:]]
    sys.exit(max(run(notebook) for notebook in named or sorted(COURSE.glob("*.ipynb"))))

"""Notebooks as front ends save them: what was displayed, without a kernel."""

from __future__ import annotations

from typing import Any

import nbformat

import overskill_nb as ov

STATE = "application/vnd.jupyter.widget-state+json"


def saved(*displayed: Any, states: dict[str, Any] | None = None) -> nbformat.NotebookNode:
    """A notebook with one cell for each of these."""
    notebook = nbformat.v4.new_notebook()
    for one in displayed:
        data, metadata = one._repr_mimebundle_()
        output = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
        notebook.cells.append(nbformat.v4.new_code_cell("…", outputs=[output]))
    if states is not None:
        notebook.metadata["widgets"] = {STATE: {"version_major": 2, "version_minor": 0, "state": states}}
    return notebook


def counter(app: ov.App, name: str = "Counter", **props: Any) -> ov.Preview:
    """A component that has state, a prop and a function prop."""
    source = f"""
import {{ useState }} from "react";
export default function {name}({{ label = "none", onSave }}: {{ label?: string; onSave?: (n: number) => void }}) {{
  const [n, set] = useState(0);
  return (
    <section className="bg-blue-100 p-4">
      <h2>{{label}}</h2>
      <button onClick={{() => set(n + 1)}}>Count {{n}}</button>
      <button onClick={{() => onSave?.(n)}}>Save</button>
    </section>
  );
}}
"""
    preview = app.component(name, source, props=props or None)
    preview.on("save", print)
    return preview

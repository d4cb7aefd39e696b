"""The app that a soak edits: one component with a counter, and a page that shows it."""

from __future__ import annotations

COMPONENT = "Soak"
SOURCE_PATH = f"src/components/{COMPONENT}.tsx"
OPEN = f"""import overskill_nb as ov
app = ov.App("soak")
app.write("src/App.tsx", 'import Soak from "./components/{COMPONENT}";\\nexport default () => <Soak />;\\n')"""
"""The notebook's first cell. Once the component is there, it opens the app and changes nothing."""
CLICKS = 3


def source(rev: int) -> str:
    """The component, numbered."""
    return f"""import {{ useState }} from "react";

export default function {COMPONENT}() {{
  const [count, setCount] = useState(0);
  return (
    <section className="m-2 rounded border p-4">
      <b id="rev">{rev}</b>
      <button id="count" className="ml-2 rounded px-2" onClick={{() => setCount((now) => now + 1)}}>
        {{count}}
      </button>
    </section>
  );
}}
"""

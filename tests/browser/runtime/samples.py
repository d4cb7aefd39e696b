"""A small app."""

from __future__ import annotations

MAIN = """
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import App from "./App";
createRoot(document.getElementById("root")!).render(<StrictMode><App /></StrictMode>);
"""
APP = """
import { Counter } from "./Counter";
import "./app.css";
export default function App() { return <main><h1>Hello</h1><Counter /></main>; }
"""
COUNTER = """
import { useState } from "react";
import { label } from "./label";
export function Counter() {
  const [n, setN] = useState(0);
  return <button onClick={() => setN(n + 1)}>{label}: {n}</button>;
}
"""
LABEL = 'export const label = "count";'
FILES = {
    "src/main.tsx": MAIN,
    "src/App.tsx": APP,
    "src/Counter.tsx": COUNTER,
    "src/label.ts": LABEL,
    "src/app.css": "h1 { color: rgb(1, 2, 3) }",
}

"""The apps that are edited: one of a usual size, one whose page has 300 components, and what their pages show."""

from __future__ import annotations

PAGE = "src/App.tsx"

COMPONENTS = {
    "src/components/Headline.tsx": """\
export interface HeadlineProps {
  /** What it says. */
  text: string;
  tone?: "plain" | "warm" | "cold";
}

export function Headline({ text, tone = "plain" }: HeadlineProps) {
  const color = tone === "warm" ? "text-amber-700" : tone === "cold" ? "text-sky-700" : "text-gray-900";
  return <h1 data-headline="" className={`text-3xl font-bold ${color}`}>{`${text} (${tone})`}</h1>;
}
""",
    "src/components/Card.tsx": """\
import type { ReactNode } from "react";

/** A card with a title. */
export interface CardProps {
  title: string;
  count?: number;
  open?: boolean;
  tags?: string[];
  links?: { label: string; href: string }[];
  onPick?: () => void;
  children?: ReactNode;
}

export function Card({ title, count = 0, open = true, tags = [], links = [], onPick, children }: CardProps) {
  return (
    <section className="rounded-lg border p-4" onClick={onPick}>
      <h2 className="text-lg font-bold">{title} {count}</h2>
      {tags.map((tag) => <span key={tag} className="mr-1 rounded bg-gray-200 px-1">{tag}</span>)}
      {links.map((link) => <a key={link.label} href={link.href}>{link.label}</a>)}
      {open && <div className="mt-2">{children}</div>}
    </section>
  );
}
""",
    "src/components/Counter.tsx": """\
import { useState } from "react";

export function Counter({ start = 0, label = "Count" }: { start?: number; label?: string }) {
  const [count, setCount] = useState(start);
  return (
    <button className="rounded bg-blue-600 px-3 py-1 text-white" onClick={() => setCount(count + 1)}>
      {label}: {count}
    </button>
  );
}
""",
    "src/components/Price.tsx": """\
export function Price({ amount, currency = "EUR" }: { amount: number; currency?: "EUR" | "USD" | "GBP" | "CHF" }) {
  return <strong>{amount.toLocaleString("en", { style: "currency", currency })}</strong>;
}
""",
}

_USUAL = """\
import { useState } from "react";
import { Card } from "./components/Card";
import { Counter } from "./components/Counter";
import { Headline } from "./components/Headline";

export default function App() {
  const [people] = useState(["Ada", "Grace", "Edsger"]);
  return (
    <main className="mx-auto max-w-3xl space-y-4 p-6">
      <Headline text="Hello" />
      <p>Some <b>bold</b> text with {people.length} people.</p>
      <div className="flex gap-4">
        <Card title="First" tags={["new"]}>
          <Counter label="Clicks" />
        </Card>
        <Card title="Second" />
      </div>
      <ul>
        {people.map((person) => <li key={person}>{person}</li>)}
      </ul>
TEXTS
      <Counter start={people.length} />
    </main>
  );
}
"""
_LARGE = """\
import { Card } from "./components/Card";
import { Counter } from "./components/Counter";
import { Headline } from "./components/Headline";

export default function App() {
  return (
    <main className="grid grid-cols-3 gap-2 p-6">
      <Headline text="Hello" />
ITEMS
    </main>
  );
}
"""
_CARD = """\
      <Card title="Card {n}" count={{{n}}}>
        <Counter label="Inside {n}" />
        <p>Text {n}</p>
      </Card>"""
_COUNTER = '      <Counter label="Counter {n}" start={{{n}}} />'


def usual() -> dict[str, str]:
    """A page that is longer than the canvas is high."""
    texts = "\n".join(f"      <p>Paragraph {number} of the page.</p>" for number in range(30))
    return {**COMPONENTS, PAGE: _USUAL.replace("TEXTS", texts)}


def large(components: int) -> dict[str, str]:
    """A page with so many components, not counting plain elements: cards with a counter in them, and counters."""
    items, left, number = [], components - 1, 0
    while left > 0:
        number += 1
        is_card = number % 2 == 0 and left >= 2
        items.append((_CARD if is_card else _COUNTER).format(n=number))
        left -= 2 if is_card else 1
    return {**COMPONENTS, PAGE: _LARGE.replace("ITEMS", "\n".join(items))}


def with_text(page: str, text: str) -> str:
    """The page with another headline; its tone is the default one."""
    begin = page.index("<Headline")
    end = page.index("/>", begin)
    return f'{page[:begin]}<Headline text="{text}" {page[end:]}'

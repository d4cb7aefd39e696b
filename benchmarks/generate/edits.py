"""Twenty changes to components that are there: what has to come, and how little may change besides."""

from __future__ import annotations

import difflib
import re
from typing import NamedTuple

COUNTER = """import { useState } from "react";

export default function Counter() {
  const [count, setCount] = useState(0);
  return (
    <section className="rounded-lg border p-4">
      <h2 className="text-lg font-bold">Counter</h2>
      <p>Count: {count}</p>
      <button className="rounded bg-blue-600 px-3 py-1 text-white" onClick={() => setCount(count + 1)}>
        Increase
      </button>
    </section>
  );
}
"""

TASKS = """import { useState } from "react";

interface Task {
  id: number;
  title: string;
  done: boolean;
}

const START: Task[] = [
  { id: 1, title: "Buy milk", done: false },
  { id: 2, title: "Write letter", done: true },
];

export default function Tasks() {
  const [tasks, setTasks] = useState(START);
  const [title, setTitle] = useState("");

  function add() {
    if (!title.trim()) return;
    setTasks([...tasks, { id: tasks.length + 1, title, done: false }]);
    setTitle("");
  }

  return (
    <div className="mx-auto max-w-md p-4">
      <h1 className="text-xl font-semibold">Tasks</h1>
      <div className="flex gap-2">
        <input aria-label="New task" className="border px-2" value={title} onChange={(e) => setTitle(e.target.value)} />
        <button onClick={add}>Add</button>
      </div>
      <ul className="mt-4 space-y-1">
        {tasks.map((task) => (
          <li key={task.id} className={task.done ? "line-through" : ""}>
            {task.title}
          </li>
        ))}
      </ul>
    </div>
  );
}
"""

PRICES = """const PLANS = [
  { name: "Basic", price: 10 },
  { name: "Pro", price: 20 },
  { name: "Team", price: 30 },
];

export default function Prices() {
  return (
    <div className="grid grid-cols-3 gap-4">
      {PLANS.map((plan) => (
        <article key={plan.name} className="rounded border p-4">
          <h3>{plan.name}</h3>
          <p>${plan.price} a month</p>
          <button className="bg-black text-white">Choose</button>
        </article>
      ))}
    </div>
  );
}
"""


class Edit(NamedTuple):
    name: str
    source: str
    prompt: str
    gone: tuple[str, ...]
    """Patterns that find nothing in the file any more."""
    come: tuple[str, ...]
    """Patterns that find something."""
    lines: int
    """How many of the lines that were there may change or go."""

    def applied(self, after: str) -> bool:
        """Whether a file holds what was asked for."""
        return all(re.search(one, after) for one in self.come) and not any(re.search(one, after) for one in self.gone)


def lost(before: str, after: str) -> int:
    """How many lines changed or went."""
    return sum(1 for line in difflib.ndiff(_plain(before), _plain(after)) if line.startswith("- "))


def _plain(text: str) -> list[str]:
    """Lines without what a formatter may change."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def _line(text: str) -> str:
    """The pattern of what stands between two tags."""
    return rf">\s*{text}\s*<"


EDITS = (
    Edit("Counter", COUNTER, "Change the heading to 'My counter'.", (_line("Counter"),), (_line("My counter"),), 1),
    Edit("Counter", COUNTER, "Make the button green instead of blue.", ("bg-blue-",), ("bg-green-",), 1),
    Edit("Counter", COUNTER, "Start counting at 10.", (r"useState\S*\(0\)",), (r"\b10\b",), 1),
    Edit("Counter", COUNTER, "Count in steps of 5.", (r"\+ ?1\b", r"\+\+"), (r"(?<!-)\b5\b",), 1),
    Edit(
        "Counter", COUNTER, "Add a button Reset that sets the count to 0.", (), (_line("Reset"), r"setCount\(.*0\)"), 1
    ),
    Edit("Counter", COUNTER, "Rename the button Increase to Add one.", (_line("Increase"),), (_line("Add one"),), 1),
    Edit("Counter", COUNTER, "Remove the heading.", ("<h2", _line("Counter")), (r"Count: \{count\}",), 1),
    Edit("Tasks", TASKS, "Change the title from Tasks to To do.", (_line("Tasks"),), (_line("To do"),), 1),
    Edit(
        "Tasks",
        TASKS,
        "Add the third start task 'Call Ada', which is not done.",
        (),
        (r"done: true[\s\S]*\{(?=[^}]*Call Ada)[^}]*done: false[^}]*\},?\s*\];",),
        1,
    ),
    Edit(
        "Tasks",
        TASKS,
        "Show done tasks in grey, too: text-gray-400.",
        (),
        (r"[?:&]\s*[\"'`][^\"'`]*text-gray-400", "line-through"),
        1,
    ),
    Edit("Tasks", TASKS, "Name the button Add task.", (_line("Add"),), (_line("Add task"),), 1),
    Edit(
        "Tasks",
        TASKS,
        "Give the field a placeholder 'What?'.",
        (),
        (r"placeholder=\{?[\"'`]What\?[\"'`]", 'aria-label="New task"'),
        1,
    ),
    Edit(
        "Tasks",
        TASKS,
        "Put new tasks at the start of the list.",
        (r"\[\s*\.\.\.\w+,",),
        (r"\.\.\.\w+,?\s*\]|\]\.concat\(\w+\)",),
        1,
    ),
    Edit(
        "Tasks",
        TASKS,
        "Show the number of tasks in the heading, as in 'Tasks (2)'.",
        (),
        (r"Tasks\s*(?:\{\" \"\}\s*)?(?:<\w+[^>]*>\s*)?\(\$?\{\s*tasks\.length\s*\}\)",),
        1,
    ),
    Edit(
        "Tasks",
        TASKS,
        "Clicking a task marks it as done, or not done.",
        (),
        (r"<li\b(?:(?!</li>)[\s\S])*onClick", r"!\s*\w+(?:\.\w+)*\.done\b|\.done \? false : true"),
        2,
    ),
    Edit("Prices", PRICES, "Make Pro cost 25.", ("price: 20",), (r"Pro[\"'],\s*price: 25\b",), 1),
    Edit(
        "Prices",
        PRICES,
        "Add a plan Free that costs 0, as the first one.",
        (),
        (r"\[\s*\{\s*name: [\"']Free[\"'],\s*price: 0\b[\s\S]*Basic",),
        1,
    ),
    Edit("Prices", PRICES, "Call the buttons Select.", (_line("Choose"),), (_line("Select"),), 1),
    Edit("Prices", PRICES, "Write prices as 'per month' instead of 'a month'.", ("a month",), ("per month",), 1),
    Edit(
        "Prices",
        PRICES,
        "Round the cards more: rounded-xl.",
        (r"(?<![\w-])rounded(?![\w-])",),
        (r"<article[^>]*rounded-xl",),
        1,
    ),
)

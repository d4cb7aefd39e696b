"""Twenty changes to components that are there: what has to come, and how little may change besides."""

from __future__ import annotations

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
    """Texts that the file must not hold any more."""
    come: tuple[str, ...]
    """Texts that it must hold."""
    lines: int
    """How many of the lines that were there may change or go."""


EDITS = (
    Edit("Counter", COUNTER, "Change the heading to 'My counter'.", (">Counter<",), (">My counter<",), 1),
    Edit("Counter", COUNTER, "Make the button green instead of blue.", ("bg-blue-600",), ("bg-green-",), 1),
    Edit("Counter", COUNTER, "Start counting at 10.", ("useState(0)",), ("useState(10)",), 1),
    Edit("Counter", COUNTER, "Count in steps of 5.", ("count + 1",), ("count + 5",), 1),
    Edit("Counter", COUNTER, "Add a button Reset that sets the count to 0.", (), ("Reset", "setCount(0)"), 2),
    Edit("Counter", COUNTER, "Rename the button Increase to Add one.", ("Increase",), ("Add one",), 1),
    Edit("Counter", COUNTER, "Remove the heading.", ("<h2", "Counter</h2>"), ("Count: {count}",), 1),
    Edit("Tasks", TASKS, "Change the title from Tasks to To do.", (">Tasks<",), (">To do<",), 1),
    Edit("Tasks", TASKS, "Add the third start task 'Call Ada', which is not done.", (), ("Call Ada", "Buy milk"), 1),
    Edit("Tasks", TASKS, "Show done tasks in grey, too: text-gray-400.", (), ("text-gray-400", "line-through"), 1),
    Edit("Tasks", TASKS, "Name the button Add task.", (">Add<",), ("Add task",), 1),
    Edit("Tasks", TASKS, "Give the field a placeholder 'What?'.", (), ("What?", 'aria-label="New task"'), 1),
    Edit("Tasks", TASKS, "Put new tasks at the start of the list.", ("[...tasks, {",), ("...tasks]",), 1),
    Edit("Tasks", TASKS, "Show the number of tasks in the heading, as in 'Tasks (2)'.", (), ("tasks.length}",), 1),
    Edit("Tasks", TASKS, "Clicking a task marks it as done, or not done.", (), ("onClick", "!"), 3),
    Edit("Prices", PRICES, "Make Pro cost 25.", ("price: 20",), ("price: 25",), 1),
    Edit("Prices", PRICES, "Add a plan Free that costs 0, as the first one.", (), ('"Free"', '"Basic"'), 1),
    Edit("Prices", PRICES, "Call the buttons Select.", (">Choose<",), ("Select",), 1),
    Edit("Prices", PRICES, "Write prices as 'per month' instead of 'a month'.", ("a month",), ("per month",), 1),
    Edit("Prices", PRICES, "Round the cards more: rounded-xl.", ('"rounded border',), ("rounded-xl",), 1),
)

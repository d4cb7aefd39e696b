"""What the benchmark counts as a good change of a component: all that was asked for, and little besides."""

from __future__ import annotations

import pytest
from generation_bench import Change, changed, load

from overskill_nb.pipeline.generation.open_app import OpenApp

edits = load("edits")
EDITS = {edit.prompt: edit for edit in edits.EDITS}

RIGHT: dict[str, list[list[Change]]] = {
    "Change the heading to 'My counter'.": [[(">Counter<", ">My counter<")]],
    "Make the button green instead of blue.": [[("bg-blue-600", "bg-green-600")]],
    "Start counting at 10.": [[("useState(0)", "useState(10)")], [("useState(0)", "useState<number>(10)")]],
    "Count in steps of 5.": [
        [("count + 1", "count + 5")],
        [("setCount(count + 1)", "setCount((n) => n + 5)")],
        [("count + 1", "count + STEP"), ("export default", "const STEP = 5;\n\nexport default")],
    ],
    "Add a button Reset that sets the count to 0.": [
        [("      </button>\n", "      </button>\n      <button onClick={() => setCount(0)}>Reset</button>\n")],
        [
            ("      <button", '      <div className="flex gap-2">\n        <button'),
            (
                "      </button>\n",
                """        </button>
        <button onClick={() => setCount(() => 0)}>
          Reset
        </button>
      </div>
""",
            ),
        ],
    ],
    "Rename the button Increase to Add one.": [[("Increase", "Add one")]],
    "Remove the heading.": [[('      <h2 className="text-lg font-bold">Counter</h2>\n', "")]],
    "Change the title from Tasks to To do.": [[(">Tasks<", ">To do<")]],
    "Add the third start task 'Call Ada', which is not done.": [
        [("done: true },\n", 'done: true },\n  { id: 3, title: "Call Ada", done: false },\n')],
        [("done: true },\n", "done: true },\n  {\n    id: 3,\n    done: false,\n    title: 'Call Ada'\n  }\n")],
    ],
    "Show done tasks in grey, too: text-gray-400.": [
        [('"line-through"', '"line-through text-gray-400"')],
        [
            (
                'task.done ? "line-through" : ""',
                '`${task.done ? "line-through" : ""} ${task.done ? "text-gray-400" : ""}`',
            )
        ],
    ],
    "Name the button Add task.": [[(">Add<", ">Add task<")]],
    "Give the field a placeholder 'What?'.": [
        [('aria-label="New task"', 'aria-label="New task" placeholder="What?"')],
        [
            (
                '<input aria-label="New task" className="border px-2" value={title} ',
                """<input
          aria-label="New task"
          placeholder={"What?"}
          className="border px-2"
          value={title}
          """,
            )
        ],
    ],
    "Put new tasks at the start of the list.": [
        [
            (
                "[...tasks, { id: tasks.length + 1, title, done: false }]",
                "[{ id: tasks.length + 1, title, done: false }, ...tasks]",
            )
        ],
        [
            (
                "setTasks([...tasks, { id: tasks.length + 1, title, done: false }])",
                """setTasks((before) => [
      { id: before.length + 1, title, done: false },
      ...before,
    ])""",
            )
        ],
    ],
    "Show the number of tasks in the heading, as in 'Tasks (2)'.": [
        [(">Tasks<", ">Tasks ({tasks.length})<")],
        [(">Tasks<", ">{`Tasks (${tasks.length})`}<")],
        [(">Tasks<", ">\n        Tasks <span>({tasks.length})</span>\n      <")],
    ],
    "Clicking a task marks it as done, or not done.": [
        [
            (
                '<li key={task.id} className={task.done ? "line-through" : ""}>',
                """<li
            key={task.id}
            className={task.done ? "line-through" : ""}
            onClick={() => toggle(task.id)}
          >""",
            ),
            (
                "  return (\n    <div",
                """  function toggle(id: number) {
    setTasks(tasks.map((t) => (t.id === id ? { ...t, done: !t.done } : t)));
  }

  return (
    <div""",
            ),
        ],
        [
            (
                "            {task.title}\n",
                """            <button
              onClick={() =>
                setTasks((all) => all.map((one) => (one === task ? { ...one, done: !task.done } : one)))
              }
            >
              {task.title}
            </button>
""",
            )
        ],
    ],
    "Make Pro cost 25.": [[("price: 20", "price: 25")]],
    "Add a plan Free that costs 0, as the first one.": [
        [("const PLANS = [\n", 'const PLANS = [\n  { name: "Free", price: 0 },\n')]
    ],
    "Call the buttons Select.": [[(">Choose<", ">Select<")]],
    "Write prices as 'per month' instead of 'a month'.": [[("a month", "per month")]],
    "Round the cards more: rounded-xl.": [[("rounded border", "rounded-xl border")]],
}
"""By prompt, answers as changes of the file: each is right."""

WRONG: dict[str, list[Change]] = {
    "Start counting at 10.": [("useState(0)", "useState(100)")],
    "Count in steps of 5.": [("count + 1", "count + 15"), ("count + 1", "count + 1 + 5")],
    "Add a button Reset that sets the count to 0.": [("</button>", "</button><button>Reset</button>")],
    "Remove the heading.": [(">Counter<", "><")],
    "Add the third start task 'Call Ada', which is not done.": [
        ("done: true },\n", 'done: true },\n  { id: 3, title: "Call Ada", done: true },\n'),
        ("const START: Task[] = [\n", 'const START: Task[] = [\n  { id: 3, title: "Call Ada", done: false },\n'),
    ],
    "Show done tasks in grey, too: text-gray-400.": [
        ('"line-through"', '"text-gray-400"'),
        ('{task.done ? "line-through" : ""}', '{`${task.done ? "line-through" : ""} text-gray-400`}'),
    ],
    "Give the field a placeholder 'What?'.": [('aria-label="New task"', 'placeholder="What?"')],
    "Put new tasks at the start of the list.": [("[...tasks, {", "[...tasks,  {")],
    "Show the number of tasks in the heading, as in 'Tasks (2)'.": [(">Tasks<", ">Tasks (2)<")],
    "Clicking a task marks it as done, or not done.": [("<li key", "<li onClick={() => {}} key")],
    "Add a plan Free that costs 0, as the first one.": [
        ("price: 30 },\n", 'price: 30 },\n  { name: "Free", price: 0 },\n'),
    ],
    "Round the cards more: rounded-xl.": [("bg-black", "rounded-xl bg-black")],
}
"""By prompt, changes that are not what was asked for."""


async def test_a_right_edit_is_good(opened: OpenApp) -> None:
    assert list(RIGHT) == list(EDITS)
    for prompt, answers in RIGHT.items():
        edit = EDITS[prompt]
        for changes in answers:
            after = changed(edit.source, *changes)
            assert edit.applied(after), after
            assert edits.lost(edit.source, after) <= edit.lines, after
            path = f"src/components/{edit.name}.tsx"
            assert (await opened.check({path: after}, path, mend=False)).passed, after


@pytest.mark.parametrize("prompt", EDITS)
def test_a_wrong_edit_is_not(prompt: str) -> None:
    edit = EDITS[prompt]
    assert not edit.applied(edit.source)
    for change in WRONG.get(prompt, []):
        assert not edit.applied(changed(edit.source, change)), change
    right = changed(edit.source, *RIGHT[prompt][0])
    elsewhere = right.replace("export default function", "export function").replace("return (", "return  <></> && (")
    reordered = right.replace('className="', 'className="w-full ')
    for after in (reordered, f"{elsewhere}\nexport default {edit.name};\n", "", right[: len(right) // 2]):
        assert not (edit.applied(after) and edits.lost(edit.source, after) <= edit.lines), after

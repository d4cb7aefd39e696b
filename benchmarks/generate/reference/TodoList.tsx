import { type FormEvent, useRef, useState } from "react";

interface Task {
  id: number;
  title: string;
}

export default function TodoList() {
  const [tasks, setTasks] = useState<Task[]>([]);
  const [title, setTitle] = useState("");
  const next = useRef(1);

  function add(event: FormEvent) {
    event.preventDefault();
    const text = title.trim();
    if (!text) return;
    const id = next.current++;
    setTasks((all) => [...all, { id, title: text }]);
    setTitle("");
  }

  return (
    <div className="mx-auto max-w-md space-y-4 p-6">
      <form className="flex items-end gap-2" onSubmit={add}>
        <label className="flex-1">
          New task
          <input
            className="mt-1 w-full rounded border px-3 py-2"
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
        </label>
        <button className="rounded bg-blue-600 px-3 py-2 text-white">Add</button>
      </form>
      <ul className="divide-y">
        {tasks.map((task) => (
          <li key={task.id} className="flex justify-between py-2">
            <span>{task.title}</span>
            <button type="button" onClick={() => setTasks((all) => all.filter((one) => one.id !== task.id))}>
              Delete
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

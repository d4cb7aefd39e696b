import { useState } from "react";

const BUTTON = "rounded-md border px-3 py-1 hover:bg-gray-100";

export default function Counter() {
  const [count, setCount] = useState(0);

  return (
    <section className="flex flex-col items-center gap-4 p-6">
      <p className="text-2xl font-semibold">
        Count: <span className="tabular-nums">{count}</span>
      </p>
      <div className="flex gap-2">
        <button type="button" className={BUTTON} onClick={() => setCount((n) => n - 1)}>
          Decrease
        </button>
        <button type="button" className={BUTTON} onClick={() => setCount(0)}>
          Reset
        </button>
        <button type="button" className={BUTTON} onClick={() => setCount((n) => n + 1)}>
          Increase
        </button>
      </div>
    </section>
  );
}

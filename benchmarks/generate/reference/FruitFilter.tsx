import { useState } from "react";

const FRUITS = ["Apple", "Banana", "Cherry", "Grape", "Orange"];

export default function FruitFilter() {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const found = FRUITS.filter((fruit) => fruit.toLowerCase().includes(wanted));

  return (
    <div className="mx-auto max-w-sm space-y-3 p-6">
      <label className="block font-medium" htmlFor="fruit-search">
        Search
      </label>
      <input
        id="fruit-search"
        type="search"
        className="w-full rounded border px-3 py-2"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      {found.length > 0 ? (
        <ul className="list-disc pl-5">
          {found.map((fruit) => (
            <li key={fruit}>{fruit}</li>
          ))}
        </ul>
      ) : (
        <p className="text-gray-500">No fruits found</p>
      )}
    </div>
  );
}

import { useState } from "react";

const COLORS = [
  { name: "Red", className: "bg-red-500" },
  { name: "Green", className: "bg-green-500" },
  { name: "Blue", className: "bg-blue-500" },
];

export default function ColorPalette() {
  const [selected, setSelected] = useState<string | null>(null);

  return (
    <div className="space-y-4 p-6">
      <div className="flex gap-3">
        {COLORS.map(({ name, className }) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === selected}
            className={`h-16 w-16 rounded-lg text-white ${className} ${name === selected ? "ring-4" : ""}`}
            onClick={() => setSelected(name)}
          >
            {name}
          </button>
        ))}
      </div>
      <p>
        Selected: <strong>{selected ?? "none"}</strong>
      </p>
    </div>
  );
}

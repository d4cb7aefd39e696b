import { useState } from "react";

const WEEKDAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const title = new Intl.DateTimeFormat("en-US", { month: "long", year: "numeric" });

export default function MonthCalendar() {
  const [month, setMonth] = useState(() => new Date(2026, 0, 1));
  const year = month.getFullYear();
  const index = month.getMonth();
  const blanks = (month.getDay() + 6) % 7;
  const days = new Date(year, index + 1, 0).getDate();

  return (
    <div className="mx-auto max-w-sm p-6">
      <div className="mb-4 flex items-center justify-between">
        <button type="button" onClick={() => setMonth(new Date(year, index - 1, 1))}>
          Previous
        </button>
        <h2 className="font-semibold">{title.format(month)}</h2>
        <button type="button" onClick={() => setMonth(new Date(year, index + 1, 1))}>
          Next
        </button>
      </div>
      <div className="grid grid-cols-7 gap-1 text-center">
        {WEEKDAYS.map((name) => (
          <span key={name} className="text-sm text-gray-500">
            {name}
          </span>
        ))}
        {Array.from({ length: days }, (_, n) => (
          <span key={n + 1} style={n === 0 ? { gridColumnStart: blanks + 1 } : undefined}>
            {n + 1}
          </span>
        ))}
      </div>
    </div>
  );
}

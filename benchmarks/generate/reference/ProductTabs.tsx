import { useState } from "react";

const TABS = [
  { name: "Details", text: "Made of oak" },
  { name: "Reviews", text: "Five stars" },
  { name: "Shipping", text: "Ships in two days" },
];

export default function ProductTabs() {
  const [current, setCurrent] = useState(0);

  return (
    <div className="p-6">
      <div role="tablist" className="flex gap-4 border-b">
        {TABS.map(({ name }, index) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${index}`}
            aria-selected={index === current}
            aria-controls={`panel-${index}`}
            className={`pb-2 ${index === current ? "border-b-2 border-blue-600" : "text-gray-500"}`}
            onClick={() => setCurrent(index)}
          >
            {name}
          </button>
        ))}
      </div>
      {TABS.map(({ name, text }, index) => (
        <div
          key={name}
          role="tabpanel"
          id={`panel-${index}`}
          aria-labelledby={`tab-${index}`}
          hidden={index !== current}
          className="pt-4"
        >
          {text}
        </div>
      ))}
    </div>
  );
}

import { useState } from "react";

const PLANS = [
  { name: "Basic", month: 10 },
  { name: "Pro", month: 20 },
  { name: "Team", month: 30 },
];

export default function PricingToggle() {
  const [yearly, setYearly] = useState(false);

  return (
    <section className="space-y-6 p-6">
      <button type="button" className="rounded-full border px-4 py-2" onClick={() => setYearly(!yearly)}>
        {yearly ? "Monthly" : "Yearly"}
      </button>
      <div className="grid grid-cols-3 gap-4">
        {PLANS.map(({ name, month }) => (
          <article key={name} className="rounded-xl border p-6">
            <h3 className="font-semibold">{name}</h3>
            <p>
              <span className="text-3xl font-bold">${yearly ? month * 10 : month}</span>
              <span className="text-gray-500">{yearly ? "/year" : "/month"}</span>
            </p>
          </article>
        ))}
      </div>
    </section>
  );
}

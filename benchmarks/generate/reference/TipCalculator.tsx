import { useId, useState } from "react";

const RATES = [10, 15, 20];
const money = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });

export default function TipCalculator() {
  const id = useId();
  const [bill, setBill] = useState("");
  const [rate, setRate] = useState(15);
  const amount = Math.max(0, Number.parseFloat(bill) || 0);

  return (
    <form className="mx-auto max-w-sm space-y-4 p-6" onSubmit={(event) => event.preventDefault()}>
      <label htmlFor={id} className="block font-medium">
        Bill
      </label>
      <input
        id={id}
        type="number"
        min="0"
        step="0.01"
        className="w-full rounded border px-3 py-2"
        value={bill}
        onChange={(event) => setBill(event.target.value)}
      />
      <div className="flex gap-2">
        {RATES.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === rate}
            className={`rounded border px-3 py-1 ${one === rate ? "bg-blue-600 text-white" : ""}`}
            onClick={() => setRate(one)}
          >
            {one}%
          </button>
        ))}
      </div>
      <p className="text-xl font-bold">Total: {money.format(amount * (1 + rate / 100))}</p>
    </form>
  );
}

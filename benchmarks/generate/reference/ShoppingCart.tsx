import { useState } from "react";

const PRODUCTS = [
  { name: "Tea", price: 3 },
  { name: "Cake", price: 5 },
];

export default function ShoppingCart() {
  const [amounts, setAmounts] = useState<Record<string, number>>({ Tea: 1, Cake: 1 });
  const total = PRODUCTS.reduce((sum, { name, price }) => sum + amounts[name] * price, 0);

  function change(name: string, by: number) {
    setAmounts((all) => ({ ...all, [name]: Math.max(0, all[name] + by) }));
  }

  return (
    <div className="mx-auto max-w-sm space-y-3 p-6">
      <ul className="divide-y">
        {PRODUCTS.map(({ name, price }) => (
          <li key={name} className="flex items-center justify-between py-2">
            <span>
              {name} (${price})
            </span>
            <div className="flex items-center gap-2">
              <button type="button" aria-label={`Less ${name}`} onClick={() => change(name, -1)}>
                −
              </button>
              <span>{amounts[name]}</span>
              <button type="button" aria-label={`More ${name}`} onClick={() => change(name, 1)}>
                +
              </button>
            </div>
          </li>
        ))}
      </ul>
      <p className="font-bold">Total: ${total}</p>
    </div>
  );
}

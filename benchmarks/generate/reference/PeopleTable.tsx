import { useState } from "react";

interface Person {
  name: string;
  age: number;
}

type Order = "none" | "youngest" | "oldest";

const PEOPLE: Person[] = [
  { name: "Ada", age: 36 },
  { name: "Bob", age: 25 },
  { name: "Cy", age: 41 },
];

export default function PeopleTable() {
  const [order, setOrder] = useState<Order>("none");
  const sign = { none: 0, youngest: 1, oldest: -1 }[order];
  const people = [...PEOPLE].sort((a, b) => sign * (a.age - b.age));

  return (
    <div className="space-y-3 p-6">
      <button
        type="button"
        className="rounded border px-3 py-1"
        onClick={() => setOrder(order === "youngest" ? "oldest" : "youngest")}
      >
        Sort by age
      </button>
      <table className="w-full text-left">
        <thead>
          <tr className="border-b">
            <th scope="col">Name</th>
            <th scope="col">Age</th>
          </tr>
        </thead>
        <tbody>
          {people.map(({ name, age }) => (
            <tr key={name}>
              <td>{name}</td>
              <td>{age}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

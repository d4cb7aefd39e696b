import { useState } from "react";

function strength(password: string): "Weak" | "Medium" | "Strong" {
  if (password.length < 8) return "Weak";
  return password.length >= 12 && /\d/.test(password) ? "Strong" : "Medium";
}

const COLORS = { Weak: "text-red-600", Medium: "text-yellow-600", Strong: "text-green-600" };

export default function PasswordMeter() {
  const [password, setPassword] = useState("");
  const level = strength(password);

  return (
    <div className="mx-auto max-w-sm space-y-2 p-6">
      <label className="block">
        Password
        <input
          type="password"
          className="mt-1 w-full rounded border px-3 py-2"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      <p aria-live="polite" className={COLORS[level]}>
        {level}
      </p>
    </div>
  );
}

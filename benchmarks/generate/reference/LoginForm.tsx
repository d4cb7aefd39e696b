import { type FormEvent, useState } from "react";

export default function LoginForm() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [problems, setProblems] = useState<string[]>([]);
  const [welcome, setWelcome] = useState(false);

  function logIn(event: FormEvent) {
    event.preventDefault();
    const found: string[] = [];
    if (!email.includes("@")) found.push("Enter a valid email");
    if (password.length < 8) found.push("Password is too short");
    setProblems(found);
    setWelcome(found.length === 0);
  }

  if (welcome) return <p className="p-6 text-xl">Welcome!</p>;

  return (
    <form className="mx-auto max-w-sm space-y-3 p-6" noValidate onSubmit={logIn}>
      <label className="block">
        Email
        <input
          type="email"
          autoComplete="email"
          className="mt-1 w-full rounded border px-3 py-2"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      </label>
      <label className="block">
        Password
        <input
          type="password"
          autoComplete="current-password"
          className="mt-1 w-full rounded border px-3 py-2"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      {problems.map((problem) => (
        <p key={problem} role="alert" className="text-red-600">
          {problem}
        </p>
      ))}
      <button type="submit" className="w-full rounded bg-blue-600 py-2 text-white">
        Log in
      </button>
    </form>
  );
}

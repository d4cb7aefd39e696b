export default function App() {
  return (
    <main className="mx-auto max-w-2xl p-8">
      <h1 className="text-2xl font-semibold">New app</h1>
      <p className="mt-2 text-slate-600">
        Edit <code>src/App.tsx</code>, or put components into <code>src/components</code>.
      </p>
    </main>
  );
}

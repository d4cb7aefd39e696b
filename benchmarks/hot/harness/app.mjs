// The app that is edited: a React + TypeScript app of N components, the same sources for every contender.
import fs from "node:fs";
import path from "node:path";

// A realistic leaf component of 150 lines with hooks: what the edits `leaf` and `class` change.
export function targetSource(rev = 0, extraClass = "") {
  return `import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import type { ChangeEvent, FormEvent, ReactNode } from 'react';
import { formatMoney, clamp, UTIL_REV } from '../lib/util';
import { useDebounced } from '../lib/hooks';

type Status = 'idle' | 'loading' | 'ready' | 'failed';

interface Row {
  id: number;
  label: string;
  amount: number;
  tags: string[];
  done?: boolean;
}

interface TargetProps {
  title?: string;
  initial?: Row[];
  footer?: ReactNode;
  onChange?: (rows: Row[]) => void;
}

type Action =
  | { type: 'add'; label: string; amount: number }
  | { type: 'toggle'; id: number }
  | { type: 'remove'; id: number }
  | { type: 'rename'; id: number; label: string };

const SEED: Row[] = [
  { id: 1, label: 'Coffee', amount: 4.5, tags: ['food', 'daily'] },
  { id: 2, label: 'Train', amount: 18, tags: ['travel'] },
  { id: 3, label: 'Books', amount: 42.25, tags: ['study', 'fun'], done: true },
];

function reducer(state: Row[], action: Action): Row[] {
  switch (action.type) {
    case 'add': {
      const id = state.reduce((m, r) => Math.max(m, r.id), 0) + 1;
      return [...state, { id, label: action.label, amount: action.amount, tags: [] }];
    }
    case 'toggle':
      return state.map((r) => (r.id === action.id ? { ...r, done: !r.done } : r));
    case 'remove':
      return state.filter((r) => r.id !== action.id);
    case 'rename':
      return state.map((r) => (r.id === action.id ? { ...r, label: action.label } : r));
    default:
      return state;
  }
}

function Tag({ name }: { name: string }) {
  return <span className="rounded-full bg-slate-200 px-2 py-0.5 text-xs text-slate-700">{name}</span>;
}

function RowView({ row, onToggle, onRemove }: { row: Row; onToggle: (id: number) => void; onRemove: (id: number) => void }) {
  const [hover, setHover] = useState<boolean>(false);
  const label = useMemo(() => row.label.trim() || '(no name)', [row.label]);
  return (
    <li
      className={\`flex items-center gap-3 border-b py-2 \${hover ? 'bg-amber-50' : 'bg-white'}\`}
      onMouseEnter={() => setHover(true)}
      onMouseLeave={() => setHover(false)}
    >
      <input type="checkbox" checked={!!row.done} onChange={() => onToggle(row.id)} />
      <span className={row.done ? 'line-through opacity-60' : 'font-medium'}>{label}</span>
      <span className="ml-auto tabular-nums">{formatMoney(row.amount)}</span>
      {row.tags.map((t) => (
        <Tag key={t} name={t} />
      ))}
      <button className="text-red-600 hover:underline" onClick={() => onRemove(row.id)}>
        remove
      </button>
    </li>
  );
}

export function Target({ title = 'Ledger', initial = SEED, footer, onChange }: TargetProps) {
  const [count, setCount] = useState<number>(0);
  const [query, setQuery] = useState<string>('');
  const [status, setStatus] = useState<Status>('idle');
  const [rows, dispatch] = useReducer(reducer, initial);
  const inputRef = useRef<HTMLInputElement | null>(null);
  const debounced = useDebounced(query, 120);

  useEffect(() => {
    setStatus('ready');
    return () => {
      setStatus('idle');
    };
  }, []);

  useEffect(() => {
    onChange?.(rows);
  }, [rows, onChange]);

  const visible = useMemo(() => {
    const q = debounced.toLowerCase();
    return rows.filter((r) => !q || r.label.toLowerCase().includes(q) || r.tags.some((t) => t.includes(q)));
  }, [rows, debounced]);

  const total = useMemo(() => visible.reduce((s, r) => s + r.amount, 0), [visible]);

  const submit = useCallback(
    (e: FormEvent<HTMLFormElement>) => {
      e.preventDefault();
      const label = inputRef.current?.value ?? '';
      if (!label) return;
      dispatch({ type: 'add', label, amount: clamp(label.length * 1.5, 1, 99) });
      if (inputRef.current) inputRef.current.value = '';
    },
    [dispatch],
  );

  return (
    <section className="mx-auto max-w-xl rounded-xl border p-6 shadow ${extraClass}" data-status={status}>
      <header className="flex items-baseline justify-between">
        <h2 className="text-2xl font-semibold">{title}</h2>
        <span id="hmr-marker" data-x="1">REV_${rev}</span>
        <i id="util-marker">{UTIL_REV}</i>
      </header>
      <button id="hmr-counter" className="rounded bg-blue-600 px-3 py-1 text-white" onClick={() => setCount((c) => c + 1)}>
        clicked {count} times
      </button>
      <input
        className="mt-3 w-full rounded border px-2 py-1"
        placeholder="filter"
        value={query}
        onChange={(e: ChangeEvent<HTMLInputElement>) => setQuery(e.target.value)}
      />
      <ul className="mt-4">
        {visible.map((row) => (
          <RowView
            key={row.id}
            row={row}
            onToggle={(id) => dispatch({ type: 'toggle', id })}
            onRemove={(id) => dispatch({ type: 'remove', id })}
          />
        ))}
      </ul>
      <form className="mt-4 flex gap-2" onSubmit={submit}>
        <input ref={inputRef} className="flex-1 rounded border px-2 py-1" placeholder="new row" />
        <button className="rounded bg-emerald-600 px-3 py-1 text-white">add</button>
      </form>
      <p className="mt-3 text-right text-sm text-slate-500">total {formatMoney(total)}</p>
      {footer ? <footer className="mt-4 border-t pt-2">{footer}</footer> : null}
    </section>
  );
}
`;
}

export function utilSource(rev = 0) {
  return `export const UTIL_REV = 'UTIL_${rev}';
export function formatMoney(v: number): string {
  return '$' + v.toFixed(2);
}
export function clamp(v: number, lo: number, hi: number): number {
  return Math.min(hi, Math.max(lo, v));
}
`;
}

export function appSource(n, rev = 0) {
  const sections = [];
  for (let s = 0; s * 20 < n - 1; s++) sections.push(s);
  return (
    `import { Target } from './components/Target';\n` +
    sections.map((k) => `import { Section${k} } from './sections/Section${k}';`).join("\n") +
    `\n\nexport default function App() {\n  return (\n    <main className="p-4">\n      <b id="root-marker">ROOT_${rev}</b>\n      <Target />\n` +
    sections.map((k) => `      <Section${k} />`).join("\n") +
    `\n    </main>\n  );\n}\n`
  );
}

function compSource(i) {
  return `import { useMemo, useState } from 'react';
import { formatMoney } from '../lib/util';

interface Props {
  seed?: number;
}

const LABELS = ['alpha', 'beta', 'gamma', 'delta'];

function Cell({ text }: { text: string }) {
  return <td className="border px-2 py-1 text-sm">{text}</td>;
}

export function Comp${i}({ seed = ${i} }: Props) {
  const [open, setOpen] = useState<boolean>(true);
  const [n, setN] = useState<number>(seed);
  const rows = useMemo(() => LABELS.slice(0, 2).map((l, k) => ({ l: l + '-' + ${i}, v: (n * (k + 3)) % 97 })), [n]);
  return (
    <div className="m-1 rounded border p-${(i % 6) + 1} w-${(i % 48) * 2 + 20}" data-c="${i}">
      <div className="flex items-center justify-between">
        <h3 className="text-base font-medium">Comp ${i}</h3>
        <button className="text-xs underline" onClick={() => setOpen((o) => !o)}>
          {open ? 'hide' : 'show'}
        </button>
      </div>
      {open && (
        <table className="mt-2">
          <tbody>
            {rows.map((r) => (
              <tr key={r.l}>
                <Cell text={r.l} />
                <Cell text={formatMoney(r.v)} />
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <button className="mt-1 text-xs" onClick={() => setN((x) => x + 1)}>
        bump {n}
      </button>
    </div>
  );
}
`;
}

// `n` counts the files in src/components, the target among them.
export function writeApp(dir, n, { css = false } = {}) {
  fs.rmSync(dir, { recursive: true, force: true });
  const w = (p, s) => {
    const f = path.join(dir, p);
    fs.mkdirSync(path.dirname(f), { recursive: true });
    fs.writeFileSync(f, s);
  };
  w(
    "index.html",
    `<!doctype html>\n<html><head><meta charset="utf-8"><title>app ${n}</title></head>\n<body><div id="root"></div><script type="module" src="/src/main.tsx"></script></body></html>\n`,
  );
  w("src/lib/util.ts", utilSource(0));
  w(
    "src/lib/hooks.ts",
    `import { useEffect, useState } from 'react';\nexport function useDebounced<T>(value: T, ms: number): T {\n  const [v, setV] = useState<T>(value);\n  useEffect(() => {\n    const h = setTimeout(() => setV(value), ms);\n    return () => clearTimeout(h);\n  }, [value, ms]);\n  return v;\n}\n`,
  );
  w("src/components/Target.tsx", targetSource(0));
  const ids = [];
  for (let i = 1; i < n; i++) {
    w(`src/components/Comp${i}.tsx`, compSource(i));
    ids.push(i);
  }
  const sections = [];
  for (let s = 0; s < ids.length; s += 20) {
    const part = ids.slice(s, s + 20),
      k = sections.length;
    w(
      `src/sections/Section${k}.tsx`,
      part.map((i) => `import { Comp${i} } from '../components/Comp${i}';`).join("\n") +
        `\n\nexport function Section${k}() {\n  return (\n    <div className="grid grid-cols-4">\n` +
        part.map((i) => `      <Comp${i} />`).join("\n") +
        `\n    </div>\n  );\n}\n`,
    );
    sections.push(k);
  }
  w("src/App.tsx", appSource(n, 0));
  w(
    "src/main.tsx",
    `import { createRoot } from 'react-dom/client';\nimport App from './App';\n${css ? "import './index.css';\n" : ""}\ncreateRoot(document.getElementById('root')!).render(<App />);\n`,
  );
  if (css) w("src/index.css", `@import "tailwindcss";\n`);
  return dir;
}
export const TARGET = "src/components/Target.tsx";
// Per kind of edit: the file, its source at a revision, and what the page then shows where.
export const EDITS = {
  leaf: { file: TARGET, source: (r) => targetSource(r), selector: "#hmr-marker", text: (r) => `REV_${r}` },
  class: {
    file: TARGET,
    source: (r) => targetSource(0, `mt-[${r + 7}px]`),
    selector: "section[data-status]",
    style: (r) => ["marginTop", `${r + 7}px`],
  },
  root: { file: "src/App.tsx", source: (r, n) => appSource(n, r), selector: "#root-marker", text: (r) => `ROOT_${r}` },
  util: { file: "src/lib/util.ts", source: (r) => utilSource(r), selector: "#util-marker", text: (r) => `UTIL_${r}` },
};

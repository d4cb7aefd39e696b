"""Ten components, each as it was recorded, as a harmless refactor leaves it, and as a regression breaks it."""

# ruff: noqa: E501 - sources of another language

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from overskill_nb.recorder import Recorder


class Case(NamedTuple):
    """One component in three versions, and what a person does to it."""

    name: str
    before: str
    harmless: str
    broken: str
    steps: Callable[[Recorder], None]
    props: dict[str, Any] = {}  # noqa: RUF012 - a tuple has no state


def _todo(r: Recorder) -> None:
    r.type("Milk", into="New task")
    r.click("Add")
    r.type("Tea", into="New task")
    r.press("Enter", on="New task")
    r.click("Delete", nth=1)
    r.see("1 item left")


TODO = """
import { useState } from "react";
export default function Todo() {
  const [items, setItems] = useState<string[]>([]);
  const [text, setText] = useState("");
  function submit(event: React.FormEvent) {
    event.preventDefault();
    if (!text.trim()) return;
    setItems([...items, text]);
    setText("");
  }
  return (
    <main>
      <h1>Tasks</h1>
      <form onSubmit={submit}>
        <label>New task <input value={text} onChange={(e) => setText(e.target.value)} /></label>
        <button>Add</button>
      </form>
      <ul>
        {items.map((item, n) => (
          <li key={n}>{item} <button onClick={() => setItems(items.filter((_, k) => k !== n))}>Delete</button></li>
        ))}
      </ul>
      <p>{items.length} {items.length === 1 ? "item" : "items"} left</p>
    </main>
  );
}
"""
TODO_HARMLESS = """
import { useReducer, useRef, useState } from "react";
type Action = { add: string } | { drop: number };
function reduce(tasks: { id: number; title: string }[], action: Action) {
  if ("add" in action) return [...tasks, { id: (tasks.at(-1)?.id ?? 0) + 1, title: action.add }];
  return tasks.filter(({ id }) => id !== action.drop);
}
export default function Todo() {
  const [tasks, dispatch] = useReducer(reduce, []);
  const [draft, setDraft] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const noun = tasks.length === 1 ? "item" : "items";
  return (
    <div role="main" className="p-4">
      <div role="heading" aria-level={1}>Tasks</div>
      <form ref={form} onSubmit={(e) => { e.preventDefault(); if (draft.trim()) dispatch({ add: draft }); setDraft(""); }}>
        <label htmlFor="draft">New task</label>
        <div><input id="draft" type="text" value={draft} onChange={({ target }) => setDraft(target.value)} /></div>
        <input type="submit" value="Add" />
      </form>
      <div role="list">
        {tasks.map(({ id, title }) => (
          <div role="listitem" key={id}>
            <span>{title}</span>
            <a role="button" tabIndex={0} onClick={() => dispatch({ drop: id })}>Delete</a>
          </div>
        ))}
      </div>
      <div><strong>{tasks.length}</strong> {noun} left</div>
    </div>
  );
}
"""


def _counter(r: Recorder) -> None:
    r.click("Increase")
    r.click("Increase")
    r.click("Decrease")
    r.see("Count: 11")


COUNTER = """
import { useState } from "react";
export default function Counter({ from = 10 }: { from?: number }) {
  const [count, setCount] = useState(from);
  return (
    <section aria-label="Counter">
      <p>Count: {count}</p>
      <button onClick={() => setCount(count + 1)}>Increase</button>
      <button onClick={() => setCount(count - 1)} disabled={count === 0}>Decrease</button>
    </section>
  );
}
"""
COUNTER_HARMLESS = """
import { memo, useCallback, useState } from "react";
const Knob = memo(({ label, onPress, off }: { label: string; onPress(): void; off?: boolean }) => (
  <button type="button" aria-label={label} disabled={off} onClick={onPress}>{label === "Increase" ? "+" : "-"}</button>
));
export default function Counter({ from: start = 10 }: { from?: number }) {
  const [value, change] = useState(start);
  const up = useCallback(() => change((v) => v + 1), []);
  const down = useCallback(() => change((v) => v - 1), []);
  return (
    <div role="region" aria-labelledby="title">
      <h2 id="title" hidden>Counter</h2>
      <span>Count: <b>{value}</b></span>
      <div className="flex gap-2"><Knob label="Increase" onPress={up} /><Knob label="Decrease" onPress={down} off={!value} /></div>
    </div>
  );
}
"""


def _tip(r: Recorder) -> None:
    r.type("80", into="Bill")
    r.select("20 %", of="Tip")
    r.see("Total $96.00")


TIP = """
import { useState } from "react";
export default function Tip() {
  const [bill, setBill] = useState("");
  const [rate, setRate] = useState("10");
  const total = Number(bill) * (1 + Number(rate) / 100);
  return (
    <form>
      <label htmlFor="bill">Bill</label>
      <input id="bill" type="number" value={bill} onChange={(e) => setBill(e.target.value)} />
      <label htmlFor="rate">Tip</label>
      <select id="rate" value={rate} onChange={(e) => setRate(e.target.value)}>
        <option value="10">10 %</option><option value="15">15 %</option><option value="20">20 %</option>
      </select>
      <p>Total <strong>${total.toFixed(2)}</strong></p>
    </form>
  );
}
"""
TIP_HARMLESS = """
import { type ReactNode, useMemo, useState } from "react";
const RATES = [10, 15, 20];
const Row = ({ name, children }: { name: string; children: ReactNode }) => <div><label>{name}{children}</label></div>;
const money = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
export default function Tip() {
  const [state, update] = useState({ amount: 0, percent: 10 });
  const due = useMemo(() => state.amount + (state.amount * state.percent) / 100, [state]);
  return (
    <div>
      <Row name="Bill">
        <input type="number" defaultValue="" onInput={(e) => update({ ...state, amount: +e.currentTarget.value })} />
      </Row>
      <Row name="Tip">
        <select defaultValue={10} onChange={(e) => update({ ...state, percent: +e.target.value })}>
          {RATES.map((rate) => <option key={rate} value={rate}>{`${rate} %`}</option>)}
        </select>
      </Row>
      <span>Total </span><em>{money.format(due)}</em>
    </div>
  );
}
"""


def _filter(r: Recorder) -> None:
    r.type("an", into="Search")
    r.see("Banana")
    r.click("Only red")
    r.type("", into="Search")


FILTER = """
import { useState } from "react";
const FRUIT = [["Apple", "red"], ["Banana", "yellow"], ["Cherry", "red"], ["Mango", "yellow"]];
export default function Fruit() {
  const [query, setQuery] = useState("");
  const [red, setRed] = useState(false);
  const found = FRUIT.filter(([name, tone]) => name.toLowerCase().includes(query.toLowerCase()) && (!red || tone === "red"));
  return (
    <div>
      <input type="search" aria-label="Search" value={query} onChange={(e) => setQuery(e.target.value)} />
      <label><input type="checkbox" checked={red} onChange={(e) => setRed(e.target.checked)} /> Only red</label>
      {found.length ? <ul>{found.map(([name]) => <li key={name}>{name}</li>)}</ul> : <p>Nothing found</p>}
    </div>
  );
}
"""
FILTER_HARMLESS = """
import { useDeferredValue, useId, useState } from "react";
interface Item { label: string; colour: "red" | "yellow" }
const ALL: Item[] = [
  { label: "Apple", colour: "red" }, { label: "Banana", colour: "yellow" },
  { label: "Cherry", colour: "red" }, { label: "Mango", colour: "yellow" },
];
export default function Fruit() {
  const [term, setTerm] = useState("");
  const [onlyRed, toggle] = useState(false);
  const late = useDeferredValue(term);
  const box = useId();
  const shown = ALL.filter((one) => new RegExp(late, "i").test(one.label)).filter((one) => !onlyRed || one.colour === "red");
  return (
    <section>
      <div role="searchbox" aria-label="Search" contentEditable suppressContentEditableWarning hidden />
      <p><input role="searchbox" aria-label="Search" value={term} onInput={(e) => setTerm(e.currentTarget.value)} /></p>
      <input id={box} type="checkbox" onChange={() => toggle(!onlyRed)} /><label htmlFor={box}>Only red</label>
      {shown.length === 0 && <div>Nothing found</div>}
      {shown.length > 0 && <ol>{shown.map((one) => <li key={one.label}><span className="font-bold">{one.label}</span></li>)}</ol>}
    </section>
  );
}
"""


def _tabs(r: Recorder) -> None:
    r.click("Reviews")
    r.see("Very good.")
    r.press("ArrowLeft", on="Reviews")


TABS = """
import { useState } from "react";
const PARTS = { Details: "It is blue.", Reviews: "Very good." };
type Part = keyof typeof PARTS;
export default function Product() {
  const [part, setPart] = useState<Part>("Details");
  const names = Object.keys(PARTS) as Part[];
  return (
    <div>
      <div role="tablist" aria-label="Product">
        {names.map((name, n) => (
          <button key={name} role="tab" aria-selected={part === name} onClick={() => setPart(name)}
            onKeyDown={(e) => e.key === "ArrowLeft" && n > 0 && setPart(names[n - 1]!)}>{name}</button>
        ))}
      </div>
      <div role="tabpanel" aria-label={part}>{PARTS[part]}</div>
    </div>
  );
}
"""
TABS_HARMLESS = """
import { useState, type KeyboardEvent } from "react";
const tabs = [["Details", "It is blue."], ["Reviews", "Very good."]] as const;
export default function Product() {
  const [index, go] = useState(0);
  const key = (event: KeyboardEvent) => { if (event.key === "ArrowLeft") go((i) => Math.max(0, i - 1)); };
  return (
    <article role="none">
      <nav role="tablist" aria-label="Product" onKeyDown={key}>
        {tabs.map(([title], i) => (
          <span key={title} role="tab" tabIndex={0} aria-selected={i === index} onClick={() => go(i)}><i>{title}</i></span>
        ))}
      </nav>
      {tabs.map(([title, body], i) => (
        <section key={title} role="tabpanel" aria-label={title} style={{ display: i === index ? "block" : "none" }}>
          <p>{body}</p>
        </section>
      ))}
    </article>
  );
}
"""


def _faq(r: Recorder) -> None:
    r.click("What is it?")
    r.see("A shop.")
    r.click("Who runs it?")
    r.click("What is it?")


FAQ = """
import { useState } from "react";
const QUESTIONS = [["What is it?", "A shop."], ["Who runs it?", "We do."]];
export default function Faq() {
  const [open, setOpen] = useState<number[]>([]);
  return (
    <main>
      <h2>Questions</h2>
      {QUESTIONS.map(([question, answer], n) => (
        <div key={n}>
          <h3><button aria-expanded={open.includes(n)}
            onClick={() => setOpen(open.includes(n) ? open.filter((k) => k !== n) : [...open, n])}>{question}</button></h3>
          {open.includes(n) && <p>{answer}</p>}
        </div>
      ))}
    </main>
  );
}
"""
FAQ_HARMLESS = """
import { useState } from "react";
function Item({ q, a }: { q: string; a: string }) {
  const [shown, setShown] = useState(false);
  return (
    <>
      <div role="heading" aria-level={3}>
        <div role="button" tabIndex={0} aria-expanded={shown} onClick={() => setShown((s) => !s)}><span>{q}</span></div>
      </div>
      <div hidden={!shown} className="mt-2">{a}</div>
    </>
  );
}
export default function Faq() {
  return <main className="grid"><h2><span>Questions</span></h2><Item q="What is it?" a="A shop." /><Item q="Who runs it?" a="We do." /></main>;
}
"""


def _cart(r: Recorder) -> None:
    r.click("Add Pen")
    r.click("Add Pen")
    r.click("Add Book")
    r.see("Total: 14 €")
    r.click("Remove Pen")


CART = """
import { useState } from "react";
export default function Cart({ prices }: { prices: Record<string, number> }) {
  const [cart, setCart] = useState<Record<string, number>>({});
  const add = (name: string, by: number) => setCart({ ...cart, [name]: (cart[name] ?? 0) + by });
  const rows = Object.entries(cart).filter(([, count]) => count > 0);
  const total = rows.reduce((sum, [name, count]) => sum + count * prices[name]!, 0);
  return (
    <div>
      {Object.keys(prices).map((name) => <button key={name} onClick={() => add(name, 1)}>Add {name}</button>)}
      <table>
        <thead><tr><th>Name</th><th>Count</th><th>Price</th></tr></thead>
        <tbody>
          {rows.map(([name, count]) => (
            <tr key={name}>
              <td>{name}</td><td>{count}</td><td>{count * prices[name]!} €</td>
              <td><button onClick={() => add(name, -1)}>Remove {name}</button></td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>Total: {total} €</p>
    </div>
  );
}
"""
CART_HARMLESS = """
import { useMemo, useState } from "react";
export default function Cart(props: { prices: Record<string, number> }) {
  const [basket, fill] = useState(new Map<string, number>());
  const put = (what: string, n: number) => fill((b) => new Map(b).set(what, (b.get(what) ?? 0) + n));
  const lines = [...basket].filter(([, n]) => n);
  const sum = useMemo(() => lines.map(([what, n]) => n * (props.prices[what] ?? 0)).reduce((a, b) => a + b, 0), [basket]);
  return (
    <section>
      <div className="flex">
        {Object.entries(props.prices).map(([what]) => (
          <button type="button" key={what} onClick={() => put(what, 1)}>{`Add ${what}`}</button>
        ))}
      </div>
      <table className="w-full">
        <tbody>
          <tr><th scope="col">Name</th><th scope="col">Count</th><th scope="col">Price</th></tr>
          {lines.map(([what, n]) => (
            <tr key={what}>
              <td><span>{what}</span></td><td><span>{n}</span></td><td>{`${n * props.prices[what]!} €`}</td>
              <td><a role="button" tabIndex={0} aria-label={`Remove ${what}`} onClick={() => put(what, -1)}>×</a></td>
            </tr>
          ))}
        </tbody>
      </table>
      <div>Total: <span>{sum}</span> €</div>
    </section>
  );
}
"""


def _login(r: Recorder) -> None:
    r.click("Sign in")
    r.see("Give your e-mail address.")
    r.type("ada@example.com", into="E-mail")
    r.type("secret", into="Password")
    r.click("Sign in")
    r.see("Welcome, ada")


LOGIN = """
import { useState } from "react";
export default function Login() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState("");
  const [user, setUser] = useState("");
  if (user) return <p role="status">Welcome, {user}</p>;
  const send = (event: React.FormEvent) => {
    event.preventDefault();
    if (!email) setError("Give your e-mail address.");
    else if (password.length < 4) setError("Give your password.");
    else setTimeout(() => setUser(email.split("@")[0]!), 300);
  };
  return (
    <form onSubmit={send} noValidate>
      <label>E-mail <input type="email" value={email} onChange={(e) => setEmail(e.target.value)} /></label>
      <label>Password <input type="password" value={password} onChange={(e) => setPassword(e.target.value)} /></label>
      {error && <p role="alert">{error}</p>}
      <button>Sign in</button>
    </form>
  );
}
"""
LOGIN_HARMLESS = """
import { useActionState, useState } from "react";
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
export default function Login() {
  const [name, setName] = useState<string | null>(null);
  const [problem, action] = useActionState(async (_: string, data: FormData) => {
    const [mail, word] = [String(data.get("mail")), String(data.get("word"))];
    if (!mail) return "Give your e-mail address.";
    if (word.length < 4) return "Give your password.";
    await wait(200);
    setName(mail.slice(0, mail.indexOf("@")));
    return "Give your e-mail address.";
  }, "");
  if (name !== null) return <div role="status"><span>Welcome, {name}</span></div>;
  return (
    <form action={action} noValidate>
      <div><label htmlFor="mail">E-mail</label><input id="mail" name="mail" type="text" defaultValue="" key="a" /></div>
      <div><label htmlFor="word">Password</label><input id="word" name="word" type="password" defaultValue="" /></div>
      {problem ? <div role="alert"><span>{problem}</span></div> : null}
      <button type="submit"><span>Sign in</span></button>
    </form>
  );
}
"""


def _dialog(r: Recorder) -> None:
    r.click("Delete account")
    r.see("This cannot be undone.")
    r.click("Cancel")
    r.click("Delete account")
    r.press("Escape")
    r.click("Delete account")
    r.click("Delete")
    r.see("The account is gone.")


DIALOG = """
import { useEffect, useState } from "react";
export default function Account() {
  const [asking, setAsking] = useState(false);
  const [gone, setGone] = useState(false);
  useEffect(() => {
    const close = (event: KeyboardEvent) => event.key === "Escape" && setAsking(false);
    addEventListener("keydown", close);
    return () => removeEventListener("keydown", close);
  }, []);
  if (gone) return <p>The account is gone.</p>;
  return (
    <>
      <button onClick={() => setAsking(true)}>Delete account</button>
      {asking && (
        <div role="dialog" aria-label="Delete account?" aria-modal>
          <p>This cannot be undone.</p>
          <button onClick={() => setAsking(false)}>Cancel</button>
          <button onClick={() => setGone(true)}>Delete</button>
        </div>
      )}
    </>
  );
}
"""
DIALOG_HARMLESS = """
import { useState } from "react";
import { createPortal } from "react-dom";
type View = "account" | "sure" | "gone";
export default function Account() {
  const [view, show] = useState<View>("account");
  if (view === "gone") return <div><span>The account is gone.</span></div>;
  const sure = (
    <dialog open aria-labelledby="q" className="m-4">
      <h2 id="q" hidden>Delete account?</h2>
      <div>This cannot be <i>undone.</i></div>
      <div className="flex gap-2">
        <button type="button" onClick={() => show("account")}>Cancel</button>
        <button type="button" onClick={() => show("gone")}>Delete</button>
      </div>
    </dialog>
  );
  return (
    <div onKeyDown={(event) => event.key === "Escape" && show("account")}>
      <button type="button" onClick={() => show("sure")}>Delete account</button>
      {view === "sure" ? createPortal(sure, document.body) : null}
    </div>
  );
}
"""


def _stopwatch(r: Recorder) -> None:
    r.click("Start")
    r.wait(2.5)
    r.click("Stop")
    r.wait(5)
    r.click("Reset")


STOPWATCH = """
import { useEffect, useState } from "react";
export default function Stopwatch() {
  const [ticks, setTicks] = useState(0);
  const [runs, setRuns] = useState(false);
  useEffect(() => {
    if (!runs) return;
    const timer = setInterval(() => setTicks((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, [runs]);
  return (
    <div>
      <div role="timer">{ticks} s</div>
      <button onClick={() => setRuns(!runs)}>{runs ? "Stop" : "Start"}</button>
      <button onClick={() => setTicks(0)}>Reset</button>
      <small>{new Date().getFullYear()}</small>
    </div>
  );
}
"""
STOPWATCH_HARMLESS = """
import { useRef, useState } from "react";
export default function Stopwatch() {
  const [elapsed, setElapsed] = useState(0);
  const handle = useRef<number | null>(null);
  const [, again] = useState(0);
  function toggle() {
    if (handle.current === null) handle.current = window.setInterval(() => setElapsed((e) => e + 1), 1000);
    else { clearInterval(handle.current); handle.current = null; }
    again((n) => n + 1);
  }
  return (
    <section>
      <time role="timer"><span>{elapsed}</span> s</time>
      <div>
        <button type="button" onClick={toggle}>{handle.current === null ? "Start" : "Stop"}</button>
        <button type="button" onClick={() => setElapsed(0)}>Reset</button>
      </div>
      <p>{new Date().toISOString().slice(0, 4)}</p>
    </section>
  );
}
"""

CASES = [
    # Adding puts the new task in place of the others.
    Case("Todo", TODO, TODO_HARMLESS, TODO.replace("[...items, text]", "[text]"), _todo),
    # One step too far.
    Case("Counter", COUNTER, COUNTER_HARMLESS, COUNTER.replace("count + 1", "count + 2"), _counter),
    # The tip is added as a number of dollars.
    Case("Tip", TIP, TIP_HARMLESS, TIP.replace("* (1 + Number(rate) / 100)", "+ Number(rate)"), _tip),
    # The search minds upper and lower case.
    Case("Fruit", FILTER, FILTER_HARMLESS, FILTER.replace("name.toLowerCase().includes", "name.startsWith"), _filter),
    # The keyboard does not move between tabs any more.
    Case("Product", TABS, TABS_HARMLESS, TABS.replace('e.key === "ArrowLeft"', 'e.key === "Left"'), _tabs),
    # Screen readers are not told what is open.
    Case("Faq", FAQ, FAQ_HARMLESS, FAQ.replace("aria-expanded={open.includes(n)}", ""), _faq),
    # The total counts each thing once.
    Case(
        *("Cart", CART, CART_HARMLESS, CART.replace("sum + count * prices", "sum + prices"), _cart),
        {"prices": {"Pen": 2, "Book": 10}},
    ),
    # The password is not asked for.
    Case(
        "Login", LOGIN, LOGIN_HARMLESS, LOGIN.replace('setError("Give your e-mail address.")', "setError('')"), _login
    ),
    # Escape does not close it.
    Case("Account", DIALOG, DIALOG_HARMLESS, DIALOG.replace('event.key === "Escape"', 'event.key === "Esc"'), _dialog),
    # It cannot be stopped.
    Case(
        *("Stopwatch", STOPWATCH, STOPWATCH_HARMLESS),
        *(STOPWATCH.replace("return () => clearInterval(timer);", ""), _stopwatch),
    ),
]

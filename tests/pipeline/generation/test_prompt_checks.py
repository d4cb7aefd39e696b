"""What the benchmark of generation counts as right: a good answer passes, one that does something else does not."""

from __future__ import annotations

import pytest
import pytest_asyncio
from generation_bench import BENCH, Change, changed, load

from overskill_nb.pipeline import Engine
from overskill_nb.pipeline.generation.check import Checked
from overskill_nb.pipeline.generation.open_app import OpenApp as Opened
from overskill_nb.protocol import AppInfo, OpenApp

prompts = load("prompts")
PROMPTS = {prompt.name: prompt for prompt in prompts.PROMPTS}

WRONG: dict[str, list[Change]] = {
    "Counter": [("n + 1", "n"), ("n - 1", "n"), ("setCount(0)", "undefined"), ("useState(0)", "useState(1)")],
    "TipCalculator": [("setRate(one)", "undefined"), ("(1 + rate / 100)", "(rate / 100)"), ("money.format", "String")],
    "TodoList": [
        ("[...all, { id, title: text }]", "all"),
        ("one.id !== task.id", "true"),
        ("one.id !== task.id", "false"),
        ('setTitle("")', "undefined"),
    ],
    "FruitFilter": [
        ("setText(event.target.value)", "undefined"),
        ("trim().toLowerCase()", "trim()"),
        ("found.length > 0", "true"),
    ],
    "LoginForm": [
        ('!email.includes("@")', "false"),
        ("password.length < 8", "false"),
        ("setWelcome(found.length === 0)", "undefined"),
        ("setWelcome(found.length === 0)", "setWelcome(true)"),
        (" noValidate", ""),
    ],
    "PeopleTable": [
        ('order === "youngest" ? "oldest" : "youngest"', '"youngest"'),
        ("a.age - b.age", "0"),
        ("youngest: 1, oldest: -1", "youngest: -1, oldest: 1"),
    ],
    "PricingToggle": [
        ("setYearly(!yearly)", "undefined"),
        ("month * 10", "month * 12"),
        ('yearly ? "Monthly" : "Yearly"', '"Yearly"'),
    ],
    "Stopwatch": [
        ("setRunning(true)", "undefined"),
        ("(n) => n + 1", "seconds + 1"),
        ("onClick={() => setRunning(false)}", ""),
        ("setSeconds(0)", "undefined"),
    ],
    "ProductTabs": [("setCurrent(index)", "undefined"), ("hidden={index !== current}", "")],
    "TicTacToe": [
        ('=== 0 ? "X" : "O"', '>= 0 ? "X" : "X"'),
        ("winner(squares)", "null as Mark"),
        ("`${won} wins`", '"X wins"'),
    ],
    "ColorPalette": [("setSelected(name)", "undefined"), ('selected ?? "none"', "selected")],
    "MonthCalendar": [
        ("index + 1, 1)", "index, 1)"),
        ("index - 1, 1)", "index, 1)"),
        ("index + 1, 0).getDate()", "1, 0).getDate()"),
    ],
    "FaqAccordion": [
        ("onClick={() => toggle(question)}", ""),
        ("{open.has(question) && ", "{"),
        ("!next.delete(question)", "true"),
    ],
    "SignupSteps": [
        ("setStep(step + 1)", "undefined"),
        ("setStep(step - 1)", "undefined"),
        ('last ? "Finish" : "Next"', '"Next"'),
    ],
    "TemperatureConverter": [
        ("(c * 9) / 5 + 32", "c + 32"),
        ("((f - 32) * 5) / 9", "f"),
        ("    setCelsius(converted(", "    void (converted("),
    ],
    "StarRating": [("setRating(star)", "setRating(5)"), ("setRating(0)", "undefined"), ("rating > 0", "true")],
    "MessageBox": [
        ("message.length > MOST", "message.length >= MOST"),
        ("tooLong || message.length === 0", "tooLong"),
        ("tooLong || message.length === 0", "message.length === 0"),
        ("disabled={", "data-disabled={"),
    ],
    "ShoppingCart": [
        ("Math.max(0, all[name] + by)", "all[name] + by"),
        ("Math.max(0, all[name] + by)", "all[name]"),
        ("amounts[name] * price", "price"),
    ],
    "PasswordMeter": [
        ("setPassword(event.target.value)", "undefined"),
        ("length < 8", "length <= 8"),
        (r" && /\d/.test(password)", ""),
        ("length >= 12", "length > 12"),
    ],
    "CapitalQuiz": [("[...given, answer]", "given"), ("given[n] === right", "true"), ("setGiven([])", "undefined")],
}
"""By name, changes of the right answer that make it a wrong one."""

RIGHT: dict[str, list[Change]] = {
    "Counter": [('Count: <span className="tabular-nums">{count}</span>', "<b>Count:</b> <b>{count}</b>")],
    "TodoList": [
        ("[...all, { id, title: text }]", "[{ id, title: text }, ...all]"),
        ("useState<Task[]>([])", 'useState<Task[]>([{ id: -1, title: "Milk" }])'),
        ("              Delete\n", "              Delete {task.title}\n"),
    ],
    "FruitFilter": [("<li key={fruit}>{fruit}</li>", "<li key={fruit}><b>{fruit[0]}</b>{fruit.slice(1)}</li>")],
    "PricingToggle": [("month * 10 : month}", "`${month * 10}.00` : `${month}.00`}")],
    "Stopwatch": [("{seconds} s<", "<span>{seconds}</span> <small>s</small><")],
    "ProductTabs": [
        ('hidden={index !== current}\n          className="pt-4"', 'className={index === current ? "pt-4" : "hidden"}'),
    ],
    "MonthCalendar": [
        (
            "{Array.from({ length: days }, (_, n) => (",
            """{Array.from({ length: blanks }, (_, n) => (
              <i key={n}>{new Date(year, index, n + 1 - blanks).getDate()}</i>
            ))}
            {Array.from({ length: days }, (_, n) => (""",
        ),
    ],
    "FaqAccordion": [
        (
            '{open.has(question) && <p className="mt-2 text-gray-600">{answer}</p>}',
            "<p hidden={!open.has(question)}>{answer}</p>",
        ),
    ],
    "TemperatureConverter": [
        ("String(Math.round(convert(value) * 100) / 100)", "convert(value).toFixed(1)"),
        ("        Celsius\n", "        Celsius (°C)\n"),
    ],
    "CapitalQuiz": [("Score: {score} of", "Score: <b>{score}</b> of")],
}
"""By name, changes of the right answer that leave it one."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(engine: Engine) -> Opened:
    """One app for all: each check is of its own files."""
    info = await engine.handle(OpenApp(folder="shop", create=True))
    assert isinstance(info, AppInfo)
    return Opened(await engine.app(info.app))


async def check(opened: Opened, name: str, code: str) -> Checked:
    path = f"src/components/{name}.tsx"
    return await opened.check({path: code}, path, mend=False, steps=PROMPTS[name].steps)


def answer(name: str) -> str:
    return (BENCH / f"reference/{name}.tsx").read_text()


def told(checked: Checked) -> str:
    return "\n".join([*(error.message for error in checked.errors), checked.text, *checked.after])


def test_every_prompt_has_a_right_answer_and_wrong_ones() -> None:
    assert sorted(file.stem for file in (BENCH / "reference").glob("*.tsx")) == sorted(PROMPTS) == sorted(WRONG)


@pytest.mark.slow
@pytest.mark.parametrize("name", PROMPTS)
async def test_a_right_answer_works(opened: Opened, name: str) -> None:
    code = answer(name)
    for text in (code, *(changed(code, change) for change in RIGHT.get(name, []))):
        checked = await check(opened, name, text)
        assert PROMPTS[name].works(checked), told(checked)
        assert not checked.warnings


@pytest.mark.slow
@pytest.mark.parametrize("name", PROMPTS)
async def test_a_wrong_answer_does_not(opened: Opened, name: str) -> None:
    for change in WRONG[name]:
        checked = await check(opened, name, changed(answer(name), change))
        # It fails for what it does, not because it does not run.
        assert checked.rendered, told(checked)
        assert not PROMPTS[name].works(checked), change

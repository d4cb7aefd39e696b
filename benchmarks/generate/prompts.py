"""Twenty components of the kind that people ask for, each with what a person would do to see whether it works.

``reference/`` has a right answer to each; the tests hold that it passes and that a wrong one does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from overskill_nb.pipeline.generation.check import Act, Checked


class Expected(NamedTuple):
    """What has to be there, or not be there, after a step."""

    after: int
    """Index of the step; -1 for before the first."""
    pattern: str
    there: bool = True

    def met(self, texts: Sequence[str]) -> bool:
        """``texts`` begins with the one before the first step."""
        return bool(re.search(self.pattern, texts[self.after + 1], re.IGNORECASE)) == self.there


class Changed(NamedTuple):
    """By how many places that a pattern finds a step changes the component."""

    after: int
    pattern: str
    by: int

    def met(self, texts: Sequence[str]) -> bool:
        before, after = (len(re.findall(self.pattern, text, re.IGNORECASE)) for text in texts[self.after :][:2])
        return after - before == self.by


class Prompt(NamedTuple):
    name: str
    text: str
    steps: tuple[Act, ...]
    expected: tuple[Expected | Changed, ...]

    def works(self, checked: Checked) -> bool:
        """Whether a check that did the steps found what is expected."""
        texts = [checked.text, *checked.after]
        complete = checked.passed and len(texts) == len(self.steps) + 1
        return complete and all(expected.met(texts) for expected in self.expected)


def says(text: str) -> str:
    """The pattern of words that a person sees in this order, whatever elements they are in."""
    words = r"\s*(?:- )?".join(re.escape(word) for word in text.split())
    return rf"(?<![\w$]){words}(?!\w)"


def field(name: str, value: str) -> str:
    """The pattern of a field that holds a value."""
    return rf'{name}[^"\n]*": {value}(?!\S)'


def button(name: str, state: str = "") -> str:
    """The pattern of a button, by a part of its name."""
    return rf'button "[^"\n]*{re.escape(name)}[^"\n]*"' + (rf".*\[{state}\]" if state else "")


def click(name: str, nth: int = 0) -> Act:
    return Act(do="click", name=name, nth=nth)


def fill(name: str, value: str) -> Act:
    return Act(do="fill", name=name, value=value)


def choose(name: str, value: str) -> Act:
    return Act(do="choose", name=name, value=value)


def wait(ms: int) -> Act:
    return Act(do="wait", ms=ms)


E = Expected
FRUITS = ("apple", "banana", "cherry", "grape", "orange")

PROMPTS = (
    Prompt(
        "Counter",
        "A counter that starts at 0, with the buttons Increase, Decrease and Reset. It shows 'Count: 0'.",
        (click("Increase"), click("Increase"), click("Decrease"), click("Reset")),
        (E(-1, says("Count: 0")), E(1, says("Count: 2")), E(2, says("Count: 1")), E(3, says("Count: 0"))),
    ),
    Prompt(
        "TipCalculator",
        "A tip calculator with a number field labelled Bill, buttons 10%, 15% and 20%, and the line 'Total: $0.00' "
        "that is the bill and the tip together.",
        (fill("Bill", "100"), click("20%"), click("10%"), fill("Bill", "50")),
        (
            E(-1, says("Total: $0.00")),
            E(1, says("Total: $120.00")),
            E(2, says("Total: $110.00")),
            E(3, says("Total: $55.00")),
        ),
    ),
    Prompt(
        "TodoList",
        "A list of tasks with a text field labelled New task and a button Add. Each task has a button Delete. "
        "Adding empties the field.",
        (fill("New task", "Bread"), click("Add"), fill("New task", "Eggs"), click("Add"), click("Delete")),
        (
            E(1, "bread"),
            E(1, field("new task", ".*"), there=False),
            Changed(1, button("delete"), 1),
            E(3, "bread"),
            E(3, "eggs"),
            Changed(3, button("delete"), 1),
            Changed(4, button("delete"), -1),
        ),
    ),
    Prompt(
        "FruitFilter",
        "A list of the fruits Apple, Banana, Cherry, Grape and Orange with a field labelled Search above it. Typing "
        "shows only the fruits whose names hold the text, whatever its case; 'No fruits found' where there are none.",
        (fill("Search", "AN"), fill("Search", "zzz"), fill("Search", "")),
        (
            *(E(-1, fruit) for fruit in FRUITS),
            E(-1, "no fruits found", there=False),
            E(0, "banana"),
            E(0, "orange"),
            E(0, "apple|cherry|grape", there=False),
            E(1, "no fruits found"),
            E(1, "|".join(FRUITS), there=False),
            *(E(2, fruit) for fruit in FRUITS),
        ),
    ),
    Prompt(
        "LoginForm",
        "A login form with the fields Email and Password and a button Log in. Logging in without an @ in the email "
        "shows 'Enter a valid email', with a password of fewer than 8 characters 'Password is too short', and "
        "'Welcome!' where both are right.",
        (
            fill("Email", "ada"),
            click("Log in"),
            fill("Email", "a@b.c"),
            fill("Password", "short"),
            click("Log in"),
            fill("Password", "longenough"),
            click("Log in"),
        ),
        (
            E(-1, "enter a valid email|password is too short|welcome!", there=False),
            E(1, "enter a valid email"),
            E(4, "password is too short"),
            E(4, "enter a valid email|welcome!", there=False),
            E(6, "welcome!"),
            E(6, "enter a valid email|password is too short", there=False),
        ),
    ),
    Prompt(
        "PeopleTable",
        "A table of three people with the columns Name and Age: Ada 36, Bob 25, Cy 41. Pressing the button 'Sort by "
        "age' sorts them by age, youngest first; pressing it again turns the order around.",
        (click("Sort by age"), click("Sort by age")),
        (E(0, r"bob[\s\S]*25[\s\S]*ada[\s\S]*36[\s\S]*cy"), E(1, r"cy[\s\S]*ada[\s\S]*36[\s\S]*bob[\s\S]*25")),
    ),
    Prompt(
        "PricingToggle",
        "Three price cards, Basic $10, Pro $20 and Team $30 a month, with a button Yearly that shows the prices of a "
        "year, ten times as much, and is called Monthly then.",
        (click("Yearly"), click("Monthly")),
        (
            *(E(n, says(price)) for n in (-1, 1) for price in ("$10", "$20", "$30")),
            *(E(0, says(price)) for price in ("$100", "$200", "$300")),
            E(0, says("$20"), there=False),
            E(1, says("$200"), there=False),
            E(0, button("monthly")),
        ),
    ),
    Prompt(
        "Stopwatch",
        "A stopwatch that shows '0 s' and counts seconds, with the buttons Start, Stop and Reset.",
        (click("Start"), wait(1200), wait(1200), click("Stop"), wait(1200), click("Reset")),
        (E(-1, says("0 s")), E(1, says("1 s")), E(2, says("2 s")), E(4, says("2 s")), E(5, says("0 s"))),
    ),
    Prompt(
        "ProductTabs",
        "Three tabs Details, Reviews and Shipping. The first shows 'Made of oak', the second 'Five stars', the third "
        "'Ships in two days'; only one of them is shown at a time.",
        (click("Reviews"), click("Shipping")),
        (
            E(-1, "made of oak"),
            E(-1, "five stars|ships in two days", there=False),
            E(0, "five stars"),
            E(0, "made of oak|ships in two days", there=False),
            E(1, "ships in two days"),
            E(1, "made of oak|five stars", there=False),
        ),
    ),
    Prompt(
        "TicTacToe",
        "Tic-tac-toe on nine buttons, each with the aria-label 'Square 1' to 'Square 9', X first. It says 'X wins' or "
        "'O wins' when three are in a row.",
        tuple(click(f"Square {n}") for n in (1, 4, 2, 5, 9, 6)),
        (E(4, "[xo] wins", there=False), E(5, "o wins"), E(5, "x wins", there=False)),
    ),
    Prompt(
        "ColorPalette",
        "A palette of the colours Red, Green and Blue as buttons. Pressing one shows 'Selected: Red' and so on; at "
        "first it says 'Selected: none'.",
        (click("Green"), click("Blue")),
        (
            E(-1, says("Selected: none")),
            E(0, says("Selected: Green")),
            E(0, says("Selected: none"), there=False),
            E(1, says("Selected: Blue")),
            E(1, says("Selected: Green"), there=False),
        ),
    ),
    Prompt(
        "MonthCalendar",
        "A calendar of one month that starts with January 2026 and shows 'January 2026' as a heading, with the days in "
        "a grid, and the buttons Previous and Next.",
        (click("Next"), click("Previous"), click("Previous")),
        (
            E(-1, says("January 2026")),
            E(-1, r"28[\s\S]*29[\s\S]*30[\s\S]*31"),
            E(0, says("February 2026")),
            # Days of the months before and after may fill the grid: no 29 follows the last 28.
            E(0, r"28(?![\s\S]*29)"),
            E(1, says("January 2026")),
            E(2, says("December 2025")),
            E(2, r"28[\s\S]*29[\s\S]*30[\s\S]*31"),
        ),
    ),
    Prompt(
        "FaqAccordion",
        "Questions that open: the buttons 'What is it?' and 'What does it cost?'. The answers 'A small tool' and "
        "'Nothing at all' are shown only while their question is open.",
        (click("What is it?"), click("What is it?"), click("What does it cost?")),
        (
            E(-1, "a small tool|nothing at all", there=False),
            E(0, "a small tool"),
            E(0, "nothing at all", there=False),
            E(1, "a small tool|nothing at all", there=False),
            E(2, "nothing at all"),
            E(2, "a small tool", there=False),
        ),
    ),
    Prompt(
        "SignupSteps",
        "A form in three steps that says 'Step 1 of 3' and so on, with the buttons Next and Back. On the last step "
        "Next is called Finish, and pressing that shows 'All done'.",
        (click("Next"), click("Back"), click("Next"), click("Next"), click("Finish")),
        (
            E(-1, says("Step 1 of 3")),
            E(0, says("Step 2 of 3")),
            E(1, says("Step 1 of 3")),
            E(2, says("Step 2 of 3")),
            E(3, says("Step 3 of 3")),
            E(3, button("Next"), there=False),
            E(3, "all done", there=False),
            E(4, "all done"),
        ),
    ),
    Prompt(
        "TemperatureConverter",
        "Two number fields, Celsius and Fahrenheit. Typing into one changes the other.",
        (fill("Celsius", "100"), fill("Fahrenheit", "32")),
        (E(0, field("fahrenheit", r"212(?:\.0+)?")), E(1, field("celsius", r"-?0(?:\.0+)?"))),
    ),
    Prompt(
        "StarRating",
        "Five buttons with the aria-labels '1 star' to '5 stars'. Pressing one shows 'You rated 4 of 5'; a button "
        "Clear shows 'Not rated yet', as at first.",
        (click("4 stars"), click("1 star"), click("Clear")),
        (
            E(-1, "not rated yet"),
            E(0, says("You rated 4 of 5")),
            E(0, "not rated yet", there=False),
            E(1, says("You rated 1 of 5")),
            E(2, "not rated yet"),
            E(2, "you rated", there=False),
        ),
    ),
    Prompt(
        "MessageBox",
        "A text area labelled Message that counts: '0 of 20'. Beyond 20 characters it says 'Too long' and the button "
        "Send is disabled; it is disabled while the message is empty, too.",
        (fill("Message", "x" * 20), fill("Message", "x" * 21), fill("Message", "")),
        (
            E(-1, says("0 of 20")),
            E(-1, button("send", "disabled")),
            E(0, says("20 of 20")),
            E(0, button("send", "disabled"), there=False),
            E(0, "too long", there=False),
            E(1, "too long"),
            E(1, button("send", "disabled")),
            E(2, button("send", "disabled")),
            E(2, "too long", there=False),
        ),
    ),
    Prompt(
        "ShoppingCart",
        "A cart with Tea for $3 and Cake for $5, one of each. Each has a button with the aria-label 'More Tea' or "
        "'More Cake', and 'Less Tea' or 'Less Cake', down to none. It shows 'Total: $8'.",
        (click("More Tea"), click("More Cake"), click("Less Tea"), click("Less Tea"), click("Less Tea")),
        (
            E(-1, says("Total: $8")),
            E(0, says("Total: $11")),
            E(1, says("Total: $16")),
            E(2, says("Total: $13")),
            E(3, says("Total: $10")),
            E(4, says("Total: $10")),
        ),
    ),
    Prompt(
        "PasswordMeter",
        "A field labelled Password that says how strong it is: 'Weak' below 8 characters, 'Medium' from 8 on, 'Strong' "
        "from 12 on where there is a digit.",
        tuple(fill("Password", text) for text in ("abcdefg", "abcdefg1", "abcdefghijkl", "abcdefghijk1")),
        (
            E(0, r"\bweak\b"),
            E(1, r"\bmedium\b"),
            E(2, r"\bmedium\b"),
            E(3, r"\bstrong\b"),
            E(0, r"\b(?:medium|strong)\b", there=False),
            E(1, r"\b(?:weak|strong)\b", there=False),
            E(2, r"\b(?:weak|strong)\b", there=False),
            E(3, r"\b(?:weak|medium)\b", there=False),
        ),
    ),
    Prompt(
        "CapitalQuiz",
        "A quiz of two questions: 'Capital of France?' with the buttons Paris and Lyon, then 'Capital of Italy?' with "
        "Milan and Rome. At the end it shows 'Score: 2 of 2' and a button Again that starts it anew.",
        (click("Paris"), click("Rome"), click("Again"), click("Lyon"), click("Rome")),
        (
            E(-1, "capital of france"),
            E(0, "capital of italy"),
            E(0, "capital of france", there=False),
            E(1, says("Score: 2 of 2")),
            E(2, "capital of france"),
            E(2, "score: 2 of 2", there=False),
            E(4, says("Score: 1 of 2")),
        ),
    ),
)

"""Twenty components of the kind that people ask for, each with what a person would do to see whether it works."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from overskill_nb.pipeline.generation.check import Act


class Expected(NamedTuple):
    """What has to be there, or not be there, after a step."""

    after: int
    """Index of the step; -1 for before the first."""
    pattern: str
    there: bool = True

    def met(self, texts: Sequence[str]) -> bool:
        """``texts`` begins with the one before the first step."""
        return bool(re.search(self.pattern, texts[self.after + 1], re.IGNORECASE)) == self.there


class Prompt(NamedTuple):
    name: str
    text: str
    steps: tuple[Act, ...]
    expected: tuple[Expected, ...]


def click(name: str, nth: int = 0) -> Act:
    return Act(do="click", name=name, nth=nth)


def fill(name: str, value: str) -> Act:
    return Act(do="fill", name=name, value=value)


def choose(name: str, value: str) -> Act:
    return Act(do="choose", name=name, value=value)


def wait(ms: int) -> Act:
    return Act(do="wait", ms=ms)


E = Expected

PROMPTS = (
    Prompt(
        "Counter",
        "A counter that starts at 0, with the buttons Increase, Decrease and Reset. It shows 'Count: 0'.",
        (click("Increase"), click("Increase"), click("Decrease"), click("Reset")),
        (E(-1, r"count: 0"), E(1, r"count: 2"), E(2, r"count: 1"), E(3, r"count: 0")),
    ),
    Prompt(
        "TipCalculator",
        "A tip calculator with a number field labelled Bill, buttons 10%, 15% and 20%, and the line 'Total: $0.00' "
        "that is the bill and the tip together.",
        (fill("Bill", "100"), click("20%")),
        (E(1, r"total: \$120\.00"),),
    ),
    Prompt(
        "TodoList",
        "A list of tasks with a text field labelled New task and a button Add. Each task has a button Delete. "
        "Adding empties the field.",
        (fill("New task", "Bread"), click("Add"), fill("New task", "Eggs"), click("Add"), click("Delete")),
        (E(1, "bread"), E(3, "eggs"), E(4, "- bread", there=False), E(4, "eggs")),
    ),
    Prompt(
        "FruitFilter",
        "A list of the fruits Apple, Banana, Cherry, Grape and Orange with a field labelled Search above it. Typing "
        "shows only the fruits whose names hold the text, whatever its case; 'No fruits found' where there are none.",
        (fill("Search", "an"), fill("Search", "zzz")),
        (E(-1, "cherry"), E(0, "banana"), E(0, "cherry", there=False), E(1, "no fruits found")),
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
            fill("Password", "longenough"),
            click("Log in"),
        ),
        (E(1, "enter a valid email"), E(4, "welcome!"), E(4, "enter a valid", there=False)),
    ),
    Prompt(
        "PeopleTable",
        "A table of three people with the columns Name and Age: Ada 36, Bob 25, Cy 41. Pressing the button 'Sort by "
        "age' sorts them by age, youngest first; pressing it again turns the order around.",
        (click("Sort by age"), click("Sort by age")),
        (E(0, r"bob[\s\S]*ada[\s\S]*cy"), E(1, r"cy[\s\S]*ada[\s\S]*bob")),
    ),
    Prompt(
        "PricingToggle",
        "Three price cards, Basic $10, Pro $20 and Team $30 a month, with a button Yearly that shows the prices of a "
        "year, ten times as much, and is called Monthly then.",
        (click("Yearly"), click("Monthly")),
        (E(-1, r"\$20\b"), E(0, r"\$200\b"), E(1, r"\$20\b"), E(1, r"\$200\b", there=False)),
    ),
    Prompt(
        "Stopwatch",
        "A stopwatch that shows '0 s' and counts seconds, with the buttons Start, Stop and Reset.",
        (click("Start"), wait(1200), click("Stop"), click("Reset")),
        (E(-1, r"\b0 s\b"), E(1, r"\b1 s\b"), E(3, r"\b0 s\b")),
    ),
    Prompt(
        "ProductTabs",
        "Three tabs Details, Reviews and Shipping. The first shows 'Made of oak', the second 'Five stars', the third "
        "'Ships in two days'; only one of them is shown at a time.",
        (click("Reviews"), click("Shipping")),
        (E(-1, "made of oak"), E(0, "five stars"), E(0, "made of oak", there=False), E(1, "ships in two days")),
    ),
    Prompt(
        "TicTacToe",
        "Tic-tac-toe on nine buttons, each with the aria-label 'Square 1' to 'Square 9', X first. It says 'X wins' or "
        "'O wins' when three are in a row.",
        tuple(click(f"Square {n}") for n in (1, 4, 2, 5, 3)),
        (E(4, "x wins"), E(3, "wins", there=False)),
    ),
    Prompt(
        "ColorPalette",
        "A palette of the colours Red, Green and Blue as buttons. Pressing one shows 'Selected: Red' and so on; at "
        "first it says 'Selected: none'.",
        (click("Green"), click("Blue")),
        (E(-1, "selected: none"), E(0, "selected: green"), E(1, "selected: blue")),
    ),
    Prompt(
        "MonthCalendar",
        "A calendar of one month that starts with January 2026 and shows 'January 2026' as a heading, with the days in "
        "a grid, and the buttons Previous and Next.",
        (click("Next"), click("Previous"), click("Previous")),
        (
            E(-1, "january 2026"),
            E(0, "february 2026"),
            E(2, "december 2025"),
            E(-1, r"\b31\b"),
            E(0, r"\b29\b", there=False),
        ),
    ),
    Prompt(
        "FaqAccordion",
        "Questions that open: the buttons 'What is it?' and 'What does it cost?'. The answers 'A small tool' and "
        "'Nothing at all' are shown only while their question is open.",
        (click("What is it?"), click("What is it?"), click("What does it cost?")),
        (
            E(-1, "a small tool", there=False),
            E(0, "a small tool"),
            E(1, "a small tool", there=False),
            E(2, "nothing at all"),
        ),
    ),
    Prompt(
        "SignupSteps",
        "A form in three steps that says 'Step 1 of 3' and so on, with the buttons Next and Back. On the last step "
        "Next is called Finish, and pressing that shows 'All done'.",
        (click("Next"), click("Back"), click("Next"), click("Next"), click("Finish")),
        (E(0, "step 2 of 3"), E(1, "step 1 of 3"), E(3, "step 3 of 3"), E(4, "all done")),
    ),
    Prompt(
        "TemperatureConverter",
        "Two number fields, Celsius and Fahrenheit. Typing into one changes the other.",
        (fill("Celsius", "100"), fill("Fahrenheit", "32")),
        (E(0, r'fahrenheit": 212'), E(1, r'celsius": 0')),
    ),
    Prompt(
        "StarRating",
        "Five buttons with the aria-labels '1 star' to '5 stars'. Pressing one shows 'You rated 4 of 5'; a button "
        "Clear shows 'Not rated yet', as at first.",
        (click("4 stars"), click("Clear")),
        (E(-1, "not rated yet"), E(0, "you rated 4 of 5"), E(1, "not rated yet")),
    ),
    Prompt(
        "MessageBox",
        "A text area labelled Message that counts: '0 of 20'. Beyond 20 characters it says 'Too long' and the button "
        "Send is disabled; it is disabled while the message is empty, too.",
        (fill("Message", "hello"), fill("Message", "x" * 21)),
        (
            E(-1, r'"send".*disabled'),
            E(0, "5 of 20"),
            E(0, r'"send".*disabled', there=False),
            E(1, "too long"),
            E(1, r'"send".*disabled'),
        ),
    ),
    Prompt(
        "ShoppingCart",
        "A cart with Tea for $3 and Cake for $5, one of each. Each has a button with the aria-label 'More Tea' or "
        "'More Cake', and 'Less Tea' or 'Less Cake', down to none. It shows 'Total: $8'.",
        (click("More Tea"), click("More Cake"), click("Less Tea"), click("Less Tea"), click("Less Tea")),
        (E(-1, r"total: \$8\b"), E(1, r"total: \$16\b"), E(3, r"total: \$10\b"), E(4, r"total: \$10\b")),
    ),
    Prompt(
        "PasswordMeter",
        "A field labelled Password that says how strong it is: 'Weak' below 8 characters, 'Medium' from 8 on, 'Strong' "
        "from 12 on where there is a digit.",
        (fill("Password", "abc"), fill("Password", "abcdefgh"), fill("Password", "abcdefghijk12")),
        (E(0, r"\bweak\b"), E(1, r"\bmedium\b"), E(2, r"\bstrong\b")),
    ),
    Prompt(
        "CapitalQuiz",
        "A quiz of two questions: 'Capital of France?' with the buttons Paris and Lyon, then 'Capital of Italy?' with "
        "Milan and Rome. At the end it shows 'Score: 2 of 2' and a button Again that starts it anew.",
        (click("Paris"), click("Rome"), click("Again"), click("Lyon"), click("Rome")),
        (E(0, r"capital of italy"), E(1, "score: 2 of 2"), E(2, "capital of france"), E(4, "score: 1 of 2")),
    ),
)

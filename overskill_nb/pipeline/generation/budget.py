"""What a generation may take, and what it took."""

from __future__ import annotations

import time

from ...errors import GenerationError
from ...protocol_generation import Budget, Cost

DEFAULTS = Budget(attempts=4, tokens=60_000, seconds=300.0, money=0.50)
LIMITS = Budget(attempts=20, tokens=2_000_000, seconds=3600.0, money=25.0)
_WORDS = {"attempts": "attempts", "tokens": "tokens", "seconds": "seconds", "money": "US dollars"}


def settled(asked: Budget) -> Budget:
    """A budget with its defaults filled in. Raises GenerationError above the limits."""
    values: dict[str, float] = {}
    for name, words in _WORDS.items():
        value, limit = getattr(asked, name), getattr(LIMITS, name)
        if value < 0 or value > limit:
            raise GenerationError(f"A generation may take up to {limit:g} {words}, not {value:g}; ask for less.")
        values[name] = value or getattr(DEFAULTS, name)
    return Budget(
        attempts=int(values["attempts"]), tokens=int(values["tokens"]), seconds=values["seconds"], money=values["money"]
    )


class Spending:
    """Counts what a generation takes, against its budget."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._started = time.monotonic()
        self._asking = 0.0
        self._requests = 0
        self._input = 0
        self._output = 0
        self._money: float | None = None

    def add(self, requests: int, input_tokens: int, output_tokens: int, money: float | None, seconds: float) -> None:
        """Count what a request took."""
        self._requests += requests
        self._input += input_tokens
        self._output += output_tokens
        self._asking += seconds
        if money is not None:
            self._money = (self._money or 0.0) + money

    @property
    def tokens_left(self) -> int:
        return max(0, self.budget.tokens - self._input - self._output)

    @property
    def money_left(self) -> float:
        return max(0.0, self.budget.money - (self._money or 0.0))

    @property
    def seconds_left(self) -> float:
        return max(0.0, self.budget.seconds - (time.monotonic() - self._started))

    @property
    def used_up(self) -> str:
        """Which part of the budget is used up, in words; empty where none is."""
        if self.tokens_left == 0:
            return f"its {self.budget.tokens} tokens"
        if self.seconds_left == 0:
            return f"its {self.budget.seconds:g} seconds"
        if self.money_left == 0:
            return f"its {self.budget.money:.2f} US dollars"
        return ""

    @property
    def cost(self) -> Cost:
        """What it took so far."""
        total = time.monotonic() - self._started
        return Cost(
            requests=self._requests,
            input_tokens=self._input,
            output_tokens=self._output,
            seconds=round(self._asking, 3),
            own_seconds=round(max(0.0, total - self._asking), 3),
            money=None if self._money is None else round(self._money, 6),
        )

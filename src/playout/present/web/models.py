"""What a request may hold. Numbers are finite, names are short, and nothing beside these fields is taken."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

NAME = 120
"""The longest name or label that is read."""

Name = Annotated[str, Field(min_length=1, max_length=NAME, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Strict(BaseModel):
    """Nothing unknown, nothing infinite."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Pin(Strict):
    """A belief held at a quantile of its own law."""

    quantile: float = Field(gt=0.0, lt=1.0, description="between 0 and 1, neither of them reached")


class Setting(Strict):
    """What differs from a scenario as written.

    credences: of every view that is to count, in any proportion; the others get none. beliefs: by label, as the
    scenario's levers have it. decisions: by label, the option that is taken whenever the decision falls due.
    """

    scenario: Name
    policy: Name | None = None
    view: Name | None = None
    credences: dict[Name, Annotated[float, Field(ge=0.0, le=1e6)]] | None = Field(default=None, max_length=100)
    beliefs: dict[Name, Pin] = Field(default_factory=dict, max_length=500)
    decisions: dict[Name, Name] = Field(default_factory=dict, max_length=100)
    seed: int = Field(default=1, ge=0, lt=2**53)


class RunRequest(Strict):
    """A run of a setting, refined in place to so many futures."""

    setting: Setting
    futures: int = Field(default=50_000, ge=1)


class CompareRequest(Strict):
    """Two settings of one scenario, under the same draws."""

    settings: list[Setting] = Field(min_length=2, max_length=2)
    futures: int = Field(default=16_384, ge=1)


class ExplainRequest(Strict):
    """Which beliefs decide an outcome; the headline's where none is named."""

    setting: Setting
    outcome: Name | None = None


class StoriesRequest(Strict):
    """What typical futures of a setting look like."""

    setting: Setting


class UpdateRequest(Strict):
    """Where we are, given what has been observed."""

    setting: Setting
    observations: list[dict[str, Any]] = Field(default_factory=list, max_length=1000)


class UploadRequest(Strict):
    """A scenario as the text of one file."""

    text: str = Field(min_length=1)


class Begun(BaseModel):
    """A run that was begun: where its events and its picture are, by this name."""

    run: str


class Fault(BaseModel):
    """What is wrong, and the way out."""

    message: str
    hint: str | None = None


class Refusal(BaseModel):
    """Every answer that is no answer. diagnostics: of a scenario that is unsound."""

    error: Fault
    diagnostics: list[dict[str, Any]] | None = None

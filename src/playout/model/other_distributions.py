"""Distributions that people know from elsewhere and this language does not have, each with what to write instead.

Where an equation makes exactly such numbers out of a belief that the language has, the equation is given: Johnson, Kotz
and Balakrishnan, Continuous Univariate Distributions (2nd edition, 1994-95), for the transformations.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_BELIEF = "with a belief `e` of `exponential(1)`"

#: Other names of distributions that the language has.
SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        "gaussian": "normal",
        "norm": "normal",
        "rnorm": "normal",
        "lognorm": "lognormal",
        "unif": "uniform",
        "runif": "uniform",
        "triang": "triangular",
        "triangle": "triangular",
        "expon": "exponential",
        "bern": "bernoulli",
        "const": "point",
        "constant": "point",
        "fixed": "point",
        "dirac": "point",
        "discrete": "categorical",
        "choice": "categorical",
        "empirical": "categorical",
        "multinomial": "categorical",
        "mix": "mixture",
    }
)

#: What to write instead of a distribution that the language lacks.
SUBSTITUTES: Mapping[str, str] = MappingProxyType(
    {
        "weibull": f"`gamma(shape, scale)` or an interval is near; exactly, {_BELIEF}: `scale * e ** (1 / shape)`",
        "pert": "write `low to high, likely mode`, or `triangular(low, mode, high)`",
        "betapert": "write `low to high, likely mode`, or `triangular(low, mode, high)`",
        "t": "write `normal(mean, sd)`, or for heavy tails `mixture(0.9: normal(0, 1), 0.1: normal(0, 3))`",
        "student": "write `normal(mean, sd)`, or for heavy tails `mixture(0.9: normal(0, 1), 0.1: normal(0, 3))`",
        "cauchy": "it has no mean; for heavy tails write `mixture(0.9: normal(0, 1), 0.1: normal(0, 10))`",
        "laplace": "write `mixture(0.5: normal(0, 1), 0.5: normal(0, 2))`, which has a peak and heavy tails as well",
        "chi2": "`chi2(k)` is `gamma(k / 2, 2)`",
        "chisquare": "`chisquare(k)` is `gamma(k / 2, 2)`",
        "chisquared": "`chisquared(k)` is `gamma(k / 2, 2)`",
        "erlang": "an Erlang distribution is a gamma with a whole shape: `gamma(4, 2)`",
        "invgamma": "let `g` be a belief of `gamma(shape, 1 / scale)`, and write `1 / g` in an equation",
        "logistic": "`normal(mean, 1.81 * scale)` has the same variance",
        "loglogistic": "`lognormal(median, 1.81 / shape)` has the same spread on the logarithmic scale",
        "pareto": f"exactly, {_BELIEF}: `least * exp(e / shape)`",
        "lomax": f"exactly, {_BELIEF}: `scale * (exp(e / shape) - 1)`",
        "gumbel": f"exactly, {_BELIEF}: `mode - scale * log(e)`",
        "frechet": f"exactly, {_BELIEF}: `scale * e ** (-1 / shape)`",
        "rayleigh": f"exactly, {_BELIEF}: `scale * sqrt(2 * e)`",
        "halfnormal": "let `z` be a belief of `normal(0, sd)`, and write `abs(z)` in an equation",
        "truncnorm": "write `normal(mean, sd)` and beside it `within: [low, high]`",
        "truncatednormal": "write `normal(mean, sd)` and beside it `within: [low, high]`",
        "skewnormal": "write `low to high, likely mode`: the sides may differ in width",
        "loguniform": "let `u` be a belief of `uniform(log(low), log(high))` with both numbers worked out, and write "
        "`exp(u)` in an equation",
        "binomial": "one trial is `bernoulli(p)`; many are near `poisson(n * p)` where p is small, and near "
        "`normal(n * p, sqrt(n * p * (1 - p)))` where it is not, with the numbers worked out",
        "binom": "one trial is `bernoulli(p)`; many are near `poisson(n * p)`, worked out, where p is small",
        "geometric": "`exponential(mean)` is its continuous counterpart",
        "negativebinomial": "write `poisson(mean)`; for more spread `mixture(0.5: poisson(2), 0.5: poisson(8))`",
        "negbinomial": "write `poisson(mean)`; for more spread `mixture(0.5: poisson(2), 0.5: poisson(8))`",
        "hypergeometric": "`poisson(mean)` is near where few are drawn of many",
        "dirichlet": "give each member a belief `g[o]` of `gamma(weight, 1)`, and write `g[o] / sum(g)` in an equation",
        "randint": "write `categorical(0.2: 1, 0.2: 2, 0.2: 3, 0.2: 4, 0.2: 5)`, a weight a number",
        "kde": "write the numbers as `categorical(0.5: 2, 0.5: 3)`, or the range they show as `2 to 5, likely 3`",
    }
)


def plain_form(name: str) -> str:
    """A distribution's name without what libraries add to it: ``Log_Normal`` → ``lognormal``."""
    return name.lower().replace("_", "").removesuffix("distribution").removesuffix("dist")


def instead_of(name: str) -> str | None:
    """What to write in place of a distribution of this name; None where it is not known."""
    plain = plain_form(name)
    for form in (name.lower(), plain, plain.removesuffix("t")):
        if form in SYNONYMS:
            return f"write `{SYNONYMS[form]}`"
        if form in SUBSTITUTES:
            return SUBSTITUTES[form]
    return None

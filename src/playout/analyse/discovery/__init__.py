"""Scenario discovery: in which region of the beliefs futures end badly.

    Inputs, which cases are of interest ──prim / cart──▶ Boxes: a few limits, coverage, density

A box is a handful of limits on inputs. Its coverage is the share of all cases of interest that lie in it, its density
the share of the cases in it that are of interest (B. P. Bryant and R. J. Lempert, Technological Forecasting and Social
Change 77, 2010). A good box has much of both and few limits.
"""

"""Which beliefs decide an outcome: what is varied, how it is played, and the indices that are read from it.

    factors.py             what is varied as one: a belief, a member, a group, the choice of a view, chance
    replay.py              futures played again with some of that drawn anew
    sobol.py               shares of variance: first, total and second order
    morris.py              elementary effects, for screening
    moment_independent.py  how far knowing a belief moves the whole distribution: Borgonovo's delta
    tornado.py             an outcome's mean at a belief's two ends

Estimators take arrays and know nothing of scenarios, so that closed forms can hold them to account.
"""

"""How fast this machine plays: Playout's engines beside other tools, on workloads that all of them are given.

    peers/      one module a tool, each with the same model written as the tool's users would write it
    worker.py   plays one tool in a process of its own
    contest.py  starts the workers, holds what they compute against the reference engine, and times them in turns
    scale.py    how cost grows with futures, members and steps
    flagship.py what the shipped scenario costs, stage by stage
    measure.py  all of that, as one report

It stands beside the pipeline: nothing in the house's walk from `read` to `analyse` imports it.
"""

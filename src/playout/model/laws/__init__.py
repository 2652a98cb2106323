"""The kinds of law, one module a family; `playout.model.distribution` is the door."""

"""The checks of a scenario, one module for each part of it; `playout.model.check` is the door."""

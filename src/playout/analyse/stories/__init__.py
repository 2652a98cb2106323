"""Stories: what typical futures of a run look like, and what stands at its ends."""

"""``sideman-lab wins``: five takes through the whole program, now and as a commit before had it, side by side."""

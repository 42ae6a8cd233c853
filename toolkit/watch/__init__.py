"""When: what moved, what stands still, what was handled; what to do about it is for ``walk``."""

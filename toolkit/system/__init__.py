"""The machine: the only writes, the only processes."""

"""A TOML text ↔ facts: read with every slip told at its line, edited with every remark kept."""

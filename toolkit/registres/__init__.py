"""Many dossiers → bytes: what the whole office reads."""

"""What each document of a dossier is: one file a kind, listed here. Pure: nothing is opened, nothing is written."""

"""What each document of a dossier is. Pure: nothing is opened, nothing is written."""

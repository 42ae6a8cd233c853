"""The walk of one dossier, and the only room that decides what is written."""

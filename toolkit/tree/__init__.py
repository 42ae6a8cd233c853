"""The share: which folder is which dossier, the settings of the office, the files that come with the toolkit."""

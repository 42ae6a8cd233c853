"""One dossier → bytes. A renderer opens no file and writes none."""

"""Word, Excel, PDF, mail, calendar: bytes in, bytes out, nothing of the office."""

"""What many dossiers say together: the monthly recap, the calendar, the dashboard. Pure."""

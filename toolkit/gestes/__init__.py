"""What people ask for, one file a thing: the command line, the double click and the page all call these."""

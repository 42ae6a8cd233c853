"""The double click on a Windows desktop: what was dropped, what is asked, where the shortcuts lead."""

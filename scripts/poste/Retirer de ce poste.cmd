@echo off
rem Removes the toolkit from this desktop. Without call, which would read a percent or a caret in the path again.
"%~dp0Installer sur ce poste.cmd" --retirer

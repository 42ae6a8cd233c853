@echo off
cls
setlocal EnableExtensions EnableDelayedExpansion
set "TOOLKIT_GESTE=verifier"
rem What was dropped, whole: cmd reads & and ^ in names for its own.
set "TOOLKIT_LIGNE=!CMDCMDLINE!"
setlocal DisableDelayedExpansion
if not defined TOOLKIT_PYTHON if exist "%LOCALAPPDATA%\toolkit\actuel.cmd" call "%LOCALAPPDATA%\toolkit\actuel.cmd"
if not defined TOOLKIT_PYTHON goto absent
if not exist "%TOOLKIT_PYTHON%" goto absent
"%TOOLKIT_PYTHON%" -I -X utf8 -m toolkit geste --ici "%~dp0." --script "%~nx0" %TOOLKIT_GESTE% %*
set "FIN=%ERRORLEVEL%"
if "%FIN%"=="103" goto absent
goto fin
:absent
set "FIN=4"
echo Le toolkit n'est pas pret sur ce poste : lancer d'abord "Installer sur ce poste.cmd".
:fin
if not defined TOOLKIT_SANS_PAUSE pause
exit %FIN%

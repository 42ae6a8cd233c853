@echo off
rem Installs the toolkit on this desktop or updates it: finds a Python, then starts installation\installer.py.
rem "Retirer de ce poste.cmd" passes --retirer. TOOLKIT_SANS_PAUSE=1: never waits for a key.
setlocal DisableDelayedExpansion
set "INSTALLER=%~dp0installation\installer.py"
set "PYTHON_MANAGER_AUTOMATIC_INSTALL=false"
set "FOUND="
if not exist "%INSTALLER%" goto alone
call :search 2>nul
if defined FOUND goto install
echo.
echo Aucun Python ne convient sur ce poste.
echo A demander a la personne qui s'occupe de l'informatique, au choix :
echo  - installer Python 3.11 a 3.14, 64 bits, de python.org (pas celui du Microsoft Store) ;
echo  - ou le poser dans le dossier "python" de ce kit (voir LISEZ-MOI.txt).
set "STATUS=4"
goto end

rem A double click inside the zip takes this file out of it, and no other.
:alone
echo Le reste du kit n'est pas a cote de ce fichier.
echo Clic droit sur le zip, "Extraire tout", puis double-cliquer sur ce fichier dans le dossier extrait.
set "STATUS=4"
goto end

:install
"%FOUND%" %WITH% -I -X utf8 "%INSTALLER%" %*
set "STATUS=%ERRORLEVEL%"

:end
echo.
if not defined TOOLKIT_SANS_PAUSE pause
exit %STATUS%

:search
rem The launcher of python.org.
set "PYTHON=py"
for %%V in (3.14 3.13 3.12 3.11) do (
  set "OPTION=-%%V"
  call :try
)
rem The folders of PATH. The alias that Windows puts there for its Store answers with an error.
set "OPTION=-I"
set "FOLDERS=%PATH:"=%"
for %%D in ("%FOLDERS:;=" "%") do (
  set "PYTHON=%%~D\python.exe"
  call :try
)
rem The registry, of this user then of the machine (PEP 514).
for %%R in (HKCU HKLM) do for /f "tokens=2,*" %%A in ('reg query %%R\Software\Python\PythonCore /s /v ExecutablePath') do (
  set "PYTHON=%%B"
  call :try
)
rem The one that the administrator put in the kit.
set "PYTHON=%~dp0python\python.exe"

rem Takes PYTHON if it fits and none was taken before. No argument: call would read a percent or a caret in it again.
:try
if defined FOUND exit /b
if not "%PYTHON%"=="py" if not exist "%PYTHON%" exit /b
"%PYTHON%" %OPTION% -I -X utf8 "%INSTALLER%" --convient
if errorlevel 1 exit /b
if not errorlevel 0 exit /b
set "FOUND=%PYTHON%"
set "WITH=%OPTION%"
exit /b

@echo off
rem Runs the program on Windows; src\launcher\Launch.java says how.
setlocal
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
"%java%" "%~dp0src\launcher\Launch.java" %*

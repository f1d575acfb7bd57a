#!/bin/sh
# fortran.sh FILE: a Fortran file with what it includes, as fortran.sed has doxygen read it.
awk -v quote="'" '
  $1 == "include" {
    file = $2
    gsub(quote, "", file)
    folder = FILENAME
    sub("[^/]*$", "", folder)
    while ((getline line < (folder file)) > 0) print line
    next
  }
  { print }' "$1" | sed -f "$(dirname "$0")/fortran.sed"

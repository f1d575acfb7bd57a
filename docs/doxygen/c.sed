# What doxygen reads of the C header: its parts are pages, in their order. Groups of a file would be sorted by what they have.
s/^\(\/\*\* \| \* \)@name \([A-Za-z]*\)\(.*\)$/\1@defgroup c_\2 \2\3/

# What doxygen reads of the Fortran module. C++ has a namespace of the same name, which doxygen would take for the same; and
# procedures that are bound to types are private in the module, so that doxygen would leave out what is said of them.
1i !> @file\n!> Cardan in Fortran.\n
s/^module cardan$/module fortran/
s/^end module cardan$/end module fortran/
/^  private$/d
s/^  implicit none; private$/  implicit none/
/^ *procedure, private ::/d
/^  abstract interface/,/^  end interface/d
/^  procedure(verb)/d
s/^  type :: handle$/  !> What all of these have in common; not to be used by itself.\n&/
/^    type(c_ptr).* :: c = /d
# One declaration on a line.
s/^\(   *\)\([^!]*\); \([a-z]*(.*::\)/\1\2\n\1\3/
# How it is called. What has no more than a brief description would have no list of its arguments.
s/^  subroutine \(session\|surrogate\|channel\|service\|steering\|archive\)_\([a-z]*\)(self, \(.*\))$/  !!\n  !! `call \1%%\2(\3)`\n&/
s/^  subroutine bind_read(self, \(.*\))$/  !!\n  !! `call surrogate%%input(\1)`\n&/
s/^  subroutine bind_written(self, \(.*\))$/  !!\n  !! `call surrogate%%output(\1)`\n&/
s/^  subroutine start_handle(self, \(.*\))$/  !!\n  !! `call channel%%start(\1)`\n&/
s/^  subroutine close_handle(self, \(.*\))$/  !!\n  !! `call session%%close(\1)`\n&/

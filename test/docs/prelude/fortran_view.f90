program prelude
  use cardan
  implicit none
  type :: cell_type
    double precision :: heat = 0, fuel = 1
  end type cell_type
  type(cell_type), target :: cells(100)
  type(cardan_session) :: session
  type(cardan_surrogate) :: burning

  call burning%open(session, 'burning')
! The block.
end program prelude

! What stands around a program that uses MPI's older module.
program older
  ! The block.
  call session%close()
  call MPI_Finalize(error)
end program older

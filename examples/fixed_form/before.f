C     A plate that burns and conducts heat, on strips of rows.
      PROGRAM HEAT
      USE MPI
      IMPLICIT DOUBLE PRECISION (A-H,O-Z)
      INCLUDE 'heat.inc'
      CALL MPI_INIT(IERR)
      ICOMM = MPI_COMM_WORLD
      CALL MPI_COMM_RANK(ICOMM, MYID, IERR)
      CALL MPI_COMM_SIZE(ICOMM, NPROC, IERR)
      NX = 32
      NY = 16
      NCELL = NX*NY
      NSTEP = 100
      CALL START
      DO 20 ISTEP = 1, NSTEP
        DO 10 K = 1, NCELL
          CALL BURN(K)
   10   CONTINUE
        CALL CONDUC
   20 CONTINUE
      TM = TMEAN()
      IF (MYID .EQ. 0) WRITE (*, 900) TM
      CALL MPI_FINALIZE(IERR)
  900 FORMAT ('mean temperature ', F9.6)
      END

C     A plate that burns and conducts heat, on strips of rows; a model
C     burns those cells that it can be trusted with.
      PROGRAM HEAT
      USE MPI
      USE CARDAN
      IMPLICIT DOUBLE PRECISION (A-H,O-Z)
      INCLUDE 'heat.inc'
C     What cells were before they burn: BURN works in place.
      DOUBLE PRECISION TOLD(NCMAX), FOLD(NCMAX)
      TARGET TOLD, FOLD
      TYPE(CARDAN_SESSION) SESS
      TYPE(CARDAN_SURROGATE) MODEL
      TYPE(CARDAN_COUNTERS) COUNT
      INTEGER*8, POINTER :: LEFT(:)
      LOGICAL SERVED, OK
      CALL MPI_INIT(IERR)
C     Ranks that learn and infer are away until all is done.
      CALL SESS%OPEN(MPI_COMM_WORLD, 'heat.toml', SERVED, ICOMM)
      IF (SERVED) GOTO 100
      CALL MPI_COMM_RANK(ICOMM, MYID, IERR)
      CALL MPI_COMM_SIZE(ICOMM, NPROC, IERR)
      NX = 32
      NY = 16
      NCELL = NX*NY
      NSTEP = 100
      CALL MODEL%OPEN(SESS, 'burning')
      CALL MODEL%INPUT('temperature', TOLD(1:NCELL))
      CALL MODEL%INPUT('fuel', FOLD(1:NCELL))
      CALL MODEL%OUTPUT('burnt_temperature', T(1:NCELL))
      CALL MODEL%OUTPUT('burnt_fuel', F(1:NCELL))
      CALL START
      DO 20 ISTEP = 1, NSTEP
        DO 5 K = 1, NCELL
          TOLD(K) = T(K)
          FOLD(K) = F(K)
    5   CONTINUE
        CALL MODEL%PREDICT(OK, LEFT, ISTEP)
        DO 10 I = 1, SIZE(LEFT)
          CALL BURN(INT(LEFT(I)))
   10   CONTINUE
        IF (.NOT. OK) CALL MODEL%OBSERVE(LEFT)
        CALL CONDUC
   20 CONTINUE
      TM = TMEAN()
      CALL MODEL%REPORT(COUNT)
      IF (MYID .EQ. 0) WRITE (*, 900) TM
      IF (MYID .EQ. 0) WRITE (*, 910) COUNT%ASKED, COUNT%TRUSTED,
     &  COUNT%NOT_READY, COUNT%UNSURE, COUNT%OUTSIDE
  100 CALL SESS%CLOSE()
      CALL MPI_FINALIZE(IERR)
  900 FORMAT ('mean temperature ', F9.6)
  910 FORMAT ('of ', I0, ' cells the model did ', I0, '; not ready ',
     &        I0, ', unsure ', I0, ', outside ', I0)
      END

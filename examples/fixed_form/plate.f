C     The physics of the plate. It has never heard of Cardan.
C
C     Where the fields begin: rows go around all ranks.
      SUBROUTINE START
      IMPLICIT DOUBLE PRECISION (A-H,O-Z)
      INCLUDE 'heat.inc'
      DO 20 J = 1, NY
        DO 10 I = 1, NX
          K = (J - 1)*NX + I
          X = DBLE(I)/DBLE(NX)
          Y = DBLE(MYID*NY + J)/DBLE(NPROC*NY)
          T(K) = 1.0D0 + 0.5D0*SIN(6.2831853D0*X)*COS(6.2831853D0*Y)
          F(K) = 0.5D0 + 0.4D0*COS(6.2831853D0*(X + 2.0D0*Y))
   10   CONTINUE
   20 CONTINUE
      RETURN
      END
C
C     The expensive part: cell K burns for one step, in place.
      SUBROUTINE BURN(K)
      IMPLICIT DOUBLE PRECISION (A-H,O-Z)
      INCLUDE 'heat.inc'
      PARAMETER (DT = 5.0D-5)
      TK = T(K)
      FK = F(K)
      DO 10 N = 1, 1000
        R = 5.0D0*EXP(-2.0D0/TK)*FK
        TK = TK + DT*(3.0D0*R - TK)
        FK = FK + DT*(1.0D0 - FK - R)
   10 CONTINUE
      T(K) = TK
      F(K) = FK
      RETURN
      END
C
C     The cheap part: heat is conducted, also over the strips' borders.
      SUBROUTINE CONDUC
      IMPLICIT DOUBLE PRECISION (A-H,O-Z)
      INCLUDE 'heat.inc'
      INCLUDE 'mpif.h'
      DIMENSION BELOW(NXMAX), ABOVE(NXMAX), TN(NCMAX)
      INTEGER ISTAT(MPI_STATUS_SIZE)
      IDOWN = MOD(MYID + NPROC - 1, NPROC)
      IUP = MOD(MYID + 1, NPROC)
      KLAST = NCELL - NX + 1
      CALL MPI_SENDRECV(T(KLAST), NX, MPI_DOUBLE_PRECISION, IUP, 1,
     &                  BELOW, NX, MPI_DOUBLE_PRECISION, IDOWN, 1,
     &                  ICOMM, ISTAT, IERR)
      CALL MPI_SENDRECV(T, NX, MPI_DOUBLE_PRECISION, IDOWN, 2,
     &                  ABOVE, NX, MPI_DOUBLE_PRECISION, IUP, 2,
     &                  ICOMM, ISTAT, IERR)
      DO 20 J = 1, NY
        DO 10 I = 1, NX
          K = (J - 1)*NX + I
          W = T(K - I + 1 + MOD(I + NX - 2, NX))
          E = T(K - I + 1 + MOD(I, NX))
          S = BELOW(I)
          IF (J .GT. 1) S = T(K - NX)
          U = ABOVE(I)
          IF (J .LT. NY) U = T(K + NX)
          TN(K) = T(K) + 0.1D0*(W + E + S + U - 4.0D0*T(K))
   10   CONTINUE
   20 CONTINUE
      DO 30 K = 1, NCELL
        T(K) = TN(K)
   30 CONTINUE
      RETURN
      END
C
C     The mean temperature over all ranks; collective.
      DOUBLE PRECISION FUNCTION TMEAN()
      IMPLICIT DOUBLE PRECISION (A-H,O-Z)
      INCLUDE 'heat.inc'
      INCLUDE 'mpif.h'
      SOWN = 0.0D0
      DO 10 K = 1, NCELL
        SOWN = SOWN + T(K)
   10 CONTINUE
      CALL MPI_ALLREDUCE(SOWN, SALL, 1, MPI_DOUBLE_PRECISION, MPI_SUM,
     &                   ICOMM, IERR)
      TMEAN = SALL/DBLE(NCELL*NPROC)
      RETURN
      END

!> Explicit diffusion of a block, five points, in flux form.
module inner_diffusion
  use, intrinsic :: iso_fortran_env, only: int64, real64
  use inner_robertson, only: species
  implicit none
  private
  public :: plan_diffusion, pad, spread_out

  !> How a time is cut into explicit steps: equal parts (none when nothing diffuses), each with the
  !> number D dt / edge^2 of each species.
  type, public :: plan_type
    integer(int64) :: parts
    real(real64) :: number(species)
  end type plan_type

  ! A cell keeps 1 - 4 number of itself. Stability wants number <= 1/4, which also keeps every value
  ! within those of its neighbours, hence positive; below 1/5 the shortest waves do not alternate.
  real(real64), parameter :: largest_number = 0.2_real64

contains

  pure function plan_diffusion(diffusivity, edge, dt) result(plan)
    real(real64), intent(in) :: diffusivity(species), edge, dt
    type(plan_type) :: plan
    real(real64) :: parts

    plan%parts = ceiling(maxval(diffusivity) * dt / (edge * edge) / largest_number, int64)
    ! Where nothing diffuses the parts are not used.
    parts = real(max(plan%parts, 1_int64), real64)
    plan%number = diffusivity * (dt / parts) / (edge * edge)
  end function plan_diffusion

  !> Copies a block into the middle of one with a layer of ghosts.
  pure subroutine pad(block, nx, ny, padded)
    integer, intent(in) :: nx, ny
    real(real64), intent(in) :: block(species, nx, ny)
    real(real64), intent(inout) :: padded(species, 0:nx + 1, 0:ny + 1)

    padded(:, 1:nx, 1:ny) = block
  end subroutine pad

  !> One explicit step, from a block with ghosts to one without. Written as differences of fluxes:
  !> the two cells that share a face compute the same flux from the same two values, so what one
  !> loses the other gains, and the order of operations does not depend on where the blocks are cut.
  pure subroutine spread_out(padded, nx, ny, number, block)
    integer, intent(in) :: nx, ny
    real(real64), intent(in) :: padded(species, 0:nx + 1, 0:ny + 1), number(species)
    real(real64), intent(out) :: block(species, nx, ny)
    real(real64) :: here(species), x(species), y(species)
    integer :: ix, iy

    do iy = 1, ny
      do ix = 1, nx
        here = padded(:, ix, iy)
        x = (padded(:, ix + 1, iy) - here) - (here - padded(:, ix - 1, iy))
        y = (padded(:, ix, iy + 1) - here) - (here - padded(:, ix, iy - 1))
        block(:, ix, iy) = here + number * (x + y)
      end do
    end do
  end subroutine spread_out

end module inner_diffusion

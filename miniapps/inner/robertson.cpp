#include "robertson.hpp"

#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <sundials/sundials_config.h>
#include <sundials/sundials_context.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace inner {
namespace {

static_assert(std::is_same_v<sunrealtype, double>, "SUNDIALS must be built in double precision");

constexpr double slow = 0.04;       // y1 -> y2
constexpr double fast = 3e7;        // y2 + y2 -> y3 + y2
constexpr double moderate = 1e4;    // y2 + y3 -> y1 + y3
constexpr long most_steps = 20000;  // per cell: some hundreds are usual

// SUNDIALS' C handles, each released by its own function.
struct Release {
  void operator()(SUNContext context) const { SUNContext_Free(&context); }
  void operator()(N_Vector vector) const { N_VDestroy(vector); }
  void operator()(SUNMatrix matrix) const { SUNMatDestroy(matrix); }
  void operator()(SUNLinearSolver solver) const { SUNLinSolFree(solver); }
  void operator()(void* cvode) const { CVodeFree(&cvode); }
};
template <typename Pointer>
using Owned = std::unique_ptr<std::remove_pointer_t<Pointer>, Release>;

std::string cell_text(std::span<const double, species> y)
{
  return '(' + std::to_string(y[0]) + ", " + std::to_string(y[1]) + ", " + std::to_string(y[2]) +
         ')';
}

// The name that CVODE gives to one of its return values.
std::string flag_name(int flag)
{
  const std::unique_ptr<char, decltype(&std::free)> name{CVodeGetReturnFlagName(flag), &std::free};
  return name ? name.get() : std::to_string(flag);
}

void check(int flag, const char* function)
{
  if (flag < 0) {
    throw std::runtime_error(std::string{"cannot set up the integrator ("} + function +
                             " returned " + flag_name(flag) + "); check the SUNDIALS installation");
  }
}

template <typename Pointer>
Pointer made(Pointer pointer, const char* function)
{
  if (pointer == nullptr) {
    throw std::runtime_error(std::string{"cannot set up the integrator ("} + function +
                             " returned nothing); check the memory and the SUNDIALS installation");
  }
  return pointer;
}

// SUNDIALS 7 takes a communicator, SUNDIALS 6 a pointer to one: either way, none.
Owned<SUNContext> make_context()
{
  SUNContext context = nullptr;
#if SUNDIALS_VERSION_MAJOR >= 7
  const int flag = SUNContext_Create(SUN_COMM_NULL, &context);
#else
  const int flag = SUNContext_Create(nullptr, &context);
#endif
  check(flag, "SUNContext_Create");
  return Owned<SUNContext>{context};
}

// What CVODE prints about a failure, an exception says here.
void silence([[maybe_unused]] SUNContext context, [[maybe_unused]] void* cvode)
{
#if SUNDIALS_VERSION_MAJOR >= 7
  check(SUNContext_ClearErrHandlers(context), "SUNContext_ClearErrHandlers");
#else
  check(CVodeSetErrFile(cvode, nullptr), "CVodeSetErrFile");
#endif
}

int rate(double, N_Vector y, N_Vector result, void*)
{
  const auto value =
      robertson_rate(std::span<const double, species>{N_VGetArrayPointer(y), species});
  std::copy(value.begin(), value.end(), N_VGetArrayPointer(result));
  return 0;
}

// Dense and by columns, as SUNDIALS keeps its matrices. The columns sum to zero exactly in the same
// sense as the rates do.
int jacobian(double, N_Vector y, N_Vector, SUNMatrix matrix, void*, N_Vector, N_Vector, N_Vector)
{
  const double* value = N_VGetArrayPointer(y);
  const double by_y2 = moderate * value[2];
  const double by_y3 = moderate * value[1];
  const double squared = 2 * fast * value[1];
  double* column = SUNDenseMatrix_Column(matrix, 0);
  column[0] = -slow;
  column[1] = slow;
  column[2] = 0;
  column = SUNDenseMatrix_Column(matrix, 1);
  column[0] = by_y2;
  column[1] = -by_y2 - squared;
  column[2] = squared;
  column = SUNDenseMatrix_Column(matrix, 2);
  column[0] = by_y3;
  column[1] = -by_y3;
  column[2] = 0;
  return 0;
}

void check(const Tolerances& tolerances)
{
  const bool good =
      tolerances.relative > 0 && std::all_of(tolerances.absolute.begin(), tolerances.absolute.end(),
                                             [](double each) { return each > 0; });
  if (!good) {
    throw std::invalid_argument(
        "tolerances of the kinetics are not positive (CVODE divides by them); "
        "give 1e-9 and {1e-11, 1e-15, 1e-11}, say");
  }
}

// BDF conserves y1 + y2 + y3 up to the round-off of some hundred linear solves. What that leaves is
// given to the largest component, where it is smallest in proportion; a negative y that is only the
// integrator's error around zero becomes zero first, so that its mass is not lost either.
void correct(std::array<double, species>& y, double mass)
{
  for (double& each : y) {
    each = std::max(each, 0.0);
  }
  double& largest = *std::max_element(y.begin(), y.end());
  largest += mass - (y[0] + y[1] + y[2]);
}

}  // namespace

std::array<double, species> robertson_rate(std::span<const double, species> y)
{
  const double forth = slow * y[0];
  const double back = moderate * y[1] * y[2];
  const double on = fast * y[1] * y[1];
  return {back - forth, forth - back - on, on};
}

// Members are released from the last to the first: the context outlives all that was made in it.
struct Robertson::Integrator {
  explicit Integrator(const Tolerances& tolerances)
  {
    silence(context.get(), cvode.get());
    auto* tolerance = N_VGetArrayPointer(absolute.get());
    std::copy(tolerances.absolute.begin(), tolerances.absolute.end(), tolerance);
    check(CVodeInit(cvode.get(), rate, 0.0, y.get()), "CVodeInit");
    check(CVodeSVtolerances(cvode.get(), tolerances.relative, absolute.get()), "CVodeSVtolerances");
    check(CVodeSetLinearSolver(cvode.get(), solver.get(), matrix.get()), "CVodeSetLinearSolver");
    check(CVodeSetJacFn(cvode.get(), jacobian), "CVodeSetJacFn");
    check(CVodeSetMaxNumSteps(cvode.get(), most_steps), "CVodeSetMaxNumSteps");
  }

  Owned<SUNContext> context = make_context();
  Owned<N_Vector> y{made(N_VNew_Serial(species, context.get()), "N_VNew_Serial")};
  Owned<N_Vector> absolute{made(N_VNew_Serial(species, context.get()), "N_VNew_Serial")};
  Owned<SUNMatrix> matrix{made(SUNDenseMatrix(species, species, context.get()), "SUNDenseMatrix")};
  Owned<SUNLinearSolver> solver{
      made(SUNLinSol_Dense(y.get(), matrix.get(), context.get()), "SUNLinSol_Dense")};
  Owned<void*> cvode{made(CVodeCreate(CV_BDF, context.get()), "CVodeCreate")};
  long cells = 0;
  long steps = 0;
  long right_hand_sides = 0;
};

Robertson::Robertson(const Tolerances& tolerances)
{
  check(tolerances);
  integrator_ = std::make_unique<Integrator>(tolerances);
}

Robertson::~Robertson() = default;
Robertson::Robertson(Robertson&&) noexcept = default;
Robertson& Robertson::operator=(Robertson&&) noexcept = default;

void Robertson::advance(std::span<const double, species> in, std::span<double, species> out,
                        double dt)
{
  const double mass = in[0] + in[1] + in[2];
  if (!std::isfinite(mass) || !(dt > 0)) {
    throw std::runtime_error("cannot integrate cell " + cell_text(in) +
                             " over dt = " + std::to_string(dt) +
                             " (it must be finite, and dt positive); look for its origin upstream");
  }
  auto& self = *integrator_;
  void* cvode = self.cvode.get();
  std::copy(in.begin(), in.end(), N_VGetArrayPointer(self.y.get()));
  // Restarted for every cell: order one, a new first step and a new Jacobian, nothing remembered.
  int flag = CVodeReInit(cvode, 0.0, self.y.get());
  double reached = 0;
  if (flag >= 0) {
    flag = CVode(cvode, dt, self.y.get(), &reached, CV_NORMAL);
  }
  if (flag < 0) {
    throw std::runtime_error("cannot integrate cell " + cell_text(in) +
                             " over dt = " + std::to_string(dt) + " (CVODE returned " +
                             flag_name(flag) + " at t = " + std::to_string(reached) +
                             "); relax the tolerances, or look for a cell that is not physical");
  }
  long steps = 0;
  long right_hand_sides = 0;
  check(CVodeGetNumSteps(cvode, &steps), "CVodeGetNumSteps");
  check(CVodeGetNumRhsEvals(cvode, &right_hand_sides), "CVodeGetNumRhsEvals");
  self.cells += 1;
  self.steps += steps;
  self.right_hand_sides += right_hand_sides;

  std::array<double, species> result{};
  std::copy_n(N_VGetArrayPointer(self.y.get()), species, result.begin());
  correct(result, mass);
  std::copy(result.begin(), result.end(), out.begin());
}

long Robertson::cells() const
{
  return integrator_->cells;
}
long Robertson::steps() const
{
  return integrator_->steps;
}
long Robertson::right_hand_sides() const
{
  return integrator_->right_hand_sides;
}

}  // namespace inner

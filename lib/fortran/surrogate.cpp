// Surrogates: ask and teach.

#include "handle.hpp"

namespace cardan::fortran {

// a: trusted, b: step, c: address of the untrusted, d: their number
CARDAN_FORTRAN_VERB(predict)
{
  const std::int64_t* samples = nullptr;
  std::int64_t count = 0;
  verb(stat, errmsg, [&] {
    const Handle& handle = opened(variable);
    if (b != nullptr) check(cardan_session_step(handle.session, integer(b, "step")));
    int trusted = 0;
    check(cardan_surrogate_predict(handle.surrogate, &trusted));
    set_logical(a, trusted != 0);
    check(cardan_surrogate_untrusted(handle.surrogate, &samples, &count));
  });
  *static_cast<const void**>(c->base_addr) = samples;
  *static_cast<std::int64_t*>(d->base_addr) = count;
}

// a: samples
CARDAN_FORTRAN_VERB(observe)
{
  verb(stat, errmsg, [&] {
    cardan_surrogate* surrogate = opened(variable).surrogate;
    if (a == nullptr) {
      check(cardan_surrogate_observe(surrogate));
      return;
    }
    const bool as_it_lies = is_integer(*a) && a->elem_len == 8 && a->rank == 1 &&
                            (a->dim[0].extent <= 1 || a->dim[0].sm == 8);
    if (as_it_lies) {
      check(cardan_surrogate_observe_samples(
          surrogate, static_cast<const std::int64_t*>(a->base_addr), a->dim[0].extent));
      return;
    }
    const auto samples = integers(a, "samples");
    check(cardan_surrogate_observe_samples(surrogate, samples.data(),
                                           static_cast<std::int64_t>(samples.size())));
  });
}

// a: counters, b: stamp
CARDAN_FORTRAN_VERB(report)
{
  verb(stat, errmsg, [&] {
    cardan_surrogate* surrogate = opened(variable).surrogate;
    if (a != nullptr)
      check(cardan_surrogate_counters(surrogate, static_cast<cardan_counters*>(a->base_addr)));
    if (b != nullptr)
      check(cardan_surrogate_stamp(surrogate, static_cast<cardan_stamp*>(b->base_addr)));
  });
}

}  // namespace cardan::fortran

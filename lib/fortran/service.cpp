// Services: request and wait.

#include "handle.hpp"

namespace cardan::fortran {

// a: request, b: priority
CARDAN_FORTRAN_VERB(request)
{
  verb(stat, errmsg, [&] {
    const auto priority = static_cast<int>(integer_or(b, "priority", 0));
    check(cardan_service_request(opened(variable).service, priority, 0,
                                 static_cast<cardan_request*>(a->base_addr)));
  });
}

// a: request, b: answered
CARDAN_FORTRAN_VERB(wait)
{
  verb(stat, errmsg, [&] {
    cardan_response response{};
    check(cardan_service_wait(opened(variable).service, -1,
                              static_cast<cardan_request*>(a->base_addr), &response));
    set_logical(b, response.status == CARDAN_REQUEST_ANSWERED);
  });
}

}  // namespace cardan::fortran

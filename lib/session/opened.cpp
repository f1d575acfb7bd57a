#include <cardan/error.hpp>
#include <cardan/opened.hpp>

namespace cardan {

void throw_closed()
{
  throw Error{"a surrogate, a service or another handle is used that is closed",
              "the ranks were split anew, or the session has ended, since it was opened",
              "Ask the session for it by name again."};
}

}  // namespace cardan

// What stands around a request to a service.
#include <cardan/cardan.hpp>

void compute_something_else();
void solve(const std::vector<double>& x, std::vector<double>& y);
void ask(cardan::Session& session, std::vector<double>& x, std::vector<double>& y);

void ask(cardan::Session& session, std::vector<double>& x, std::vector<double>& y)
{
  // The block.
}

#include <cardan/error.hpp>

namespace cardan {

namespace {
std::string compose(const std::string& problem, const std::string& reason,
                    const std::string& remedy)
{
  std::string message = problem;
  if (!reason.empty()) message += " (" + reason + ")";
  if (!remedy.empty()) message += ". " + remedy;
  return message;
}
}  // namespace

Error::Error(const std::string& problem, const std::string& reason, const std::string& remedy)
    : std::runtime_error(compose(problem, reason, remedy))
{}

Error Error::everywhere(const std::string& message)
{
  Error error{message};
  error.reach_ = Reach::everywhere;
  return error;
}

}  // namespace cardan

#include "session/signals.hpp"

#include <signal.h>

#include <array>
#include <utility>

namespace cardan {

namespace {

volatile sig_atomic_t last = 0;

void remember(int number)
{
  last = number;
}

constexpr std::array<std::pair<const char*, int>, 5> known{{{"SIGTERM", SIGTERM},
                                                            {"SIGUSR1", SIGUSR1},
                                                            {"SIGUSR2", SIGUSR2},
                                                            {"SIGINT", SIGINT},
                                                            {"SIGHUP", SIGHUP}}};

}  // namespace

struct Signals::Before {
  int number;
  struct sigaction action;
};

Signals::Signals(const std::vector<int>& numbers)
{
  last = 0;
  for (const int number : numbers) {
    struct sigaction action {};
    action.sa_handler = remember;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    Before before{number, {}};
    if (sigaction(number, &action, &before.action) == 0) before_.push_back(before);
  }
}

Signals::~Signals()
{
  for (const auto& before : before_) sigaction(before.number, &before.action, nullptr);
}

int Signals::heard()
{
  return last;
}

int Signals::number_of(const std::string& name)
{
  for (const auto& [each, number] : known)
    if (name == each) return number;
  return 0;
}

std::string Signals::name_of(int number)
{
  for (const auto& [name, each] : known)
    if (number == each) return name;
  return "signal " + std::to_string(number);
}

}  // namespace cardan

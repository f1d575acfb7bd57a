/// Ranks that are held up at random, so that nothing arrives twice at the same moments.
#pragma once

#include <sys/time.h>
#include <time.h>
#include <chrono>
#include <csignal>
#include <cstdint>

namespace test {

/// While it lives, this process is interrupted every few hundred microseconds, wherever it is, and
/// sleeps for up to a few milliseconds now and then; at other times in every run. One at a time.
class Jitter {
 public:
  explicit Jitter(int rank)
  {
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    state_ = static_cast<std::uint64_t>(now) * 0x9E3779B97F4A7C15U + static_cast<unsigned>(rank);
    struct sigaction action {};
    action.sa_handler = hold_up;
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, &before_);
    again();
  }
  ~Jitter()
  {
    const itimerval off{};
    setitimer(ITIMER_REAL, &off, nullptr);
    sigaction(SIGALRM, &before_, nullptr);
  }
  Jitter(const Jitter&) = delete;
  Jitter& operator=(const Jitter&) = delete;

 private:
  static std::uint64_t next()
  {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return state_;
  }
  static void again()
  {
    itimerval timer{};
    timer.it_value.tv_usec = static_cast<suseconds_t>(200 + next() % 3000);
    setitimer(ITIMER_REAL, &timer, nullptr);
  }
  static void hold_up(int)
  {
    const timespec pause{0, static_cast<long>(next() % 4 == 0 ? next() % 3000000 : 0)};
    nanosleep(&pause, nullptr);
    again();
  }

  inline static std::uint64_t state_ = 0;
  struct sigaction before_ {};
};

}  // namespace test

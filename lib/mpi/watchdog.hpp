/// Ends the process with a message where a call of MPI does not return: nothing else can.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace cardan::mpi {

/// Watches from construction to destruction. Calls no MPI function.
class Watchdog {
 public:
  /// After `seconds`: prints the message (`speaks`: one rank of many) and ends the process with
  /// status 70, whereupon mpirun ends the job.
  Watchdog(double seconds, std::string message, bool speaks);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace cardan::mpi

/// The system as all runs of a program find it: after its warm-up, computed once.
#pragma once

#include "system.hpp"

#include <mpi.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace reduce {

class Laboratory {
 public:
  Laboratory(const SystemSettings& settings, std::int64_t warmup)
      : settings_(settings), warmup_(warmup)
  {}
  /// The system after its warm-up, before any change. Collective over `comm`, which is to have the
  /// same ranks each time; it may go then.
  System& prepared(MPI_Comm comm)
  {
    if (!system_) {
      system_ = make_system(comm, settings_);
      for (std::int64_t step = 0; step < warmup_; ++step) system_->step();
      saved_ = system_->save();
    } else {
      system_->restore(saved_);
    }
    return *system_;
  }

 private:
  SystemSettings settings_;
  std::int64_t warmup_;
  std::unique_ptr<System> system_;
  std::vector<double> saved_;
};

}  // namespace reduce

/// The thread of a rank that writes its part of a checkpoint, and on one rank completes the file.
/// It calls neither MPI nor HDF5.
#pragma once

#include "checkpoint/series.hpp"
#include "checkpoint/snapshot.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace cardan::checkpoint {

/// What a rank writes, and where.
struct Work {
  std::int64_t sequence = 0;
  std::string path;
  int rank = 0;
  /// The rank that completes the file: gives it its name, and takes away old ones.
  bool completes = false;
  std::vector<Item> items;
  /// Seconds after which a wait for other ranks is given up.
  double patience = 60;
};

class Background {
 public:
  Background(Series series, int keep) : series_(std::move(series)), keep_(keep) {}
  /// Waits for the thread, which gives up what it waits for.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// Files that may be taken away when newer ones are whole.
  void adopt(std::vector<std::int64_t> numbers) { kept_ = std::move(numbers); }
  /// Begins; the work before it has been taken.
  void begin(Work work);
  [[nodiscard]] bool busy() const { return state_ == State::busy; }
  /// After it was busy: why it failed; empty where all is written. Joins the thread.
  std::string take();
  /// Ends the wait for others, and so the work, with a reason; removes what was begun.
  void give_up(const std::string& reason);

 private:
  enum class State { idle, busy, ended };
  void run();
  void write() const;
  void complete();
  void remove_old();
  /// Waits for `ready()`; throws `problem` where it takes too long, or is given up.
  template <class Ready>
  void wait_for(Ready&& ready, const char* problem) const;

  Series series_;
  int keep_;
  std::vector<std::int64_t> kept_;
  Work work_;
  std::thread thread_;
  std::atomic<State> state_{State::idle};
  std::atomic<bool> stop_{false};
  std::string stop_reason_;
  std::string failure_;
};

}  // namespace cardan::checkpoint

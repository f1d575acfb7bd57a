/// Contestants measured in turns, so that what the machine does besides meets all of them.
#pragma once

#include "layout.hpp"
#include "way.hpp"

#include <memory>
#include <string>
#include <vector>

namespace bench {

/// `stream`: steps as fast as flow control lets them. `round_trip`: each step waits for the
/// decision made from it.
enum class Pattern { stream, round_trip };
const char* to_string(Pattern pattern);

/// A way by name; references have no mode.
struct Contestant {
  std::string transport;
  std::string mode;
  std::unique_ptr<Way> way;
};

/// How much is measured.
struct Effort {
  int rounds = 7;
  /// Seconds that a round of one contestant shall take at least, as far as `fewest` leaves it free.
  double round = 0.01;
  std::int64_t fewest = 8;
};

/// The steps of a case, the same for all contestants, and what all rounds together will take.
struct Plan {
  std::int64_t steps = 0;
  double seconds = 0;
};

/// The same contestants over the same layout, for any number of races. All calls are collective and
/// throw on all ranks where a byte arrived wrong.
class Race {
 public:
  /// The first contestant is the one that steps are counted by.
  Race(const Team& team, const Layout& layout, std::vector<Contestant> contestants);

  /// A few steps compared element by element, unmeasured. `compare` is how a consumer's part is
  /// read then; by default as an array without gaps.
  void verify(Pattern pattern, const Read& compare = {});
  /// One unmeasured round, which tells how many steps fit into a round.
  Plan warm_up(Pattern pattern, const Effort& effort);
  /// Seconds per step of each contestant in each round.
  std::vector<std::vector<double>> run(Pattern pattern, const Effort& effort, const Plan& plan);

  [[nodiscard]] const std::vector<Contestant>& contestants() const { return contestants_; }

 private:
  double time(const Contestant& contestant, Pattern pattern, std::int64_t steps, const Read& read);

  Team team_;
  Layout layout_;
  std::vector<Contestant> contestants_;
  std::int64_t next_ = 0;
};

}  // namespace bench

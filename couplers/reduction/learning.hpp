/// What ML ranks do to learn an encoder: they keep blocks in a reservoir, and the lead trains.
#pragma once

#include "couplers/reduction/codec.hpp"
#include "couplers/reduction/ends.hpp"
#include "couplers/reduction/reservoir.hpp"
#include "couplers/reduction/trainer.hpp"
#include "session/context.hpp"
#include "support/splitmix.hpp"

#include <cardan/reduction.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cardan::reduction {

class Learning {
 public:
  /// Collective over the ML ranks and blocking; only receivers have anything.
  Learning(const Context& context, const Settings& settings, const Ends& ends);
  /// The lead: loads the module of the model. Throws, with the line, where it cannot be made.
  void load(const Context& context, int threads);

  /// Some blocks of a put go into this rank's shard.
  void add(const Reconstruction& arrived);
  [[nodiscard]] bool due() const { return trainer_ && trainer_->due(seen_); }
  /// The lead: a slice of training where it is due; encoders where it ends.
  std::optional<Encoders> work();
  /// What came of it, for the log.
  [[nodiscard]] std::string summary() const;
  void abandon() noexcept;

 private:
  const std::vector<Blocking>& blockings_of(const Reconstruction& arrived);

  Settings settings_;
  std::vector<ReductionField> fields_;
  /// By sender, and field.
  std::map<int, std::vector<Blocking>> blockings_;
  std::vector<std::unique_ptr<Reservoir>> reservoirs_;
  std::unique_ptr<Trainer> trainer_;
  Random random_;
  std::vector<double> block_;
  /// Blocks of each field so far, and the newest step.
  std::int64_t seen_ = 0;
  std::int64_t step_ = 0;
};

}  // namespace cardan::reduction

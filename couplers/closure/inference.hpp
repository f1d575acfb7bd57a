/// Inference ranks: answer all simulation ranks that are waiting, in one batch, by the newest
/// weights.
#pragma once

#include "couplers/closure/gate.hpp"
#include "couplers/closure/rows.hpp"
#include "couplers/closure/streams.hpp"

#include <memory>
#include <vector>

namespace cardan::closure {

class Inference {
 public:
  Inference(Streams& streams, const TrustSettings& trust, std::unique_ptr<Model> model);
  /// Answers what waits; says whether there was anything.
  bool poll();

 private:
  void take_weights();
  void answer(const std::vector<std::size_t>& waiting);
  void reply(std::size_t lane, std::int64_t first, bool answered);

  Streams& streams_;
  std::unique_ptr<Model> model_;
  Gate gate_;
  double limit_ = 0;
  Columns columns_;
  /// Version, steps and losses of the weights in use: what the weights' header said.
  channel::Header weights_{};
  bool failed_ = false;
  std::vector<std::size_t> waiting_;
  std::vector<double> inputs_;
  std::vector<double> outputs_;
  std::vector<double> spread_;
  std::vector<std::uint8_t> inside_;
  std::vector<Verdict> verdicts_;
};

}  // namespace cardan::closure

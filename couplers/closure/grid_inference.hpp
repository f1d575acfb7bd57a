/// Inference on grids: a rank answers for its tiles as soon as all simulation ranks around them
/// have asked.
#pragma once

#include "couplers/closure/gather.hpp"
#include "couplers/closure/inference.hpp"

#include <memory>
#include <vector>

namespace cardan::closure {

class GridInference : public Answering {
 public:
  GridInference(Streams& streams, const SurrogateSettings& settings, std::unique_ptr<Model> model);
  bool poll() override;

 private:
  void assemble();
  void reply(bool answered);
  void give_up(std::size_t request);

  Streams& streams_;
  Judge judge_;
  bool in_step_;
  Tiles tiles_;
  Box block_;
  Gather gather_;
  Columns inputs_;
  Columns outputs_;
  std::vector<Verdict> verdicts_;
  /// The answers of all tiles side by side, without halo.
  std::vector<std::vector<std::byte>> answers_;
  /// The lane of a reply's request.
  std::vector<std::size_t> request_of_;
};

}  // namespace cardan::closure

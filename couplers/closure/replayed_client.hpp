/// A client that answers as a decision log says: no model, no ML ranks.
#pragma once

#include "couplers/closure/client.hpp"
#include "provenance/replay.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cardan::closure {

/// Batches and grids alike. The first call is collective over the simulation ranks.
class ReplayedClient : public Surrogate::Implementation {
 public:
  ReplayedClient(const Context& context, const SurrogateSettings& settings, std::string log);
  Answer predict(Fields inputs, Fields outputs) override;
  /// Counts.
  void observe(Fields inputs, Fields outputs, std::span<const std::int64_t> samples) override;
  void observe_all(Fields inputs, Fields outputs) override;

 private:
  void bind(Fields inputs, Fields outputs);
  void take(Fields outputs, std::int64_t rows);

  std::string path_;
  std::optional<provenance::Replay> log_;
  std::vector<std::uint8_t> origins_;
  std::vector<std::byte> dense_;
};

}  // namespace cardan::closure

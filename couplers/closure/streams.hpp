/// The streams of a surrogate: requests and replies, observations, weights. Opened together by all
/// ranks.
#pragma once

#include "channel/lanes.hpp"
#include "couplers/closure/gate.hpp"
#include "couplers/closure/grid_streams.hpp"
#include "couplers/closure/settings.hpp"
#include "couplers/closure/team.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cardan::closure {

/// The fields of a surrogate as simulation ranks declare them; the first extent is the most
/// samples.
struct Binding {
  std::vector<FieldSpec> inputs;
  std::vector<FieldSpec> outputs;

  [[nodiscard]] Signature signature() const;
  [[nodiscard]] std::int64_t capacity() const;
};

/// Collective over the simulation ranks: throws on all of them where their fields differ. For a
/// session without ML ranks, where no stream is opened that would find it.
void check_alike(const Context& context, const SurrogateSettings& settings, const Binding& mine);

struct Streams {
  /// Collective over the session and blocking; the same error on all ranks. Simulation ranks give
  /// their fields, ML ranks nothing. `prepare` runs on ML ranks once the fields are known (to make
  /// the model) and says how many bytes a published state has.
  Streams(const Context& context, const SurrogateSettings& settings, const Binding& mine,
          const std::function<std::size_t(const Team&, const Binding&)>& prepare);

  Team team;
  /// What simulation rank 0 declares, the first extent being the largest of all ranks. On a grid:
  /// images.
  Binding fields;
  std::optional<Grid> grid;
  /// Those that the model's place and training have no use for are null.
  std::unique_ptr<channel::Lanes> request;
  std::unique_ptr<channel::Lanes> reply;
  std::unique_ptr<channel::Lanes> observation;
  std::unique_ptr<channel::Lanes> weights;

  /// Writes samples [first, first + count) of answers and verdicts into a reply's slot.
  void put_answers(channel::OutLane& reply, const Batch& answers, const Verdict* verdicts,
                   std::int64_t first, std::int64_t count) const;

  /// Closes what this rank produces.
  void close();
  void abandon() noexcept;
};

}  // namespace cardan::closure

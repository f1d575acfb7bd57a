/// The client of a surrogate on a grid: fields are boxes of global arrays, answers come tile by
/// tile.
#pragma once

#include "couplers/closure/client.hpp"
#include "couplers/closure/gather.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace cardan::closure {

class GridClient : public Surrogate::Implementation {
 public:
  GridClient(const Context& context, const SurrogateSettings& settings, Open open);
  Answer predict(Fields inputs, Fields outputs) override;
  void observe(Fields inputs, Fields outputs, std::span<const std::int64_t> samples) override;
  void observe_all(Fields inputs, Fields outputs) override;

 private:
  /// This rank's cells of one tile.
  struct Spot {
    /// The tile's number among those that this rank has a part of.
    std::size_t tile;
    /// Where the cells begin in the answering rank's part, and in this rank's box.
    Extents from;
    Extents to;
    Extents count;
    /// Where the verdict stands.
    Extents verdict;
  };
  /// A lane of replies.
  struct Lane {
    /// The lane of its requests.
    std::size_t request;
    std::vector<Spot> spots;
  };

  void bind(Fields inputs, Fields outputs);
  void check_boxes(const Binding& binding) const;
  void check(Fields fields, const std::vector<FieldSpec>& bound) const;
  void prepare();
  [[nodiscard]] std::vector<Spot> spots_of(const Box& block) const;
  [[nodiscard]] bool finite(Fields fields, const char* verb) const;
  /// The number of a call in this step, by its kind.
  [[nodiscard]] Call count(Call& last) const;
  void ask(Fields inputs);
  void settle(std::size_t lane, Fields outputs);
  void take(const Spot& spot, std::size_t lane, Fields outputs);
  void settle_late(std::size_t lane, Fields outputs);
  /// Lists the cells of all tiles that are not trusted.
  void list_untrusted();

  bool bound_ = false;
  Box box_;
  /// Tiles that this rank has a part of.
  Box cover_;
  std::vector<Lane> replies_;
  /// Cells of this rank's box that a training rank's tiles have, by lane of the observations.
  std::vector<std::int64_t> taught_;
  std::vector<bool> trusted_;
  Call predicted_{-1, 0, 0};
  Call observed_{-1, 0, 0};
  /// `late = "last"`: the last trusted answers, field after field, and which tiles have one.
  std::vector<std::vector<std::byte>> last_;
  std::vector<bool> has_last_;
};

}  // namespace cardan::closure

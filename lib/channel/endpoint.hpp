/// What stands behind a Channel: which step goes or comes next, by the policy, over all lanes.
#pragma once

#include "channel/lanes.hpp"

#include <cardan/channel.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace cardan::channel {

class Endpoint {
 public:
  Endpoint(MPI_Comm parent, const ChannelOptions& wanted, End end);
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  void put(std::int64_t step, std::span<const NamedField> fields);
  [[nodiscard]] bool claim();
  void publish(std::int64_t step, std::optional<std::int64_t> samples);
  void drop_claim() noexcept { claimed_ = false; }
  [[nodiscard]] const Field& claimed(std::string_view name) const;
  [[nodiscard]] bool claim_in_place() const { return in_place_; }

  /// The lane of a step that can be read (0 for boxes); -1 where there is none yet, -2 where none
  /// will come.
  [[nodiscard]] int find(Pick pick);
  /// The same, waiting.
  [[nodiscard]] int await(Pick pick);
  void release(int lane);
  [[nodiscard]] std::int64_t step(int lane) { return lanes_->in()[at(lane)].header().step; }
  [[nodiscard]] int producer(int lane)
  {
    return lanes_->plan().boxes ? -1 : lanes_->in()[at(lane)].producer();
  }
  [[nodiscard]] const Field& field(int lane, std::string_view name);
  void copy_out(std::span<const NamedField> fields);

  void close() { lanes_->close(); }
  void rebox(End end);

  [[nodiscard]] Lanes& lanes() { return *lanes_; }
  [[nodiscard]] const ChannelCounters& counters() const { return counters_; }

  static constexpr int nothing_yet = -1;
  static constexpr int over = -2;

 private:
  /// What is done with a step, for one lane.
  enum class Verdict { write, leave_out };

  static std::size_t at(int lane) { return static_cast<std::size_t>(lane); }
  void prepare();
  void check(std::span<const NamedField> fields) const;
  [[nodiscard]] bool every_leaves_out();
  [[nodiscard]] Verdict admit(OutLane& lane);
  void wait_for_room(OutLane& lane);
  [[nodiscard]] int find_box(Pick pick);
  [[nodiscard]] int find_batch(Pick pick);
  [[nodiscard]] bool find_in(std::span<InLane> lanes, Pick pick);
  [[nodiscard]] bool hold(std::span<InLane> lanes, std::uint64_t step);
  void move_on(std::span<InLane> lanes, std::uint64_t step);
  void prepare_claim();

  ChannelOptions options_;
  mpi::Comm comm_;
  End mine_;
  Choice choice_;
  std::unique_ptr<Lanes> lanes_;
  ChannelCounters counters_;
  std::size_t turn_ = 0;
  /// Steps offered, those that `every` leaves out included.
  std::int64_t offered_ = 0;
  bool claimed_ = false;
  bool in_place_ = false;
  /// Views of slots: for boxes by slot and field, for batches by lane and field.
  std::vector<Field> views_;
  std::vector<Field> claim_;
  /// A producer's own memory for claims that are not in place.
  std::vector<std::vector<std::byte>> staging_;
  int exceptions_ = 0;
};

}  // namespace cardan::channel

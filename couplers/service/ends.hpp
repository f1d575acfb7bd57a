/// The lanes of one service: requests and replies between every client and every instance.
#pragma once

#include "channel/lanes.hpp"
#include "couplers/service/settings.hpp"
#include "session/context.hpp"

#include <cardan/service.hpp>

#include <memory>
#include <vector>

namespace cardan::service {

/// The fields of a request; the first extent is the most samples.
struct Binding {
  std::vector<FieldSpec> inputs;
  std::vector<FieldSpec> outputs;

  [[nodiscard]] Signature signature() const;
  [[nodiscard]] std::int64_t capacity() const;
};

/// Slots of a ring beyond `depth`, for drains, resumes and swaps.
inline constexpr int control_slots = 2;
/// Bytes that a note (the file of a swap) may have.
inline constexpr std::int64_t note_bytes = 512;

/// Collective over the simulation ranks: throws on all of them where one of them declares what no
/// service has, or they differ.
void check_binding(const Context& context, const ServiceSettings& settings, const Binding& mine);

struct Ends {
  /// Collective over the session and blocking; the same error on all ranks. Simulation ranks give
  /// their fields, ML ranks nothing.
  Ends(const Context& context, const ServiceSettings& settings, const Binding& mine);

  /// Where the instances are: dealt over the ML ranks in order.
  std::vector<int> ranks;
  /// Whether all ranks of the session share a node, and so a clock; and which instances share this
  /// rank's node.
  bool one_clock = false;
  std::vector<bool> on_this_node;
  /// As the first client declares them, with the largest number of samples of any.
  Binding fields;
  /// The part of a request's slot that holds a note, and the bytes of a sample of it.
  std::size_t note_part = 0;
  std::int64_t note_row = 0;
  /// On clients lane i is instance i; on ML ranks lanes stand instance by instance, and client by
  /// client.
  std::unique_ptr<channel::Lanes> request;
  std::unique_ptr<channel::Lanes> reply;
  /// Of this rank.
  double window_seconds = 0;

  void close();
  void abandon() noexcept;
};

/// Copies `count` dense samples into the first ones of a field of any strides.
void store(const std::byte* dense, const Field& field, std::int64_t count);

}  // namespace cardan::service

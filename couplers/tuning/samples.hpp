/// Samples that ranks keep in their parts of a window, and copy from each other.
#pragma once

#include "couplers/closure/samples.hpp"
#include "couplers/federation/silo.hpp"
#include "couplers/tuning/shards.hpp"

#include <cardan/field.hpp>
#include <cardan/model.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace cardan::tuning {

/// A part is written from its begin to its end and never again: what a count covers is whole.
class Samples {
 public:
  enum class Use : std::uint8_t { training, held_out };
  using Fields = std::initializer_list<NamedField>;

  /// Collective over the simulation ranks: `capacity` samples of both uses on each. No fields:
  /// none.
  Samples(const Context& context, const std::string& name, const Signature& signature,
          std::int64_t capacity);

  /// Into this rank's part. Neither blocking nor collective.
  void add(Fields inputs, Fields outputs, Use use);
  /// Of this rank's part; those for which there was no room.
  [[nodiscard]] std::int64_t own(Use use) const { return own_[static_cast<std::size_t>(use)]; }
  [[nodiscard]] std::int64_t lost() const { return lost_; }

  /// Copies what this rank has not seen of all parts. Not collective.
  void refresh();
  /// What it has seen, of all ranks.
  [[nodiscard]] const closure::Columns& inputs(Use use) const;
  [[nodiscard]] const closure::Columns& outputs(Use use) const;
  [[nodiscard]] bool declared() const { return bytes_ > 0; }
  void abandon() noexcept { shards_.abandon(); }

 private:
  struct Seen {
    closure::Columns inputs;
    closure::Columns outputs;
  };
  void keep(const std::byte* row);

  std::string what_;
  Signature signature_;
  std::int64_t capacity_;
  std::size_t bytes_;
  Shards shards_;
  std::int64_t own_[2] = {0, 0};
  std::int64_t lost_ = 0;
  /// By use.
  std::vector<Seen> seen_;
  /// By rank: samples of its part that were copied.
  std::vector<std::int64_t> known_;
  /// Between fields and a part.
  closure::Columns some_inputs_;
  closure::Columns some_outputs_;
  std::vector<std::byte> rows_;
};

}  // namespace cardan::tuning

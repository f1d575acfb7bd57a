/// Random numbers that are a function of what they are for: the same on any number of ranks.
#pragma once

#include <array>
#include <cstdint>

namespace twin {

/// What a number is drawn for; each has numbers of its own.
enum class Purpose : std::uint32_t { truth, members, observations, perturbations, rotation, sites };

/// Philox 4x32-10 (Salmon, Moraes, Dror and Shaw, SC 2011): counter and key to four words.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key);

/// The numbers of one seed, purpose, cycle and member. Cheap to make: one for every use.
class Random {
 public:
  Random(std::uint64_t seed, Purpose purpose, std::int64_t cycle = 0, std::int64_t member = 0);

  /// In [0, 1), in steps of 2^-53.
  double uniform();
  /// Mean 0, variance 1 (Box and Muller 1958).
  double gaussian();
  /// In 0 .. below - 1.
  int index(int below);

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> words_{};
  int left_ = 0;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace twin

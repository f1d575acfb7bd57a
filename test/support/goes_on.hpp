/// A learner restored from a state goes on exactly as the one that gave it.
#pragma once

#include <cardan/model.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cardan::test {

using MakeLearner = std::function<std::unique_ptr<Learner>()>;

/// What was there to compare with, bit for bit.
struct Trace {
  std::vector<double> losses;
  std::vector<std::byte> settled;
  State state;
};

inline std::vector<std::byte> settled(const Learner& learner)
{
  std::vector<std::byte> bytes(learner.state_bytes());
  learner.write(bytes.data());
  return bytes;
}

/// What training ranks do: take samples, step, settle, keep, roll back.
inline std::vector<double> train(Learner& learner, const std::vector<Batch>& inputs,
                                 const std::vector<Batch>& targets, int begin, int end)
{
  std::vector<double> losses;
  for (int i = begin; i < end; ++i) {
    const auto at = static_cast<std::size_t>(i) % inputs.size();
    const Batch& x = inputs[at];
    const Batch& y = targets[at];
    learner.see(x, y);
    if (i % 4 == 0) learner.normalise(learner.tally());
    if (!learner.buckets().empty()) {
      const auto differentiate = [&] {
        return learner.differentiate(x, y, 1, [](std::size_t) {});
      };
      losses.push_back(differentiate());
      learner.step(losses.back(), differentiate);
    }
    if (i % 3 != 2) continue;
    learner.settle(learner.settling_sums(x, y));
    losses.push_back(learner.validate(x, y));
    if (i % 2 == 0) learner.keep();
    if (i % 9 == 5) learner.roll_back(0.5);
  }
  return losses;
}

inline void check_same(const State& a, const State& b)
{
  REQUIRE(a.arrays().size() == b.arrays().size());
  for (const auto& array : a.arrays()) {
    CAPTURE(array.name);
    REQUIRE(b.has(array.name));
    CHECK(b.array(array.name).shape == array.shape);
    const bool same = b.array(array.name).data == array.data;
    CHECK(same);
  }
}

/// Batches are used in turn; some before the state is taken, some after it.
inline void check_goes_on(const MakeLearner& make, const std::vector<Batch>& inputs,
                          const std::vector<Batch>& targets, int before = 7, int after = 8)
{
  const auto original = make();
  static_cast<void>(train(*original, inputs, targets, 0, before));
  const State state = original->checkpoint();
  const auto then = settled(*original);
  const auto losses = train(*original, inputs, targets, before, before + after);

  const auto other = make();
  // It has done something else before.
  static_cast<void>(train(*other, inputs, targets, 1, 4));
  other->restore(state);
  CHECK((settled(*other) == then));
  check_same(state, other->checkpoint());
  const auto again = train(*other, inputs, targets, before, before + after);
  REQUIRE(again.size() == losses.size());
  for (std::size_t i = 0; i < losses.size(); ++i) {
    CAPTURE(i);
    CHECK(again[i] == losses[i]);
  }
  CHECK((settled(*other) == settled(*original)));
  check_same(original->checkpoint(), other->checkpoint());
}

/// A state of another learner is an error that says `what`, and changes nothing.
inline void check_refused(Learner& learner, const State& state, const std::vector<std::string>& what)
{
  const State before = learner.checkpoint();
  std::string message;
  try {
    learner.restore(state);
  } catch (const std::exception& error) {
    message = error.what();
  }
  for (const auto& word : what) {
    CAPTURE(word);
    CAPTURE(message);
    CHECK(message.find(word) != std::string::npos);
  }
  check_same(before, learner.checkpoint());
}

}  // namespace cardan::test

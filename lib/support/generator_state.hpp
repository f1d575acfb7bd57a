/// Generators of random numbers as arrays of a state: one row of numbers each. C++17, so that
/// modules can include it.
#pragma once

#include <cardan/error.hpp>
#include <cardan/state.hpp>

#include <cstdint>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace cardan {

inline void put_generator(State& state, const std::string& name, const std::mt19937_64& generator)
{
  std::stringstream text;
  text << generator;
  std::vector<std::uint64_t> words;
  for (std::uint64_t word = 0; text >> word;) words.push_back(word);
  state.put(name, Dtype::uint64, {1, static_cast<std::int64_t>(words.size())}, words.data());
}

/// Throws where the array is no such generator's.
inline std::mt19937_64 generator_of(const State& state, const std::string& name)
{
  const State::Array& array = state.array(name);
  std::vector<std::uint64_t> words(static_cast<std::size_t>(array.numbers()));
  state.get(name, Dtype::uint64, {1, array.numbers()}, words.data());
  std::stringstream text;
  for (const auto word : words) text << word << ' ';
  std::mt19937_64 generator;
  text >> generator;
  if (text.fail())
    throw Error{"array '" + name + "' is no state of a random number generator",
                "it has " + std::to_string(words.size()) + " numbers"};
  return generator;
}

}  // namespace cardan

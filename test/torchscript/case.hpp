/// A case that write_cases.py wrote: tables of a run file, and raw arrays.
#pragma once

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace test {

/// The folder that the environment names.
inline std::string case_folder()
{
  const char* folder = std::getenv("CARDAN_TEST_CASES");
  REQUIRE(folder != nullptr);
  return std::string(folder) + "/";
}

inline std::vector<std::byte> read_file(const std::string& path)
{
  std::ifstream file{path, std::ios::binary};
  CAPTURE(path);
  REQUIRE(file.good());
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::byte> all(bytes.size());
  if (!bytes.empty()) std::memcpy(all.data(), bytes.data(), bytes.size());
  return all;
}

/// Bytes as numbers of a dtype.
inline std::vector<double> numbers(const std::vector<std::byte>& bytes, cardan::Dtype dtype)
{
  std::vector<double> all(bytes.size() / static_cast<std::size_t>(cardan::size_of(dtype)));
  const auto* data = bytes.data();
  for (std::size_t i = 0; i < all.size(); ++i) switch (dtype) {
      case cardan::Dtype::float32: all[i] = reinterpret_cast<const float*>(data)[i]; break;
      case cardan::Dtype::float64: all[i] = reinterpret_cast<const double*>(data)[i]; break;
      default: all[i] = static_cast<double>(reinterpret_cast<const std::int64_t*>(data)[i]); break;
    }
  return all;
}

/// The largest difference, as a share of the largest number expected.
inline double relative_error(const std::vector<double>& a, const std::vector<double>& expected)
{
  REQUIRE(a.size() == expected.size());
  double largest = 1e-300;
  double off = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    const double difference = std::abs(a[i] - expected[i]);
    // Not a number is as far as can be.
    off = difference >= 0 ? std::max(off, difference) : 1e300;
  }
  return off / largest;
}

/// Columns of a batch, with their memory.
class Columns {
 public:
  explicit Columns(std::vector<std::vector<std::byte>> memory) : memory_(std::move(memory))
  {
    for (auto& column : memory_) pointers_.push_back(column.data());
    read_only_.assign(pointers_.begin(), pointers_.end());
  }
  Columns(const Columns&) = delete;
  Columns& operator=(const Columns&) = delete;
  [[nodiscard]] cardan::Batch batch(std::int64_t count) const { return {count, read_only_.data()}; }
  [[nodiscard]] std::byte* const* data() const { return pointers_.data(); }
  [[nodiscard]] const std::vector<std::byte>& operator[](std::size_t i) const { return memory_[i]; }
  [[nodiscard]] const std::vector<std::vector<std::byte>>& memory() const { return memory_; }

 private:
  std::vector<std::vector<std::byte>> memory_;
  std::vector<std::byte*> pointers_;
  std::vector<const std::byte*> read_only_;
};

struct Case {
  explicit Case(const std::string& name)
      : folder(case_folder() + name + "/"),
        table(cardan::Config::from_file(folder + "case.toml")),
        count(table.get<std::int64_t>("count"))
  {
    const auto read = [&](const std::string& key) {
      cardan::Features features;
      for (const auto& own : table.get<std::vector<std::string>>(key)) {
        const auto feature = table.table(own);
        const auto dtype = feature.get<std::string>("dtype");
        features.push_back({own,
                            dtype == "float32"   ? cardan::Dtype::float32
                            : dtype == "float64" ? cardan::Dtype::float64
                                                 : cardan::Dtype::int64,
                            feature.get<std::vector<std::int64_t>>("shape")});
      }
      return features;
    };
    signature = {read("inputs"), read("outputs")};
  }

  /// The arrays of files PREFIX0.bin, PREFIX1.bin, ...
  [[nodiscard]] std::vector<std::vector<std::byte>> arrays(const std::string& prefix,
                                                           std::size_t number) const
  {
    std::vector<std::vector<std::byte>> all;
    for (std::size_t i = 0; i < number; ++i)
      all.push_back(read_file(folder + prefix + std::to_string(i) + ".bin"));
    return all;
  }
  [[nodiscard]] std::vector<std::vector<std::byte>> inputs() const
  {
    return arrays("x", signature.inputs.size());
  }
  /// Room for answers.
  [[nodiscard]] std::vector<std::vector<std::byte>> room() const
  {
    std::vector<std::vector<std::byte>> all;
    for (const auto& feature : signature.outputs)
      all.emplace_back(static_cast<std::size_t>(count * feature.bytes()));
    return all;
  }
  /// Of answers that were predicted, against the files PREFIX0.bin, ...
  [[nodiscard]] double error(const Columns& answers, const std::string& prefix) const
  {
    const auto expected = arrays(prefix, signature.outputs.size());
    double worst = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto dtype = signature.outputs[i].dtype;
      worst =
          std::max(worst, relative_error(numbers(answers[i], dtype), numbers(expected[i], dtype)));
    }
    return worst;
  }

  std::string folder;
  cardan::Config table;
  std::int64_t count;
  cardan::Signature signature;
};

inline std::vector<std::string> case_names(bool trained)
{
  auto names = cardan::Config::from_file(case_folder() + "cases.toml")
                   .get<std::vector<std::string>>("names");
  names.erase(
      std::remove_if(names.begin(), names.end(),
                     [&](const auto& name) { return (name.rfind("train", 0) == 0) != trained; }),
      names.end());
  return names;
}

}  // namespace test

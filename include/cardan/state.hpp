/// What has to be kept of something so that it goes on later as if nothing had happened. C++17.
#pragma once

#include <cardan/dtype.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cardan {

/// Named arrays, copied in and out: dense, row-major, on the host. A name may have groups
/// (`optimiser/first_moment`); its parts are letters, digits, `_`, `-` and `.`.
class State {
 public:
  struct Array {
    std::string name;
    Dtype dtype = Dtype::float64;
    /// Empty for a single number.
    std::vector<std::int64_t> shape;
    std::vector<std::byte> data;

    /// How many numbers it holds.
    [[nodiscard]] std::int64_t numbers() const;
  };

  /// Copies an array; throws where the name is taken, empty or has other letters.
  void put(const std::string& name, Dtype dtype, const std::vector<std::int64_t>& shape,
           const void* data);
  void put(const std::string& name, std::int64_t number);
  void put(const std::string& name, double number);
  void put(const std::string& name, const std::vector<double>& numbers);
  void put(const std::string& name, const std::vector<std::int64_t>& numbers);
  /// Takes another state's arrays as `group/NAME`.
  void put(const std::string& group, const State& other);

  [[nodiscard]] const std::vector<Array>& arrays() const noexcept { return arrays_; }
  [[nodiscard]] bool has(const std::string& name) const;
  /// The arrays below `group/`, named without it.
  [[nodiscard]] State group(const std::string& group) const;
  /// Throws, naming it, where there is none.
  [[nodiscard]] const Array& array(const std::string& name) const;
  /// Copies an array's bytes out; throws where dtype or shape differ, naming both.
  void get(const std::string& name, Dtype dtype, const std::vector<std::int64_t>& shape,
           void* data) const;
  [[nodiscard]] std::int64_t integer(const std::string& name) const;
  [[nodiscard]] double number(const std::string& name) const;
  [[nodiscard]] std::vector<double> numbers(const std::string& name) const;
  [[nodiscard]] std::vector<std::int64_t> integers(const std::string& name) const;

 private:
  Array& add(const std::string& name);
  std::vector<Array> arrays_;
};

}  // namespace cardan

/// Services of tests: handlers whose answers are known, and requests that check them.
#pragma once

#include "support/run_file.hpp"
#include "support/world.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace test {

using cardan::Dtype;
using cardan::Field;
using cardan::FieldSpec;
using cardan::Future;
using cardan::RequestStatus;
using cardan::Service;
using cardan::Session;

/// `y = 2 x + version`, of samples with as many numbers; `options` say how it misbehaves: it sleeps
/// `delay` on a batch whose first number is 1e6, and throws where that is -1e6.
class Doubling : public cardan::ServiceHandler {
 public:
  Doubling(const cardan::Config& options, const cardan::Signature& signature,
           cardan::ServicePlace place)
      : numbers_(signature.inputs.front().numbers()),
        delay_(options.get<cardan::Seconds>("delay", {0}).value),
        only_(options.get<int>("only", -1)),
        place_(std::move(place))
  {}
  void answer(const cardan::Batch& inputs, const cardan::Answers& outputs) override
  {
    const auto* x = reinterpret_cast<const double*>(inputs.columns[0]);
    auto* y = reinterpret_cast<double*>(outputs.columns[0]);
    if (only_ < 0 || only_ == place_.instance) {
      if (x[0] == 1e6) std::this_thread::sleep_for(std::chrono::duration<double>(delay_));
      if (x[0] == -1e6) throw std::runtime_error("it does not like this number");
    }
    for (std::int64_t i = 0; i < inputs.count * numbers_; ++i) y[i] = 2 * x[i] + version_;
  }
  void swap(std::uint32_t version, const std::string& file) override
  {
    if (file == "bad") throw std::runtime_error("there is no such file");
    version_ = version;
  }

 private:
  std::int64_t numbers_;
  double delay_;
  int only_;
  cardan::ServicePlace place_;
  double version_ = 1;
};

inline void register_doubling()
{
  cardan::register_service("doubling",
                           [](const cardan::Config& options, const cardan::Signature& signature,
                              const cardan::ServicePlace& place) {
                             return std::make_unique<Doubling>(options, signature, place);
                           });
}

inline FieldSpec numbers(const std::string& name, std::int64_t samples, std::int64_t width)
{
  return {name, Dtype::float64, {samples, width}, {}, {}};
}

/// A run file's text: quiet, `ml` ML ranks, one service "s".
inline std::string service_run(int ml, const std::string& kind, const std::string& keys,
                               const std::string& transport = "auto")
{
  return quiet_run(ml, "[transport]\nkind = \"" + transport + "\"\n[service.s]\nkind = \"" + kind +
                           "\"\n" + keys);
}

/// A request of a known answer; its memory lives as long as the future.
class Question {
 public:
  Question(std::int64_t samples, std::int64_t width) : samples_(samples), width_(width)
  {
    x_.resize(static_cast<std::size_t>(samples * width));
    y_.resize(x_.size());
  }
  void ask(Service& service, double first, const cardan::RequestOptions& options = {})
  {
    for (std::size_t i = 0; i < x_.size(); ++i) x_[i] = first + static_cast<double>(i);
    std::fill(y_.begin(), y_.end(), untouched);
    future_ = service.request({{"x", Field{x_.data(), {samples_, width_}}}},
                              {{"y", Field{y_.data(), {samples_, width_}}}}, options);
  }
  [[nodiscard]] Future& future() { return future_; }
  /// Whether all was answered right, by the version that the future tells.
  [[nodiscard]] bool right() const
  {
    const auto version = static_cast<double>(future_.version());
    for (std::size_t i = 0; i < x_.size(); ++i)
      if (y_[i] != 2 * x_[i] + version) return false;
    return true;
  }
  [[nodiscard]] bool intact() const
  {
    return std::all_of(y_.begin(), y_.end(), [](double y) { return y == untouched; });
  }

  static constexpr double untouched = -7.25;

 private:
  std::int64_t samples_;
  std::int64_t width_;
  std::vector<double> x_;
  std::vector<double> y_;
  Future future_;
};

}  // namespace test

#include "handlers.hpp"

#include "dense.hpp"

#include <cardan/error.hpp>
#include <cardan/service.hpp>

#include <chrono>
#include <thread>

namespace serve {

namespace {

using cardan::Answers;
using cardan::Batch;
using cardan::Config;
using cardan::ServicePlace;
using cardan::Signature;

const double* numbers_in(const Batch& inputs)
{
  return reinterpret_cast<const double*>(inputs.columns[0]);
}
double* numbers_of(const Answers& outputs)
{
  return reinterpret_cast<double*>(outputs.columns[0]);
}

class DenseHandler : public cardan::ServiceHandler {
 public:
  DenseHandler(const Config& options, const Signature& signature, const ServicePlace& place)
      : widths_(options.get<std::vector<std::int64_t>>("hidden", {64, 64})),
        seed_(place.seed),
        dense_({}, 0)
  {
    for (const auto width : widths_)
      if (width < 1) throw options.error("hidden", "must be positive");
    widths_.insert(widths_.begin(), signature.inputs.front().numbers());
    widths_.push_back(signature.outputs.front().numbers());
    dense_ = Dense{widths_, seed_ + 1};
  }
  void answer(const Batch& inputs, const Answers& outputs) override
  {
    dense_.evaluate(numbers_in(inputs), inputs.count, numbers_of(outputs));
  }
  void swap(std::uint32_t version, const std::string&) override
  {
    dense_ = Dense{widths_, seed_ + version};
  }

 private:
  std::vector<std::int64_t> widths_;
  std::uint64_t seed_;
  Dense dense_;
};

/// An instance that waits for a device: its core is free meanwhile.
class DeviceHandler : public cardan::ServiceHandler {
 public:
  explicit DeviceHandler(const Config& options)
      : delay_(options.get<cardan::Seconds>("delay", {1e-3}).value)
  {}
  void answer(const Batch&, const Answers&) override
  {
    std::this_thread::sleep_for(std::chrono::duration<double>(delay_));
  }

 private:
  double delay_;
};

class BareHandler : public cardan::ServiceHandler {
 public:
  explicit BareHandler(const std::unique_ptr<Bare>& bare) : bare_(bare) {}
  void answer(const Batch& inputs, const Answers&) override
  {
    bare_->echo(static_cast<std::int64_t>(numbers_in(inputs)[0]));
  }

 private:
  const std::unique_ptr<Bare>& bare_;
};

class SoakHandler : public cardan::ServiceHandler {
 public:
  SoakHandler(const Signature& signature) : numbers_(signature.inputs.front().numbers()) {}
  void answer(const Batch& inputs, const Answers& outputs) override
  {
    const double* x = numbers_in(inputs);
    double* y = numbers_of(outputs);
    for (std::int64_t s = 0; s < inputs.count; ++s)
      if (x[s * numbers_] > 0)
        std::this_thread::sleep_for(std::chrono::duration<double>(x[s * numbers_]));
    for (std::int64_t i = 0; i < inputs.count * numbers_; ++i) y[i] = 2 * x[i] + version_;
  }
  void swap(std::uint32_t version, const std::string&) override { version_ = version; }

 private:
  std::int64_t numbers_;
  double version_ = 1;
};

}  // namespace

void register_handlers(const std::unique_ptr<Bare>& bare)
{
  cardan::register_service(
      "dense", [](const Config& options, const Signature& signature, const ServicePlace& place) {
        return std::make_unique<DenseHandler>(options, signature, place);
      });
  cardan::register_service("device",
                           [](const Config& options, const Signature&, const ServicePlace&) {
                             return std::make_unique<DeviceHandler>(options);
                           });
  cardan::register_service("bare", [&bare](const Config&, const Signature&, const ServicePlace&) {
    return std::make_unique<BareHandler>(bare);
  });
  cardan::register_service("soak",
                           [](const Config&, const Signature& signature, const ServicePlace&) {
                             return std::make_unique<SoakHandler>(signature);
                           });
}

}  // namespace serve

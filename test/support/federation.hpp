/// Federations of a learner in float64 whose arithmetic a test can do again.
#pragma once

#include "couplers/federation/client.hpp"
#include "couplers/federation/serve.hpp"
#include "session/implementation.hpp"
#include "support/jitter.hpp"
#include "support/run_file.hpp"
#include "support/world.hpp"

#include <cardan/session.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace test {

using cardan::federation::Aggregator;
using cardan::federation::Client;

inline constexpr std::size_t linear_width = 3;
inline cardan::Signature linear_signature()
{
  return {{{"x", cardan::Dtype::float64, {static_cast<std::int64_t>(linear_width)}}},
          {{"y", cardan::Dtype::float64, {}}}};
}

/// y = w x, half the mean square error, plain gradient descent.
class LinearLearner : public cardan::Learner {
 public:
  using Batch = cardan::Batch;
  explicit LinearLearner(double rate) : rate_(rate), w_(linear_width, 0.25), g_(linear_width)
  {
    buckets_.push_back({g_.data(), g_.size(), cardan::Dtype::float64});
  }
  void see(const Batch& inputs, const Batch&) override
  {
    const auto* x = column(inputs);
    for (std::int64_t i = 0; i < inputs.count; ++i) {
      sums_[0] += 1;
      sums_[1] += x[static_cast<std::size_t>(i) * linear_width];
    }
  }
  [[nodiscard]] cardan::Tally tally() const override { return {sums_, {}}; }
  void normalise(const cardan::Tally& joined) override { normalised = joined.sums; }
  double differentiate(const Batch& inputs, const Batch& targets, double weight,
                       const Whole&) override
  {
    if (fails) throw cardan::Error{"the learner fails as told"};
    std::fill(g_.begin(), g_.end(), 0.0);
    const double loss = evaluate(w_, inputs, targets, g_.data());
    for (double& g : g_) g *= weight;
    return loss;
  }
  [[nodiscard]] const std::vector<cardan::Bucket>& buckets() const override { return buckets_; }
  void step(double, const Again&) override
  {
    ++steps;
    for (std::size_t i = 0; i < linear_width; ++i) w_[i] -= rate_ * g_[i];
    if (diverges) w_[0] = std::numeric_limits<double>::quiet_NaN();
  }
  [[nodiscard]] std::vector<double> settling_sums(const Batch&, const Batch&) override
  {
    return {};
  }
  void settle(const std::vector<double>&) override { settled_ = w_; }
  void predict(const Batch& inputs, const cardan::Answers& answers) override
  {
    const auto* x = column(inputs);
    auto* y = reinterpret_cast<double*>(answers.columns[0]);
    for (std::int64_t i = 0; i < inputs.count; ++i)
      y[i] = dot(settled_, x + static_cast<std::size_t>(i) * linear_width);
  }
  [[nodiscard]] double validate(const Batch& inputs, const Batch& targets) override
  {
    return evaluate(settled_, inputs, targets, nullptr);
  }
  [[nodiscard]] std::size_t weights() const override { return w_.size(); }
  void get_weights(double* to) const override { std::copy(w_.begin(), w_.end(), to); }
  void set_weights(const double* from) override { std::copy_n(from, w_.size(), w_.begin()); }
  void keep() override { kept_ = w_; }
  void roll_back(double) override { w_ = kept_; }
  [[nodiscard]] std::size_t state_bytes() const override { return 0; }
  void write(std::byte*) const override {}
  [[nodiscard]] cardan::State checkpoint() const override { return {}; }
  void restore(const cardan::State&) override {}
  void save(const std::string&) const override { throw cardan::Error{"nothing to save"}; }

  bool fails = false;
  bool diverges = false;
  std::int64_t steps = 0;
  std::vector<double> normalised;

 private:
  static const double* column(const Batch& batch)
  {
    return reinterpret_cast<const double*>(batch.columns[0]);
  }
  static double dot(const std::vector<double>& w, const double* x)
  {
    double sum = 0;
    for (std::size_t i = 0; i < linear_width; ++i) sum += w[i] * x[i];
    return sum;
  }
  static double evaluate(const std::vector<double>& w, const Batch& inputs, const Batch& targets,
                         double* gradient)
  {
    const auto* x = column(inputs);
    const auto* y = column(targets);
    const auto n = static_cast<double>(inputs.count);
    double loss = 0;
    for (std::int64_t s = 0; s < inputs.count; ++s) {
      const double* row = x + static_cast<std::size_t>(s) * linear_width;
      const double error = dot(w, row) - y[s];
      loss += error * error / (2 * n);
      for (std::size_t i = 0; gradient != nullptr && i < linear_width; ++i)
        gradient[i] += error * row[i] / n;
    }
    return loss;
  }

  double rate_;
  std::vector<double> w_;
  std::vector<double> g_;
  std::vector<double> settled_;
  std::vector<double> kept_;
  std::vector<double> sums_ = {0, 0};
  std::vector<cardan::Bucket> buckets_;
};

/// Samples of a silo: rows of inputs that differ from silo to silo, and answers of weights of its
/// own.
struct LinearData {
  std::vector<double> x;
  std::vector<double> y;

  LinearData(int silo, std::size_t count)
  {
    std::mt19937_64 random(static_cast<std::uint64_t>(silo) + 17);
    std::normal_distribution<double> normal;
    for (std::size_t s = 0; s < count; ++s) {
      double sum = 0;
      for (std::size_t i = 0; i < linear_width; ++i) {
        x.push_back(normal(random) *
                    (1 + 0.2 * static_cast<double>((silo + static_cast<int>(i)) % 3)));
        sum += x.back() * (1 + 0.5 * silo - static_cast<double>(i));
      }
      y.push_back(sum + 0.1 * normal(random));
    }
  }
  [[nodiscard]] std::size_t count() const { return y.size(); }
  void give(Client& client, std::size_t first = 0, std::size_t every = 1) const
  {
    for (std::size_t s = first; s < count(); s += every)
      client.observe({{"x", cardan::Field{x.data() + s * linear_width,
                                          {1, static_cast<std::int64_t>(linear_width)}}}},
                     {{"y", cardan::Field{y.data() + s, {1}}}});
  }
};

/// What a federation was on the first simulation rank and on the aggregator, on all ranks.
struct FederationSeen {
  cardan::federation::Counters counters;
};

inline std::string federation_run(const std::string& keys, int ml = -1,
                                  const std::string& transport = "auto",
                                  const std::string& run = "")
{
  if (ml < 0) ml = world_size() > 1 ? 1 : 0;
  return "[run]\nquiet = true\ndeadline = \"30 s\"\n" + run +
         "[ranks]\nml = { count = " + std::to_string(ml) + " }\n[transport]\nkind = \"" +
         transport + "\"\n[federation.f]\nmodel = { kind = \"mlp\" }\n" + keys;
}

/// Simulation ranks do `work` with learners of this rate, ML ranks average. Collective over `comm`.
inline FederationSeen with_silos(
    const std::string& text, double rate,
    const std::function<void(Client&, LinearLearner&, cardan::Session&)>& work,
    MPI_Comm comm = MPI_COMM_WORLD)
{
  FederationSeen seen;
  int first_ml = -1;
  {
    std::optional<Jitter> jitter;
    if (environment("CARDAN_JITTER", 0) > 0) jitter.emplace(world_rank());
    const RunFile file{comm, "federation", text};
    cardan::Session session{comm, file.name()};
    const auto& context = session.implementation().context;
    const auto settings = cardan::federation::read_settings(context.run_file, "f");
    for (std::size_t r = 0; r < context.roles.size(); ++r)
      if (context.roles[r].ml() && first_ml < 0) first_ml = static_cast<int>(r);
    if (session.serves()) {
      {
        Aggregator duty{context, settings};
        while (!duty.finished()) std::this_thread::yield();
        seen.counters = duty.counters();
        duty.close();
      }
      CHECK(session.serve() == 0);
    } else {
      LinearLearner* learner = nullptr;
      Client client{context, settings, linear_signature(), [&] {
                      auto made = std::make_unique<LinearLearner>(rate);
                      learner = made.get();
                      return made;
                    }};
      work(client, *learner, session);
      client.close();
    }
  }
  if (first_ml >= 0) MPI_Bcast(&seen.counters, sizeof seen.counters, MPI_BYTE, first_ml, comm);
  return seen;
}

}  // namespace test

/// The simulation's side of an inverse problem: solves what chains ask for.
#pragma once

#include "couplers/inverse/measure.hpp"
#include "couplers/inverse/settings.hpp"
#include "couplers/tasks/worker.hpp"
#include "mpi/alarm.hpp"
#include "session/context.hpp"

#include <cardan/inverse.hpp>

#include <memory>
#include <vector>

namespace cardan::inverse {

class Engine;

class Client : public Duty {
 public:
  /// Collective over the session and blocking; the same error on all ranks.
  Client(const Context& context, const Settings& settings, const InverseProblem& problem);
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // As Inverse has them.
  const InverseReport& run();
  [[nodiscard]] const InverseReport& report() const { return report_; }
  [[nodiscard]] const std::vector<InverseSample>& samples() const { return samples_; }

  bool poll() override { return false; }
  [[nodiscard]] bool finished() override { return true; }
  void close() override { worker_.close(); }
  void abandon() noexcept override;

 private:
  void work();
  void work_alone();
  void step_alone();
  void join();
  void join_designs();
  /// Predicted data and, where it is wanted, the gradient.
  std::span<const double> solve(std::span<const double> theta, bool gradient);
  void take_samples(std::span<const double> numbers);

  const Context& context_;
  Settings settings_;
  InverseProblem problem_;
  Measure measure_;
  mpi::Alarm alarm_;
  tasks::Worker worker_;
  /// Without ML ranks: this rank's chains.
  std::unique_ptr<Engine> alone_;
  /// Of a round among the simulation ranks: whether this one works, how many do.
  std::int64_t works_ = 0;
  std::int64_t working_ = 0;
  MPI_Request round_ = MPI_REQUEST_NULL;
  std::vector<double> numbers_;
  std::vector<double> cotangent_;
  InverseReport report_;
  std::vector<InverseSample> samples_;
};

}  // namespace cardan::inverse

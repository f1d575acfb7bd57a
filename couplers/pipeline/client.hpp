/// The simulation's side of a pipeline: describes candidates and runs stages.
#pragma once

#include "couplers/pipeline/settings.hpp"
#include "couplers/pipeline/wire.hpp"
#include "couplers/tasks/worker.hpp"
#include "mpi/alarm.hpp"
#include "session/context.hpp"

#include <cardan/pipeline.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cardan::pipeline {

class Client : public Duty {
 public:
  /// Collective over the session and blocking; the same error on all ranks. `shape` was checked.
  Client(const Context& context, const Settings& settings, const PipelineShape& shape);

  // As Pipeline has them.
  const PipelineReport& run(const PipelineWork& work);
  [[nodiscard]] const PipelineReport& report() const { return report_; }
  [[nodiscard]] const std::vector<std::string>& stages() const { return settings_.stages; }
  [[nodiscard]] std::int64_t candidates() const { return settings_.candidates; }

  bool poll() override { return false; }
  [[nodiscard]] bool finished() override { return true; }
  void close() override { worker_->close(); }
  void abandon() noexcept override;

 private:
  // client_work.cpp: one order, one candidate.
  void obey(const PipelineWork& work, const tasks::Order& order);
  void describe(const PipelineWork& work, std::int64_t candidate);
  double compute(const PipelineWork& work, const PipelineTask& task, std::int64_t& count);
  void go_to(const PipelineWork& work, int stage);

  void coupled(const PipelineWork& work);
  void alone(const PipelineWork& work);
  PipelineReport share_report(int from, const std::vector<double>& numbers);

  const Context& context_;
  Settings settings_;
  PipelineShape shape_;
  Layout layout_;
  mpi::Alarm alarm_;
  std::optional<tasks::Worker> worker_;
  PipelineReport report_;
  /// The report as it comes, on the first rank.
  std::vector<double> told_;
  /// A result; what a stage gives besides its score.
  std::vector<double> result_;
  std::vector<double> values_;
  std::vector<std::byte> features_;
  std::vector<std::byte*> columns_;
  /// Of the order in hand: seconds in the user's functions. When the alarm was looked at last.
  double worked_ = 0;
  std::int64_t looked_ = 0;
  /// Where this rank is; -2: nowhere yet.
  int stage_ = -2;
  bool ran_ = false;
};

}  // namespace cardan::pipeline

/// The simulation's side of a tuning: trains trials, and simulates.
#pragma once

#include "couplers/tasks/worker.hpp"
#include "couplers/tuning/pupils.hpp"
#include "couplers/tuning/samples.hpp"
#include "couplers/tuning/settings.hpp"
#include "couplers/tuning/store.hpp"
#include "couplers/tuning/wire.hpp"
#include "mpi/alarm.hpp"
#include "session/context.hpp"

#include <cardan/tuning.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cardan::tuning {

class Client : public Duty {
 public:
  /// Collective over the session and blocking; the same error on all ranks.
  Client(const Context& context, const Settings& settings, const TuningShape& shape);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // As Tuning has them.
  void observe(Tuning::Fields inputs, Tuning::Fields outputs, Samples::Use use);
  [[nodiscard]] Tuning::Data samples(Samples::Use use);
  [[nodiscard]] TuningWork model_work();
  const TuningReport& run(const TuningWork& work);
  [[nodiscard]] const TuningReport& report() const { return report_; }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] const std::vector<std::string>& words(std::string_view name) const;
  [[nodiscard]] const std::vector<std::byte>& best_state() const { return best_; }
  void predict(Tuning::Fields inputs, Tuning::Fields outputs);
  void save(const std::string& path);

  bool poll() override { return false; }
  [[nodiscard]] bool finished() override { return true; }
  void close() override { worker_.close(); }
  void abandon() noexcept override;

 private:
  // client.cpp: who runs what.
  void check(const TuningWork& work);
  void obey();
  void lead_alone();
  void wait_for_leader();
  void tell_others(bool over);
  void end();
  Answer greet();
  Answer simulate();
  void expect_best();
  /// The best model, once.
  Learner& best_model();

  // client_train.cpp: one piece of training.
  Answer train(const TrainOrder& order, std::int64_t id);
  void drop(int slot);
  void enter(const TrainOrder& order, TuningTrial& trial);
  [[nodiscard]] mpi::Comm gather(const TrainOrder& order, std::int64_t id);
  void keep(const TrainOrder& order, const TuningTrial& trial, double loss);
  [[nodiscard]] double patience() const;

  const Context& context_;
  Settings settings_;
  Signature signature_;
  std::vector<std::string> names_;
  mpi::Alarm alarm_;
  /// Messages between ranks of a trial, and of the one that leads without ML ranks.
  mpi::Comm talk_;
  int rank_;
  int ranks_;
  /// States that wait; one more slot is for trials that another rank leads, and has no state.
  int slots_;
  Samples samples_;
  /// Made where a model is trained.
  std::unique_ptr<Pupils> pupils_;
  Store store_;
  tasks::Worker worker_;

  /// While it runs.
  const TuningWork* work_ = nullptr;
  std::vector<bool> live_;
  std::vector<std::byte> state_;
  double best_loss_;
  std::vector<double> said_;

  bool ran_ = false;
  TuningReport report_;
  std::vector<std::byte> best_;
  std::unique_ptr<Learner> best_model_;
};

}  // namespace cardan::tuning

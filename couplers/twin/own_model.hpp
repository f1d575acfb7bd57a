/// A twin's own model on a twin rank: the same version on all of them, swapped between two cycles.
#pragma once

#include "couplers/twin/gate.hpp"
#include "couplers/twin/order.hpp"
#include "couplers/twin/teacher.hpp"

#include <cardan/twin.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cardan::twin {

class OwnModel : public TwinModel {
 public:
  /// Loads the module of the model.
  OwnModel(const Config& run_file, const Settings& settings, const Signature& signature,
           int threads);

  [[nodiscard]] std::uint32_t version() const override { return version_.number; }
  void predict(const Batch& inputs, const Answers& answers) override;
  void teach(const Batch& inputs, const Batch& targets) override;
  [[nodiscard]] std::int64_t trained_steps() const override;
  [[nodiscard]] double loss() const override { return version_.loss; }
  [[nodiscard]] bool trusted() const override { return trusted_; }
  void judge(double with_model, double without) override { gate_.judge(with_model, without); }

  /// Whether it can answer without being trained; it is not trained then.
  [[nodiscard]] bool ready() const { return model_->ready(); }
  /// Answers once from the untrained state that `state` has: what libraries do at the first time is
  /// then done.
  void warm_up();
  /// First twin rank: who trains it.
  void learn_from(Teacher* teacher) { teacher_ = teacher; }
  /// First twin rank: says in an order what holds from then on, and takes a new version's state.
  void say(Order& order);
  /// All twin ranks: what an order says; `state` where it has one. Throws what the model throws.
  void obey(const Order& order);
  [[nodiscard]] std::vector<std::byte>& state() { return state_; }

 private:
  std::string name_;
  Signature signature_;
  std::unique_ptr<Model> model_;
  Gate gate_;
  Teacher* teacher_ = nullptr;
  Version version_;
  bool trusted_ = false;
  std::vector<std::byte> state_;
};

}  // namespace cardan::twin

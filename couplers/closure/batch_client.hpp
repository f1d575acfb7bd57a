/// The client of batches.
#pragma once

#include "couplers/closure/client.hpp"
#include "couplers/closure/inside.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace cardan::closure {

class BatchClient : public Surrogate::Implementation {
 public:
  BatchClient(const Context& context, const SurrogateSettings& settings, Open open);
  Answer predict(Fields inputs, Fields outputs) override;
  void observe(Fields inputs, Fields outputs, std::span<const std::int64_t> samples) override;
  void observe_all(Fields inputs, Fields outputs) override;

 private:
  void bind(Fields inputs, Fields outputs);
  void check(Fields fields, const std::vector<FieldSpec>& bound) const;
  void check_batches(const Binding& binding) const;
  void check_samples(Fields inputs, Fields outputs) const;
  void ask(Fields inputs, std::int64_t samples);
  std::int64_t put(channel::OutLane& lane, Fields inputs, Fields outputs,
                   std::span<const std::int64_t> samples);
  void ask_inside(Fields inputs, Fields outputs, std::int64_t samples);
  void settle(std::size_t lane, Fields outputs, std::int64_t samples);
  void take_answers(const channel::Cut& cut, const std::byte* const* columns,
                    const Verdict* verdicts, Fields outputs);
  void settle_late(std::size_t lane, Fields outputs, std::int64_t samples);
  void leave_to_solver(std::int64_t first, std::int64_t count);
  void remember(std::size_t part, const std::byte* rows, std::int64_t first, std::int64_t count);
  [[nodiscard]] bool usable(Fields fields, std::int64_t sample, const char* verb) const;

  /// Null where the model is evaluated on ML ranks.
  std::unique_ptr<Inside> inside_;
  std::vector<const std::byte*> columns_;
  bool bound_ = false;
  std::vector<std::int64_t> everything_;
  /// `late = "last"`: the last trusted answer of each sample, field after field, and whether there
  /// is one.
  std::vector<std::vector<std::byte>> last_;
  std::vector<bool> has_last_;
};

}  // namespace cardan::closure

/// An ML rank's part in a twin: the first twin rank gathers, leads and answers, the others follow;
/// one may be the trainer's own.
#pragma once

#include "couplers/steering/ends.hpp"
#include "couplers/steering/outgoing.hpp"
#include "couplers/twin/crew.hpp"
#include "couplers/twin/gathering.hpp"
#include "couplers/twin/order.hpp"
#include "couplers/twin/own_model.hpp"
#include "couplers/twin/settings.hpp"
#include "couplers/twin/teacher.hpp"
#include "session/context.hpp"

#include <cardan/error.hpp>
#include <cardan/twin.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cardan::twin {

class TwinDuty : public Duty {
 public:
  /// Collective over the session and blocking; the same error on all ranks.
  TwinDuty(const Context& context, const Settings& settings);
  TwinDuty(const TwinDuty&) = delete;
  TwinDuty& operator=(const TwinDuty&) = delete;

  bool poll() override;
  [[nodiscard]] bool finished() override;
  /// A twin's ranks begin no cycle together while one of them waits for others of the session. The
  /// first one says so to the others, once for each message of the simulation's.
  void hold(bool wish, std::int64_t mark) override;
  [[nodiscard]] bool held() const override { return !crew_.works() || ended_ || granted_ > 0; }
  void close() override { ends_.close(); }
  void abandon() noexcept override;

 private:
  // serve.cpp: what it is made of.
  void check_ranks() const;
  void make_process();
  void make_model();
  void make_trainer(const Signature& learned, mpi::Comm pair);
  [[nodiscard]] Signature learned_by_all() const;

  // duty.cpp: what it does.
  bool lead();
  bool follow();
  bool train();
  void tell(What what);
  void begin(Frame& frame, What what);
  void send(const Frame& frame, std::int64_t begun);
  void obey(Frame& frame);
  void end();
  template <class Work>
  void guarded(const std::string& when, Work&& work);

  const Context& context_;
  Settings settings_;
  steering::Ends ends_;
  Crew crew_;
  /// What orders without observations are sent in; of the others what they get.
  Frame frame_;
  Signature signature_;
  std::unique_ptr<TwinProcess> process_;
  /// Where the run file has one; who trains it, on the first twin rank; the trainer, on its own.
  std::optional<OwnModel> model_;
  std::unique_ptr<Teacher> teacher_;
  std::optional<FarTrainer> trainer_;
  /// The first twin rank's.
  std::optional<Gathering> gathering_;
  std::optional<steering::Outgoing> outgoing_;
  /// The fields of an answer, and its mark.
  std::vector<std::vector<std::byte>> answer_;
  std::vector<std::byte*> columns_;
  std::int64_t observed_ = -1;
  bool wishes_ = false;
  int granted_ = 0;
  bool ended_ = false;
};

}  // namespace cardan::twin

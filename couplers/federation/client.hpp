/// A silo's side of a federation: keeps its data, trains on it, sends updates of weights.
#pragma once

#include "couplers/federation/ends.hpp"
#include "couplers/federation/privacy.hpp"
#include "couplers/federation/settings.hpp"
#include "couplers/federation/silo.hpp"
#include "session/context.hpp"

#include <cardan/federation.hpp>
#include <cardan/model.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cardan::federation {

/// Makes what a silo trains, in this process. The default loads the module of the run file's model.
using MakeLearner = std::function<std::unique_ptr<Learner>()>;
MakeLearner learner_of(const Context& context, const Settings& settings,
                       const Signature& signature);

class Client : public Duty {
 public:
  /// Collective over the session and blocking; the same error on all ranks. The other half is
  /// Aggregator.
  Client(const Context& context, const Settings& settings, const Signature& signature,
         const MakeLearner& make = {});

  // As Federation has them.
  [[nodiscard]] int silo() const { return ends_.silo; }
  [[nodiscard]] int silos() const { return ends_.silos; }
  [[nodiscard]] MPI_Comm silo_comm() const { return comm_.get(); }
  void observe(Federation::Fields inputs, Federation::Fields outputs);
  void hold_out(Federation::Fields inputs, Federation::Fields outputs);
  FederationRound round();
  void predict(Federation::Fields inputs, Federation::Fields outputs);
  void save(const std::string& path) const;
  [[nodiscard]] const std::vector<FederationRound>& rounds() const { return rounds_; }

  /// The way out; null on ranks that do not lead a silo, and without ML ranks.
  [[nodiscard]] Outlet* outlet() { return outlet_ ? &*outlet_ : nullptr; }
  /// The global model that this silo holds.
  [[nodiscard]] const std::vector<double>& global() const { return global_; }

  bool poll() override { return false; }
  [[nodiscard]] bool finished() override { return true; }
  void close() override;
  void abandon() noexcept override;

 private:
  [[nodiscard]] bool coupled() const { return ends_.up != nullptr; }
  [[nodiscard]] bool leads() const { return ends_.part == 0; }
  void begin();
  void run_round(FederationRound& record);
  void send(FederationRound& record);
  void receive(FederationRound& record);
  bool take(FederationRound& record);
  [[nodiscard]] bool wait_for_room();
  [[nodiscard]] bool wait_for(const std::function<bool()>& ready);
  [[nodiscard]] double patience() const;

  const Context& context_;
  Settings settings_;
  /// Made while the ends are opened.
  std::unique_ptr<Silo> silo_;
  Ends ends_;
  mpi::Comm comm_;
  Codec codec_;
  Feedback feedback_;
  Noise noise_;
  std::optional<Outlet> outlet_;
  std::vector<FederationRound> rounds_;
  std::vector<double> global_;
  std::vector<double> local_;
  std::vector<double> update_;
  std::vector<std::byte> record_;
  std::vector<double> joined_;
  std::uint32_t version_ = 0;
  /// Updates that left; the number of the last one that was made, and of the last that was
  /// answered; from 1.
  std::int64_t updates_ = 0;
  std::int64_t number_ = 0;
  std::int64_t answered_ = 0;
  bool begun_ = false;
  bool has_model_ = false;
  /// No answer came: trained alone until one does.
  bool alone_ = false;
  /// Nor did one come before the first round: for good.
  bool apart_ = false;
  bool said_ = false;
  bool closed_ = false;
};

/// Whether a silo trains in a round: the ceil(share * silos) silos of the lowest numbers that seed
/// and round give each. Known to all, and at least one.
bool takes_part(std::uint64_t seed, std::int64_t round, int silo, int silos, double share);

}  // namespace cardan::federation

/// What stands behind a Session.
#pragma once

#include "couplers/closure/client.hpp"
#include "couplers/ensemble/members.hpp"
#include "couplers/federation/client.hpp"
#include "couplers/inverse/client.hpp"
#include "couplers/pipeline/client.hpp"
#include "couplers/reduction/client.hpp"
#include "couplers/service/client.hpp"
#include "couplers/steering/handle.hpp"
#include "couplers/tuning/client.hpp"
#include "couplers/twin/client.hpp"
#include "session/axes.hpp"
#include "session/checkpoints.hpp"
#include "session/context.hpp"
#include "session/control.hpp"
#include "session/couplers.hpp"
#include "session/heirlooms.hpp"
#include "session/provenance.hpp"

#include <cardan/session.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cardan {

class Session::Implementation {
 public:
  Implementation(MPI_Comm comm, const std::string& run_file, const SessionOptions& options);
  ~Implementation();
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  /// ML ranks, until the end.
  int serve();
  [[nodiscard]] std::unique_ptr<Surrogate::Implementation> surrogate(const std::string& name);
  [[nodiscard]] service::Client& service(const std::string& name,
                                         const std::vector<FieldSpec>& inputs,
                                         const std::vector<FieldSpec>& outputs);
  [[nodiscard]] steering::Handle& steering(const std::string& name, const Features& report,
                                           const Features& decision);
  [[nodiscard]] ensemble::Members& ensemble(const std::string& name, const EnsembleShape& shape);
  [[nodiscard]] twin::Client& twin(const std::string& name, const Features& observation,
                                   const Features& answer);
  [[nodiscard]] reduction::Client& reduction(const std::string& name,
                                             const std::vector<ReductionField>& fields);
  [[nodiscard]] federation::Client& federation(const std::string& name, const Signature& signature);
  [[nodiscard]] pipeline::Client& pipeline(const std::string& name, const PipelineShape& shape);
  [[nodiscard]] inverse::Client& inverse(const std::string& name, const InverseProblem& problem);
  [[nodiscard]] tuning::Client& tuning(const std::string& name, const TuningShape& shape);
  void check_run_file();
  // Re-splitting ranks, as the Session says. `ml`: which ranks are to be ML ranks, else so many.
  void ask_split(const std::optional<std::vector<int>>& ml, int count, int training);
  [[nodiscard]] bool splitting() const;
  bool follow_split();
  [[nodiscard]] int splits() const { return splits_; }
  /// A loop over steps begins, of which so many are done.
  void begin_loop(std::int64_t done);
  /// A step ends, `last` of its loop; says whether the loop ends because ranks are split anew.
  bool step_ended(std::int64_t done, bool last);
  closure::Streams* open(const std::string& name, const closure::Binding& binding);

  Context context;
  Control control{context};
  std::vector<RankPlace> map;
  std::vector<std::string> surrogates;
  std::vector<NamedCoupler> couplers;
  std::string ml_library;
  Axes axes;
  /// From the end of the constructor on.
  std::optional<Provenance> provenance;
  std::unique_ptr<Checkpoints> checkpoints;

 private:
  void end_provenance(bool failed);
  void begin_checkpoints(const SessionOptions& options);
  void write_checkpoint(std::int64_t sequence);
  void read_run_file(const std::string& path);
  void split(const SessionOptions& options);
  [[nodiscard]] std::vector<int> choose(int count) const;
  [[nodiscard]] std::vector<Roles> roles_with(const std::vector<int>& ml, int training);
  void take_fields();
  void end_streams();
  void free_all();
  void split_again(const std::vector<Roles>& next);
  void check_surrogates();
  [[nodiscard]] int find_coupler(Family family, const std::string& name);
  /// Tells the ML ranks to open theirs, and makes this rank's end.
  template <class End, class... Arguments>
  End& open_coupler(int index, Arguments&&... arguments)
  {
    control.tell({Control::Kind::open_coupler, index});
    auto end = std::make_unique<End>(std::forward<Arguments>(arguments)...);
    End& opened = *end;
    ends_.push_back(std::move(end));
    return opened;
  }
  void announce(const closure::Streams& streams);
  void warm_up();
  void open_service(int index);
  static bool attend(Duty& duty);

  /// Both ends of opened couplers, in the order of opening; freed after all streams.
  std::vector<std::unique_ptr<Duty>> ends_;
  /// Opened streams in the order of opening: freed in that order on all ranks.
  std::vector<std::unique_ptr<closure::Streams>> streams_;
  /// ML ranks: the other ends, in the same order.
  std::vector<std::unique_ptr<Duty>> services_;
  Heirlooms heirlooms_;
  /// By rank: whether it runs `cardan-ml`.
  std::vector<bool> programs_;
  bool without_ml_ = false;
  bool replays_ = false;
  /// The roles that were asked for.
  std::optional<std::vector<Roles>> pending_;
  /// The fields were copied for them.
  bool taken_ = false;
  bool in_loop_ = false;
  /// Steps of the current loop.
  std::int64_t done_ = 0;
  int splits_ = 0;
  bool warm_ = false;
  provenance::Settings left_behind_;
  int exceptions_;
  int checkpoints_told_ = 0;
  /// ML ranks: the simulation ended with an error.
  bool failed_ = false;
  bool checked_ = false;
};

}  // namespace cardan

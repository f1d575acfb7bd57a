/// What stands behind a Session.
#pragma once

#include "couplers/closure/client.hpp"
#include "couplers/ensemble/members.hpp"
#include "couplers/service/client.hpp"
#include "couplers/steering/handle.hpp"
#include "session/axes.hpp"
#include "session/checkpoints.hpp"
#include "session/context.hpp"
#include "session/control.hpp"
#include "session/couplers.hpp"
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
  void check_run_file();
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
  provenance::Settings left_behind_;
  int exceptions_;
  int checkpoints_told_ = 0;
  /// ML ranks: the simulation ended with an error.
  bool failed_ = false;
  bool checked_ = false;
};

}  // namespace cardan

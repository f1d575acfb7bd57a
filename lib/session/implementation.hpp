/// What stands behind a Session.
#pragma once

#include "couplers/closure/client.hpp"
#include "couplers/service/client.hpp"
#include "session/axes.hpp"
#include "session/checkpoints.hpp"
#include "session/context.hpp"
#include "session/control.hpp"
#include "session/provenance.hpp"

#include <cardan/session.hpp>

#include <memory>
#include <optional>
#include <string>
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
  void check_run_file();
  closure::Streams* open(const std::string& name, const closure::Binding& binding);

  Context context;
  Control control{context};
  std::vector<RankPlace> map;
  std::vector<std::string> surrogates;
  std::vector<std::string> services;
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
  void check_services();
  void announce(const closure::Streams& streams);
  void warm_up();
  void open_service(int index);
  static bool attend(Duty& duty);

  /// Both ends of opened services, in the order of opening; freed after all streams.
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

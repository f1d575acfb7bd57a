/// Reduction: fields are encoded where they are made, and what arrives is within a bound.
#pragma once

#include <cardan/config.hpp>
#include <cardan/field.hpp>
#include <cardan/model.hpp>
#include <cardan/opened.hpp>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cardan {

namespace reduction {
class Client;
}

/// A field as a simulation rank reduces it: float32 or float64, one to three grid dimensions, which
/// may be preceded by one of components; cut into blocks of the run file's shape. `periodic`,
/// `global` and `offset` say nothing to the codec; receivers see them.
struct ReductionField {
  std::string name;
  Dtype dtype = Dtype::float64;
  /// Of this rank's part: [components,] (nz,) ny, nx.
  std::vector<std::int64_t> shape;
  /// Whether the first extent counts components (species): a block holds all of them.
  bool components = false;
  /// Where this rank's part lies in the global grid, per grid dimension; empty: not said.
  std::vector<std::int64_t> offset;
};

/// Sums over this rank's puts.
struct ReductionCounters {
  std::int64_t puts = 0;
  /// Puts that were sent, left out by the controller's stride, and dropped because the receiver was
  /// behind (`full = "drop"`).
  std::int64_t sent = 0;
  std::int64_t skipped = 0;
  std::int64_t dropped = 0;
  /// Blocks offered and blocks sent; numbers that had to be sent as they are.
  std::int64_t blocks = 0;
  std::int64_t blocks_sent = 0;
  std::int64_t exceptions = 0;
  /// Bytes of the puts that were sent: as the simulation holds them; as they moved, all told; of
  /// those the latents, and the residuals.
  std::int64_t raw_bytes = 0;
  std::int64_t moved_bytes = 0;
  std::int64_t latent_bytes = 0;
  std::int64_t residual_bytes = 0;
  /// The largest |x - x'| so far, and the largest quotient of it and the bound in force then.
  double max_error = 0;
  double max_error_over_bound = 0;
  /// Seconds in `put`: encoding, and waiting for room.
  double encoding = 0;
  double waiting = 0;
  /// Encoder in use, and how many were taken over.
  std::uint32_t version = 0;
  std::int64_t encoders = 0;
};

/// What the controller has decided, as this rank follows it.
struct ReductionSetting {
  /// The absolute bound on |x - x'|, per field in the order of declaration.
  std::vector<double> eps;
  std::int64_t stride = 1;
  /// Blocks that have changed by less than this since they were last sent (largest number's change,
  /// in units of eps) are not sent again: the receiver keeps what it has. 0: all are sent.
  double still = 0;
};

/// A reduced stream as a simulation rank sees it; a handle, copied freely, valid as long as its
/// session. Opening (Session::reduction) is collective over the session.
class Reduction {
 public:
  using Fields = std::initializer_list<NamedField>;
  using FieldList = std::span<const NamedField>;
  /// Encodes this rank's fields, as declared and in that order (any strides), and sends them,
  /// unless the stride leaves this step out; says whether it did. They may be changed as soon as it
  /// returns. Not collective. Blocks where the ring is full and the run file says `full = "wait"`,
  /// at most until the run's deadline. Every block's reconstruction was compared with the bound
  /// before it is sent; numbers that miss it, or are none, go as they are.
  bool put(Fields fields);
  bool put(FieldList fields);
  /// Trains the run file's `svd` encoder now, from this rank's present fields: exact truncated
  /// singular vectors of all ranks' blocks. Collective over the simulation ranks, blocking.
  void fit(FieldList fields);
  [[nodiscard]] const ReductionCounters& counters() const;
  [[nodiscard]] const ReductionSetting& setting() const;

  explicit Reduction(reduction::Client& client, Life life = {}) : client_(&client, std::move(life))
  {}

 private:
  Opened<reduction::Client> client_;
};

/// What a receiver gets: one rank's fields of one step, reconstructed. Valid during the call.
struct Reconstruction {
  /// Counted among the simulation ranks.
  int rank = 0;
  std::int64_t step = 0;
  std::uint32_t version = 0;
  std::span<const ReductionField> fields;
  /// By field: its numbers, dense, as float64; and the bound that holds for them.
  const double* const* values = nullptr;
  std::span<const double> eps;
  /// The sender's checksum of what it reconstructed, and whether this one has the same bits.
  std::uint64_t checksum = 0;
  bool same = false;
  std::int64_t raw_bytes = 0;
  std::int64_t moved_bytes = 0;
};

/// What ML ranks do with what arrives. Its calls do not wait for other ranks.
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void take(const Reconstruction& arrived) = 0;
  /// All simulation ranks have closed.
  virtual void end() {}
};
struct ReceiverPlace {
  std::string name;
  /// Of this receiver among all; reductions of simulation ranks r with r modulo `receivers` equal
  /// to `index` come here.
  int index = 0;
  int receivers = 1;
  int simulation_ranks = 1;
  std::uint64_t seed = 0;
  bool quiet = false;
  std::string folder;
};
using ReceiverMaker = std::function<std::unique_ptr<Receiver>(
    const Config& options, std::span<const ReductionField> fields, const ReceiverPlace& place)>;
/// Gives a kind of receiver a name for run files. Call it on all ranks before the session opens.
void register_receiver(const std::string& kind, ReceiverMaker maker);

/// A quantity whose error the controller keeps below the run file's tolerance: a sum over blocks of
/// this function of a rank's fields (dense, float64); the error is that of the sum over all ranks,
/// relative to its size. Pure.
using Quantity =
    std::function<double(std::span<const ReductionField> fields, const double* const* values)>;
/// Names it for run files (`quantity = "NAME"`; Cardan has `sum`, `energy` and `gradient`). Call it
/// on all ranks before the session opens.
void register_quantity(const std::string& name, Quantity quantity);

}  // namespace cardan

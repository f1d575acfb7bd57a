/// Services: several instances answer requests of all simulation ranks, with batching, balancing
/// and liveness.
#pragma once

#include <cardan/config.hpp>
#include <cardan/field.hpp>
#include <cardan/model.hpp>
#include <cardan/opened.hpp>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

namespace cardan {

namespace service {
class Client;
}

/// How a request stands. It ends exactly once: `answered`; `late`: its deadline passed;
/// `cancelled`; or `failed`: no instance is left, or the handler threw wherever it was tried.
enum class RequestStatus : std::uint8_t { waiting, answered, late, cancelled, failed };
const char* to_string(RequestStatus status) noexcept;

struct RequestOptions {
  /// Higher ones go into a batch first.
  int priority = 0;
  /// From the call on; 0: what the run file says.
  Seconds deadline{};
};

/// Where the time of an answered request went, in seconds. `reply` is the rest of `total`: the way
/// back, and until the client looked (between nodes, where clocks differ, the way there as well).
struct ResponseTimes {
  double put = 0;
  double queue = 0;
  double batch_wait = 0;
  double inference = 0;
  double reply = 0;
  double total = 0;
};

/// One request. Move-only; must end before its session does. A future that is destroyed while it
/// waits cancels its request.
class Future {
 public:
  Future() = default;
  Future(Future&& other) noexcept;
  Future& operator=(Future&& other) noexcept;
  Future(const Future&) = delete;
  Future& operator=(const Future&) = delete;
  ~Future();

  /// Makes progress for all requests until this one has ended or the seconds are over.
  RequestStatus wait_for(double seconds);
  /// The same until it has ended: at its deadline at the latest.
  RequestStatus wait();
  /// As last seen, without progress.
  [[nodiscard]] RequestStatus status() const;
  /// Gives it up; true where it was still waiting. Its outputs are not touched any more.
  bool cancel();
  /// Of an answered request: the version and the instance that answered, how often it was sent, and
  /// its times.
  [[nodiscard]] std::uint32_t version() const;
  [[nodiscard]] int instance() const;
  [[nodiscard]] int attempts() const;
  [[nodiscard]] const ResponseTimes& times() const;

 private:
  friend class service::Client;
  Future(service::Client& client, std::size_t slot, Life life)
      : client_(&client), slot_(slot), life_(std::move(life))
  {}
  [[nodiscard]] service::Client& client() const;
  void forget();
  service::Client* client_ = nullptr;
  std::size_t slot_ = 0;
  Life life_;
};

/// What an instance says of itself; `ready`: loaded, and warmed up by a dry batch.
enum class InstanceState : std::uint8_t { starting, ready, busy, draining, gone };
const char* to_string(InstanceState state) noexcept;

/// An instance as this client sees it.
struct InstanceView {
  /// In the session's communicator.
  int rank = 0;
  bool on_this_node = false;
  InstanceState state = InstanceState::starting;
  /// Its heartbeat stood still for longer than the run file allows.
  bool stalled = false;
  std::uint32_t version = 0;
  /// Requests that wait there, of all clients, as it last said.
  int queued = 0;
  /// Requests of this client that it has not answered.
  int outstanding = 0;
  /// Seconds since its heartbeat was last seen to move.
  double heartbeat_age = 0;
};

/// Sums over this rank's requests.
struct ServiceCounters {
  std::int64_t requested = 0;
  std::int64_t answered = 0;
  std::int64_t late = 0;
  std::int64_t cancelled = 0;
  std::int64_t failed = 0;
  /// Sent again: moved away from an instance that stalled or went, handed back by one that drains
  /// or is below the version asked for, answered by an older version than one seen before, failed.
  std::int64_t moved = 0;
  std::int64_t handed_back = 0;
  std::int64_t too_old = 0;
  std::int64_t refused = 0;
  /// Replies to attempts that were given up: thrown away.
  std::int64_t stale = 0;
  /// How often an instance was seen to stall, and to beat again.
  std::int64_t stalls = 0;
  std::int64_t revivals = 0;
};

/// Seconds until a service could be used, the slowest rank's: windows opened, handlers or models
/// loaded, dry batches run, and until this client had read that all are ready.
struct Bootstrap {
  double windows = 0;
  double load = 0;
  double warm_up = 0;
  double publish = 0;
};

/// A service as a simulation rank sees it; a handle, copied freely, valid as long as its session.
/// No threads: progress is made inside `request`, `poll` and the waits of its futures. After the
/// first requests nothing is allocated. Not collective but for its opening (Session::service).
class Service {
 public:
  using Fields = std::initializer_list<NamedField>;
  /// The same where their number is known at run time only.
  using FieldList = std::span<const NamedField>;

  /// Asks for the outputs that belong to the inputs: batches of at most as many samples as were
  /// declared, named and typed as declared, in that order; throws where they are not. Inputs must
  /// not change, and outputs not be read, before the request has ended. Does not block unless as
  /// many requests are under way as the run file's `depth` allows: then until one ends, or the
  /// deadline.
  [[nodiscard]] Future request(Fields inputs, Fields outputs, const RequestOptions& options = {});
  [[nodiscard]] Future request(FieldList inputs, FieldList outputs,
                               const RequestOptions& options = {});
  /// Makes progress without waiting; says whether a request ended.
  bool poll();
  /// Waits until every instance is ready, draining or gone; false where some is not within the
  /// seconds.
  bool wait_ready(double seconds);

  /// Takes an instance out of use for all clients, or back into it: it hands back what waits there.
  /// The instance follows at its next batch.
  void drain(int instance);
  void resume(int instance);
  /// Tells all instances to prepare the version after the newest known and to switch to it between
  /// two batches; `file` is the handler's to understand (kind "model": the new model's file).
  /// Returns the version.
  std::uint32_t swap(const std::string& file = {});

  [[nodiscard]] int instances() const;
  /// The registry's view of an instance.
  [[nodiscard]] InstanceView instance(int index) const;
  /// The newest version that this client has seen in an answer: answers are never older.
  [[nodiscard]] std::uint32_t version() const;
  [[nodiscard]] const ServiceCounters& counters() const;
  /// `publish` is 0 before the instances were seen to be ready.
  [[nodiscard]] const Bootstrap& bootstrap() const;

  explicit Service(service::Client& client, Life life = {}) : client_(&client, std::move(life)) {}

 private:
  Opened<service::Client> client_;
};

/// Where a handler works.
struct ServicePlace {
  std::string service;
  int instance = 0;
  /// In the session's communicator.
  int rank = 0;
  int threads = 1;
  std::uint64_t seed = 0;
  /// To be called now and then by work that takes longer than the run file's `stall`.
  std::function<void()> beat;
};

/// What an instance does.
class ServiceHandler {
 public:
  virtual ~ServiceHandler() = default;
  /// Writes all outputs of a batch of one or more samples, of one or more requests. Called once
  /// with zeros before the instance is ready. What it throws is logged, and its requests are tried
  /// elsewhere.
  virtual void answer(const Batch& inputs, const Answers& outputs) = 0;
  /// Makes the next version; afterwards `answer` is of that version. Throws where it cannot: the
  /// old version stays.
  virtual void swap(std::uint32_t version, const std::string& file)
  {
    static_cast<void>(version);
    static_cast<void>(file);
  }
};

/// `table` is `[service.NAME] options`. Throws where the fields do not suit it.
using ServiceMaker = std::function<std::unique_ptr<ServiceHandler>(
    const Config& table, const Signature& signature, const ServicePlace& place)>;
/// Gives a kind of service a name for run files. Call it on all ranks before the session opens.
void register_service(const std::string& kind, ServiceMaker maker);

}  // namespace cardan

/// The simulation's side of a service: sends requests, follows them until they end, and watches the
/// instances.
#pragma once

#include "couplers/service/ends.hpp"
#include "couplers/service/wire.hpp"
#include "session/context.hpp"

#include <cardan/service.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cardan::service {

/// Nanoseconds between two looks at heartbeats and deadlines.
inline constexpr std::int64_t sweep_every = 100'000;

class Client : public Duty {
 public:
  using Fields = Service::FieldList;
  /// Collective over the simulation ranks and, where there are ML ranks, the other half of `serve`.
  Client(const Context& context, const ServiceSettings& settings, const Binding& mine);
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Future request(Fields inputs, Fields outputs, const RequestOptions& options);
  bool poll() override;
  bool wait_ready(double seconds);
  void drain(int instance) { command(instance, Verb::drain); }
  void resume(int instance) { command(instance, Verb::resume); }
  std::uint32_t swap(const std::string& file);
  [[nodiscard]] int instances() const { return static_cast<int>(peers_.size()); }
  [[nodiscard]] InstanceView instance(int index) const;
  [[nodiscard]] std::uint32_t version() const { return newest_; }
  [[nodiscard]] const ServiceCounters& counters() const { return counters_; }
  [[nodiscard]] const Bootstrap& bootstrap() const { return bootstrap_; }

  /// A request, as a future sees it.
  struct Slot {
    std::int64_t ticket = 0;
    RequestStatus status = RequestStatus::cancelled;
    /// A future knows it.
    bool held = false;
    /// Where it was sent; -1 while it is with this rank.
    int instance = -1;
    std::uint16_t attempt = 0;
    int failures = 0;
    int failed_at = -1;
    int moves = 0;
    int priority = 0;
    std::int64_t samples = 0;
    std::uint32_t version = 0;
    int answered_by = -1;
    std::int64_t begun = 0;
    std::int64_t sent = 0;
    std::int64_t deadline = 0;
    /// Handed back: not at once again.
    std::int64_t not_before = 0;
    std::size_t place = 0;
    ResponseTimes times;
    std::vector<Field> inputs;
    std::vector<Field> outputs;
  };
  [[nodiscard]] const Slot& slot(std::size_t index) const { return slots_[index]; }
  RequestStatus wait_for(std::size_t index, double seconds);
  RequestStatus wait(std::size_t index);
  bool cancel(std::size_t index);
  void forget(std::size_t index);

  [[nodiscard]] bool finished() override { return true; }
  void close() override;
  void part() override;
  void abandon() noexcept override;

 private:
  /// An instance, as this client knows it.
  struct Peer {
    Status status;
    bool stalled = false;
    /// A drain was told, and the instance has not said so yet.
    bool draining = false;
    /// Slots of its ring that are used, by requests and by commands; requests that still count on
    /// it.
    int under_way = 0;
    int commands = 0;
    int outstanding = 0;
    std::int64_t moved = 0;
    /// What is to be told next.
    std::optional<Verb> command;
    std::uint32_t swap_to = 0;
  };

  void check(Fields fields, const std::vector<FieldSpec>& declared, const char* what,
             std::int64_t samples) const;
  std::size_t take_slot();
  bool end(std::size_t index, RequestStatus status);
  void detach(Slot& slot);

  bool take_replies();
  bool take(std::size_t peer);
  bool take_answer(Slot& slot, std::size_t index, std::size_t peer, const ReplyHeader& header);
  void ask_again(std::size_t index);
  bool send(std::size_t index, std::int64_t now);
  bool send_waiting(std::int64_t now);
  bool sweep(std::int64_t now);
  void watch(std::size_t peer, std::int64_t now);
  void move_away(std::size_t peer);
  [[nodiscard]] static bool works(const Peer& peer);
  [[nodiscard]] bool another_works(std::size_t peer) const;
  bool expire(std::int64_t now);
  [[nodiscard]] bool all_gone() const;
  void command(int instance, Verb verb);
  void send_commands();

  [[nodiscard]] int choose(const Slot& slot);
  [[nodiscard]] bool usable(std::size_t peer, std::uint32_t version, int avoid);
  [[nodiscard]] bool any_at(std::uint32_t version) const;
  [[nodiscard]] std::int64_t load(std::size_t peer) const;
  [[nodiscard]] int least_loaded(std::uint32_t version, int avoid, bool only_here);

  const Context& context_;
  ServiceSettings settings_;
  Binding fields_;
  std::unique_ptr<Ends> ends_;
  std::vector<Peer> peers_;
  /// A deque: futures of a growing number of requests keep their places.
  std::deque<Slot> slots_;
  std::vector<std::size_t> free_;
  /// Requests that wait, and those of them that are with this rank.
  std::vector<std::size_t> live_;
  std::vector<std::size_t> unsent_;
  std::size_t most_;
  std::int64_t tickets_ = 0;
  std::uint32_t newest_ = 0;
  std::uint32_t told_version_ = 1;
  std::string swap_file_;
  std::string note_;
  ServiceCounters counters_;
  Bootstrap bootstrap_;
  std::int64_t opened_ = 0;
  std::int64_t swept_ = 0;
  unsigned polls_ = 0;
  std::size_t turn_ = 0;
  std::uint64_t random_;
  bool closed_ = false;
  bool abandoned_ = false;
};

}  // namespace cardan::service

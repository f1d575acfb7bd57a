/// One instance: takes requests from its lanes, by priority, in batches; answers; says how it is.
#pragma once

#include "couplers/service/ends.hpp"
#include "couplers/service/wire.hpp"

#include <memory>
#include <vector>

namespace cardan::service {

class Instance {
 public:
  /// Borrows the lanes of one instance, client by client. Loads nothing: see `load`.
  Instance(const Context& context, const ServiceSettings& settings, const Ends& ends, int index,
           std::vector<channel::InLane*> requests, std::vector<channel::OutLane*> replies);
  /// Makes the handler. Throws what its maker throws.
  void load();

  /// Does what there is to do now; says whether there was anything. The first call runs the dry
  /// batch.
  bool poll();
  /// Whether all clients have closed, and all is answered.
  [[nodiscard]] bool finished();
  /// Says that it is gone.
  void leave();

 private:
  /// A request that waits in its slot.
  struct Waiting {
    std::size_t lane;
    std::uint64_t step;
    std::int64_t count;
    std::int64_t ticket;
    std::uint32_t version;
    std::uint16_t attempt;
    std::int32_t priority;
    /// By this rank's clock.
    std::int64_t sent;
    std::int64_t seen;
    std::int64_t expires;
    std::uint64_t order;
  };
  /// A reply without data that had no room yet.
  struct Owed {
    std::size_t lane;
    ReplyHeader header;
  };

  static bool later(const Waiting& a, const Waiting& b);
  void warm_up();
  bool pull();
  void take(std::size_t lane, std::uint64_t step);
  void obey(std::size_t lane, std::uint64_t step, const RequestHeader& request);
  void swap(std::uint32_t version, const std::string& file);
  void hand_back_all();
  void hand_back(const Waiting& request);
  [[nodiscard]] bool due(std::int64_t now) const;
  void form(std::int64_t now);
  void run(std::int64_t now);
  void gather();
  bool answer();
  void reply(std::size_t lane, const ReplyHeader& header);
  bool pay();
  void release(const Waiting& request);
  void release(std::size_t lane, std::uint64_t step);
  [[nodiscard]] ReplyHeader header_for(const Waiting& request) const;
  void tell(std::int64_t now);
  void say();

  const Context& context_;
  const ServiceSettings& settings_;
  const Ends& ends_;
  int index_;
  std::vector<channel::InLane*> requests_;
  std::vector<channel::OutLane*> replies_;
  std::unique_ptr<ServiceHandler> handler_;
  InstanceState state_ = InstanceState::starting;
  std::uint32_t version_ = 1;

  /// Of each lane: the first step that was not seen yet, which slots were dealt with out of order,
  /// and how often it was told something since it last sent something.
  std::vector<std::uint64_t> unseen_;
  std::vector<std::vector<char>> dealt_with_;
  std::vector<int> told_;
  std::uint64_t order_ = 0;
  /// A heap: the next request of a batch first.
  std::vector<Waiting> waiting_;
  std::int64_t samples_ = 0;
  std::vector<Owed> owed_;

  /// The batch at hand, and how many of its requests are answered.
  std::vector<Waiting> batch_;
  std::size_t answered_ = 0;
  bool failed_ = false;
  /// The answers lie in the client's slot already.
  bool in_place_ = false;
  std::int64_t batch_samples_ = 0;
  std::int64_t free_since_ = 0;
  /// When the last requests were seen that came together.
  std::int64_t seen_at_ = 0;
  std::int64_t began_ = 0;
  std::int64_t ended_ = 0;
  std::vector<std::int64_t> input_bytes_;
  std::vector<std::int64_t> output_bytes_;
  std::vector<std::vector<std::byte>> inputs_;
  std::vector<std::vector<std::byte>> outputs_;
  std::vector<const std::byte*> input_columns_;
  std::vector<std::byte*> output_columns_;

  unsigned idle_ = 0;
  std::uint32_t beat_ = 0;
  std::int64_t beat_every_;
  std::int64_t told_at_ = 0;
  std::uint64_t told_status_ = 0;
  std::int64_t load_ = 0;
};

}  // namespace cardan::service

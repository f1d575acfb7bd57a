// Kinds of deciders that a C program brings.

#include "c/array.hpp"

#include <cardan/steering.hpp>

#include <fmt/format.h>

#include <limits>

/// What a decider in C sends through: open while it is called.
struct cardan_outbox {
  cardan::Outbox* behind = nullptr;
  const cardan::Report* report = nullptr;
  /// The decision's arrays, which it may have written to.
  const std::byte* const* columns = nullptr;
};

namespace cardan::c {

namespace {

std::vector<cardan_array> arrays_of(const Features& features)
{
  std::vector<cardan_array> arrays;
  for (const auto& feature : features)
    arrays.push_back(cardan_array_of(nullptr, static_cast<cardan_dtype>(feature.dtype),
                                     static_cast<int>(feature.shape.size()), feature.shape.data()));
  return arrays;
}

class CDecider : public Decider {
 public:
  CDecider(std::string kind, cardan_decider decider, void* user, const Signature& signature)
      : kind_(std::move(kind)),
        decider_(decider),
        user_(user),
        reported_(arrays_of(signature.inputs)),
        decided_(arrays_of(signature.outputs))
  {
    for (auto& array : reported_) array.read_only = 1;
    for (const auto& feature : signature.outputs) {
      // Memory of this type is aligned for every dtype.
      memory_.emplace_back(static_cast<std::size_t>((feature.bytes() + 7) / 8));
      columns_.push_back(reinterpret_cast<const std::byte*>(memory_.back().data()));
    }
  }

  void see(const Report& report, Outbox& outbox) override
  {
    for (std::size_t i = 0; i < reported_.size(); ++i)
      reported_[i].data = const_cast<std::byte*>(report.columns[i]);
    for (std::size_t i = 0; i < decided_.size(); ++i) decided_[i].data = memory_[i].data();
    const cardan_report seen{report.rank, outbox.ranks(),   report.number,
                             report.step, reported_.data(), static_cast<int>(reported_.size())};
    outbox_ = {&outbox, &report, columns_.data()};
    const int status =
        decider_(user_, &seen, decided_.data(), static_cast<int>(decided_.size()), &outbox_);
    outbox_ = {};
    if (status != 0) throw Error{fmt::format("the decider '{}' returned {}", kind_, status)};
  }

 private:
  std::string kind_;
  cardan_decider decider_;
  void* user_;
  std::vector<cardan_array> reported_;
  std::vector<cardan_array> decided_;
  std::vector<std::vector<std::uint64_t>> memory_;
  std::vector<const std::byte*> columns_;
  cardan_outbox outbox_;
};

Ruling ruling_of(const cardan_outbox& outbox, const cardan_ruling* given)
{
  Ruling ruling;
  ruling.step = outbox.report->step;
  ruling.clock = outbox.report->clock;
  ruling.tag = outbox.report->tag;
  ruling.columns = outbox.columns;
  if (given == nullptr) return ruling;
  if (given->to_count < 0)
    throw Misuse{fmt::format("a decision is for {} ranks", given->to_count),
                 "their number must not be negative"};
  if (given->to_count > 0)
    ruling.to = {&needed(given->to, "to"), static_cast<std::size_t>(given->to_count)};
  for (const int rank : ruling.to)
    if (rank < 0 || rank >= outbox.behind->ranks())
      throw Misuse{fmt::format("a decision is for simulation rank {}", rank),
                   fmt::format("there are {}", outbox.behind->ranks())};
  if (given->version < 0 || given->version > std::numeric_limits<std::uint32_t>::max())
    throw Misuse{fmt::format("a decision's version is {}", given->version),
                 "0 to 4294967295 are possible"};
  ruling.version = static_cast<std::uint32_t>(given->version);
  ruling.work = given->work;
  if (given->reason != nullptr) ruling.reason = given->reason;
  return ruling;
}

}  // namespace

}  // namespace cardan::c

cardan_status cardan_outbox_send(cardan_outbox* outbox, const cardan_ruling* ruling, int64_t* id)
{
  return cardan::c::translate([&] {
    const cardan_outbox& open = cardan::c::needed(outbox, "outbox");
    if (open.behind == nullptr)
      throw cardan::c::Misuse{"a decision is sent when its decider has returned",
                              "an outbox is open during a decider's call only"};
    const std::int64_t sent = open.behind->send(cardan::c::ruling_of(open, ruling));
    if (id != nullptr) *id = sent;
  });
}

cardan_status cardan_register_decider(const char* kind, cardan_decider decider, void* user)
{
  return cardan::c::translate([&] {
    const std::string name = cardan::c::text_of(kind, "kind");
    if (decider == nullptr) throw cardan::c::Misuse{"the decider '" + name + "' is null"};
    cardan::register_decider(
        name, [name, decider, user](const cardan::Config&, const cardan::Signature& signature,
                                    const cardan::DeciderPlace&) {
          return std::make_unique<cardan::c::CDecider>(name, decider, user, signature);
        });
  });
}

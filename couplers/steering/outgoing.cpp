#include "couplers/steering/outgoing.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace cardan::steering {

Outgoing::Outgoing(Ends& ends) : ends_(ends), ranks_(ends.simulation.size())
{
  const auto add = [&](Dtype dtype, const std::vector<std::int64_t>& sample) {
    std::vector<std::int64_t> shape{1};
    shape.insert(shape.end(), sample.begin(), sample.end());
    const Extents extents{shape};
    // Where it lies is said when it is put.
    fields_.emplace_back(this, dtype, true, extents, row_major(extents));
    offsets_.push_back(bytes_);
    bytes_ += static_cast<std::size_t>((extents.product() * size_of(dtype) + 7) / 8 * 8);
  };
  for (const auto& feature : ends.declared.decision) add(feature.dtype, feature.shape);
  add(Dtype::uint8, {reason_bytes});
}

std::int64_t Outgoing::send(const Ruling& ruling)
{
  const auto& declared = ends_.declared.decision;
  for (const int rank : ruling.to)
    if (rank < 0 || rank >= ranks())
      throw Error{fmt::format("a decision of '{}' is for rank {}", ends_.declared.name, rank),
                  fmt::format("there are {} simulation ranks", ranks())};
  std::array<char, reason_bytes> reason{};
  std::copy_n(ruling.reason.begin(), std::min(ruling.reason.size(), reason.size() - 1),
              reason.begin());
  for (std::size_t f = 0; f < declared.size(); ++f) {
    if (ruling.columns == nullptr || ruling.columns[f] == nullptr)
      throw Error{fmt::format("a decision of '{}' has nothing for '{}'", ends_.declared.name,
                              declared[f].name)};
    fields_[f].move_to(ruling.columns[f]);
  }
  fields_.back().move_to(reason.data());

  DecisionHeader header;
  header.step = ruling.step;
  header.id = ++ids_;
  header.version = ruling.version;
  header.tag = ruling.tag;
  header.clock = ruling.clock;
  header.work = ruling.work;
  const auto to_rank = [&](std::size_t index) {
    Rank& rank = ranks_[index];
    if (rank.gone) return;
    if (rank.owed.empty() && ends_.decisions->out()[index].room())
      put(index, header);
    else
      keep(rank, header);
  };
  for (const int rank : ruling.to) to_rank(static_cast<std::size_t>(rank));
  if (ruling.to.empty())
    for (std::size_t r = 0; r < ranks_.size(); ++r) to_rank(r);
  return ids_;
}

/// What `fields_` point to.
void Outgoing::put(std::size_t rank, const DecisionHeader& header)
{
  auto& lane = ends_.decisions->out()[rank];
  for (std::size_t f = 0; f < fields_.size(); ++f) lane.put_samples(f, fields_[f], 0, 1);
  DecisionHeader stamped = header;
  stamped.superseded = ranks_[rank].superseded;
  lane.publish(to_header(stamped));
}

void Outgoing::keep(Rank& rank, const DecisionHeader& header)
{
  const bool replaces = !ends_.declared.keeps_all || header.tag < 0;
  auto place = std::find_if(rank.owed.begin(), rank.owed.end(), [&](const Owed& owed) {
    return replaces && owed.header.tag == header.tag;
  });
  if (place != rank.owed.end()) {
    ++rank.superseded;
  } else {
    if (rank.spare.empty()) rank.spare.push_back({{}, std::vector<std::byte>(bytes_)});
    rank.owed.push_back(std::move(rank.spare.back()));
    rank.spare.pop_back();
    place = rank.owed.end() - 1;
  }
  place->header = header;
  for (std::size_t f = 0; f < fields_.size(); ++f)
    std::memcpy(
        place->bytes.data() + offsets_[f], fields_[f].data(),
        static_cast<std::size_t>(fields_[f].shape().product() * size_of(fields_[f].dtype())));
}

bool Outgoing::pay()
{
  bool paid = false;
  for (std::size_t r = 0; r < ranks_.size(); ++r)
    if (!ranks_[r].owed.empty()) paid = pay(r) || paid;
  return paid;
}

bool Outgoing::owes() const
{
  return std::any_of(ranks_.begin(), ranks_.end(),
                     [](const Rank& rank) { return !rank.owed.empty(); });
}

bool Outgoing::pay(std::size_t index)
{
  Rank& rank = ranks_[index];
  std::size_t paid = 0;
  for (; paid < rank.owed.size() && ends_.decisions->out()[index].room(); ++paid) {
    Owed& owed = rank.owed[paid];
    for (std::size_t f = 0; f < fields_.size(); ++f)
      fields_[f].move_to(owed.bytes.data() + offsets_[f]);
    put(index, owed.header);
    rank.spare.push_back(std::move(owed));
  }
  rank.owed.erase(rank.owed.begin(), rank.owed.begin() + static_cast<std::ptrdiff_t>(paid));
  return paid > 0;
}

void Outgoing::forget(int rank)
{
  Rank& gone = ranks_[static_cast<std::size_t>(rank)];
  gone.gone = true;
  gone.owed.clear();
}

}  // namespace cardan::steering

#include "session/followed.hpp"

#include "channel/datatype.hpp"
#include "channel/patch.hpp"
#include "mpi/comm.hpp"
#include "session/parcels.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

namespace cardan {

namespace {

constexpr int tag = 7345;

using Values = std::array<std::int64_t, max_rank>;

/// A part of a field, as numbers.
struct Share {
  std::int64_t there = 0;
  std::int64_t dtype = 0;
  std::int64_t rank = 0;
  Values global{};
  Values offset{};
  Values count{};

  Share() = default;
  Share(Dtype type, const Box& box)
      : there(1), dtype(static_cast<std::int64_t>(type)), rank(box.global.rank())
  {
    for (int d = 0; d < box.global.rank(); ++d) {
      const auto i = static_cast<std::size_t>(d);
      global[i] = box.global[d];
      offset[i] = box.offset[d];
      count[i] = box.count[d];
    }
  }
  [[nodiscard]] Extents extents(const Values& values) const
  {
    Extents all = Extents::filled(static_cast<int>(rank), 0);
    for (int d = 0; d < all.rank(); ++d) all[d] = values[static_cast<std::size_t>(d)];
    return all;
  }
  [[nodiscard]] Box box() const { return {extents(global), extents(offset), extents(count)}; }
  [[nodiscard]] Dtype type() const { return static_cast<Dtype>(dtype); }
  [[nodiscard]] std::string described() const
  {
    return fmt::format("{} {}", to_string(type()), to_string(extents(global)));
  }
};

/// What a rank has of a field, and what it wants of it.
struct Shares {
  Share has;
  Share wants;
};
constexpr auto numbers = static_cast<int>(sizeof(Shares) / sizeof(std::int64_t));

/// How far an element lies from a part's first one.
std::int64_t offset_in(const Box& part, const Box& shared)
{
  const Extents strides = row_major(part.count);
  std::int64_t offset = 0;
  for (int d = 0; d < strides.rank(); ++d)
    offset += (shared.offset[d] - part.offset[d]) * strides[d];
  return offset;
}

/// Known to all ranks alike, and so everybody's error.
void check(const std::string& name, const std::vector<Shares>& all)
{
  const Share* first = nullptr;
  std::int64_t there = 0;
  for (const auto& each : all) {
    if (each.has.there == 0) continue;
    if (first == nullptr) first = &each.has;
    there += each.has.box().count.product();
  }
  if (first == nullptr || there != first->box().global.product())
    throw Error::everywhere(
        fmt::format("protected field '{}' is not whole: {} elements are there", name, there));
  for (const auto& each : all)
    if (each.wants.there != 0 && each.wants.described() != first->described())
      throw Error::everywhere(
          fmt::format("protected field '{}' was {} before the ranks were split anew, and is {} now "
                      "(a field keeps its dtype and its global shape, a batch its number of "
                      "samples). Protect it as it was.",
                      name, first->described(), each.wants.described()));
}

}  // namespace

void Followed::take(const std::string& name, const Field& field)
{
  checkpoint::Snapshot snapshot;
  snapshot.add(name, field);
  auto items = snapshot.take();
  parts_[name] = std::move(items.front());
}

void Followed::clear()
{
  parts_.clear();
  names_.clear();
}

void Followed::share(MPI_Comm everyone, mpi::Deadline deadline)
{
  Parcel mine;
  for (const auto& [name, part] : parts_) {
    const auto* letters = reinterpret_cast<const std::byte*>(name.data());
    mine.insert(mine.end(), letters, letters + name.size());
    mine.push_back(std::byte{'\n'});
  }
  const auto ranks = static_cast<std::size_t>(mpi::size(everyone));
  std::set<std::string> all;
  for (const auto& parcel :
       exchange_parcels(everyone, std::vector<Parcel>(ranks, mine), deadline)) {
    std::string name;
    for (const auto letter : parcel) {
      if (letter != std::byte{'\n'}) {
        name += static_cast<char>(letter);
        continue;
      }
      all.insert(name);
      name.clear();
    }
  }
  names_.assign(all.begin(), all.end());
}

int Followed::find(const std::string& name) const
{
  const auto found = std::lower_bound(names_.begin(), names_.end(), name);
  return found != names_.end() && *found == name ? static_cast<int>(found - names_.begin()) : -1;
}

void Followed::give(int index, const Field* field, MPI_Comm everyone, mpi::Deadline deadline) const
{
  const std::string& name = names_.at(static_cast<std::size_t>(index));
  const auto found = parts_.find(name);
  const checkpoint::Item* part = found != parts_.end() ? &found->second : nullptr;
  const auto ranks = static_cast<std::size_t>(mpi::size(everyone));
  Shares mine;
  if (part != nullptr) mine.has = {part->dtype, part->box};
  if (field != nullptr) mine.wants = {field->dtype(), *field->box()};
  std::vector<Shares> all(ranks);
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Iallgather(&mine, numbers, MPI_INT64_T, all.data(), numbers, MPI_INT64_T, everyone,
                            &request),
             "MPI_Iallgather");
  mpi::wait(request, deadline, "the parts of a field that follows");
  check(name, all);

  std::vector<std::byte> dense;
  std::vector<MPI_Request> moving;
  std::vector<mpi::Type> types;
  // Where what two ranks share lies in one of them, as one element of a type.
  const auto move = [&](const Share& whole, const Share& other, auto&& begin) {
    const Box shared = intersection(whole.box(), other.box());
    if (shared.empty()) return;
    const std::int64_t element = size_of(whole.type());
    const auto patch = channel::patch_in(whole.box().count, shared.count, element);
    types.push_back(channel::datatype(patch, patch.bytes()));
    moving.push_back(MPI_REQUEST_NULL);
    begin(offset_in(whole.box(), shared) * element, types.back().get(), &moving.back());
  };
  if (field != nullptr) {
    dense.resize(static_cast<std::size_t>(field->shape().product() * size_of(field->dtype())));
    for (std::size_t r = 0; r < ranks; ++r)
      if (all[r].has.there != 0)
        move(mine.wants, all[r].has, [&](std::int64_t at, MPI_Datatype type, MPI_Request* each) {
          mpi::check(
              MPI_Irecv(dense.data() + at, 1, type, static_cast<int>(r), tag, everyone, each),
              "MPI_Irecv");
        });
  }
  if (part != nullptr)
    for (std::size_t r = 0; r < ranks; ++r)
      if (all[r].wants.there != 0)
        move(mine.has, all[r].wants, [&](std::int64_t at, MPI_Datatype type, MPI_Request* each) {
          mpi::check(
              MPI_Isend(part->data.data() + at, 1, type, static_cast<int>(r), tag, everyone, each),
              "MPI_Isend");
        });
  for (auto& each : moving) mpi::wait(each, deadline, "a field that follows");
  if (dense.empty()) return;
  channel::copy(channel::patch_in(field->shape(), field->shape(), size_of(field->dtype())),
                dense.data(), channel::patch_of(*field, false),
                static_cast<std::byte*>(field->writable()));
}

}  // namespace cardan

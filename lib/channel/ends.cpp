#include "channel/ends.hpp"

#include "mpi/comm.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <climits>
#include <cstring>

namespace cardan::channel {

namespace {

/// Declarations as a sequence of integers and names, to be sent.
class Writer {
 public:
  void number(std::int64_t value)
  {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(const std::string& value)
  {
    number(static_cast<std::int64_t>(value.size()));
    bytes_ += value;
  }
  void extents(const Extents& value)
  {
    number(value.rank());
    for (int i = 0; i < value.rank(); ++i) number(value[i]);
  }
  void specs(const std::vector<FieldSpec>& list)
  {
    number(static_cast<std::int64_t>(list.size()));
    for (const auto& spec : list) {
      text(spec.name);
      number(static_cast<std::int64_t>(spec.dtype));
      extents(spec.shape);
      number(spec.box ? 1 : 0);
      if (spec.box) {
        extents(spec.box->global);
        extents(spec.box->offset);
        extents(spec.box->count);
      }
    }
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(const char* bytes) : at_(bytes) {}
  std::int64_t number()
  {
    std::int64_t value = 0;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  std::string text()
  {
    const auto length = static_cast<std::size_t>(number());
    std::string value{at_, length};
    at_ += length;
    return value;
  }
  Extents extents()
  {
    Extents value = Extents::filled(static_cast<int>(number()), 0);
    for (int i = 0; i < value.rank(); ++i) value[i] = number();
    return value;
  }
  std::vector<FieldSpec> specs()
  {
    std::vector<FieldSpec> list(static_cast<std::size_t>(number()));
    for (auto& spec : list) {
      spec.name = text();
      spec.dtype = static_cast<Dtype>(number());
      spec.shape = extents();
      if (number() == 0) continue;
      const Extents global = extents();
      const Extents offset = extents();
      spec.box = Box{global, offset, extents()};
    }
    return list;
  }

 private:
  const char* at_;
};

struct Owner {
  int rank;
  const FieldSpec* spec;
};

[[noreturn]] void refuse(const std::string& channel, const Owner& a, const Owner& b,
                         const char* property, const std::string& value_a,
                         const std::string& value_b)
{
  throw Error::everywhere(fmt::format(
      "channel '{}', field '{}': rank {} has {} {}, rank {} has {} (they must be equal). "
      "Declare it alike on all ranks.",
      channel, a.spec->name, a.rank, property, value_a, b.rank, value_b));
}

void compare(const std::string& channel, const Owner& a, const Owner& b)
{
  if (a.spec->name != b.spec->name) refuse(channel, a, b, "name", a.spec->name, b.spec->name);
  if (a.spec->dtype != b.spec->dtype)
    refuse(channel, a, b, "dtype", to_string(a.spec->dtype), to_string(b.spec->dtype));
  if (a.spec->box.has_value() != b.spec->box.has_value())
    refuse(channel, a, b, "layout", a.spec->box ? "box" : "batch", b.spec->box ? "box" : "batch");
  if (a.spec->box) {
    if (a.spec->box->global != b.spec->box->global)
      refuse(channel, a, b, "global shape", to_string(a.spec->box->global),
             to_string(b.spec->box->global));
  } else if (a.spec->shape.tail() != b.spec->shape.tail()) {
    refuse(channel, a, b, "shape of a sample", to_string(a.spec->shape.tail()),
           to_string(b.spec->shape.tail()));
  }
}

/// A box lies inside its global array and is the shape of its field.
void check_box(const std::string& channel, const Owner& owner)
{
  if (!owner.spec->box) return;
  const auto refuse_box = [&](const std::string& why) {
    throw Error::everywhere(fmt::format("channel '{}', field '{}' of rank {}: {}", channel,
                                        owner.spec->name, owner.rank, why));
  };
  try {
    cardan::check(*owner.spec->box);
  } catch (const Error& error) {
    refuse_box(error.what());
  }
  if (owner.spec->box->count != owner.spec->shape)
    refuse_box(fmt::format("its shape is {} and its box counts {} (they must be equal)",
                           to_string(owner.spec->shape), to_string(owner.spec->box->count)));
}

/// Disjoint boxes whose volumes add up to the global array's leave no gap.
void check_cover(const std::string& channel, const std::vector<Owner>& owners)
{
  std::int64_t covered = 0;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    const Box& box = *owners[i].spec->box;
    covered += box.count.product();
    for (std::size_t j = 0; j < i; ++j)
      if (!intersection(box, *owners[j].spec->box).empty())
        throw Error::everywhere(fmt::format(
            "channel '{}', field '{}': the boxes of ranks {} and {} overlap ({} and {}). "
            "Each element must have one producer.",
            channel, owners[i].spec->name, owners[j].rank, owners[i].rank,
            to_string(*owners[j].spec->box), to_string(box)));
  }
  const std::int64_t whole = owners.front().spec->box->global.product();
  if (covered != whole)
    throw Error::everywhere(
        fmt::format("channel '{}', field '{}': the boxes of all producers cover {} of {} elements "
                    "(global shape {}). "
                    "Each element must have one producer.",
                    channel, owners.front().spec->name, covered, whole,
                    to_string(owners.front().spec->box->global)));
}

using Side = std::vector<FieldSpec> End::*;

std::vector<int> ranks_with(const std::vector<End>& ends, Side side)
{
  std::vector<int> ranks;
  for (std::size_t r = 0; r < ends.size(); ++r)
    if (!(ends[r].*side).empty()) ranks.push_back(static_cast<int>(r));
  return ranks;
}

std::string names(const std::vector<FieldSpec>& specs)
{
  std::string list;
  for (const auto& spec : specs) list += (list.empty() ? "'" : ", '") + spec.name + "'";
  return list;
}

}  // namespace

std::vector<End> gather(MPI_Comm comm, const End& mine)
{
  Writer writer;
  writer.specs(mine.produced);
  writer.specs(mine.consumed);
  const auto ranks = static_cast<std::size_t>(mpi::size(comm));
  const int length = static_cast<int>(writer.bytes().size());
  std::vector<int> lengths(ranks);
  mpi::check(MPI_Allgather(&length, 1, MPI_INT, lengths.data(), 1, MPI_INT, comm), "MPI_Allgather");
  std::vector<int> starts(ranks);
  int total = 0;
  for (std::size_t r = 0; r < ranks; ++r) {
    starts[r] = total;
    total += lengths[r];
  }
  std::string all(static_cast<std::size_t>(total), '\0');
  mpi::check(MPI_Allgatherv(writer.bytes().data(), length, MPI_CHAR, all.data(), lengths.data(),
                            starts.data(), MPI_CHAR, comm),
             "MPI_Allgatherv");
  std::vector<End> ends(ranks);
  for (std::size_t r = 0; r < ranks; ++r) {
    Reader reader{all.data() + starts[r]};
    ends[r].produced = reader.specs();
    ends[r].consumed = reader.specs();
  }
  return ends;
}

void check(const std::string& channel, const std::vector<End>& ends)
{
  const auto producers = ranks_with(ends, &End::produced);
  const auto consumers = ranks_with(ends, &End::consumed);
  if (producers.empty() || consumers.empty())
    throw Error::everywhere(fmt::format("channel '{}' has no {} (no rank declares a field for it)",
                                        channel, producers.empty() ? "producer" : "consumer"));
  const auto& reference = ends[static_cast<std::size_t>(producers.front())].produced;
  const auto compare_all = [&](const std::vector<int>& ranks, Side side) {
    for (const int r : ranks) {
      const auto& specs = ends[static_cast<std::size_t>(r)].*side;
      if (specs.size() != reference.size())
        throw Error::everywhere(fmt::format(
            "channel '{}': rank {} has fields {}, rank {} has {} (they must be the same)", channel,
            producers.front(), names(reference), r, names(specs)));
      for (std::size_t f = 0; f < specs.size(); ++f) {
        compare(channel, {producers.front(), &reference[f]}, {r, &specs[f]});
        check_box(channel, {r, &specs[f]});
      }
    }
  };
  compare_all(producers, &End::produced);
  compare_all(consumers, &End::consumed);
  for (std::size_t f = 0; f < reference.size(); ++f) {
    if (reference[f].box.has_value() != reference.front().box.has_value())
      throw Error::everywhere(fmt::format(
          "channel '{}' mixes boxes and batches ('{}' and '{}'). Open one channel for each.",
          channel, reference.front().name, reference[f].name));
    if (!reference[f].box) continue;
    std::vector<Owner> owners;
    owners.reserve(producers.size());
    for (const int r : producers)
      owners.push_back({r, &ends[static_cast<std::size_t>(r)].produced[f]});
    check_cover(channel, owners);
  }
}

bool has_boxes(const std::vector<End>& ends)
{
  for (const auto& end : ends)
    if (!end.produced.empty()) return end.produced.front().box.has_value();
  return false;
}

}  // namespace cardan::channel

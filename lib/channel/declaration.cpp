#include "channel/declaration.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <array>
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
      number(static_cast<std::int64_t>(spec.order));
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
      spec.order = static_cast<Order>(number());
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

std::string names(const std::vector<FieldSpec>& specs)
{
  std::string list;
  for (const auto& spec : specs) list += (list.empty() ? "'" : ", '") + spec.name + "'";
  return list;
}

void compare_all(const std::string& channel, const Reference& reference, int rank,
                 const std::vector<FieldSpec>& specs)
{
  if (specs.empty()) return;
  if (specs.size() != reference.fields.size())
    throw Error::everywhere(
        fmt::format("channel '{}': rank {} has fields {}, rank {} has {} (they must be the same)",
                    channel, reference.rank, names(reference.fields), rank, names(specs)));
  for (std::size_t f = 0; f < specs.size(); ++f) {
    compare(channel, {reference.rank, &reference.fields[f]}, {rank, &specs[f]});
    check_box(channel, {rank, &specs[f]});
    if (specs[f].box.has_value() != specs.front().box.has_value())
      throw Error::everywhere(fmt::format(
          "channel '{}' mixes boxes and batches ('{}' and '{}'). Open one channel for each.",
          channel, specs.front().name, specs[f].name));
  }
}

constexpr std::array option_names{"depth", "policy", "every", "partial"};
using OptionValues = std::array<std::int64_t, option_names.size()>;

/// Collective: the lowest rank that differs from rank 0 says so.
[[noreturn]] void refuse_options(MPI_Comm comm, const std::string& channel, std::size_t option,
                                 std::int64_t value, mpi::Deadline deadline)
{
  const std::int64_t first = std::stoll(mpi::broadcast(comm, std::to_string(value), 0, deadline));
  mpi::together(comm, deadline, [&] {
    if (value != first)
      throw Error::everywhere(
          fmt::format("channel '{}': rank 0 has {} {}, rank {} has {} (they must be equal). "
                      "Give all ranks the same options.",
                      channel, option_names[option], first, mpi::rank(comm), value));
  });
  throw Error::everywhere(fmt::format("channel '{}': ranks have different options", channel));
}

}  // namespace

std::string pack(const std::vector<FieldSpec>& specs)
{
  Writer writer;
  writer.specs(specs);
  return writer.bytes();
}

std::vector<FieldSpec> unpack(const std::string& bytes)
{
  return Reader{bytes.data()}.specs();
}

Reference agree_on_fields(MPI_Comm comm, const std::string& channel, const End& mine,
                          mpi::Deadline deadline)
{
  const int ranks = mpi::size(comm);
  const int rank = mpi::rank(comm);
  // The lowest producer and the lowest consumer.
  std::array<std::int64_t, 2> ends{mine.produced.empty() ? -ranks : -rank,
                                   mine.consumed.empty() ? -ranks : -rank};
  mpi::largest(comm, ends, deadline);
  Reference reference;
  reference.rank = static_cast<int>(-ends[0]);
  const auto consumer = static_cast<int>(-ends[1]);
  if (reference.rank == ranks || consumer == ranks)
    throw Error::everywhere(fmt::format("channel '{}' has no {} (no rank declares a field for it)",
                                        channel,
                                        reference.rank == ranks ? "producer" : "consumer"));
  reference.fields = unpack(mpi::broadcast(comm, pack(mine.produced), reference.rank, deadline));
  mpi::together(comm, deadline, [&] {
    compare_all(channel, reference, rank, mine.produced);
    compare_all(channel, reference, rank, mine.consumed);
  });
  return reference;
}

void agree_on_options(MPI_Comm comm, const ChannelOptions& options, mpi::Deadline deadline)
{
  const OptionValues mine{options.depth, static_cast<std::int64_t>(options.policy), options.every,
                          options.partial ? 1 : 0};
  // The largest of each and, with its sign changed, the smallest.
  std::array<std::int64_t, 2 * option_names.size()> extremes{};
  for (std::size_t i = 0; i < mine.size(); ++i) {
    extremes[2 * i] = mine[i];
    extremes[2 * i + 1] = -mine[i];
  }
  mpi::largest(comm, extremes, deadline);
  for (std::size_t i = 0; i < mine.size(); ++i)
    if (extremes[2 * i] != -extremes[2 * i + 1])
      refuse_options(comm, options.name, i, mine[i], deadline);
  if (options.every < 1)
    throw Error::everywhere(
        fmt::format("channel '{}': every = {} (must be positive)", options.name, options.every));
  if (options.depth < 0)
    throw Error::everywhere(fmt::format("channel '{}': depth = {} (must not be negative)",
                                        options.name, options.depth));
}

}  // namespace cardan::channel

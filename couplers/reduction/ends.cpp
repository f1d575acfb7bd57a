#include "couplers/reduction/ends.hpp"

#include "couplers/reduction/encoders.hpp"
#include "couplers/reduction/receivers.hpp"
#include "couplers/reduction/sender.hpp"
#include "couplers/reduction/wire.hpp"
#include "mpi/exchange.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace cardan::reduction {

namespace {

/// A slot of `two_sided` that is not small waits for its reader: no more of them are under way than
/// its sender has buffers for.
int depth_of(const Context& context, int wanted, std::int64_t bytes)
{
  constexpr std::int64_t small = 2048;
  constexpr int buffers = 3;
  const bool messages = context.choice.on_node == TransportKind::two_sided ||
                        context.choice.between == TransportKind::two_sided;
  return messages && bytes > small ? std::min(wanted, buffers) : wanted;
}

mpi::Numbers to_numbers(const std::vector<ReductionField>& fields)
{
  mpi::Numbers numbers;
  const auto append = [&](const auto& list) {
    numbers.push_back(static_cast<std::int64_t>(list.size()));
    numbers.insert(numbers.end(), list.begin(), list.end());
  };
  for (const auto& field : fields) {
    append(field.name);
    numbers.push_back(static_cast<std::int64_t>(field.dtype));
    numbers.push_back(field.components ? 1 : 0);
    append(field.shape);
    append(field.offset);
  }
  return numbers;
}

std::vector<ReductionField> to_fields(const std::int64_t* at, const std::int64_t* end)
{
  std::vector<ReductionField> fields;
  const auto take = [&](auto& list) {
    const std::int64_t count = *at++;
    for (std::int64_t i = 0; i < count; ++i)
      list.push_back(static_cast<typename std::decay_t<decltype(list)>::value_type>(*at++));
  };
  while (at != end) {
    ReductionField field;
    take(field.name);
    field.dtype = static_cast<Dtype>(*at++);
    field.components = *at++ != 0;
    take(field.shape);
    take(field.offset);
    fields.push_back(std::move(field));
  }
  return fields;
}

/// Collective: the fields of all ranks of `comm`.
std::vector<std::vector<ReductionField>> gather(MPI_Comm comm,
                                                const std::vector<ReductionField>& mine)
{
  const mpi::Numbers numbers = to_numbers(mine);
  const int count = static_cast<int>(numbers.size());
  std::vector<int> counts(static_cast<std::size_t>(mpi::size(comm)));
  mpi::check(MPI_Allgather(&count, 1, MPI_INT, counts.data(), 1, MPI_INT, comm), "MPI_Allgather");
  std::vector<int> begins{0};
  for (const int each : counts) begins.push_back(begins.back() + each);
  mpi::Numbers all(static_cast<std::size_t>(begins.back()));
  mpi::check(MPI_Allgatherv(numbers.data(), count, MPI_INT64_T, all.data(), counts.data(),
                            begins.data(), MPI_INT64_T, comm),
             "MPI_Allgatherv");
  std::vector<std::vector<ReductionField>> fields;
  for (std::size_t r = 0; r < counts.size(); ++r)
    fields.push_back(to_fields(all.data() + begins[r], all.data() + begins[r + 1]));
  return fields;
}

std::size_t dimensions(const ReductionField& field)
{
  return field.shape.size() - (field.components && !field.shape.empty() ? 1 : 0);
}

void check_field(const Settings& settings, const ReductionField& field)
{
  const auto refuse = [&](const std::string& why) {
    throw Error{fmt::format("field '{}' of reduction '{}' is declared as {} {}", field.name,
                            settings.name, to_string(field.dtype), to_string(Extents{field.shape})),
                why};
  };
  if (field.dtype != Dtype::float32 && field.dtype != Dtype::float64)
    refuse("only float32 and float64 can be reduced");
  if (dimensions(field) < 1 || dimensions(field) > 3) refuse("a grid has one to three dimensions");
  if (std::any_of(field.shape.begin(), field.shape.end(),
                  [](std::int64_t extent) { return extent < 1; }))
    refuse("every extent must be positive");
  if (!field.offset.empty() && field.offset.size() != dimensions(field))
    refuse(fmt::format("its offset has {} numbers", field.offset.size()));
  if (settings.block.size() != 1 && settings.block.size() != dimensions(field))
    refuse(fmt::format("[reduction.{}] block has {} edges", settings.name, settings.block.size()));
}

void check_quantity(const Settings& settings)
{
  if (settings.quantity.empty() || find_quantity(settings.quantity) != nullptr) return;
  const auto known = quantity_names();
  const std::string near = nearest(settings.quantity, known);
  throw Error{
      fmt::format("[reduction.{}] quantity = \"{}\" is not known", settings.name,
                  settings.quantity),
      fmt::format("known: {}", fmt::join(known, ", ")),
      near.empty() ? "Give it to register_quantity." : fmt::format("Did you mean \"{}\"?", near)};
}

/// But for the grid's extents.
bool alike(const std::vector<ReductionField>& one, const std::vector<ReductionField>& other)
{
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const ReductionField& a, const ReductionField& b) {
                      return a.name == b.name && a.dtype == b.dtype &&
                             a.components == b.components && a.shape.size() == b.shape.size() &&
                             (!a.components || a.shape.front() == b.shape.front());
                    });
}

}  // namespace

Field as_bytes(const std::byte* bytes, std::size_t count)
{
  return Field{reinterpret_cast<const std::uint8_t*>(bytes), {static_cast<std::int64_t>(count)}};
}

void check_fields(const Context& context, const Settings& settings,
                  const std::vector<ReductionField>& mine)
{
  MPI_Comm part = context.part.get();
  mpi::together(part, context.deadline(), [&] {
    if (mine.empty())
      throw Error{fmt::format("reduction '{}' is opened without fields", settings.name),
                  "at least one is needed"};
    if (settings.eps.size() != 1 && settings.eps.size() != mine.size())
      throw Error{
          fmt::format("[reduction.{}] eps has {} numbers", settings.name, settings.eps.size()),
          fmt::format("there are {} fields", mine.size()), "Give one for all, or each."};
    for (std::size_t f = 0; f < mine.size(); ++f) {
      check_field(settings, mine[f]);
      for (std::size_t g = 0; g < f; ++g)
        if (mine[g].name == mine[f].name)
          throw Error{fmt::format("reduction '{}' is opened with field '{}' twice", settings.name,
                                  mine[f].name)};
    }
    check_quantity(settings);
    // What cannot be packed is said here, before ML ranks are told.
    static_cast<void>(Sender{mine, settings, nullptr});
  });
  const auto all = gather(part, mine);
  mpi::together(part, context.deadline(), [&] {
    for (std::size_t r = 0; r < all.size(); ++r)
      if (!alike(all[r], all.front()))
        throw Error{fmt::format("simulation ranks 0 and {} open reduction '{}' with other fields",
                                r, settings.name),
                    "names, dtypes, components and dimensions must be equal"};
    for (std::size_t r = 0; settings.encoder != Encoder::none && r < all.size(); ++r)
      for (std::size_t f = 0; f < mine.size(); ++f)
        if (block_numbers(all[r][f], settings) != block_numbers(all.front()[f], settings))
          throw Error{fmt::format("field '{}' of reduction '{}' is smaller than a block on some "
                                  "simulation ranks",
                                  mine[f].name, settings.name),
                      "blocks of an encoder have the same extents on all of them",
                      "Make block smaller."};
  });
}

Ends::Ends(const Context& context, const Settings& settings,
           const std::vector<ReductionField>& mine, std::size_t most_bytes)
    : simulation(context.all(&Roles::simulation))
{
  MPI_Comm everyone = context.everyone.get();
  if (simulation.size() == context.roles.size()) {
    fields = gather(everyone, mine);
    return;
  }
  for (std::size_t r = 0; r < context.roles.size(); ++r)
    if (context.roles[r].ml()) receivers.push_back(static_cast<int>(r));
  const auto wanted = static_cast<std::size_t>(settings.receivers);
  if (wanted > 0 && wanted < receivers.size()) receivers.resize(wanted);
  // One that nobody sends to has nothing to receive.
  if (receivers.size() > simulation.size()) receivers.resize(simulation.size());

  const auto all = gather(everyone, mine);
  for (const int rank : simulation) fields.push_back(all[static_cast<std::size_t>(rank)]);
  auto capacity = static_cast<std::int64_t>(most_bytes);
  mpi::check(MPI_Allreduce(MPI_IN_PLACE, &capacity, 1, MPI_INT64_T, MPI_MAX, everyone),
             "MPI_Allreduce");

  const int me = mpi::rank(everyone);
  const auto found = std::find(receivers.begin(), receivers.end(), me);
  if (found != receivers.end()) index = static_cast<int>(found - receivers.begin());
  const bool leads = index == 0;
  const bool follows = index > 0;
  const bool simulates = context.mine().simulation;

  constexpr auto note_bytes = static_cast<std::int64_t>(sizeof(Note));
  channel::Links there;
  channel::Links down;
  channel::Links across;
  there.capacity = capacity;
  down.capacity = piece_bytes;
  across.capacity = note_bytes;
  for (std::size_t r = 1; r < receivers.size(); ++r) {
    if (leads) {
      down.out.push_back({receivers[r], 0, piece_bytes});
      across.in.push_back({receivers[r], 0, note_bytes});
    }
    if (index != static_cast<int>(r)) continue;
    down.in.push_back({receivers.front(), 0, piece_bytes});
    across.out.push_back({receivers.front(), 0, note_bytes});
  }
  for (std::size_t s = 0; s < simulation.size(); ++s) {
    const std::size_t to = s % receivers.size();
    if (simulation[s] == me) {
      there.out.push_back({receivers[to], 0, capacity});
      down.in.push_back({receivers.front(), 0, piece_bytes});
    }
    if (leads) down.out.push_back({simulation[s], 0, piece_bytes});
    if (index != static_cast<int>(to)) continue;
    there.in.push_back({simulation[s], 0, capacity});
    senders.push_back(static_cast<int>(s));
  }
  const auto open = [&](const char* what, int depth, std::int64_t bytes, bool gives, bool takes,
                        const channel::Links& links) {
    ChannelOptions options;
    options.name = settings.name + " " + what;
    options.deadline = context.settings.deadline;
    options.depth = depth_of(context, depth, bytes);
    const std::vector<FieldSpec> specs{{"bytes", Dtype::uint8, {bytes}, {}, {}}};
    const std::vector<FieldSpec> none;
    return std::make_unique<channel::Lanes>(
        everyone, options, context.choice, channel::End{gives ? specs : none, takes ? specs : none},
        links);
  };
  constexpr int pieces = 4;
  constexpr int note_depth = 64;
  puts = open("puts", settings.depth, capacity, simulates, index >= 0, there);
  back = open("back", pieces, piece_bytes, leads, simulates || follows, down);
  if (receivers.size() > 1) notes = open("notes", note_depth, note_bytes, follows, leads, across);
}

void Ends::close()
{
  for (auto* lanes : {&puts, &back, &notes})
    if (*lanes) (*lanes)->close();
}

void Ends::abandon() noexcept
{
  for (auto* lanes : {&puts, &back, &notes})
    if (*lanes) (*lanes)->abandon();
}

}  // namespace cardan::reduction

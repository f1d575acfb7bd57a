// What clients have in common: opening, checks and waiting.

#include "couplers/closure/client.hpp"

#include "checkpoint/reader.hpp"
#include "checkpoint/snapshot.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace cardan {

Surrogate::Implementation::Implementation(const Context& context,
                                          const closure::SurrogateSettings& settings, Open open)
    : context_(context), settings_(settings), open_(std::move(open)), life_(context.life)
{
  stamp_.loss = stamp_.validation_loss = std::numeric_limits<double>::quiet_NaN();
}

Surrogate::Implementation::Implementation(const Context& context,
                                          const closure::SurrogateSettings& settings,
                                          const Implementation& other)
    : counters_(other.counters_),
      stamp_(other.stamp_),
      context_(context),
      settings_(settings),
      life_(context.life)
{}

void Surrogate::Implementation::expect_open() const
{
  if (life_ && !*life_) throw_closed();
}

namespace {

/// In the order of a checkpoint's columns.
constexpr std::array counted{&Counters::asked,        &Counters::trusted,      &Counters::not_ready,
                             &Counters::late,         &Counters::unsure,       &Counters::outside,
                             &Counters::not_a_number, &Counters::out_of_range, &Counters::observed,
                             &Counters::dropped,      &Counters::quarantined};
constexpr auto columns = static_cast<std::int64_t>(counted.size());

}  // namespace

void Surrogate::Implementation::snapshot(checkpoint::Snapshot& snapshot) const
{
  std::array<std::int64_t, counted.size()> row{};
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = counters_.*counted[i];
  snapshot.add_rows("clients/" + settings_.name + "/counters", Dtype::int64,
                    mpi::size(context_.part.get()), mpi::rank(context_.part.get()), 1, {columns},
                    row.data());
}

/// Sums stay right on another number of ranks: those of ranks that are gone are the first one's.
void Surrogate::Implementation::restore_counters()
{
  const std::string name = "clients/" + settings_.name + "/counters";
  if (!context_.restart->has(name)) return;
  const auto shape = context_.restart->shape(name);
  if (shape.size() != 2 || shape[1] != columns) return;
  const int rank = mpi::rank(context_.part.get());
  const int ranks = mpi::size(context_.part.get());
  std::vector<std::int64_t> rows(static_cast<std::size_t>(shape[0] * columns));
  context_.restart->read_rows(name, Dtype::int64, 0, shape[0], rows.data());
  for (std::int64_t r = 0; r < shape[0]; ++r)
    for (std::size_t i = 0; i < counted.size(); ++i)
      if (r == rank || (rank == 0 && r >= ranks))
        counters_.*counted[i] += rows[static_cast<std::size_t>(r * columns) + i];
}

Surrogate::Implementation::~Implementation()
{
  // The session has freed what belonged to a split that has ended.
  if (life_ && !*life_) return;
  std::erase(context_.clients, this);
  try {
    if (streams_ != nullptr) streams_->close();
  } catch (const Error&) {
    // The ML ranks are gone: nobody is left to tell.
    streams_->abandon();
  }
}

std::vector<FieldSpec> Surrogate::Implementation::named(Fields fields,
                                                        const std::vector<std::string>& names,
                                                        const char* kind) const
{
  std::vector<FieldSpec> list;
  for (const auto& [name, field] : fields) list.push_back(FieldSpec::of(std::string{name}, field));
  const bool same =
      std::equal(list.begin(), list.end(), names.begin(), names.end(),
                 [](const FieldSpec& spec, const std::string& name) { return spec.name == name; });
  std::string given;
  for (const auto& spec : list) given += (given.empty() ? "'" : ", '") + spec.name + "'";
  if (!same)
    throw Error{
        fmt::format("surrogate '{}' is given the {} {}", settings_.name, kind, given),
        fmt::format("{} says '{}'", context_.run_file.name(), fmt::join(names, "', '")),
        fmt::format("Give the fields of [surrogate.{}] {} in its order.", settings_.name, kind)};
  for (const auto& spec : list)
    if (spec.shape.rank() == 0)
      throw Error{
          fmt::format("field '{}' of surrogate '{}' has no dimension", spec.name, settings_.name),
          "its first dimension counts samples"};
  return list;
}

void Surrogate::Implementation::open(const closure::Binding& binding)
{
  binding_ = binding;
  if (context_.restart != nullptr) restore_counters();
  context_.clients.push_back(this);
  streams_ = open_(binding_);
  if (streams_ != nullptr && streams_->reply)
    lanes_.assign(streams_->reply->in().size(), State::idle);
  // Where no rank has any samples, nothing ever comes that training could take turns with.
  takes_turns_ =
      context_.settings.deterministic && streams_ != nullptr && streams_->fields.capacity() > 0;
  in_step_ = takes_turns_;
}

/// Found at the first call, not when the first sample is trusted.
void Surrogate::Implementation::check_writable(Fields outputs) const
{
  for (const auto& [name, field] : outputs) {
    try {
      static_cast<void>(field.writable());
    } catch (const Error&) {
      throw Error{fmt::format("output '{}' of surrogate '{}' is made from const data", name,
                              settings_.name),
                  "predict writes it", "Make it from an array that is not const."};
    }
  }
}

bool Surrogate::Implementation::refuse_number(std::string_view field, const std::string& where,
                                              const char* verb) const
{
  if (settings_.not_a_number != closure::NotANumber::stop) return false;
  throw Error{fmt::format("field '{}' has a not-a-number in {} at step {} ({} of surrogate '{}')",
                          field, where, context_.step, verb, settings_.name),
              "the simulation has gone wrong before",
              fmt::format("Set not_a_number = \"solver\" in [surrogate.{}] to leave such samples "
                          "to the solver.",
                          settings_.name)};
}

/// Replies to requests that were given up are read and thrown away.
void Surrogate::Implementation::discard_stale()
{
  for (auto& lane : streams_->reply->in())
    while (lane.ready() && lane.header().ticket < ticket_) lane.release();
}

void Surrogate::Implementation::await()
{
  const bool patient = settings_.late == closure::Late::wait || in_step_;
  const auto deadline =
      mpi::Deadline::in(patient ? context_.settings.deadline : settings_.deadline);
  auto& in = streams_->reply->in();
  const bool came = mpi::wait_until(
      [&] {
        discard_stale();
        bool all = true;
        for (std::size_t i = 0; i < in.size(); ++i) {
          if (lanes_[i] == State::asked && in[i].ready() && in[i].header().ticket == ticket_)
            lanes_[i] = State::answered;
          // A lane that its inference rank has closed brings nothing more.
          all = all && (lanes_[i] != State::asked || in[i].drained());
        }
        return all;
      },
      deadline);
  if (!came && in_step_) fall_out_of_step("an answer");
}

void Surrogate::Implementation::stamp(const channel::Header& header)
{
  stamp_ = {header.version,       context_.step - header.age_step,
            header.values[0],     header.values[1],
            header.trained_steps, static_cast<std::uint64_t>(header.step)};
}

}  // namespace cardan

// What clients have in common: opening, checks and waiting.

#include "couplers/closure/client.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace cardan {

Surrogate::Implementation::Implementation(const Context& context,
                                          const closure::SurrogateSettings& settings, Open open)
    : context_(context), settings_(settings), open_(std::move(open))
{
  stamp_.loss = stamp_.validation_loss = std::numeric_limits<double>::quiet_NaN();
}

Surrogate::Implementation::~Implementation()
{
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
  streams_ = open_(binding_);
  if (streams_ != nullptr && streams_->reply)
    lanes_.assign(streams_->reply->in().size(), State::idle);
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
  const bool patient = settings_.late == closure::Late::wait;
  const auto deadline =
      mpi::Deadline::in(patient ? context_.settings.deadline : settings_.deadline);
  auto& in = streams_->reply->in();
  mpi::wait_until(
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
}

void Surrogate::Implementation::stamp(const channel::Header& header)
{
  stamp_ = {header.version,       context_.step - header.age_step,
            header.values[0],     header.values[1],
            header.trained_steps, static_cast<std::uint64_t>(header.step)};
}

}  // namespace cardan

// The client's begin and end, and what is checked of the fields that it is given.

#include "couplers/closure/client.hpp"

#include "couplers/closure/field_samples.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

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

void Surrogate::Implementation::bind(Fields inputs, Fields outputs)
{
  const auto specs = [&](Fields fields, const std::vector<std::string>& names, const char* kind) {
    std::vector<FieldSpec> list;
    for (const auto& [name, field] : fields)
      list.push_back(FieldSpec::of(std::string{name}, field));
    const bool same = std::equal(
        list.begin(), list.end(), names.begin(), names.end(),
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
  };
  // One rank's wrong field is found here before any rank tells the ML ranks.
  mpi::together(context_.part.get(), context_.deadline(), [&] {
    binding_ = {specs(inputs, settings_.inputs, "inputs"),
                specs(outputs, settings_.outputs, "outputs")};
    check_samples(inputs, outputs);
  });
  streams_ = open_(binding_);
  if (settings_.place == closure::Place::inside)
    mpi::together(context_.part.get(), context_.deadline(), [&] {
      inside_ = std::make_unique<closure::Inside>(context_, settings_, binding_);
    });
  bound_ = true;
  columns_.resize(binding_.outputs.size());
  const auto samples = static_cast<std::size_t>(binding_.capacity());
  untrusted_.reserve(samples);
  everything_.resize(samples);
  std::iota(everything_.begin(), everything_.end(), 0);
  if (streams_ != nullptr && streams_->request)
    lanes_.assign(streams_->request->out().size(), State::idle);
  if (settings_.late != closure::Late::last) return;
  has_last_.assign(samples, false);
  for (const auto& spec : binding_.outputs)
    last_.emplace_back(samples *
                       static_cast<std::size_t>(spec.shape.tail().product() * size_of(spec.dtype)));
}

void Surrogate::Implementation::check(Fields fields, const std::vector<FieldSpec>& bound) const
{
  bool same = fields.size() == bound.size();
  for (std::size_t i = 0; same && i < bound.size(); ++i) {
    const auto& [name, field] = fields.begin()[i];
    if (name == bound[i].name && field.dtype() == bound[i].dtype &&
        field.shape().tail() == bound[i].shape.tail() && field.samples() <= bound[i].shape[0])
      continue;
    throw Error{
        fmt::format("surrogate '{}' was opened with field '{}': {} {}; now it is given '{}': {} {}",
                    settings_.name, bound[i].name, to_string(bound[i].dtype),
                    to_string(bound[i].shape), name, to_string(field.dtype()),
                    to_string(field.shape())),
        "name, dtype and sample shape stay, and samples do not grow"};
  }
  if (!same)
    throw Error{fmt::format("surrogate '{}' was opened with {} fields; now it is given {}",
                            settings_.name, bound.size(), fields.size())};
}

/// Samples are told apart by their number alone, so all fields of a call have as many.
void Surrogate::Implementation::check_samples(Fields inputs, Fields outputs) const
{
  const auto& [first, reference] = *inputs.begin();
  for (const Fields& fields : {inputs, outputs})
    for (const auto& [name, field] : fields)
      if (field.samples() != reference.samples())
        throw Error{fmt::format("surrogate '{}' is given '{}' with {} samples and '{}' with {}",
                                settings_.name, first, reference.samples(), name, field.samples()),
                    "they must be equal"};
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

/// Whether a sample is free of not-a-numbers; where the run file says so, one that is not is an
/// error.
bool Surrogate::Implementation::usable(Fields fields, std::int64_t sample, const char* verb) const
{
  for (const auto& [name, field] : fields) {
    if (closure::finite(field, sample)) continue;
    if (settings_.not_a_number == closure::NotANumber::stop)
      throw Error{
          fmt::format(
              "field '{}' has a not-a-number in sample {} at step {} ({} of surrogate '{}')", name,
              sample, context_.step, verb, settings_.name),
          "the simulation has gone wrong before",
          fmt::format("Set not_a_number = \"solver\" in [surrogate.{}] to leave such samples to "
                      "the solver.",
                      settings_.name)};
    return false;
  }
  return true;
}

}  // namespace cardan

// The begin of a client of batches, and what is checked of the fields that it is given.

#include "couplers/closure/batch_client.hpp"

#include "couplers/closure/field_samples.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <numeric>

namespace cardan::closure {

BatchClient::BatchClient(const Context& context, const SurrogateSettings& settings, Open open)
    : Implementation(context, settings, std::move(open))
{}

void BatchClient::bind(Fields inputs, Fields outputs)
{
  Binding binding;
  // One rank's wrong field is found here before any rank tells the ML ranks.
  mpi::together(context().part.get(), context().deadline(), [&] {
    binding = {named(inputs, settings().inputs, "inputs"),
               named(outputs, settings().outputs, "outputs")};
    check_batches(binding);
    check_samples(inputs, outputs);
  });
  open(binding);
  if (settings().place == Place::inside)
    mpi::together(context().part.get(), context().deadline(),
                  [&] { inside_ = std::make_unique<Inside>(context(), settings(), binding_); });
  bound_ = true;
  columns_.resize(binding_.outputs.size());
  const auto samples = static_cast<std::size_t>(binding_.capacity());
  untrusted_.reserve(samples);
  everything_.resize(samples);
  std::iota(everything_.begin(), everything_.end(), 0);
  if (settings().late != Late::last) return;
  has_last_.assign(samples, false);
  for (const auto& spec : binding_.outputs)
    last_.emplace_back(samples *
                       static_cast<std::size_t>(spec.shape.tail().product() * size_of(spec.dtype)));
}

void BatchClient::check_batches(const Binding& binding) const
{
  for (const auto& fields : {binding.inputs, binding.outputs})
    for (const auto& spec : fields)
      if (spec.box)
        throw Error{
            fmt::format("field '{}' of surrogate '{}' has a box", spec.name, settings().name),
            fmt::format("[surrogate.{}] has no grid: its fields are batches", settings().name),
            "Write grid = { tile = [32, 32], halo = 4 }, or give the field without a box."};
}

void BatchClient::check(Fields fields, const std::vector<FieldSpec>& bound) const
{
  bool same = fields.size() == bound.size();
  for (std::size_t i = 0; same && i < bound.size(); ++i) {
    const auto& [name, field] = fields[i];
    if (name == bound[i].name && field.dtype() == bound[i].dtype &&
        field.shape().tail() == bound[i].shape.tail() && field.samples() <= bound[i].shape[0])
      continue;
    throw Error{
        fmt::format("surrogate '{}' was opened with field '{}': {} {}; now it is given '{}': {} {}",
                    settings().name, bound[i].name, to_string(bound[i].dtype),
                    to_string(bound[i].shape), name, to_string(field.dtype()),
                    to_string(field.shape())),
        "name, dtype and sample shape stay, and samples do not grow"};
  }
  if (!same)
    throw Error{fmt::format("surrogate '{}' was opened with {} fields; now it is given {}",
                            settings().name, bound.size(), fields.size())};
}

/// Samples are told apart by their number alone, so all fields of a call have as many.
void BatchClient::check_samples(Fields inputs, Fields outputs) const
{
  const auto& [first, reference] = *inputs.begin();
  for (const Fields& fields : {inputs, outputs})
    for (const auto& [name, field] : fields)
      if (field.samples() != reference.samples())
        throw Error{fmt::format("surrogate '{}' is given '{}' with {} samples and '{}' with {}",
                                settings().name, first, reference.samples(), name, field.samples()),
                    "they must be equal"};
}

/// Whether a sample is free of not-a-numbers; where the run file says so, one that is not is an
/// error.
bool BatchClient::usable(Fields fields, std::int64_t sample, const char* verb) const
{
  for (const auto& [name, field] : fields) {
    if (finite(field, sample)) continue;
    return refuse_number(name, fmt::format("sample {}", sample), verb);
  }
  return true;
}

}  // namespace cardan::closure

#include "couplers/closure/inside.hpp"

#include "channel/patch.hpp"
#include "couplers/closure/field_samples.hpp"
#include "registry.hpp"
#include "support/host_threads.hpp"

namespace cardan::closure {

namespace {

std::unique_ptr<Model> load(const Context& context, const SurrogateSettings& settings,
                            const Binding& fields)
{
  const HostThreads restored;
  const Config table = context.run_file.table("surrogate").table(settings.name).table("model");
  Module& module = module_for(table);
  module.warm_up(context.threads);
  auto model = module.model(table, fields.signature());
  check_spread(settings, *model);
  return model;
}

/// Copies samples of a field of any strides into dense memory.
void gather(const Field& field, std::int64_t count, std::byte* dense)
{
  const channel::Patch from = channel::patch_of(field, true);
  const channel::Patch to = channel::patch_in(from.count, from.count, from.element);
  const auto* source = static_cast<const std::byte*>(field.data());
  for (std::int64_t r = 0; r < count; ++r)
    channel::copy(from, source + r * field.strides()[0] * from.element, to, dense + r * to.bytes());
}

}  // namespace

Inside::Inside(const Context& context, const SurrogateSettings& settings, const Binding& fields)
    : judge_(settings, fields.signature(), load(context, settings, fields)),
      inputs_(features_of(fields.inputs)),
      outputs_(features_of(fields.outputs)),
      verdicts_(static_cast<std::size_t>(fields.capacity())),
      columns_(fields.inputs.size())
{
  inputs_.resize(fields.capacity());
  outputs_.resize(fields.capacity());
  answers_ = outputs_.batch();
}

bool Inside::take(channel::Lanes* weights)
{
  return weights != nullptr ? judge_.take(*weights) : judge_.ready();
}

// A dense field is read where it lies.
bool Inside::answer(std::span<const NamedField> inputs, std::int64_t samples)
{
  std::size_t f = 0;
  for (const auto& [name, field] : inputs) {
    if (field.dense()) {
      columns_[f] = static_cast<const std::byte*>(field.data());
    } else {
      std::byte* own = inputs_.columns()[f];
      gather(field, samples, own);
      columns_[f] = own;
    }
    ++f;
  }
  return judge_.answer({samples, columns_.data()}, outputs_.columns(), verdicts_.data());
}

}  // namespace cardan::closure

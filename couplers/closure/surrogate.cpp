// The public handle, and what stands behind it.

#include "couplers/closure/batch_client.hpp"
#include "couplers/closure/grid_client.hpp"

namespace cardan {

Surrogate::Surrogate(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation))
{}
Surrogate::Surrogate(Surrogate&&) noexcept = default;
Surrogate& Surrogate::operator=(Surrogate&&) noexcept = default;
Surrogate::~Surrogate() = default;

namespace {

Surrogate::FieldList listed(Surrogate::Fields fields)
{
  return {fields.begin(), fields.size()};
}

}  // namespace

Answer Surrogate::predict(Fields inputs, Fields outputs)
{
  return predict(listed(inputs), listed(outputs));
}

Answer Surrogate::predict(FieldList inputs, FieldList outputs)
{
  implementation_->expect_open();
  return implementation_->predict(inputs, outputs);
}

void Surrogate::observe(Fields inputs, Fields outputs)
{
  observe(listed(inputs), listed(outputs));
}

void Surrogate::observe(FieldList inputs, FieldList outputs)
{
  implementation_->expect_open();
  implementation_->observe_all(inputs, outputs);
}

void Surrogate::observe(Fields inputs, Fields outputs, std::span<const std::int64_t> samples)
{
  observe(listed(inputs), listed(outputs), samples);
}

void Surrogate::observe(FieldList inputs, FieldList outputs, std::span<const std::int64_t> samples)
{
  implementation_->expect_open();
  implementation_->observe(inputs, outputs, samples);
}

const Counters& Surrogate::counters() const
{
  return implementation_->counters();
}

namespace closure {

std::unique_ptr<Surrogate::Implementation> make_client(const Context& context,
                                                       const SurrogateSettings& settings,
                                                       Surrogate::Implementation::Open open)
{
  if (settings.grid) return std::make_unique<GridClient>(context, settings, std::move(open));
  return std::make_unique<BatchClient>(context, settings, std::move(open));
}

}  // namespace closure

}  // namespace cardan

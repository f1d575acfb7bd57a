// The public handle.

#include "couplers/tuning/client.hpp"

#include <cardan/tuning.hpp>

namespace cardan {

using tuning::Samples;

void Tuning::observe(Fields inputs, Fields outputs)
{
  client_->observe(inputs, outputs, Samples::Use::training);
}

void Tuning::hold_out(Fields inputs, Fields outputs)
{
  client_->observe(inputs, outputs, Samples::Use::held_out);
}

Tuning::Data Tuning::samples()
{
  return client_->samples(Samples::Use::training);
}

Tuning::Data Tuning::held_out()
{
  return client_->samples(Samples::Use::held_out);
}

TuningWork Tuning::model_work()
{
  return client_->model_work();
}

const TuningReport& Tuning::run(const TuningWork& work)
{
  return client_->run(work);
}

const TuningReport& Tuning::report() const
{
  return client_->report();
}

const std::vector<std::string>& Tuning::names() const
{
  return client_->names();
}

const std::vector<std::string>& Tuning::words(std::string_view name) const
{
  return client_->words(name);
}

const std::vector<std::byte>& Tuning::best_state() const
{
  return client_->best_state();
}

void Tuning::predict(Fields inputs, Fields outputs)
{
  client_->predict(inputs, outputs);
}

void Tuning::save(const std::string& path)
{
  client_->save(path);
}

}  // namespace cardan

#include "couplers/closure/logged_client.hpp"

#include <chrono>
#include <utility>

namespace cardan::closure {

LoggedClient::LoggedClient(const Context& context, const SurrogateSettings& settings,
                           std::unique_ptr<Surrogate::Implementation> client,
                           const provenance::DecisionLog& decisions, provenance::CallLog& log)
    : Implementation(context, settings, *client),
      client_(std::move(client)),
      decisions_(decisions),
      log_(log)
{}

Answer LoggedClient::predict(Fields inputs, Fields outputs)
{
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const Answer answer = client_->predict(inputs, outputs);
  const std::chrono::duration<double> seconds = Clock::now() - begin;
  const Counters before = std::exchange(counters_, client_->counters());
  if (decisions_.works())
    log_.called(context().loop, context().step, inputs, outputs, before, counters_, answer,
                seconds.count());
  return answer;
}

void LoggedClient::observe(Fields inputs, Fields outputs, std::span<const std::int64_t> samples)
{
  client_->observe(inputs, outputs, samples);
  const Counters before = std::exchange(counters_, client_->counters());
  if (decisions_.works())
    log_.observed(context().loop, context().step, inputs, outputs, before, counters_, samples);
}

void LoggedClient::observe_all(Fields inputs, Fields outputs)
{
  client_->observe_all(inputs, outputs);
  const Counters before = std::exchange(counters_, client_->counters());
  if (decisions_.works())
    log_.observed_all(context().loop, context().step, inputs, outputs, before, counters_);
}

}  // namespace cardan::closure

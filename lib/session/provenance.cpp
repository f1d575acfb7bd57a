#include "session/provenance.hpp"

#include "checkpoint/reader.hpp"
#include "couplers/closure/logged_client.hpp"
#include "couplers/closure/replayed_client.hpp"
#include "provenance/call_log.hpp"
#include "support/log.hpp"
#include "support/sha256.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace cardan {

namespace {

/// More than a small loop has calls between two flushes.
std::size_t expected_calls(const provenance::Settings& settings)
{
  return static_cast<std::size_t>(std::clamp<std::int64_t>(4 * settings.flush, 1024, 65536));
}

/// Whether a surrogate learns from what would be written over.
bool learned_from(const Context& context, const std::vector<std::string>& surrogates,
                  const std::string& folder)
{
  const auto log = std::filesystem::path(folder) / "decisions.h5";
  return std::any_of(surrogates.begin(), surrogates.end(), [&](const std::string& name) {
    const auto training = closure::read_training(context.run_file, name);
    std::error_code code;
    return training.offline && std::filesystem::equivalent(log, training.offline->file, code);
  });
}

}  // namespace

Provenance::Provenance(const Context& context, const provenance::Settings& settings,
                       const std::vector<RankPlace>& map,
                       const std::vector<std::string>& surrogates, bool steers,
                       const std::string& replay)
    : context_(context),
      settings_(settings),
      replay_(replay),
      surrogates_(surrogates),
      steers_(steers),
      keeps_(context.restart != nullptr || learned_from(context, surrogates, settings.folder))
{
  const Roles& mine = context.mine();
  if (!settings_.provenance || !mine.simulation) return;
  const std::string& text = context.run_file.text();
  if (mpi::rank(context.part.get()) == 0) {
    record_.emplace(
        settings_.folder,
        provenance::Run{context.run_file.name(), text, context.settings.seed,
                        context.settings.deterministic, map, to_string(context.choice.on_node),
                        replay, context.restart != nullptr ? context.restart->path() : ""});
  }
  open_log(0);
}

void Provenance::open_log(int split)
{
  // What is replayed has its log.
  if (!settings_.log || (surrogates_.empty() && !steers_) || !replay_.empty()) return;
  const std::string& text = context_.run_file.text();
  log_.emplace(context_.part.get(), settings_,
               provenance::LogRun{sha256(text.data(), text.size()), context_.settings.seed,
                                  10 * context_.settings.deadline, keeps_, split});
  for (const auto& name : surrogates_)
    calls_[name] = &log_->add<provenance::CallLog>(name, mpi::rank(context_.part.get()),
                                                   settings_.answers, expected_calls(settings_));
}

std::string Provenance::hand_over()
{
  if (log_) log_->flush();
  if (record_ && log_ && log_->written()) {
    record_->output(log_->file());
    record_->output(log_->lines_file());
  }
  std::string text = record_ ? record_->text() : "";
  record_.reset();
  return text;
}

void Provenance::take_over(const std::string& record, int number, std::int64_t step,
                           const std::vector<RankPlace>& map)
{
  calls_.clear();
  steered_.clear();
  log_.reset();
  if (!settings_.provenance || !context_.mine().simulation) return;
  if (mpi::rank(context_.part.get()) == 0 && !record.empty()) {
    record_.emplace(settings_.folder, record);
    record_->split(step, map);
  }
  open_log(number);
}

Provenance::~Provenance() = default;

std::unique_ptr<Surrogate::Implementation> Provenance::watched(
    const closure::SurrogateSettings& settings, std::unique_ptr<Surrogate::Implementation> client)
{
  if (!replay_.empty())
    return std::make_unique<closure::ReplayedClient>(context_, settings, replay_);
  if (!log_) return client;
  return std::make_unique<closure::LoggedClient>(context_, settings, std::move(client), *log_,
                                                 *calls_.at(settings.name));
}

provenance::Journal Provenance::journal(const std::string& kind, const std::string& name,
                                        const provenance::ColumnList& extra,
                                        const Features& decision)
{
  if (!log_) return {};
  auto& log = steered_[kind + "/" + name];
  if (log == nullptr)
    log = &log_->add<provenance::SteeringLog>(kind, name, mpi::rank(context_.part.get()), extra,
                                              settings_.answers ? decision : Features{},
                                              expected_calls(settings_));
  return {*log_, *log};
}

void Provenance::step_done(std::int64_t done)
{
  if (log_ && done % settings_.flush == 0) log_->flush();
}

void Provenance::flush()
{
  if (log_) log_->flush();
}

void Provenance::checkpoint(const std::string& file)
{
  if (record_) record_->checkpoint(file);
}

void Provenance::output(const std::string& file)
{
  if (record_) record_->output(file);
}

void Provenance::stopped(const std::string& reason)
{
  if (record_) record_->outcome("stopped: " + reason);
}

void Provenance::failed(const std::string& message, Reach reach) noexcept
{
  if (!settings_.provenance || !context_.mine().simulation) return;
  if (!record_ && reach == Reach::everywhere) return;
  try {
    if (record_) {
      record_->outcome("failed: " + message);
      record_->finish();
    } else {
      provenance::record_failure(settings_.folder, message);
    }
  } catch (const std::exception& error) {
    log("run.json does not say how the run failed: ", error.what());
  }
}

void Provenance::finish(bool failed, const std::string& ml_library) noexcept
{
  try {
    if (!failed && log_) log_->flush();
  } catch (const std::exception& error) {
    log("the decision log is not complete: ", error.what());
  }
  try {
    if (!record_) return;
    record_->ml_library(ml_library);
    if (log_ && log_->written()) {
      record_->output(log_->file());
      record_->output(log_->lines_file());
    }
    record_->outcome(failed ? "failed: the simulation ended with an error" : "completed");
    record_->finish();
  } catch (const std::exception& error) {
    log("run.json does not say how the run ended: ", error.what());
  }
}

}  // namespace cardan

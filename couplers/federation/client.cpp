#include "couplers/federation/client.hpp"

#include "support/log.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace cardan::federation {

namespace {

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
std::uint64_t scatter(std::uint64_t x)
{
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

std::uint64_t seed_of(const Context& context, int silo, int part)
{
  const auto seed = static_cast<std::uint64_t>(context.settings.seed);
  return scatter(scatter(seed + 0x9E3779B97F4A7C15U * static_cast<std::uint64_t>(silo + 1)) +
                 static_cast<std::uint64_t>(part + 1));
}

Noise noise_of(const Context& context, const Settings& settings, int silo)
{
  if (!context.settings.deterministic || settings.noise == 0) return Noise::unpredictable();
  return Noise{seed_of(context, silo, -2)};
}

double seconds_since(std::chrono::steady_clock::time_point moment)
{
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - moment).count();
}

}  // namespace

bool takes_part(std::uint64_t seed, std::int64_t round, int silo, int silos, double share)
{
  const auto number = [&](int of) {
    return scatter(scatter(seed + 0x9E3779B97F4A7C15U * static_cast<std::uint64_t>(round + 1)) +
                   0xD1B54A32D192ED03U * static_cast<std::uint64_t>(of + 1));
  };
  const auto wanted = static_cast<int>(std::ceil(share * silos - 1e-9));
  const std::uint64_t mine = number(silo);
  int before = 0;
  for (int other = 0; other < silos; ++other) {
    const std::uint64_t theirs = number(other);
    before += theirs < mine || (theirs == mine && other < silo) ? 1 : 0;
  }
  return before < std::max(1, wanted);
}

Client::Client(const Context& context, const Settings& settings, const Signature& signature,
               const MakeLearner& make)
    : context_(context),
      settings_(settings),
      ends_(context, settings,
            [&] {
              auto learner = (make ? make : learner_of(context, settings, signature))();
              const Tally tally = settings.normalise ? learner->tally() : Tally{};
              Facts facts{static_cast<std::int64_t>(learner->weights()),
                          learner->buckets().front().dtype,
                          static_cast<std::int64_t>(tally.sums.size()),
                          static_cast<std::int64_t>(tally.maxima.size())};
              const int rank = mpi::rank(context.part.get());
              silo_ = std::make_unique<Silo>(
                  settings, signature, std::move(learner), context.settings.deadline,
                  seed_of(context, rank / settings.ranks_per_silo, rank % settings.ranks_per_silo));
              return facts;
            }),
      comm_(mpi::split(context.part.get(), ends_.silo)),
      codec_(settings.compress, static_cast<std::size_t>(ends_.facts.weights), ends_.facts.dtype),
      feedback_(codec_),
      noise_(noise_of(context, settings, ends_.silo)),
      global_(static_cast<std::size_t>(ends_.facts.weights)),
      local_(global_.size())
{
  silo_->join(comm_.get());
  silo_->get(global_);
  silo_->set(global_);
  if (!coupled() || !leads()) return;
  outlet_.emplace(record_sizes(ends_.facts, codec_.bytes()), ends_.up->out().front());
  if (settings_.noise > 0 && ends_.silo == 0 && !context_.settings.quiet) {
    if (settings_.normalise)
      log("federation '", settings_.name,
          "': sums over all samples are joined for the normalisation, and no noise hides them");
    if (context_.settings.deterministic)
      log("federation '", settings_.name,
          "': the noise of a deterministic run is no secret from who reads the run file");
  }
  // Before any sample was seen.
  if (ends_.silo != 0) return;
  record_.resize(ends_.facts.weights_bytes());
  narrow(global_, ends_.facts.dtype, record_.data());
  UpHeader header;
  header.kind = Kind::initial;
  outlet_->send(header, record_);
}

double Client::patience() const
{
  return settings_.deadline + context_.settings.deadline;
}

void Client::observe(Federation::Fields inputs, Federation::Fields outputs)
{
  silo_->observe(inputs, outputs);
}

void Client::hold_out(Federation::Fields inputs, Federation::Fields outputs)
{
  silo_->hold_out(inputs, outputs);
}

void Client::predict(Federation::Fields inputs, Federation::Fields outputs)
{
  silo_->predict(inputs, outputs);
}

void Client::save(const std::string& path) const
{
  silo_->learner().save(path);
}

FederationRound Client::round()
{
  if (!rounds_.empty() && rounds_.back().last) return rounds_.back();
  FederationRound record;
  begin();
  try {
    run_round(record);
  } catch (...) {
    // The others need not wait for a silo that has failed.
    close();
    throw;
  }
  rounds_.push_back(record);
  return record;
}

void Client::run_round(FederationRound& record)
{
  const auto count = static_cast<std::int64_t>(rounds_.size());
  const bool async = settings_.mode == Mode::async;
  if (alone_ && !apart_) {
    // What has come since is where the others are.
    silo_->together([&] {
      if (leads() && take(record)) alone_ = false;
    });
    silo_->share(&alone_, sizeof alone_, "a silo's round");
    silo_->share(&version_, sizeof version_, "a silo's round");
    silo_->share(global_.data(), global_.size() * sizeof(double), "a silo's model");
    record = {};
  }
  const bool counts = async || alone_ || !coupled();
  record.round = counts ? count : static_cast<std::int64_t>(version_);
  record.samples = silo_->samples();
  record.local_loss = std::numeric_limits<double>::quiet_NaN();
  const bool chosen =
      async || takes_part(static_cast<std::uint64_t>(context_.settings.seed), record.round,
                          ends_.silo, ends_.silos, settings_.participation);
  auto begin = std::chrono::steady_clock::now();
  if (chosen) {
    Trained trained;
    silo_->together([&] { trained = silo_->train(global_); });
    record.local_loss = trained.loss;
    record.steps = trained.steps;
    silo_->get(local_);
  } else {
    local_ = global_;
  }
  record.training = seconds_since(begin);
  begin = std::chrono::steady_clock::now();
  if (coupled()) {
    silo_->together([&] {
      if (!leads()) return;
      if (chosen && !alone_) send(record);
      if (!alone_) receive(record);
    });
    silo_->share(&record, sizeof record, "a silo's round");
    silo_->share(&alone_, sizeof alone_, "a silo's round");
    silo_->share(&version_, sizeof version_, "a silo's round");
    if (record.answered)
      silo_->share(global_.data(), global_.size() * sizeof(double), "a silo's model");
  }
  record.waiting = seconds_since(begin);
  // Without an answer, what was trained here.
  if (!record.answered && std::isfinite(norm_of(local_))) global_ = local_;
  if (!coupled()) ++version_;
  silo_->set(global_);
  record.version = version_;
  record.epsilon = epsilon(settings_.noise, settings_.delta, settings_.unit, updates_);
  silo_->share(&record.epsilon, sizeof record.epsilon, "a silo's round");
  record.global_loss = silo_->loss();
  record.validation_loss = silo_->validation_loss();
  record.last = counts ? count + 1 >= settings_.rounds
                       : static_cast<std::int64_t>(version_) >= settings_.rounds;
}

void Client::close()
{
  if (closed_) return;
  closed_ = true;
  if (outlet_ && outlet_->room()) outlet_->send({}, {});
  ends_.close();
}

void Client::abandon() noexcept
{
  ends_.abandon();
  static_cast<void>(comm_.leave());
}

}  // namespace cardan::federation

#include "couplers/closure/client.hpp"

#include "couplers/closure/gate.hpp"
#include "couplers/closure/rows.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

namespace cardan {

using channel::cut_evenly;
using closure::Verdict;

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
    for (const auto& [name, field] : fields) list.push_back(FieldSpec::of(name, field));
    const bool same = std::equal(
        list.begin(), list.end(), names.begin(), names.end(),
        [](const FieldSpec& spec, const std::string& name) { return spec.name == name; });
    if (!same)
      throw Error{
          fmt::format("surrogate '{}' is given the {} {}", settings_.name, kind,
                      fmt::join(
                          [&] {
                            std::vector<std::string> given;
                            for (const auto& spec : list) given.push_back("'" + spec.name + "'");
                            return given;
                          }(),
                          ", ")),
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
  bound_ = true;
  const auto samples = static_cast<std::size_t>(binding_.capacity());
  untrusted_.reserve(samples);
  everything_.resize(samples);
  std::iota(everything_.begin(), everything_.end(), 0);
  if (streams_ != nullptr) lanes_.assign(streams_->request->out().size(), State::idle);
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

void Surrogate::Implementation::leave_to_solver(std::int64_t first, std::int64_t count)
{
  for (std::int64_t i = first; i < first + count; ++i) untrusted_.push_back(i);
}

// Samples are cut evenly over the inference ranks. A rank whose ring is full has not answered for
// long: it is not asked.
void Surrogate::Implementation::ask(Fields inputs, std::int64_t samples)
{
  auto& out = streams_->request->out();
  ++ticket_;
  for (std::size_t i = 0; i < out.size(); ++i) {
    lanes_[i] = State::idle;
    const auto cut = cut_evenly(samples, static_cast<int>(out.size()), static_cast<int>(i));
    if (cut.count == 0 || !out[i].room()) continue;
    channel::Header header;
    header.count = cut.count;
    header.step = context_.step;
    header.ticket = ticket_;
    for (std::size_t f = 0; f < inputs.size(); ++f)
      out[i].put_samples(f, inputs.begin()[f].field, cut.first, cut.count);
    out[i].publish(header);
    lanes_[i] = State::asked;
  }
}

/// Replies to requests that were given up are read and thrown away.
void Surrogate::Implementation::discard_stale()
{
  for (auto& lane : streams_->reply->in())
    while (lane.ready() && lane.header().ticket < ticket_) lane.release();
}

void Surrogate::Implementation::await(std::int64_t samples)
{
  if (samples == 0) return;
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
          all = all && lanes_[i] != State::asked;
        }
        return all;
      },
      deadline);
}

void Surrogate::Implementation::remember(std::size_t part, const std::byte* rows,
                                         std::int64_t first, std::int64_t count)
{
  if (last_.empty()) return;
  const auto& spec = binding_.outputs[part];
  const std::int64_t row = spec.shape.tail().product() * size_of(spec.dtype);
  std::memcpy(last_[part].data() + first * row, rows, static_cast<std::size_t>(count * row));
  std::fill_n(has_last_.begin() + first, count, true);
}

/// Takes one inference rank's answers: runs of trusted samples are stored, the others are the
/// solver's.
void Surrogate::Implementation::settle(std::size_t index, Fields outputs, std::int64_t samples)
{
  auto& lane = streams_->reply->in()[index];
  const auto cut = cut_evenly(samples, static_cast<int>(lanes_.size()), static_cast<int>(index));
  const channel::Header& header = lane.header();
  if (header.count == 0) {
    counters_.not_ready += cut.count;
    leave_to_solver(cut.first, cut.count);
    lane.release();
    return;
  }
  stamp_ = {header.version, context_.step - header.age_step, header.values[0], header.values[1],
            static_cast<std::int64_t>(header.values[2])};
  const auto* verdicts = reinterpret_cast<const Verdict*>(lane.data(outputs.size()));
  const auto tally = [&](Verdict verdict) {
    counters_.trusted += verdict == Verdict::trusted;
    counters_.unsure += verdict == Verdict::unsure;
    counters_.outside += verdict == Verdict::outside;
    counters_.not_a_number += verdict == Verdict::not_a_number;
    counters_.out_of_range += verdict == Verdict::out_of_range;
  };
  for (std::int64_t begin = 0; begin < cut.count;) {
    std::int64_t end = begin;
    const bool trusted = verdicts[begin] == Verdict::trusted;
    for (; end < cut.count && (verdicts[end] == Verdict::trusted) == trusted; ++end)
      tally(verdicts[end]);
    if (!trusted) leave_to_solver(cut.first + begin, end - begin);
    for (std::size_t f = 0; trusted && f < outputs.size(); ++f) {
      const auto& spec = binding_.outputs[f];
      const std::byte* rows =
          lane.data(f) + begin * spec.shape.tail().product() * size_of(spec.dtype);
      closure::store(rows, outputs.begin()[f].field, cut.first + begin, end - begin);
      remember(f, rows, cut.first + begin, end - begin);
    }
    begin = end;
  }
  lane.release();
}

/// No answer in time: the solver's, or the last answer that there was.
void Surrogate::Implementation::settle_late(std::size_t index, Fields outputs, std::int64_t samples)
{
  const auto cut = cut_evenly(samples, static_cast<int>(lanes_.size()), static_cast<int>(index));
  counters_.late += cut.count;
  for (std::int64_t i = cut.first; i < cut.first + cut.count; ++i) {
    if (last_.empty() || !has_last_[static_cast<std::size_t>(i)]) {
      leave_to_solver(i, 1);
      continue;
    }
    for (std::size_t f = 0; f < outputs.size(); ++f) {
      const auto& spec = binding_.outputs[f];
      const std::int64_t row = spec.shape.tail().product() * size_of(spec.dtype);
      closure::store(last_[f].data() + i * row, outputs.begin()[f].field, i, 1);
    }
  }
}

Answer Surrogate::Implementation::predict(Fields inputs, Fields outputs)
{
  check_writable(outputs);
  if (!bound_) bind(inputs, outputs);
  check(inputs, binding_.inputs);
  check(outputs, binding_.outputs);
  check_samples(inputs, outputs);
  const std::int64_t samples = inputs.begin()->field.samples();
  untrusted_.clear();
  counters_.asked += samples;
  // A not-a-number that may pass goes to the model like any other sample: what comes back is not a
  // number either.
  if (settings_.not_a_number == closure::NotANumber::stop)
    for (std::int64_t i = 0; i < samples; ++i) static_cast<void>(usable(inputs, i, "predict"));
  if (streams_ == nullptr) {
    counters_.not_ready += samples;
    leave_to_solver(0, samples);
    return {untrusted_, stamp_};
  }
  ask(inputs, samples);
  await(samples);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (lanes_[i] == State::answered)
      settle(i, outputs, samples);
    else
      settle_late(i, outputs, samples);
  }
  return {untrusted_, stamp_};
}

void Surrogate::Implementation::observe_all(Fields inputs, Fields outputs)
{
  if (!bound_) bind(inputs, outputs);
  const auto samples =
      static_cast<std::size_t>(inputs.size() > 0 ? inputs.begin()->field.samples() : 0);
  observe(inputs, outputs, std::span(everything_).first(std::min(samples, everything_.size())));
}

// Samples are cut evenly over the training ranks; neighbouring samples go as one piece.
void Surrogate::Implementation::observe(Fields inputs, Fields outputs,
                                        std::span<const std::int64_t> samples)
{
  if (!bound_) bind(inputs, outputs);
  check(inputs, binding_.inputs);
  check(outputs, binding_.outputs);
  check_samples(inputs, outputs);
  const auto given = static_cast<std::int64_t>(samples.size());
  counters_.observed += given;
  if (streams_ == nullptr) {
    counters_.dropped += given;
    return;
  }
  auto& out = streams_->observation->out();
  const std::int64_t held = inputs.begin()->field.samples();
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto cut = cut_evenly(given, static_cast<int>(out.size()), static_cast<int>(i));
    if (cut.count == 0) continue;
    if (!out[i].room()) {
      counters_.dropped += cut.count;
      continue;
    }
    const auto part =
        samples.subspan(static_cast<std::size_t>(cut.first), static_cast<std::size_t>(cut.count));
    std::int64_t at = 0;
    for (std::size_t begin = 0; begin < part.size();) {
      const std::int64_t first = part[begin];
      if (first < 0 || first >= held)
        throw Error{fmt::format("sample {} is observed", first), fmt::format("there are {}", held)};
      if (!usable(inputs, first, "observe") || !usable(outputs, first, "observe")) {
        ++counters_.quarantined;
        ++begin;
        continue;
      }
      std::size_t end = begin + 1;
      while (end < part.size() && part[end] == part[end - 1] + 1 && part[end] < held &&
             usable(inputs, part[end], "observe") && usable(outputs, part[end], "observe"))
        ++end;
      const auto run = static_cast<std::int64_t>(end - begin);
      for (std::size_t f = 0; f < inputs.size(); ++f)
        out[i].put_samples(f, inputs.begin()[f].field, first, run, at);
      for (std::size_t f = 0; f < outputs.size(); ++f)
        out[i].put_samples(inputs.size() + f, outputs.begin()[f].field, first, run, at);
      at += run;
      begin = end;
    }
    channel::Header header;
    header.count = at;
    header.step = context_.step;
    out[i].publish(header);
  }
}

Surrogate::Surrogate(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation))
{}
Surrogate::Surrogate(Surrogate&&) noexcept = default;
Surrogate& Surrogate::operator=(Surrogate&&) noexcept = default;
Surrogate::~Surrogate() = default;

Answer Surrogate::predict(Fields inputs, Fields outputs)
{
  return implementation_->predict(inputs, outputs);
}

void Surrogate::observe(Fields inputs, Fields outputs)
{
  implementation_->observe_all(inputs, outputs);
}

void Surrogate::observe(Fields inputs, Fields outputs, std::span<const std::int64_t> samples)
{
  implementation_->observe(inputs, outputs, samples);
}

const Counters& Surrogate::counters() const
{
  return implementation_->counters();
}

}  // namespace cardan

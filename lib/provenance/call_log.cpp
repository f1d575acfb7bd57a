#include "provenance/call_log.hpp"

#include "provenance/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::provenance {

namespace {

/// The columns of a call, in their order.
enum Place : std::size_t {
  loop_at,
  step_at,
  call_at,
  rank_at,
  first_row_at,
  rows_at,
  asked_at,
  trusted_at,
  not_ready_at,
  late_at,
  unsure_at,
  outside_at,
  not_a_number_at,
  out_of_range_at,
  version_at,
  hash_at,
  age_at,
  latency_at,
  observed_at,
  dropped_at,
  quarantined_at
};

ColumnList call_columns()
{
  using Type = Column::Type;
  return {{"loop"},         {"step"},
          {"call"},         {"rank"},
          {"first_row"},    {"rows"},
          {"asked"},        {"trusted"},
          {"not_ready"},    {"late"},
          {"unsure"},       {"outside"},
          {"not_a_number"}, {"out_of_range"},
          {"version"},      {"hash", Type::hash},
          {"age_steps"},    {"latency_seconds", Type::number},
          {"observed"},     {"dropped"},
          {"quarantined"}};
}

ColumnList version_columns()
{
  using Type = Column::Type;
  return {{"version"},
          {"hash", Type::hash},
          {"loss", Type::number},
          {"validation_loss", Type::number},
          {"trained_steps"},
          {"newest_step"}};
}

}  // namespace

CallLog::CallLog(const std::string& surrogate, int rank, bool answers, std::size_t expected)
    : name_(surrogate),
      rank_(rank),
      answers_(answers),
      calls_(call_columns(), expected),
      versions_(version_columns(), 64)
{}

Word* CallLog::add(std::int64_t loop, std::int64_t step, std::int64_t call)
{
  Word* record = calls_.add();
  record[loop_at] = loop;
  record[step_at] = step;
  record[call_at] = call;
  record[rank_at] = std::int64_t{rank_};
  return record;
}

/// Versions are few: the last one seen is nearly always this one.
void CallLog::see_version(const Stamp& stamp, std::int64_t step)
{
  for (std::int64_t r = versions_.rows() - 1; r >= 0; --r)
    if (versions_.row(r)[0].integer == stamp.version) return;
  Word* row = versions_.add();
  row[0] = stamp.version;
  row[1] = static_cast<std::int64_t>(stamp.hash);
  row[2] = stamp.loss;
  row[3] = stamp.validation_loss;
  row[4] = stamp.trained_steps;
  row[5] = step - stamp.age_steps;
}

void CallLog::bind(Fields inputs, Fields outputs)
{
  if (!samples_.empty()) return;
  for (const Fields& fields : {inputs, outputs})
    for (const auto& [name, field] : fields) {
      const Rows rows{field};
      samples_.push_back({std::string{name},
                          field.dtype(),
                          rows.shape(),
                          rows.bytes(),
                          fields.data() == outputs.data(),
                          {}});
    }
}

/// Outputs that nobody gives stay not a number (integers: 0).
void CallLog::keep(Word* record, Fields inputs, Fields outputs)
{
  const std::int64_t count = Rows{inputs.front().field}.count();
  record[first_row_at] = static_cast<std::int64_t>(origins_.size());
  record[rows_at] = count;
  origins_.resize(origins_.size() + static_cast<std::size_t>(count));
  for (std::size_t f = 0; f < samples_.size(); ++f) {
    Sample& sample = samples_[f];
    const std::size_t begin = sample.rows.size();
    sample.rows.resize(begin + static_cast<std::size_t>(count * sample.bytes));
    std::byte* to = sample.rows.data() + begin;
    const auto bytes = static_cast<std::size_t>(count * sample.bytes);
    if (f < inputs.size()) {
      Rows{inputs[f].field}.copy(0, count, to);
    } else if (sample.dtype == Dtype::float64) {
      std::fill_n(reinterpret_cast<double*>(to), bytes / sizeof(double),
                  std::numeric_limits<double>::quiet_NaN());
    } else if (sample.dtype == Dtype::float32) {
      std::fill_n(reinterpret_cast<float*>(to), bytes / sizeof(float),
                  std::numeric_limits<float>::quiet_NaN());
    }
  }
  static_cast<void>(outputs);
}

void CallLog::keep_outputs(const Word* record, Fields outputs, std::int64_t first,
                           std::int64_t count, Origin origin)
{
  const std::int64_t at = record[first_row_at].integer + first;
  const std::size_t inputs = samples_.size() - outputs.size();
  for (std::size_t f = 0; f < outputs.size(); ++f) {
    Sample& sample = samples_[inputs + f];
    Rows{outputs[f].field}.copy(first, count, sample.rows.data() + at * sample.bytes);
  }
  std::fill_n(origins_.begin() + at, count, static_cast<std::uint8_t>(origin));
}

void CallLog::called(std::int64_t loop, std::int64_t step, Fields inputs, Fields outputs,
                     const Counters& before, const Counters& after, const Answer& answer,
                     double seconds)
{
  const bool again = last_.loop == loop && last_.step == step;
  last_ = {loop, step, again ? last_.call + 1 : 0};
  Word* record = add(loop, step, last_.call);
  open_ = true;
  const auto since = [&](Place place, std::int64_t Counters::*counter) {
    record[place] = after.*counter - before.*counter;
  };
  since(asked_at, &Counters::asked);
  since(trusted_at, &Counters::trusted);
  since(not_ready_at, &Counters::not_ready);
  since(late_at, &Counters::late);
  since(unsure_at, &Counters::unsure);
  since(outside_at, &Counters::outside);
  since(not_a_number_at, &Counters::not_a_number);
  since(out_of_range_at, &Counters::out_of_range);
  const Stamp& stamp = answer.stamp();
  record[version_at] = stamp.version;
  record[hash_at] = static_cast<std::int64_t>(stamp.hash);
  record[age_at] = stamp.age_steps;
  record[latency_at] = seconds;
  const std::int64_t silent = record[not_ready_at].integer + record[late_at].integer;
  if (record[asked_at].integer > silent) see_version(stamp, step);
  if (!answers_ || inputs.empty()) return;
  bind(inputs, outputs);
  keep(record, inputs, outputs);
  std::int64_t begin = 0;
  const auto trusted_until = [&](std::int64_t end) {
    if (end > begin) keep_outputs(record, outputs, begin, end - begin, Origin::model);
    begin = end + 1;
  };
  for (const auto sample : answer.untrusted()) trusted_until(sample);
  trusted_until(record[rows_at].integer);
}

Word* CallLog::record_of(std::int64_t loop, std::int64_t step, Fields inputs, Fields outputs)
{
  Word* last = open_ ? calls_.row(calls_.rows() - 1) : nullptr;
  const bool answers = answers_ && !inputs.empty();
  const bool same = last != nullptr && last_.loop == loop && last_.step == step &&
                    (!answers || last[rows_at].integer == Rows{inputs.front().field}.count());
  if (same) return last;
  Word* record = add(loop, step, -1);
  open_ = false;
  if (!answers) return record;
  bind(inputs, outputs);
  keep(record, inputs, outputs);
  return record;
}

namespace {

template <class Number>
bool all_finite(const std::byte* data, std::int64_t bytes)
{
  const auto* numbers = reinterpret_cast<const Number*>(data);
  return std::all_of(numbers, numbers + bytes / static_cast<std::int64_t>(sizeof(Number)),
                     [](Number value) { return std::isfinite(value); });
}

void count_observed(Word* record, const Counters& before, const Counters& after)
{
  record[observed_at].integer += after.observed - before.observed;
  record[dropped_at].integer += after.dropped - before.dropped;
  record[quarantined_at].integer += after.quarantined - before.quarantined;
}

}  // namespace

void CallLog::leave_out(const Word* record)
{
  const auto solver = static_cast<std::uint8_t>(Origin::solver);
  for (std::int64_t r = 0; r < record[rows_at].integer; ++r) {
    const std::int64_t row = record[first_row_at].integer + r;
    auto& origin = origins_[static_cast<std::size_t>(row)];
    if (origin != solver) continue;
    for (const auto& sample : samples_) {
      const std::byte* data = sample.rows.data() + row * sample.bytes;
      if ((sample.dtype == Dtype::float64 && !all_finite<double>(data, sample.bytes)) ||
          (sample.dtype == Dtype::float32 && !all_finite<float>(data, sample.bytes)))
        origin = static_cast<std::uint8_t>(Origin::nobody);
    }
  }
}

// What the model answered stays: a replay needs it.
void CallLog::observed(std::int64_t loop, std::int64_t step, Fields inputs, Fields outputs,
                       const Counters& before, const Counters& after,
                       std::span<const std::int64_t> samples)
{
  if (answers_ && !inputs.empty()) bind(inputs, outputs);
  if (samples.empty()) return;
  Word* record = record_of(loop, step, inputs, outputs);
  count_observed(record, before, after);
  if (!answers_) return;
  const auto model = static_cast<std::uint8_t>(Origin::model);
  const std::uint8_t* origin = origins_.data() + record[first_row_at].integer;
  for (std::size_t i = 0; i < samples.size();) {
    std::size_t end = i + 1;
    while (end < samples.size() && samples[end] == samples[end - 1] + 1 &&
           origin[samples[end]] != model)
      ++end;
    if (origin[samples[i]] != model)
      keep_outputs(record, outputs, samples[i], static_cast<std::int64_t>(end - i), Origin::solver);
    i = end;
  }
  if (after.quarantined > before.quarantined) leave_out(record);
}

void CallLog::observed_all(std::int64_t loop, std::int64_t step, Fields inputs, Fields outputs,
                           const Counters& before, const Counters& after)
{
  if (inputs.empty()) return;
  if (answers_) bind(inputs, outputs);
  if (Rows{inputs.front().field}.count() == 0) return;
  Word* record = record_of(loop, step, inputs, outputs);
  count_observed(record, before, after);
  if (!answers_) return;
  const auto model = static_cast<std::uint8_t>(Origin::model);
  const std::uint8_t* origin = origins_.data() + record[first_row_at].integer;
  const std::int64_t count = record[rows_at].integer;
  for (std::int64_t i = 0; i < count;) {
    std::int64_t end = i + 1;
    while (end < count && (origin[end] == model) == (origin[i] == model)) ++end;
    if (origin[i] != model) keep_outputs(record, outputs, i, end - i, Origin::solver);
    i = end;
  }
  if (after.quarantined > before.quarantined) leave_out(record);
}

}  // namespace cardan::provenance

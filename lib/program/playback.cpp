#include "program/playback.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <tuple>

using cardan::Dtype;
using cardan::Feature;
using cardan::Features;
using cardan::Recording;

Playback::Playback(const std::string& path, const std::string& surrogate,
                   const std::vector<std::string>& inputs, const std::vector<std::string>& outputs)
{
  const std::string group = surrogate + "/samples";
  inputs_ = Recording::features(path, group, inputs, 1);
  outputs_ = Recording::features(path, group, outputs, 1);
  if (Recording::judged(path, group).empty())
    throw cardan::Error{"cannot play '" + path + "'", "it is no decision log with answers",
                        "Run with answers = true in [decisions] to have one."};
  Features all = inputs_;
  all.insert(all.end(), outputs_.begin(), outputs_.end());
  samples_.emplace(path, group, all);
  source_.emplace(path, surrogate, Features{{"source", Dtype::uint8, {}}});
  read_calls(path, surrogate);
}

/// Ranks' parts of a call become one.
void Playback::read_calls(const std::string& path, const std::string& surrogate)
{
  Features names;
  for (const char* name : {"loop", "step", "call", "first_row", "rows"})
    names.push_back({name, Dtype::int64, {}});
  const Recording recording{path, surrogate + "/calls", names};
  const auto count = static_cast<std::size_t>(recording.samples());
  std::array<std::vector<std::int64_t>, 5> columns;
  std::vector<std::byte*> into;
  for (auto& column : columns) {
    column.resize(count);
    into.push_back(reinterpret_cast<std::byte*>(column.data()));
  }
  recording.read(0, recording.samples(), into.data());
  const auto& [loop, step, number, first, rows] = columns;
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key = [&, &l = loop, &s = step, &n = number](std::size_t i) {
    return std::make_tuple(l[i], s[i], n[i]);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t now = order[i];
    const bool same_step =
        i > 0 && loop[now] == loop[order[i - 1]] && step[now] == step[order[i - 1]];
    if (!same_step) steps_.emplace_back();
    if (!same_step || number[now] != number[order[i - 1]]) {
      steps_.back().push_back(calls_.size());
      calls_.emplace_back();
    }
    calls_.back().pieces.push_back({first[now], rows[now]});
    calls_.back().rows += rows[now];
  }
}

std::int64_t Playback::largest_share(int ranks) const
{
  std::int64_t most = 1;
  for (const auto& call : calls_) most = std::max(most, (call.rows + ranks - 1) / ranks);
  return most;
}

void Playback::reserve(std::int64_t samples)
{
  capacity_ = samples;
  const auto room = [&](const Feature& feature) {
    return std::vector<std::byte>(static_cast<std::size_t>(samples * feature.bytes()));
  };
  for (const auto& feature : inputs_) recorded_.push_back(room(feature));
  for (const auto& feature : outputs_) {
    recorded_.push_back(room(feature));
    answers_.push_back(room(feature));
  }
  origins_.resize(static_cast<std::size_t>(samples));
}

std::int64_t Playback::read(std::size_t call, int rank, int ranks)
{
  const Call& wanted = calls_[call];
  std::int64_t begin = wanted.rows * rank / ranks;
  std::int64_t end = wanted.rows * (rank + 1) / ranks;
  std::int64_t at = 0;
  for (const Piece& piece : wanted.pieces) {
    const std::int64_t skipped = std::clamp<std::int64_t>(begin, 0, piece.rows);
    const std::int64_t taken = std::clamp<std::int64_t>(end, 0, piece.rows) - skipped;
    begin -= piece.rows;
    end -= piece.rows;
    if (taken <= 0) continue;
    std::vector<std::byte*> into;
    for (std::size_t f = 0; f < recorded_.size(); ++f) {
      const Feature& feature = f < inputs_.size() ? inputs_[f] : outputs_[f - inputs_.size()];
      into.push_back(recorded_[f].data() + at * feature.bytes());
    }
    samples_->read(piece.first + skipped, taken, into.data());
    std::byte* origins = origins_.data() + at;
    source_->read(piece.first + skipped, taken, &origins);
    at += taken;
  }
  leave_out(at);
  return count_;
}

void Playback::leave_out(std::int64_t rows)
{
  count_ = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    if (origins_[static_cast<std::size_t>(row)] == std::byte{0}) continue;
    for (std::size_t f = 0; count_ < row && f < recorded_.size(); ++f) {
      const Feature& feature = f < inputs_.size() ? inputs_[f] : outputs_[f - inputs_.size()];
      std::memcpy(recorded_[f].data() + count_ * feature.bytes(),
                  recorded_[f].data() + row * feature.bytes(),
                  static_cast<std::size_t>(feature.bytes()));
    }
    ++count_;
  }
}

std::span<const cardan::NamedField> Playback::fields(const Features& features, Columns& columns,
                                                     std::int64_t samples,
                                                     std::vector<cardan::NamedField>& list)
{
  list.clear();
  for (std::size_t f = 0; f < features.size(); ++f) {
    std::vector<std::int64_t> shape{samples};
    shape.insert(shape.end(), features[f].shape.begin(), features[f].shape.end());
    const cardan::Extents extents{shape};
    list.push_back({features[f].name,
                    {columns[f].data(), features[f].dtype, false, extents, row_major(extents)}});
  }
  return list;
}

std::span<const cardan::NamedField> Playback::inputs(std::int64_t samples)
{
  return fields(inputs_, recorded_, samples, input_list_);
}

std::span<const cardan::NamedField> Playback::answers(std::int64_t samples)
{
  return fields(outputs_, answers_, samples, answer_list_);
}

void Playback::compare(std::int64_t begin, std::int64_t end, double& squares, double& largest,
                       std::int64_t& numbers) const
{
  for (std::size_t f = 0; f < outputs_.size(); ++f) {
    const auto& feature = outputs_[f];
    const auto add = [&](auto type) {
      using Number = decltype(type);
      const auto* answered = reinterpret_cast<const Number*>(answers_[f].data());
      const auto* wanted = reinterpret_cast<const Number*>(recorded_[inputs_.size() + f].data());
      for (std::int64_t i = begin * feature.numbers(); i < end * feature.numbers(); ++i) {
        const double error =
            std::abs(static_cast<double>(answered[i]) - static_cast<double>(wanted[i]));
        squares += error * error;
        largest = std::max(largest, error);
        ++numbers;
      }
    };
    // What is learned is floating-point.
    if (feature.dtype == Dtype::float64) add(double{});
    if (feature.dtype == Dtype::float32) add(float{});
  }
}

void Playback::restore(std::span<const std::int64_t> samples)
{
  for (std::size_t f = 0; f < outputs_.size(); ++f) {
    const std::int64_t bytes = outputs_[f].bytes();
    for (const auto sample : samples)
      std::memcpy(answers_[f].data() + sample * bytes,
                  recorded_[inputs_.size() + f].data() + sample * bytes,
                  static_cast<std::size_t>(bytes));
  }
}

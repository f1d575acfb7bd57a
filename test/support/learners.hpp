/// Learners of a module, driven as training ranks drive them: typed batches, and ranks that are
/// joined by adding.
#pragma once

#include "registry.hpp"

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace cardan::test {

/// Samples as rows of numbers.
using Table = std::vector<std::vector<double>>;

/// Rows as the typed columns of some features.
class Columns {
 public:
  Columns(Features features, const Table& rows) : features_(std::move(features))
  {
    count_ = static_cast<std::int64_t>(rows.size());
    std::size_t first = 0;
    for (const auto& feature : features_) {
      const auto numbers = static_cast<std::size_t>(feature.numbers());
      std::vector<std::byte> column(rows.size() * static_cast<std::size_t>(feature.bytes()));
      for (std::size_t r = 0; r < rows.size(); ++r)
        for (std::size_t i = 0; i < numbers; ++i)
          put(feature.dtype, rows[r][first + i], column, r * numbers + i);
      memory_.push_back(std::move(column));
      first += numbers;
    }
    for (auto& column : memory_) {
      addresses_.push_back(column.data());
      writable_.push_back(column.data());
    }
  }
  Columns(Features features, std::size_t count)
      : Columns(features,
                Table(count, std::vector<double>(static_cast<std::size_t>(numbers_of(features)))))
  {}
  Columns(const Columns&) = delete;
  Columns& operator=(const Columns&) = delete;

  [[nodiscard]] Batch batch() const { return {count_, addresses_.data()}; }
  [[nodiscard]] std::byte* const* writable() const { return writable_.data(); }
  /// The rows again.
  [[nodiscard]] Table rows() const
  {
    Table rows(static_cast<std::size_t>(count_));
    for (std::size_t f = 0; f < features_.size(); ++f) {
      const auto numbers = static_cast<std::size_t>(features_[f].numbers());
      for (std::size_t r = 0; r < rows.size(); ++r)
        for (std::size_t i = 0; i < numbers; ++i)
          rows[r].push_back(get(features_[f].dtype, memory_[f], r * numbers + i));
    }
    return rows;
  }

 private:
  template <class T>
  static void put_as(double value, std::vector<std::byte>& column, std::size_t at)
  {
    const T typed = static_cast<T>(value);
    std::memcpy(column.data() + at * sizeof(T), &typed, sizeof(T));
  }
  template <class T>
  static double get_as(const std::vector<std::byte>& column, std::size_t at)
  {
    T typed{};
    std::memcpy(&typed, column.data() + at * sizeof(T), sizeof(T));
    return static_cast<double>(typed);
  }
  static void put(Dtype dtype, double value, std::vector<std::byte>& column, std::size_t at)
  {
    if (dtype == Dtype::float32) return put_as<float>(value, column, at);
    if (dtype == Dtype::int32) return put_as<std::int32_t>(value, column, at);
    if (dtype == Dtype::uint8) return put_as<std::uint8_t>(value, column, at);
    put_as<double>(value, column, at);
  }
  static double get(Dtype dtype, const std::vector<std::byte>& column, std::size_t at)
  {
    if (dtype == Dtype::float32) return get_as<float>(column, at);
    if (dtype == Dtype::int32) return get_as<std::int32_t>(column, at);
    if (dtype == Dtype::uint8) return get_as<std::uint8_t>(column, at);
    return get_as<double>(column, at);
  }

  Features features_;
  std::int64_t count_;
  std::vector<std::vector<std::byte>> memory_;
  std::vector<const std::byte*> addresses_;
  std::vector<std::byte*> writable_;
};

inline Features features(const std::string& name, std::int64_t numbers,
                         Dtype dtype = Dtype::float64)
{
  return {{name, dtype, {numbers}}};
}

/// `text` is the model's table.
inline std::unique_ptr<Learner> learner(const std::string& text, const Signature& signature,
                                        const Trainee& trainee = {})
{
  const Config model = Config::from_text("[model]\n" + text, "test.toml").table("model");
  auto made = module_for(model).learner(model, Config{}, signature, trainee);
  model.reject_unknown();
  return made;
}
inline std::unique_ptr<Model> model(const std::string& text, const Signature& signature)
{
  const Config table = Config::from_text("[model]\n" + text, "test.toml").table("model");
  return module_for(table).model(table, signature);
}

/// Learners of the same configuration on several ranks.
class Ranks {
 public:
  Ranks(const std::string& text, Signature signature, int ranks, std::uint64_t seed = 1)
      : signature_(std::move(signature))
  {
    for (int rank = 0; rank < ranks; ++rank)
      learners_.push_back(learner(text, signature_, {seed, rank, ranks}));
  }
  void see(std::size_t rank, const Table& inputs, const Table& targets)
  {
    const Columns x(signature_.inputs, inputs);
    const Columns y(signature_.outputs, targets);
    learners_[rank]->see(x.batch(), y.batch());
  }
  /// What a publication does.
  void publish()
  {
    std::vector<double> joined;
    Tally tally;
    for (const auto& each : learners_) {
      add(each->tally().sums, tally.sums);
      add(each->settling_sums({}, {}), joined);
    }
    for (const auto& each : learners_) {
      each->normalise(tally);
      each->settle(joined);
    }
  }
  Learner& operator[](std::size_t rank) { return *learners_[rank]; }
  [[nodiscard]] std::size_t size() const { return learners_.size(); }
  std::vector<std::byte> state(std::size_t rank)
  {
    std::vector<std::byte> state(learners_[rank]->state_bytes());
    learners_[rank]->write(state.data());
    return state;
  }

 private:
  static void add(const std::vector<double>& part, std::vector<double>& sum)
  {
    sum.resize(part.size(), 0);
    for (std::size_t i = 0; i < part.size(); ++i) sum[i] += part[i];
  }

  Signature signature_;
  std::vector<std::unique_ptr<Learner>> learners_;
};

struct Answer {
  Table values;
  /// As many rows, side by side as the outputs.
  Table spread;
};
/// What a model or learner answers.
template <class Predictor>
Answer ask(Predictor& predictor, const Signature& signature, const Table& inputs)
{
  const Columns x(signature.inputs, inputs);
  const Columns y(signature.outputs, inputs.size());
  const auto width = static_cast<std::size_t>(numbers_of(signature.outputs));
  std::vector<double> spread(inputs.size() * width, -1);
  predictor.predict(x.batch(), {y.writable(), spread.data()});
  Answer answer{y.rows(), {}};
  for (std::size_t r = 0; r < inputs.size(); ++r)
    answer.spread.emplace_back(spread.begin() + static_cast<std::ptrdiff_t>(r * width),
                               spread.begin() + static_cast<std::ptrdiff_t>((r + 1) * width));
  return answer;
}

/// Rows of independent normal numbers.
inline Table normal_rows(std::size_t count, std::size_t width, unsigned seed)
{
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Table rows(count, std::vector<double>(width));
  for (auto& row : rows)
    for (auto& value : row) value = normal(random);
  return rows;
}

}  // namespace cardan::test

// What a restart needs of training: `models/NAME` of a checkpoint.

#include "couplers/closure/training.hpp"

#include "checkpoint/ranks.hpp"
#include "checkpoint/reader.hpp"
#include "couplers/closure/signature_text.hpp"
#include "support/sha256.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <numeric>

namespace cardan::closure {

namespace {

/// The columns of samples in a checkpoint, in the order of inputs and targets. A target that has
/// the name of an input is told from it.
std::vector<std::string> column_names(const Signature& signature)
{
  std::vector<std::string> names;
  for (const auto& feature : signature.inputs) names.push_back(feature.name);
  for (const auto& feature : signature.outputs) {
    const bool taken = std::find(names.begin(), names.end(), feature.name) != names.end();
    names.push_back(feature.name + (taken ? ".target" : ""));
  }
  return names;
}

/// A rank's part of a number that all ranks' parts add up to.
std::int64_t share(std::int64_t total, int rank, int ranks)
{
  return total * (rank + 1) / ranks - total * rank / ranks;
}

std::int64_t total_of(const std::vector<std::int64_t>& numbers)
{
  return std::accumulate(numbers.begin(), numbers.end(), std::int64_t{0});
}

/// Of several rows of a state's array, as many numbers as one row has.
std::vector<std::int64_t> sums(const State& all, const std::string& name, std::int64_t width)
{
  const std::int64_t rows = all.array(name).numbers() / width;
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(rows * width));
  all.get(name, Dtype::int64, {rows, width}, numbers.data());
  std::vector<std::int64_t> added(static_cast<std::size_t>(width), 0);
  for (std::size_t i = 0; i < numbers.size(); ++i) added[i % added.size()] += numbers[i];
  return added;
}

State one_row(const std::string& name, const std::vector<std::int64_t>& numbers)
{
  State state;
  state.put(name, Dtype::int64, {1, static_cast<std::int64_t>(numbers.size())}, numbers.data());
  return state;
}

}  // namespace

void Training::add_samples(checkpoint::Snapshot& snapshot, const std::string& group,
                           const Buffer& buffer) const
{
  const checkpoint::Rows rows =
      checkpoint::rows_of(streams_.team.training.get(), buffer.size(), context_.deadline());
  const auto names = column_names(signature_);
  std::size_t column = 0;
  const auto add = [&](const Features& features, const Batch& batch) {
    for (std::size_t f = 0; f < features.size(); ++f)
      snapshot.add_rows(group + "/" + names[column++], features[f].dtype, rows.total, rows.first,
                        rows.count, features[f].shape, batch.columns[f]);
  };
  add(signature_.inputs, buffer.inputs());
  add(signature_.outputs, buffer.targets());
  snapshot.add_rows(group + "_records", Dtype::int64, rows.total, rows.first, rows.count, {2},
                    buffer.records().data());
}

/// The samples of the ranks before, as they were on as many ranks, else dealt out anew.
void Training::take_samples(const checkpoint::Reader& reader, const std::string& group,
                            const State& ranks, const std::string& name, Buffer& buffer) const
{
  const int rank = mpi::rank(streams_.team.training.get());
  const auto sizes = ranks.integers("samples_" + name);
  const std::int64_t total = total_of(sizes);
  State own;
  std::int64_t first = 0;
  std::int64_t count = 0;
  if (static_cast<int>(sizes.size()) == this->ranks()) {
    own = checkpoint::own_of(ranks, rank).group(name);
    first = std::accumulate(sizes.begin(), sizes.begin() + rank, std::int64_t{0});
    count = sizes[static_cast<std::size_t>(rank)];
  } else {
    auto counters = sums(ranks, name + "/counters", 4);
    for (auto& number : counters) number = share(number, rank, this->ranks());
    own = one_row("counters", counters);
    first = total * rank / this->ranks();
    count = share(total, rank, this->ranks());
  }
  const auto names = column_names(signature_);
  std::size_t column = 0;
  const auto read = [&](const Features& features) {
    Columns columns{features};
    columns.resize(count);
    for (std::size_t f = 0; f < features.size(); ++f, ++column) {
      const std::string path = group + "/" + names[column];
      std::vector<std::int64_t> shape{total};
      shape.insert(shape.end(), features[f].shape.begin(), features[f].shape.end());
      if (reader.shape(path) != shape)
        throw Error{"'" + path + "' has other samples than this run's '" + features[f].name + "'",
                    "of that a sample is " + to_string(Features{features[f]})};
      reader.read_rows(path, features[f].dtype, first, count, columns.columns()[f]);
    }
    return columns;
  };
  Columns inputs = read(signature_.inputs);
  Columns targets = read(signature_.outputs);
  std::vector<std::int64_t> records(static_cast<std::size_t>(2 * count));
  reader.read_rows(group + "_records", Dtype::int64, first, count, records.data());
  buffer.restore(own, std::move(inputs), std::move(targets), records);
}

void Training::snapshot(checkpoint::Snapshot& snapshot) const
{
  const std::string model = "models/" + name_;
  MPI_Comm comm = streams_.team.training.get();
  add_samples(snapshot, model + "/buffer", *buffer_);
  add_samples(snapshot, model + "/held_out", *held_out_);

  const State learner = learner_->checkpoint();
  State own;
  const auto row = [&](const std::string& name, std::int64_t number) {
    own.put(name, Dtype::int64, {1}, &number);
  };
  row("arrived", arrived_);
  row("newest_step", newest_step_);
  row("published_samples", published_samples_);
  row("samples_buffer", buffer_->size());
  row("samples_held_out", held_out_->size());
  std::vector<double> domain(domain_.numbers());
  domain_.write(domain.data());
  own.put("domain", Dtype::float64, {1, static_cast<std::int64_t>(domain.size())}, domain.data());
  own.put("buffer", buffer_->checkpoint());
  own.put("held_out", held_out_->checkpoint());
  own.put("tally", learner.group("tally"));
  checkpoint::add_own(snapshot, model + "/ranks", own, comm, context_.deadline());
  if (mpi::rank(comm) != 0) return;

  State common;
  for (const auto& array : learner.arrays())
    if (array.name.compare(0, 6, "tally/") != 0)
      common.put(array.name, array.dtype, array.shape, array.data.data());
  snapshot.add(model + "/learner", common);
  snapshot.add(model + "/signature", to_json(signature_));
  snapshot.add(model + "/version", static_cast<std::int64_t>(header_.version));
  snapshot.add(model + "/trained_steps", static_cast<std::int64_t>(header_.trained_steps));
  snapshot.add(model + "/step", header_.age_step);
  snapshot.add(model + "/loss", header_.values[0]);
  snapshot.add(model + "/validation_loss", header_.values[1]);
  snapshot.add(model + "/hash", sha256(state_.data(), sizeof(double) * state_.size()));
  snapshot.add(model + "/published", Field{std::span<const double>(state_)});
  State training;
  training.put("steps", steps_);
  training.put("loss", loss_);
  training.put("best", best_);
  training.put("since_best", since_best_);
  training.put("roll_backs", static_cast<std::int64_t>(roll_backs_));
  training.put("normalised", static_cast<std::int64_t>(normalised_));
  training.put("stopped", static_cast<std::int64_t>(stopped_));
  training.put("calibration", std::vector<double>{calibration_.limit, calibration_.trusted,
                                                  calibration_.coverage});
  snapshot.add(model + "/training", training);
}

/// The numbers of this rank, or on another number of ranks its share of all ranks'.
void Training::take_own(const State& ranks)
{
  const int rank = mpi::rank(streams_.team.training.get());
  const auto arrived = ranks.integers("arrived");
  const auto newest = ranks.integers("newest_step");
  const auto published = ranks.integers("published_samples");
  const auto width = static_cast<std::int64_t>(domain_.numbers());
  const auto before = static_cast<std::int64_t>(arrived.size());
  std::vector<double> domains(static_cast<std::size_t>(before * width));
  ranks.get("domain", Dtype::float64, {before, width}, domains.data());
  if (before == this->ranks()) {
    const auto mine = static_cast<std::size_t>(rank);
    arrived_ = arrived.at(mine);
    newest_step_ = newest.at(mine);
    published_samples_ = published.at(mine);
    domain_.read(domains.data() + rank * width);
    return;
  }
  arrived_ = share(total_of(arrived), rank, this->ranks());
  newest_step_ = *std::max_element(newest.begin(), newest.end());
  published_samples_ = share(total_of(published), rank, this->ranks());
  domain_.read(domains.data());
  std::vector<double> widest = domain_.range();
  for (std::int64_t r = 1; r < before; ++r) {
    Domain other = domain_;
    other.read(domains.data() + r * width);
    const std::vector<double> range = other.range();
    for (std::size_t i = 0; i < range.size(); ++i) widest[i] = std::max(widest[i], range[i]);
  }
  domain_.join(widest);
}

void Training::restore(const checkpoint::Reader& reader)
{
  const std::string model = "models/" + name_;
  // It had not begun, or was not trained then.
  if (!reader.has(model + "/learner")) return;
  try {
    const State ranks = reader.state(model + "/ranks");
    const int before = checkpoint::ranks_in(ranks);
    if (before < 1) throw Error{"nothing is there of any training rank"};
    const int rank = mpi::rank(streams_.team.training.get());
    State learner = reader.state(model + "/learner");
    if (before == this->ranks())
      learner.put("tally", checkpoint::own_of(ranks, rank).group("tally"));
    else if (rank == 0)
      learner.put("tally", checkpoint::all_of(ranks).group("tally"));
    learner_->restore(learner);

    const State rows = checkpoint::all_of(ranks);
    take_samples(reader, model + "/buffer", ranks, "buffer", *buffer_);
    take_samples(reader, model + "/held_out", ranks, "held_out", *held_out_);
    take_own(rows);

    const State training = reader.state(model + "/training");
    steps_ = training.integer("steps");
    loss_ = training.number("loss");
    best_ = training.number("best");
    since_best_ = training.integer("since_best");
    roll_backs_ = static_cast<int>(training.integer("roll_backs"));
    normalised_ = training.integer("normalised") != 0;
    stopped_ = training.integer("stopped") != 0;
    const auto calibration = training.numbers("calibration");
    if (calibration.size() == 3) calibration_ = {calibration[0], calibration[1], calibration[2]};

    reader.read(model + "/published", Field{state_});
    header_.version = static_cast<std::uint32_t>(reader.integer(model + "/version"));
    header_.trained_steps = static_cast<std::uint32_t>(reader.integer(model + "/trained_steps"));
    header_.age_step = reader.integer(model + "/step");
    header_.step = short_hash(reader.text(model + "/hash"));
    header_.values[0] = reader.number(model + "/loss");
    header_.values[1] = reader.number(model + "/validation_loss");
    std::fill(owed_.begin(), owed_.end(), header_.version > 0);
  } catch (const std::exception& error) {
    throw Error{"surrogate '" + name_ + "' cannot go on from '" + reader.path() + "'", error.what(),
                "Restart with the model and the training that the checkpoint's 'run/file' says."};
  }
}

}  // namespace cardan::closure

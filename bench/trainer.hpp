/// A training rank between two publications, without a session: what is timed of Cardan.
#pragma once

#include "couplers/closure/buffer.hpp"
#include "couplers/closure/gradients.hpp"
#include "registry.hpp"
#include "team.hpp"

#include <cardan/error.hpp>

#include <mpi.h>

#include <array>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace bench {

struct TrainingCase {
  std::string name;
  /// As the peer is asked for it.
  std::vector<std::string> network;
  /// The model table of a run file; `{}` stands for a file that the peer wrote.
  std::string model;
  std::int64_t in;
  std::int64_t out;
  /// Of one sample's grid, where it is one.
  std::vector<std::int64_t> grid;
};

inline constexpr std::int64_t samples = 8192;
inline constexpr std::int64_t batch = 256;
inline constexpr double deadline = 120;

/// A training rank's work between two publications (couplers/closure/training.cpp).
class Trainer {
 public:
  Trainer(const TrainingCase& asked, const std::string& file, MPI_Comm comm)
      : signature_(signature_of(asked)),
        gradients_(comm, deadline),
        buffer_(cardan::closure::make_buffer({}, signature_, 1)),
        inputs_(signature_.inputs),
        targets_(signature_.outputs),
        comm_(comm)
  {
    MPI_Comm_rank(comm, &rank_);
    MPI_Comm_size(comm, &ranks_);
    std::string model = asked.model;
    if (const auto place = model.find("{}"); place != std::string::npos)
      model.replace(place, 2, file);
    const auto table = cardan::Config::from_text(
        "[model]\n" + model +
            "[training]\nlast_layer = \"gradient\"\n"
            "optimizer = { kind = \"adam\", rate = 1e-3, betas = [0.9, 0.99], average = 0 }\n",
        "bench.toml");
    auto& module = cardan::module_for(table.table("model"));
    module.warm_up(1);
    learner_ = module.learner(table.table("model"), table.table("training"), signature_,
                              {1, rank_, ranks_});
    fill();
  }

  /// Seconds from the first rank that begins to the last that ends; collective.
  double run(std::int64_t steps)
  {
    MPI_Barrier(comm_);
    const double begin = now();
    for (std::int64_t step = 0; step < steps; ++step) learn();
    std::array<double, 2> ends{begin, -now()};
    MPI_Allreduce(MPI_IN_PLACE, ends.data(), 2, MPI_DOUBLE, MPI_MIN, comm_);
    return -ends[1] - ends[0];
  }
  [[nodiscard]] double loss() const { return loss_; }

 private:
  static cardan::Signature signature_of(const TrainingCase& asked)
  {
    const auto shape = [&](std::int64_t numbers) {
      return asked.grid.empty() ? std::vector<std::int64_t>{numbers} : asked.grid;
    };
    return {{{"x", cardan::Dtype::float32, shape(asked.in)}},
            {{"y", cardan::Dtype::float32, shape(asked.out)}}};
  }

  /// What the peer has as well.
  void fill()
  {
    std::mt19937 random(static_cast<unsigned>(rank_) + 2);
    std::uniform_real_distribution<float> unit{-1, 1};
    const std::int64_t in = signature_.inputs[0].numbers();
    const std::int64_t out = signature_.outputs[0].numbers();
    std::vector<float> x(static_cast<std::size_t>(samples * in));
    std::vector<float> y(static_cast<std::size_t>(samples * out));
    for (auto& number : x) number = unit(random);
    for (std::int64_t r = 0; r < samples; ++r)
      for (std::int64_t j = 0; j < out; ++j)
        y[static_cast<std::size_t>(r * out + j)] =
            std::sin(3 * x[static_cast<std::size_t>(r * in + j % in)]);
    const auto* x_column = reinterpret_cast<const std::byte*>(x.data());
    const auto* y_column = reinterpret_cast<const std::byte*>(y.data());
    const cardan::Batch inputs{samples, &x_column};
    const cardan::Batch targets{samples, &y_column};
    for (std::int64_t r = 0; r < samples; ++r) buffer_->add(inputs, targets, r, 0);
    learner_->see(inputs, targets);
    auto tally = learner_->tally();
    MPI_Allreduce(MPI_IN_PLACE, tally.sums.data(), static_cast<int>(tally.sums.size()), MPI_DOUBLE,
                  MPI_SUM, comm_);
    MPI_Allreduce(MPI_IN_PLACE, tally.maxima.data(), static_cast<int>(tally.maxima.size()),
                  MPI_DOUBLE, MPI_MAX, comm_);
    learner_->normalise(tally);
  }

  void learn()
  {
    if (ranks_ > 1 && voting_ != MPI_REQUEST_NULL)
      cardan::mpi::wait(voting_, cardan::mpi::Deadline::in(deadline), "a round");
    buffer_->draw(batch, inputs_, targets_);
    if (ranks_ > 1)
      MPI_Iallreduce(vote_.data(), votes_.data(), 3, MPI_INT, MPI_SUM, comm_, &voting_);
    const auto evaluate = [&] {
      return gradients_.average(*learner_, inputs_.batch(), targets_.batch(), ranks_);
    };
    loss_ = evaluate();
    learner_->step(loss_, evaluate);
    if (!std::isfinite(loss_)) throw cardan::Error{"the loss is not a number"};
  }

  cardan::Signature signature_;
  cardan::closure::Gradients gradients_;
  std::unique_ptr<cardan::closure::Buffer> buffer_;
  cardan::closure::Columns inputs_;
  cardan::closure::Columns targets_;
  MPI_Comm comm_;
  int rank_ = 0;
  int ranks_ = 1;
  std::unique_ptr<cardan::Learner> learner_;
  std::array<int, 3> vote_{1, 0, 0};
  std::array<int, 3> votes_{};
  MPI_Request voting_ = MPI_REQUEST_NULL;
  double loss_ = 0;
};

}  // namespace bench

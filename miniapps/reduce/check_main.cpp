// Are the encoders as good as they can be? What singular vectors and a trained linear autoencoder
// leave of Gray-Scott blocks, beside the least that is possible (Eckart and Young, 1936).
//   reduce-check [SIZE [WARMUP [LATENT]]]

#include "system.hpp"

#include "couplers/reduction/codec.hpp"
#include "couplers/reduction/learned.hpp"
#include "couplers/reduction/truncated_svd.hpp"
#include "registry.hpp"

#include <cardan/config.hpp>
#include <cardan/error.hpp>

#include <fmt/format.h>
#include <mpi.h>

#include <cmath>
#include <cstdlib>

namespace {

using cardan::reduction::Transform;

constexpr std::int64_t edge = 8;

struct Blocks {
  std::int64_t numbers = 0;
  std::int64_t count = 0;
  std::vector<double> values;
};

Blocks simulate(std::int64_t size, std::int64_t warmup)
{
  reduce::SystemSettings settings;
  settings.size = size;
  settings.rates = {0.029, 0.057};
  const auto system = reduce::make_system(MPI_COMM_SELF, settings);
  for (std::int64_t step = 0; step < warmup; ++step) system->step();
  const auto fields = reduce::dense(system->view(), system->part());
  const cardan::ReductionField field{
      "species", cardan::Dtype::float64, {2, size, size}, true, {0, 0}};
  const cardan::reduction::Blocking blocking{field, {edge, edge}};
  Blocks blocks{blocking.numbers(), blocking.count(), {}};
  blocks.values.resize(static_cast<std::size_t>(blocks.numbers * blocks.count));
  blocking.cut(fields.data(), blocks.values.data());
  return blocks;
}

/// Frobenius norm of what encoding and decoding leaves.
double left_by(const Transform& transform, const Blocks& blocks)
{
  std::vector<double> latents(static_cast<std::size_t>(blocks.count * transform.latent()));
  std::vector<double> decoded(blocks.values.size());
  transform.encode(blocks.values.data(), blocks.count, latents.data());
  transform.decode(latents.data(), blocks.count, decoded.data());
  double squares = 0;
  for (std::size_t i = 0; i < decoded.size(); ++i)
    squares += (decoded[i] - blocks.values[i]) * (decoded[i] - blocks.values[i]);
  return std::sqrt(squares);
}

std::unique_ptr<Transform> trained(const Blocks& blocks, std::int64_t latent)
{
  const auto file = cardan::Config::from_text(
      fmt::format("[model]\nkind = \"autoencoder\"\nhidden = []\nlatent = {}\n[training]\n"
                  "optimizer = {{ kind = \"lbfgs\", average = 0 }}\n",
                  latent),
      "reduce-check");
  auto& module = cardan::module_for(file.table("model"));
  module.warm_up(1);
  auto learner = module.learner(file.table("model"), file.table("training"),
                                cardan::reduction::block_signature(blocks.numbers), {7, 0, 1});
  const auto* column = reinterpret_cast<const std::byte*>(blocks.values.data());
  const cardan::Batch batch{blocks.count, &column};
  learner->see(batch, batch);
  learner->normalise(learner->tally());
  const auto evaluate = [&] { return learner->differentiate(batch, batch, 1, [](std::size_t) {}); };
  for (int step = 0; step < 80; ++step) {
    const double loss = evaluate();
    learner->step(loss, evaluate);
  }
  learner->settle(learner->settling_sums(batch, batch));
  return cardan::reduction::transform_of(*learner);
}

int check(std::int64_t size, std::int64_t warmup, std::int64_t latent)
{
  const Blocks blocks = simulate(size, warmup);
  const auto svd = cardan::reduction::truncated_svd(MPI_COMM_SELF, blocks.values.data(),
                                                    blocks.count, blocks.numbers, latent);
  const double least = svd.tail(latent);
  const double whole = svd.tail(0);
  const double of_svd = left_by(*cardan::reduction::transform_of(svd, latent), blocks);
  const double of_network = left_by(*trained(blocks, latent), blocks);
  const double off = std::abs(of_svd / least - 1);
  fmt::print(
      "reduce-check: {} blocks of {} numbers of Gray-Scott, {} latents\n"
      "  Eckart-Young tail          {:.12e} ({:.2e} of all)\n"
      "  left by singular vectors   {:.12e} ({:.1e} off)  {}\n"
      "  left by a linear network   {:.12e} ({:.4f} times)  {}\n",
      blocks.count, blocks.numbers, latent, least, least / whole, of_svd, off,
      off < 1e-9 ? "ok" : "WRONG", of_network, of_network / least,
      of_network < 1.05 * least ? "ok" : "NOT within 5 %");
  return off < 1e-9 && of_network < 1.05 * least ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  const auto number = [&](int place, std::int64_t usual) {
    return argc > place ? std::strtoll(argv[place], nullptr, 10) : usual;
  };
  int status = 1;
  try {
    status = check(number(1, 128), number(2, 2000), number(3, 8));
  } catch (const std::exception& error) {
    fmt::print(stderr, "reduce-check: {}\n", error.what());
  }
  MPI_Finalize();
  return status;
}

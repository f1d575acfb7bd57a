// Autoencoders, against data whose few coordinates are known.
#include "families/vae.torch.hpp"
#include "torch/fit.torch.hpp"

#include <doctest/doctest.h>

namespace families = cardan::families;

namespace {

/// Columns of mean zero and variance one.
at::Tensor normalised(const at::Tensor& x)
{
  return (x - x.mean(0, true)) / x.std(0, true, true);
}

/// A rolled surface in six dimensions, from two coordinates in [-1, 1].
test::Samples surface(std::int64_t count)
{
  const auto v = (2 * at::rand({count, 2}) - 1).unbind(1);
  const at::Tensor& s = v[0];
  const at::Tensor& t = v[1];
  const at::Tensor x =
      at::stack({at::cos(2 * s), at::sin(2 * s), t, s * t, at::sin(2 * t), t.square()}, 1);
  return {x, x};
}

/// Draws of two standard normal coordinates (n, 2) and a curved surface in eight dimensions with
/// noise of 2 % of its size.
struct Cloud {
  at::Tensor coordinates;
  at::Tensor x;
};

Cloud cloud(std::int64_t count)
{
  const at::Tensor z = at::randn({count, 2});
  const auto v = z.unbind(1);
  const at::Tensor& s = v[0];
  const at::Tensor& t = v[1];
  const at::Tensor x = at::stack({s, t, s + 0.5 * t, at::tanh(s), at::sin(t), s + 0.3 * t.square(),
                                  t + 0.3 * s * t, at::tanh(s - t)},
                                 1);
  return {z, normalised(x) + 0.1 * at::randn({count, 8})};
}

/// The share of the variance of each column of `y` that polynomials of degree 3 in the two columns
/// of `x` explain; the lesser.
double explained(const at::Tensor& x, const at::Tensor& y)
{
  const auto v = x.to(at::kDouble).unbind(1);
  std::vector<at::Tensor> terms;
  for (int i = 0; i <= 3; ++i)
    for (int j = 0; i + j <= 3; ++j) terms.push_back(v[0].pow(i) * v[1].pow(j));
  const at::Tensor basis = at::stack(terms, 1);
  const at::Tensor target = y.to(at::kDouble);
  const at::Tensor fit = basis.mm(std::get<0>(at::linalg_lstsq(basis, target)));
  return (1 - (target - fit).var(0) / target.var(0)).min().item<double>();
}

}  // namespace

TEST_CASE("autoencoder finds a surface's two coordinates")
{
  torch::manual_seed(1);
  const test::Samples known = surface(4000);
  const test::Samples held_out = surface(1000);
  const test::Fit how{1500, 128, 5e-3};
  const auto network = test::make("autoencoder", "latent = 2", test::rows(6, 6));
  test::train(*network, known, how);
  const double error = test::error_of(*network, held_out);
  MESSAGE("relative error " << error);
  CHECK(error < 0.03);
  // A curve does not fill a surface.
  CHECK(test::fitted_error("autoencoder", "latent = 1", test::rows(6, 6), known, held_out, how) >
        0.2);
}

TEST_CASE("autoencoders answer with the latent numbers where they are asked to")
{
  const at::Tensor x = at::randn({5, 6});
  for (const std::string kind : {"autoencoder", "vae"}) {
    const auto network = test::make(kind, "latent = 3\nanswer = \"latent\"", test::rows(6, 3));
    network->train();
    CHECK(network->forward(x).sizes() == at::IntArrayRef{5, 6});
    CHECK(network->penalty().defined() == (kind == "vae"));
    network->eval();
    CHECK(network->forward(x).sizes() == at::IntArrayRef{5, 3});
    CHECK_FALSE(network->penalty().defined());
    CHECK(at::equal(network->forward(x), network->forward(x)));
  }
}

TEST_CASE("vae's penalty is the divergence from the standard normal distribution")
{
  const at::Tensor mean = at::randn({100, 2});
  const at::Tensor log_variance = 0.5 * at::randn({100, 2});
  // Against the mean of log p - log q over draws.
  const at::Tensor noise = at::randn({10000, 100, 2}, at::kDouble);
  const at::Tensor draws = mean + at::exp(0.5 * log_variance) * noise;
  const at::Tensor sampled =
      (0.5 * draws.square() - 0.5 * noise.square() - 0.5 * log_variance).mean(0).to(at::kFloat);
  CHECK(test::difference(sampled, families::divergence({mean, log_variance})) < 0.02);

  const auto network = test::make("vae", "latent = 3\nbeta = 0.5", test::rows(6, 6));
  auto& vae = dynamic_cast<families::Vae&>(*network);
  const at::Tensor x = at::randn({20, 6});
  network->train();
  static_cast<void>(network->forward(x));
  const double expected =
      0.5 * families::divergence(vae.posterior(x)).sum().item<double>() / (20 * 6);
  CHECK(network->penalty().item<double>() == doctest::Approx(expected).epsilon(1e-5));
}

TEST_CASE("vae uses as many coordinates as the data have")
{
  torch::manual_seed(1);
  const Cloud known = cloud(4000);
  const Cloud held_out = cloud(2000);
  const auto active = [&](const std::string& beta, double& least) {
    const auto network =
        test::make("vae", "latent = 4\nhidden = [48, 48]\nbeta = " + beta, test::rows(8, 8));
    test::train(*network, {known.x, known.x}, {2500, 128, 4e-3});
    const c10::NoGradGuard no_gradient;
    network->eval();
    auto& vae = dynamic_cast<families::Vae&>(*network);
    const families::Posterior posterior = vae.posterior(held_out.x);
    const at::Tensor nats = families::divergence(posterior).mean(0);
    const at::Tensor used = at::nonzero(nats > 0.1).view(-1);
    MESSAGE("beta " << beta << ": nats " << nats[0].item<float>() << " " << nats[1].item<float>()
                    << " " << nats[2].item<float>() << " " << nats[3].item<float>() << ", error "
                    << test::error_of(*network, {held_out.x, held_out.x}));
    if (used.size(0) == 2)
      least = explained(posterior.mean.index_select(1, used), held_out.coordinates);
    return used.size(0);
  };
  // beta = 2 s^2 for s = 0.2, twice the noise: at 0.02 directions of noise are worth a coordinate
  // as often as not.
  double least = 0;
  CHECK(active("0.08", least) == 2);
  MESSAGE("explained variance " << least);
  CHECK(least > 0.95);
  CHECK(active("0.0", least) > 2);
  CHECK(active("20.0", least) == 0);
}

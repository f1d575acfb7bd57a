#include "baselines/settings.hpp"

#include <algorithm>
#include <string>

namespace cardan::baselines {

namespace {

void refuse_wide(const Config& model, std::int64_t numbers)
{
  if (numbers > most_numbers)
    throw model.error("kind",
                      "a sample has " + std::to_string(numbers) + " numbers, the most is " +
                          std::to_string(most_numbers),
                      "Choose a network, or stream fewer numbers.");
}

std::int64_t at_least_one(const Config& model, const char* key, std::int64_t fallback)
{
  const auto value = model.get<std::int64_t>(key, fallback);
  if (value < 1) throw model.error(key, "must be at least 1");
  return value;
}

bool same_samples(const Features& a, const Features& b)
{
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](auto& x, auto& y) {
           return x.name == y.name && x.shape == y.shape;
         });
}

}  // namespace

//= [surrogate.NAME.model] linear
LinearSettings read_linear(const Config& model, const Signature& signature)
{
  model.ask("kind");
  LinearSettings settings;
  //= relative to the sum of squares of an input's deviations; 0: the minimum-norm solution
  settings.ridge = model.get<double>("ridge", settings.ridge);
  if (!(settings.ridge >= 0)) throw model.error("ridge", "must not be negative");
  //= what each new sample leaves of the weight of older ones
  settings.forget = model.get<double>("forget", settings.forget);
  if (!(settings.forget > 0 && settings.forget <= 1))
    throw model.error("forget", "must be above 0 and at most 1");
  refuse_wide(model, numbers_of(signature.inputs) + numbers_of(signature.outputs));
  return settings;
}

//= [surrogate.NAME.model] knn
KnnSettings read_knn(const Config& model, const Signature& signature)
{
  static_cast<void>(signature);
  model.ask("kind");
  KnnSettings settings;
  //= samples whose answers are averaged
  settings.neighbours = at_least_one(model, "neighbours", settings.neighbours);
  //= samples that are kept
  settings.capacity = at_least_one(model, "capacity", settings.capacity);
  if (settings.neighbours > settings.capacity)
    throw model.error("neighbours", "must be at most the capacity, which is " +
                                        std::to_string(settings.capacity));
  return settings;
}

//= [surrogate.NAME.model] pod
PodSettings read_pod(const Config& model, const Signature& signature)
{
  model.ask("kind");
  const std::int64_t p = numbers_of(signature.inputs);
  const std::int64_t m = numbers_of(signature.outputs);
  PodSettings settings;
  //= 8, or all where there are fewer | modes
  settings.rank = at_least_one(model, "rank", std::min(settings.rank, m));
  if (settings.rank > m)
    throw model.error("rank", "must be at most the outputs' numbers, " + std::to_string(m));
  //= whether names and shapes of inputs and outputs are the same | the answer is the input,
  //= projected; otherwise the modes' coefficients are regressed on the inputs
  settings.reconstruct =
      model.get<bool>("reconstruct", same_samples(signature.inputs, signature.outputs));
  if (settings.reconstruct && p != m)
    throw model.error(
        "reconstruct",
        "the inputs have " + std::to_string(p) + " numbers and the outputs " + std::to_string(m),
        "A reconstruction has as many of both.");
  refuse_wide(model, settings.reconstruct ? m : p + m);
  return settings;
}

}  // namespace cardan::baselines

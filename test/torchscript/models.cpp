// TorchScript models of all sorts: what Cardan predicts is what PyTorch computes, and what Cardan
// trains is what PyTorch trains.
#include "case.hpp"

#include "registry.hpp"

#include <doctest/doctest.h>

#include <filesystem>

using test::Case;
using test::Columns;

namespace {

/// The tolerance of what is promised; the same library on the same machine does better.
constexpr double tolerance = 1e-6;

std::unique_ptr<cardan::Model> model_of(const Case& own)
{
  const auto table = own.table.table("model");
  return cardan::module_for(table).model(table, own.signature);
}

std::unique_ptr<cardan::Learner> learner_of(const Case& own)
{
  const auto table = own.table.table("model");
  return cardan::module_for(table).learner(table, own.table.table("training"), own.signature,
                                           {7, 0, 1});
}

}  // namespace

TEST_CASE("predictions are PyTorch's own")
{
  double worst = 0;
  for (const auto& name : test::case_names(false)) {
    CAPTURE(name);
    const Case own{name};
    const auto model = model_of(own);
    CHECK(model->ready());
    const auto given = own.inputs();
    const Columns inputs{given};
    const Columns answers{own.room()};
    model->predict(inputs.batch(own.count), {answers.data(), nullptr});
    const double error = own.error(answers, "y");
    CHECK(error <= tolerance);
    worst = std::max(worst, error);
    // The stream's memory is only read, even by models that work in place.
    CHECK(inputs.memory() == given);

    const bool many = std::filesystem::exists(own.folder + "spread.bin");
    CHECK(model->has_spread() == many);
    std::vector<double> spread(
        static_cast<std::size_t>(own.count * cardan::numbers_of(own.signature.outputs)), -1.0);
    const Columns again{own.room()};
    model->predict(inputs.batch(own.count), {again.data(), spread.data()});
    CHECK(own.error(again, "y") <= tolerance);
    if (many) {
      const auto expected =
          test::numbers(test::read_file(own.folder + "spread.bin"), cardan::Dtype::float64);
      CHECK(test::relative_error(spread, expected) <= tolerance);
    } else {
      CHECK(*std::max_element(spread.begin(), spread.end()) == 0);
      CHECK(*std::min_element(spread.begin(), spread.end()) == 0);
    }

    // A sample alone is answered as among others.
    const Columns first{own.room()};
    model->predict(inputs.batch(1), {first.data(), nullptr});
    const auto dtype = own.signature.outputs[0].dtype;
    const auto width = static_cast<std::size_t>(own.signature.outputs[0].numbers());
    auto one = test::numbers(first[0], dtype);
    auto all = test::numbers(answers[0], dtype);
    one.resize(width);
    all.resize(width);
    CHECK(test::relative_error(one, all) <= 1e-5);
  }
  MESSAGE("largest relative error of predictions: " << worst);
}

TEST_CASE("training is PyTorch's own")
{
  double worst_gradient = 0;
  double worst = 0;
  for (const auto& name : test::case_names(true)) {
    CAPTURE(name);
    const Case own{name};
    const auto learner = learner_of(own);
    const auto given = own.inputs();
    const Columns inputs{given};
    const auto wanted = own.arrays("y", own.signature.outputs.size());
    const Columns targets{wanted};
    const auto x = inputs.batch(own.count);
    const auto y = targets.batch(own.count);
    learner->see(x, y);
    learner->normalise(learner->tally());
    const auto steps = own.table.table("training").get<std::int64_t>("steps");
    for (std::int64_t i = 0; i < steps; ++i) {
      std::size_t seen = 0;
      const auto again = [&] {
        return learner->differentiate(x, y, 1, [&](std::size_t) { ++seen; });
      };
      const double loss = again();
      CHECK(seen == learner->buckets().size());
      if (i == 0) {
        const auto expected =
            test::numbers(test::read_file(own.folder + "gradient.bin"), cardan::Dtype::float64);
        std::vector<double> gradient;
        for (const auto& bucket : learner->buckets())
          for (std::size_t g = 0; g < bucket.count; ++g)
            gradient.push_back(bucket.dtype == cardan::Dtype::float32
                                   ? static_cast<const float*>(bucket.data)[g]
                                   : static_cast<const double*>(bucket.data)[g]);
        const double error = test::relative_error(gradient, expected);
        CHECK(error <= 1e-5);
        worst_gradient = std::max(worst_gradient, error);
        const auto value =
            test::numbers(test::read_file(own.folder + "loss.bin"), cardan::Dtype::float64);
        CHECK(loss == doctest::Approx(value[0]).epsilon(1e-6));
      }
      learner->step(loss, again);
    }
    learner->settle(learner->settling_sums(x, y));
    const Columns answers{own.room()};
    learner->predict(x, {answers.data(), nullptr});
    const double error = own.error(answers, "trained");
    CHECK(error <= 1e-6);
    worst = std::max(worst, error);
    CHECK(inputs.memory() == given);
    CHECK(targets.memory() == wanted);

    // A model that takes the state answers alike; it waits for it where it is normalised.
    const auto table = own.table.table("model");
    const auto model = model_of(own);
    CHECK(model->ready() == !table.get<bool>("normalise", false));
    std::vector<std::byte> state(learner->state_bytes());
    REQUIRE(model->state_bytes() == state.size());
    learner->write(state.data());
    model->read(state.data());
    const Columns other{own.room()};
    model->predict(x, {other.data(), nullptr});
    CHECK(other.memory() == answers.memory());

    // And so does the file that is saved, without any normalisation of its own.
    learner->save(own.folder + "saved.pt");
    CHECK_FALSE(std::filesystem::exists(own.folder + "saved.pt.part"));
    const auto text =
        std::string("file = \"saved.pt\"\n") + (table.has("dtype") ? "dtype = \"float32\"\n" : "");
    const auto saved = cardan::Config::from_text(text, own.folder + "saved.toml");
    const auto loaded = cardan::module_for(saved).model(saved, own.signature);
    const Columns third{own.room()};
    loaded->predict(x, {third.data(), nullptr});
    CHECK(own.error(third, "trained") <= 1e-6);
  }
  MESSAGE("largest relative error of gradients: " << worst_gradient);
  MESSAGE("largest relative error after training: " << worst);
}

TEST_CASE("an ensemble of files is saved file by file")
{
  const Case own{"ensemble"};
  const auto table = own.table.table("model");
  const auto learner = cardan::module_for(table).learner(table, {}, own.signature, {});
  learner->save(own.folder + "again.pt");
  const auto again = cardan::Config::from_text(
      "file = [\"again_1.pt\", \"again_2.pt\", \"again_3.pt\"]", own.folder + "again.toml");
  const auto model = cardan::module_for(again).model(again, own.signature);
  const Columns inputs{own.inputs()};
  const Columns answers{own.room()};
  model->predict(inputs.batch(own.count), {answers.data(), nullptr});
  CHECK(own.error(answers, "y") <= tolerance);
  CHECK_THROWS_WITH_AS(learner->save("/nowhere/at/all.pt"),
                       doctest::Contains("cannot write the model to /nowhere/at/all_1.pt"),
                       cardan::Error);
}

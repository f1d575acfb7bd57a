// TorchScript models that go on from a state.
#include "support/goes_on.hpp"

#include "case.hpp"
#include "registry.hpp"

#include <doctest/doctest.h>

#include <string>

using test::Case;
using test::Columns;

TEST_CASE("a trained model goes on as if nothing had happened")
{
  for (const auto& name : test::case_names(true)) {
    const Case own{name};
    const Columns inputs{own.inputs()};
    const Columns targets{own.arrays("y", own.signature.outputs.size())};
    for (const std::string kind : {"adam", "lbfgs"}) {
      CAPTURE(name);
      CAPTURE(kind);
      const auto table = own.table.table("model");
      const auto training = cardan::Config::from_text(
          "optimizer = { kind = \"" + kind + "\", rate = 1e-3 }\n", "test.toml");
      const auto make = [&] {
        return cardan::module_for(table).learner(table, training, own.signature, {7, 0, 1});
      };
      cardan::test::check_goes_on(make, {inputs.batch(own.count)}, {targets.batch(own.count)});
    }
  }
}

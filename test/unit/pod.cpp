// Orthogonal modes against the theorem of Eckart and Young, whatever the ranks.
#include "support/learners.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using cardan::Dtype;
using cardan::Signature;
using namespace cardan::test;

namespace {

constexpr std::size_t width = 12;
constexpr int rank = 3;

/// Orthonormal patterns: those of the cosine transform.
double pattern(std::size_t k, std::size_t i)
{
  const double scale = std::sqrt((k == 0 ? 1.0 : 2.0) / width);
  return scale * std::cos(M_PI * static_cast<double>(k) * (static_cast<double>(i) + 0.5) / width);
}

/// Snapshots with singular values (about their mean) that are known: for each pattern, plus and
/// minus s_k / sqrt(2) of it.
double singular(std::size_t k)
{
  return 100 * std::pow(0.3, static_cast<double>(k));
}
Table snapshots()
{
  Table rows;
  for (std::size_t k = 0; k < width; ++k)
    for (const double sign : {1.0, -1.0}) {
      std::vector<double> row(width);
      for (std::size_t i = 0; i < width; ++i)
        row[i] = 50 + static_cast<double>(i) + sign * singular(k) / std::sqrt(2) * pattern(k, i);
      rows.push_back(row);
    }
  return rows;
}
double tail()
{
  double squares = 0;
  for (std::size_t k = rank; k < width; ++k) squares += singular(k) * singular(k);
  return std::sqrt(squares);
}

double distance(const Table& a, const Table& b)
{
  double squares = 0;
  for (std::size_t r = 0; r < a.size(); ++r)
    for (std::size_t i = 0; i < a[r].size(); ++i)
      squares += (a[r][i] - b[r][i]) * (a[r][i] - b[r][i]);
  return std::sqrt(squares);
}

const Signature field{features("u", width), features("u", width)};

}  // namespace

TEST_CASE("the error of a reconstruction is what the discarded singular values say")
{
  const Table rows = snapshots();
  for (const int ranks : {1, 2, 3, 5, 7}) {
    CAPTURE(ranks);
    Ranks all{"kind = 'pod'\nrank = 3", field, ranks};
    for (std::size_t r = 0; r < rows.size(); ++r)
      all.see(r % (all.size() > 4 ? 4 : all.size()), {rows[r]}, {rows[r]});
    all.publish();
    const Answer answer = ask(all[0], field, rows);
    CHECK(distance(answer.values, rows) == doctest::Approx(tail()).epsilon(1e-10));
    // The spread of a reconstruction is its error.
    CHECK(answer.spread[5][2] ==
          doctest::Approx(std::abs(answer.values[5][2] - rows[5][2])).epsilon(1e-6));
    for (std::size_t other = 1; other < all.size(); ++other)
      CHECK(all.state(other) == all.state(0));
    // Projecting twice is projecting once.
    CHECK(distance(ask(all[0], field, answer.values).values, answer.values) < 1e-9);
  }
  // Negative control: one mode less leaves more.
  Ranks fewer{"kind = 'pod'\nrank = 2", field, 1};
  fewer.see(0, rows, rows);
  fewer.publish();
  CHECK(distance(ask(fewer[0], field, rows).values, rows) > 2 * tail());
}

TEST_CASE("as many modes as numbers lose nothing; a tiny singular value is still found")
{
  // The smallest singular value is 1.8e-4 of 100: squared, it would drown at 3e-12 of the largest.
  const Table rows = snapshots();
  Ranks all{"kind = 'pod'\nrank = 12", field, 2};
  all.see(0, rows, rows);
  all.publish();
  CHECK(distance(ask(all[0], field, rows).values, rows) < 1e-10);
  Ranks most{"kind = 'pod'\nrank = 11", field, 2};
  most.see(1, rows, rows);
  most.publish();
  CHECK(distance(ask(most[0], field, rows).values, rows) ==
        doctest::Approx(singular(11)).epsilon(1e-8));
}

TEST_CASE("other inputs are regressed on: the answers are linear, and lie on the modes")
{
  const Signature signature{{{"t", Dtype::float32, {2}}}, features("u", width)};
  const Table parameters = normal_rows(300, 2, 5);
  Table x;
  Table y;
  for (const auto& row : parameters) {
    // A float32 holds these exactly.
    x.push_back({std::round(1024 * row[0]) / 1024, std::round(1024 * row[1]) / 1024});
    std::vector<double> out(width);
    for (std::size_t i = 0; i < width; ++i)
      out[i] = 7 + 10 * x.back()[0] * pattern(1, i) + 0.1 * x.back()[1] * pattern(2, i);
    y.push_back(out);
  }
  for (const int modes : {1, 2}) {
    Ranks all{"kind = 'pod'\nrank = " + std::to_string(modes), signature, 3};
    all.see(0, Table(x.begin(), x.begin() + 100), Table(y.begin(), y.begin() + 100));
    all.see(2, Table(x.begin() + 100, x.end()), Table(y.begin() + 100, y.end()));
    all.publish();
    const auto model =
        cardan::test::model("kind = 'pod'\nrank = " + std::to_string(modes), signature);
    REQUIRE(model->state_bytes() == all[0].state_bytes());
    model->read(all.state(2).data());
    const Answer answer = ask(*model, signature, x);
    const double error = distance(answer.values, y);
    if (modes == 2)
      CHECK(error < 1e-8);
    else
      CHECK(error == doctest::Approx(0.1 * std::sqrt(300)).epsilon(0.1));
    if (modes == 1) CHECK(answer.spread[0][1] > 1e-3);
  }
}

TEST_CASE("few or equal samples give numbers")
{
  Ranks all{"kind = 'pod'\nrank = 3", field, 2};
  all.publish();
  const Table asked{std::vector<double>(width, 2)};
  CHECK(ask(all[0], field, asked).spread[0][0] == std::numeric_limits<double>::infinity());
  const Table one{std::vector<double>(width, 5)};
  all.see(1, one, one);
  all.publish();
  CHECK(distance(ask(all[0], field, asked).values, one) < 1e-12);
  all.see(0, one, one);
  all.see(0, one, one);
  all.publish();
  CHECK(distance(ask(all[1], field, asked).values, one) < 1e-12);
  CHECK(ask(all[1], field, asked).spread[0][0] == doctest::Approx(3));
}

TEST_CASE("a wrong table is an error with its line")
{
  const auto message = [](const std::string& text, const Signature& signature) {
    try {
      learner(text, signature);
    } catch (const cardan::Error& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  CHECK(message("kind = 'pod'\nrank = 13", field).find("test.toml:3: rank = 13") !=
        std::string::npos);
  CHECK(message("kind = 'pod'\nrank = 0", field).find("at least 1") != std::string::npos);
  CHECK(message("kind = 'pod'\nrank = 1\nreconstruct = true", {features("x", 2), features("y", 3)})
            .find("the inputs have 2 numbers and the outputs 3") != std::string::npos);
  CHECK(message("kind = 'pod'", {features("x", 1), features("y", 4097)}).find("the most is 4096") !=
        std::string::npos);
}

#include "reference_check.hpp"

#include "homogenise.hpp"

#include <fmt/format.h>

#include <cmath>

namespace funnel {

namespace {

constexpr int size = 64;

using Report = std::function<void(const CheckRow&)>;

template <class Rule>
Image drawn(const Rule& rule)
{
  Image image{size, {}};
  image.pixels.reserve(static_cast<std::size_t>(size) * size);
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) image.pixels.push_back(rule(x, y) ? 1 : 0);
  return image;
}

Image turned(const Image& image)
{
  return drawn([&](int x, int y) {
    const int pixel = (size - 1 - x) * size + y;
    return image.pixels[static_cast<std::size_t>(pixel)] != 0;
  });
}

class Check {
 public:
  explicit Check(const Report& report) : report_(report) {}

  void row(const std::string& name, double least, double value, double most)
  {
    const CheckRow row{name, least, value, most};
    good_ = row.within() && good_;
    report_(row);
  }
  void equal(const std::string& name, double value, double reference, double tolerance)
  {
    const double slack = tolerance * std::abs(reference);
    row(name, reference - slack, value, reference + slack);
  }
  [[nodiscard]] bool good() const { return good_; }

 private:
  const Report& report_;
  bool good_ = true;
};

Bracket bracket_of(const Image& image, const Phases& phases, int factor = 1)
{
  Conduction conduction{size * factor};
  return bracket(conduction, conductivities(image, phases, factor), phases);
}

void check_exact(Check& check)
{
  const Phases phases{1, 100};
  const Bracket uniform = bracket_of(drawn([](int, int) { return true; }), phases);
  check.equal("uniform: lower bound", uniform.lower.xx, phases.better, 1e-12);
  check.equal("uniform: upper bound", uniform.upper.yy, phases.better, 1e-12);
  const Bracket laminate = bracket_of(drawn([](int x, int) { return x % 16 < 4; }), phases);
  const double across = 1 / (0.25 / phases.better + 0.75 / phases.worse);
  const double along = 0.25 * phases.better + 0.75 * phases.worse;
  check.equal("laminate, across: lower bound", laminate.lower.xx, across, 1e-10);
  check.equal("laminate, across: upper bound", laminate.upper.xx, across, 1e-10);
  check.equal("laminate, along: lower bound", laminate.lower.yy, along, 1e-10);
  check.equal("laminate, along: upper bound", laminate.upper.yy, along, 1e-10);
}

void check_checkerboards(Check& check)
{
  const Image board = drawn([](int x, int y) { return (x / 32 + y / 32) % 2 == 1; });
  for (const double contrast : {1.5, 10.0, 100.0, 1e3, 1e6}) {
    const Phases phases{0.5, 0.5 * contrast};
    const Bracket found = bracket_of(board, phases);
    const double exact = std::sqrt(phases.worse * phases.better);
    check.row(fmt::format("checkerboard, contrast {:g}: sqrt(s1 s2) in the bracket", contrast),
              found.lower.xx, exact, found.upper.xx);
    check.equal(fmt::format("checkerboard, contrast {:g}: label", contrast), found.label(), exact,
                1e-8);
  }
}

void check_refinement(Check& check, const Library& library, int images)
{
  const Phases phases{1, 100};
  for (std::int64_t candidate = 0; candidate < images; ++candidate) {
    const Image image = library.image(candidate);
    const Bracket coarse = bracket_of(image, phases);
    const Bracket fine = bracket_of(image, phases, 2);
    const auto name = [&](const char* what) {
      return fmt::format("image {}: {}", candidate, what);
    };
    check.row(name("lower bound of halved elements"), coarse.lower.xx, fine.lower.xx,
              fine.upper.xx);
    check.row(name("upper bound of halved elements"), fine.lower.xx, fine.upper.xx,
              coarse.upper.xx);
    check.row(name("width of their bracket over the first"), 0, fine.width() / coarse.width(),
              0.75);
    check.row(name("label in their bracket"), fine.lower.xx, coarse.label(), fine.upper.xx);
    // Keller: sigma(s1, s2) along x times that of exchanged phases along y tends to s1 s2 where the
    // tensor is diagonal; in general the determinants do, whose product tends to (s1 s2)^2.
    const auto product = [](const Bracket& of) {
      const auto determinant = [](const Tensor& t) { return t.xx * t.yy - t.xy * t.xy; };
      return determinant(of.upper) / determinant(of.lower) - 1;
    };
    check.row(name("Keller's identity, halved: off by"), 0, product(fine), 0.75 * product(coarse));
    const Bracket other = bracket_of(turned(image), phases);
    check.equal(name("turned by 90 degrees: xx is yy"), other.upper.xx, coarse.upper.yy, 1e-9);
    check.equal(name("turned by 90 degrees: xy is -xy"), other.upper.xy + coarse.upper.xx,
                coarse.upper.xx - coarse.upper.xy, 1e-9);
  }
}

}  // namespace

bool check_references(std::uint64_t seed, int images, const Report& report)
{
  Check check{report};
  check_exact(check);
  check_checkerboards(check);
  LibrarySettings settings;
  settings.seed = seed;
  check_refinement(check, Library{settings}, images);
  return check.good();
}

}  // namespace funnel

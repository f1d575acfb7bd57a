// A twin's own model: trained beside it, the same version on all twin ranks, behind a gate.
#include "support/twin.hpp"

using namespace test;
using cardan::TwinModel;

namespace {

/// Its model learns y = 2 a - b + 1. Answers with what that says of (3, 1), its version, and
/// whether it is trusted; judges it from a cycle on as worse than nothing.
class Pupil : public cardan::TwinProcess {
 public:
  Pupil(const Config& options, const TwinPlace& place)
      : place_(place), bad_from_(options.get<std::int64_t>("bad_from", 1000000))
  {}
  [[nodiscard]] std::optional<Signature> learns() const override
  {
    return Signature{{{"ab", Dtype::float64, {2}}}, {{"y", Dtype::float64, {}}}};
  }
  void use(TwinModel& model) override { model_ = &model; }
  void cycle(const TwinCycle& cycle, std::byte* const* answer) override
  {
    REQUIRE(model_ != nullptr);
    std::array<double, 4> all{std::numeric_limits<double>::infinity(), 0, 0, 0};
    const std::uint32_t version = model_->version();
    if (version == 0) {
      double none = 0;
      CHECK_THROWS_AS(predict({3, 1}, none), cardan::Error);
    } else {
      predict({3, 1}, all[0]);
    }
    CHECK(version >= newest_);
    newest_ = version;
    // The same on all twin ranks.
    std::array<double, 6> same{
        static_cast<double>(version),  model_->trusted() ? 1.0 : 0.0,  all[0],
        -static_cast<double>(version), model_->trusted() ? -1.0 : 0.0, -all[0]};
    MPI_Allreduce(MPI_IN_PLACE, same.data(), 6, MPI_DOUBLE, MPI_MAX, place_.comm);
    for (std::size_t i = 0; i < 3; ++i) CHECK(same[i] == -same[i + 3]);
    for (int i = 0; i < 4; ++i) {
      const double x = std::sin(static_cast<double>(4 * cycle.cycle + i));
      teach({x, std::cos(3 * x)});
    }
    if (version > 0) model_->judge(cycle.cycle < bad_from_ ? 0.1 : 10, 1);
    if (place_.rank != 0) return;
    CHECK((version == 0 ? std::isnan(model_->loss()) : model_->loss() >= 0));
    all[1] = version;
    all[2] = model_->trusted() ? 1 : 0;
    all[3] = model_->loss();
    if (version == 0) all[0] = all[3] = 0;
    std::memcpy(answer[0], all.data(), sizeof all);
    std::memcpy(answer[1], &cycle.cycle, sizeof cycle.cycle);
    const std::int32_t here = 0;
    std::memcpy(answer[2], &here, sizeof here);
  }

 private:
  void predict(const std::array<double, 2>& ab, double& y)
  {
    const auto* input = reinterpret_cast<const std::byte*>(ab.data());
    auto* output = reinterpret_cast<std::byte*>(&y);
    model_->predict({1, &input}, {&output, nullptr});
  }
  void teach(const std::array<double, 2>& ab)
  {
    const double y = 2 * ab[0] - ab[1] + 1;
    const auto* input = reinterpret_cast<const std::byte*>(ab.data());
    const auto* target = reinterpret_cast<const std::byte*>(&y);
    model_->teach({1, &input}, {1, &target});
  }

  TwinPlace place_;
  std::int64_t bad_from_;
  TwinModel* model_ = nullptr;
  std::uint32_t newest_ = 0;
};

std::string pupil_run(const std::string& keys)
{
  cardan::register_twin("pupil",
                        [](const Config& options, const Signature&, const TwinPlace& place) {
                          return std::make_unique<Pupil>(options, place);
                        });
  return twin_run(twin_ml_ranks(), "model = { kind = \"linear\" }\n" + keys, "auto", "pupil");
}

}  // namespace

TEST_CASE("the model is trained beside the twin, and swapped between two cycles")
{
  if (twin_ml_ranks() == 0) return;
  for (const bool own : {false, true}) {
    if (own && twin_ml_ranks() < 2) continue;
    CAPTURE(own);
    with_twin(
        pupil_run(std::string("train = { every = 40, warmup = 20 }\ngate = { window = 5 }\n") +
                  (own ? "trainer = \"own\"\n" : "")),
        [&](Session& session) {
          Asset asset{session};
          double version = 0;
          // Until the third version is there, at most for a while.
          for (std::int64_t k = 0; k < 20000 && version < 3; ++k) {
            CHECK(asset.cycle(k) == TwinOutcome::on_time);
            version = asset.sums[2];
            CHECK(asset.twin().stamp().version == static_cast<std::uint32_t>(version));
            if (version > 0) CHECK(asset.sums[0] == doctest::Approx(6).epsilon(1e-3));
            if (k < 3) CHECK(version == 0);
            // Ranks may leave the loop apart otherwise.
            MPI_Bcast(&version, 1, MPI_DOUBLE, 0, session.comm());
          }
          CHECK(version >= 3);
          CHECK(asset.sums[3] < 1e-3);
        });
  }
}

TEST_CASE("in real time the model is trained while nothing is due")
{
  if (twin_ml_ranks() == 0) return;
  with_twin(pupil_run("realtime = true\nperiod = \"4 ms\"\nguard = \"500 us\"\n"
                      "train = { every = 40, warmup = 20 }\n"),
            [&](Session& session) {
              Asset asset{session};
              double version = 0;
              for (std::int64_t k = 0; k < 5000 && version < 2; ++k) {
                if (asset.cycle(k) == TwinOutcome::on_time) version = asset.sums[2];
                MPI_Bcast(&version, 1, MPI_DOUBLE, 0, session.comm());
              }
              CHECK(version >= 2);
            });
}

TEST_CASE("the gate closes where the model makes it worse")
{
  if (twin_ml_ranks() == 0) return;
  with_twin(pupil_run("train = { every = 40, warmup = 20 }\ngate = { window = 5 }\n"
                      "options = { bad_from = 100 }\n"),
            [&](Session& session) {
              Asset asset{session};
              double trusted_before = 0;
              for (std::int64_t k = 0; k < 200; ++k) {
                CHECK(asset.cycle(k) == TwinOutcome::on_time);
                const double trusted = asset.sums[1];
                if (k < 5) CHECK(trusted == 0);
                if (k < 100) trusted_before += trusted;
                if (k > 105) CHECK(trusted == 0);
                // It had time to learn.
                if (k < 100 && asset.sums[2] == 0)
                  std::this_thread::sleep_for(std::chrono::milliseconds(1));
              }
              CHECK(trusted_before > 0);
            });
}

TEST_CASE("deterministic runs swap versions at the same cycles")
{
  if (twin_ml_ranks() == 0) return;
  std::array<std::vector<double>, 2> versions;
  for (auto& seen : versions) {
    std::string text = pupil_run("train = { every = 40, warmup = 20 }\n");
    text.insert(text.find('\n') + 1, "deterministic = true\n");
    with_twin(text, [&](Session& session) {
      Asset asset{session};
      for (std::int64_t k = 0; k < 60; ++k) {
        CHECK(asset.cycle(k) == TwinOutcome::on_time);
        seen.push_back(asset.sums[2]);
        seen.push_back(asset.sums[0]);
      }
      CHECK(seen[2 * 4] == 0);
      CHECK(seen[2 * 5] == 1);
      CHECK(seen[2 * 59] == 6);
    });
  }
  CHECK(versions[0] == versions[1]);
}

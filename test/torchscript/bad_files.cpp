// Files that are no models, models and losses that do not fit: each is refused with one message.
#include "case.hpp"

#include "registry.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <iostream>
#include <random>
#include <sstream>

namespace {

/// `x float32 3 z float64 2`: names, dtypes and widths of features.
cardan::Features features(const std::string& text)
{
  std::istringstream words{text};
  cardan::Features all;
  std::string name;
  std::string dtype;
  for (std::int64_t width = 0; words >> name >> dtype >> width;)
    all.push_back(
        {name, dtype == "float64" ? cardan::Dtype::float64 : cardan::Dtype::float32, {width}});
  return all;
}

std::string message(const std::function<void()>& work)
{
  try {
    work();
  } catch (const cardan::Error& error) {
    return error.what();
  }
  return "";
}

/// What is said of a file that stands in `[model]` or `[training]`.
std::string refusal(const std::string& kind, const std::string& file,
                    const cardan::Signature& signature)
{
  const std::string model = kind == "model" ? file : "good.pt";
  const std::string text = "[model]\nfile = \"" + model + "\"\n[training]\n" +
                           (kind == "loss" ? "loss = \"" + file + "\"\n" : "");
  const auto table = cardan::Config::from_text(text, test::case_folder() + "bad/run.toml");
  const auto own = table.table("model");
  return message([&] {
    auto& module = cardan::module_for(own);
    if (kind == "model")
      static_cast<void>(module.model(own, signature));
    else
      static_cast<void>(module.learner(own, table.table("training"), signature, {}));
  });
}

}  // namespace

TEST_CASE("bad files are refused with one clear message")
{
  const auto all = cardan::Config::from_file(test::case_folder() + "bad/bad.toml");
  for (const std::string kind : {"model", "loss"})
    for (const auto& name : all.get<std::vector<std::string>>(kind)) {
      CAPTURE(name);
      const auto own = all.table(name);
      const cardan::Signature signature{features(own.get<std::string>("x")),
                                        features(own.get<std::string>("y"))};
      const std::string said = refusal(kind, own.get<std::string>("file"), signature);
      CAPTURE(said);
      for (const auto& part : own.get<std::vector<std::string>>("says"))
        CHECK(said.find(part) != std::string::npos);
      // One line, that begins with where the file is named.
      CHECK(said.find('\n') == std::string::npos);
      const std::string line = std::string("bad/run.toml:") + (kind == "model" ? "2" : "4") + ": ";
      CHECK(said.find(line + (kind == "model" ? "file" : "loss")) != std::string::npos);
      for (const char* noise : {"Exception raised from", "frame #", "HERE"})
        CHECK(said.find(noise) == std::string::npos);
      std::cout << name << ": " << said << "\n";
    }
  // The good ones are not refused.
  CHECK(refusal("model", "good.pt", {features("x float32 3"), features("y float32 2")}).empty());
  CHECK(
      refusal("loss", "good_loss.pt", {features("x float32 3"), features("y float32 2")}).empty());
}

TEST_CASE("a model with any byte changed is refused or answers as before")
{
  const std::string folder = test::case_folder() + "bad/";
  const auto good = test::read_file(folder + "good.pt");
  const cardan::Signature signature{features("x float32 3"), features("y float32 2")};
  const auto answer = [&](const std::string& file) {
    const auto table = cardan::Config::from_text("file = \"" + file + "\"", folder + "run.toml");
    const auto model = cardan::module_for(table).model(table, signature);
    std::vector<float> x{0.1F, -0.2F, 0.3F};
    std::vector<float> y(2);
    const auto* from = reinterpret_cast<const std::byte*>(x.data());
    auto* to = reinterpret_cast<std::byte*>(y.data());
    model->predict({1, &from}, {&to, nullptr});
    return y;
  };
  const auto expected = answer("good.pt");
  std::mt19937 random{11};
  int refused = 0;
  constexpr int times = 400;
  for (int i = 0; i < times; ++i) {
    auto bytes = good;
    const std::size_t at = random() % bytes.size();
    bytes[at] ^= static_cast<std::byte>(1U << random() % 8);
    std::ofstream{folder + "rotten.pt", std::ios::binary}.write(
        reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    CAPTURE(at);
    std::vector<float> found;
    const auto said = message([&] { found = answer("rotten.pt"); });
    if (said.empty())
      CHECK(found == expected);
    else
      ++refused;
  }
  MESSAGE(refused << " of " << times << " changed files were refused, the others answer as before");
  CHECK(refused > times / 2);
}

#include "checkpoint/export_model.hpp"

#include "checkpoint/reader.hpp"
#include "couplers/closure/inference.hpp"
#include "registry.hpp"

#include <cardan/error.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <span>

namespace cardan::checkpoint {

namespace {

Dtype dtype_named(const std::string& name)
{
  using enum Dtype;
  for (const Dtype dtype :
       {float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64})
    if (name == to_string(dtype)) return dtype;
  throw Error{"unknown dtype '" + name + "'"};
}

Features features_in(const nlohmann::json& list)
{
  Features features;
  for (const auto& each : list)
    features.push_back({each.at("name").get<std::string>(),
                        dtype_named(each.at("dtype").get<std::string>()),
                        each.at("shape").get<std::vector<std::int64_t>>()});
  return features;
}

/// Throws where the checkpoint has no version of this model.
void check_model(const Reader& reader, const std::string& model)
{
  const auto groups = reader.names("/");
  std::vector<std::string> models;
  if (std::find(groups.begin(), groups.end(), "models") != groups.end())
    models = reader.names("models");
  std::string known;
  for (const auto& name : models) known += (known.empty() ? "" : ", ") + name;
  if (std::find(models.begin(), models.end(), model) == models.end())
    throw Error{reader.path() + " has no model '" + model + "'",
                known.empty() ? "it has none" : "known: " + known};
  const std::string group = "models/" + model;
  if (!reader.has(group + "/published") || reader.integer(group + "/version") == 0)
    throw Error{"model '" + model + "' of " + reader.path() + " has no version yet",
                "training had published none", "Take a later checkpoint."};
}

}  // namespace

Signature parse_signature(const std::string& json)
{
  try {
    const auto both = nlohmann::json::parse(json);
    return {features_in(both.at("inputs")), features_in(both.at("outputs"))};
  } catch (const std::exception& error) {
    throw Error{"'" + json + "' is no signature", error.what()};
  }
}

void export_model(const std::string& checkpoint, const std::string& model, const std::string& to)
{
  const Reader reader{checkpoint};
  check_model(reader, model);
  const std::string group = "models/" + model;
  const Signature signature = parse_signature(reader.text(group + "/signature"));
  // Messages name the run file so, and what it names is looked for beside the checkpoint.
  const Config run_file = Config::from_text(reader.text("run/file"), reader.path() + ":run.toml");
  const Config surrogate = run_file.table("surrogate").table(model);

  // Gate and domain come first; the domain's numbers depend on the settings alone.
  const closure::Domain domain{closure::read_surrogate(run_file, model).trust, signature.inputs};
  const std::size_t first = closure::trust_numbers(domain);
  const auto made = module_for(surrogate.table("model")).model(surrogate.table("model"), signature);

  std::vector<double> numbers(static_cast<std::size_t>(reader.shape(group + "/published").at(0)));
  if (numbers.size() * sizeof(double) < first * sizeof(double) + made->state_bytes())
    throw Error{"model '" + model + "' of " + reader.path() + " does not fit its run file",
                std::to_string(numbers.size()) + " numbers where " + std::to_string(first) +
                    " and a state of " + std::to_string(made->state_bytes()) +
                    " bytes are expected"};
  reader.read(group + "/published", Field{std::span<double>(numbers)});
  made->read(reinterpret_cast<const std::byte*>(numbers.data() + first));
  made->save(to);
}

}  // namespace cardan::checkpoint

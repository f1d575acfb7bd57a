#include "tool/inspect.hpp"

#include "tool/guard.hpp"
#include "tool/statistics.hpp"

#include <cardan/error.hpp>

#include <nlohmann/json.hpp>

#include <cmath>

namespace cardan::tool {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Attribute& attribute)
{
  return std::visit(
      [&](const auto& values) -> Json {
        if (attribute.single && values.size() == 1) return values[0];
        return values;
      },
      attribute.values);
}

Json attributes_of(const Entry& entry)
{
  Json all = Json::object();
  for (const auto& each : entry.attributes) all[each.name] = json_of(each);
  return all;
}

/// Infinite ones are texts: JSON has none.
Json json_number(double value)
{
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  return value;
}

Json describe(const File& file, const Entry& entry, const Block& block, Reading reading,
              Progress& progress, bool& fine)
{
  Json all{{"path", entry.path},      {"dtype", entry.type},    {"shape", entry.shape},
           {"bytes", entry.bytes},    {"stored", entry.stored}, {"chunk", nullptr},
           {"filters", entry.filters}};
  if (!entry.chunk.empty()) all["chunk"] = entry.chunk;
  if (block.count != entry.shape) {
    all["start"] = block.start;
    all["count"] = block.count;
    all["step"] = block.step;
  }
  if (reading == Reading::with_statistics) {
    try {
      if (entry.dtype) {
        const Statistics numbers = statistics(file, entry, block, progress);
        const bool whole = !numbers.exact_min.empty();
        all["min"] = whole ? Json::parse(numbers.exact_min) : json_number(numbers.min);
        all["max"] = whole ? Json::parse(numbers.exact_max) : json_number(numbers.max);
        all["mean"] = json_number(numbers.mean);
        all["nan"] = numbers.nan;
        all["infinite"] = numbers.infinite;
      } else if (entry.text && product(block.count) == 1) {
        all["value"] = file.read_texts(entry, block).front();
      }
    } catch (const Error& error) {
      all["error"] = error.what();
      fine = false;
    }
  }
  all["attributes"] = attributes_of(entry);
  return all;
}

Json models_of(const File& file)
{
  Json models = Json::object();
  for (const auto& entry : file.entries()) {
    if (entry.kind != Entry::Kind::group || entry.path.rfind("models/", 0) != 0) continue;
    const std::string name = entry.path.substr(7);
    if (name.find('/') != std::string::npos) continue;
    Json model = Json::object();
    for (const char* key : {"version", "step", "trained_steps"})
      if (const auto value = file.number(entry.path + "/" + key))
        model[key] = static_cast<std::int64_t>(*value);
    for (const char* key : {"loss", "validation_loss"})
      if (const auto value = file.number(entry.path + "/" + key)) model[key] = json_number(*value);
    if (const std::string hash = file.text(entry.path + "/hash"); !hash.empty())
      model["hash"] = hash;
    models[name] = model;
  }
  return models;
}

/// Text that is not UTF-8 must not end it.
void print_json(const Json& json)
{
  print(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace

bool show_file_json(const File& file, Reading reading)
{
  bool fine = true;
  Json all{{"file", file.path()}, {"attributes", attributes_of(file.root())}};
  all["models"] = models_of(file);
  all["groups"] = Json::object();
  all["arrays"] = Json::array();
  std::int64_t bytes = 0;
  for (const auto& entry : file.entries())
    if (entry.dtype) bytes += entry.bytes;
  Progress progress{file.path(), bytes};
  for (const auto& entry : file.entries()) {
    if (entry.kind == Entry::Kind::array)
      all["arrays"].push_back(describe(file, entry, whole(entry.shape), reading, progress, fine));
    else if (entry.kind == Entry::Kind::group && !entry.attributes.empty() && !entry.path.empty())
      all["groups"][entry.path] = attributes_of(entry);
  }
  print_json(all);
  return fine;
}

bool show_array_json(const File& file, const Entry& entry, const Block& block, Reading reading)
{
  bool fine = true;
  Progress progress{entry.path, entry.bytes};
  Json all{{"file", file.path()}};
  all.update(describe(file, entry, block, reading, progress, fine));
  print_json(all);
  return fine;
}

}  // namespace cardan::tool

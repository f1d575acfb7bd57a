#include "checkpoint/description.hpp"

#include <cardan/error.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <ctime>

namespace cardan::checkpoint {

namespace {

using nlohmann::json;

json to_json(const Attributes& attributes)
{
  json list = json::array();
  for (const auto& [key, value] : attributes)
    list.push_back({key, std::visit([](const auto& held) { return json(held); }, value)});
  return list;
}

Attributes attributes_of(const json& list)
{
  Attributes attributes;
  for (const auto& each : list) {
    const std::string key = each[0];
    if (each[1].is_string())
      attributes.emplace_back(key, each[1].get<std::string>());
    else if (each[1].is_number_float())
      attributes.emplace_back(key, each[1].get<double>());
    else
      attributes.emplace_back(key, each[1].get<std::int64_t>());
  }
  return attributes;
}

std::vector<std::int64_t> values(const Extents& extents)
{
  std::vector<std::int64_t> list(static_cast<std::size_t>(extents.rank()));
  for (int i = 0; i < extents.rank(); ++i) list[static_cast<std::size_t>(i)] = extents[i];
  return list;
}

}  // namespace

std::vector<Description> describe(const std::vector<Item>& items)
{
  std::vector<Description> list;
  list.reserve(items.size());
  for (const auto& item : items)
    list.push_back({item.name, item.dtype, item.text ? Extents{} : item.box.global,
                    item.text ? static_cast<std::int64_t>(item.data.size()) : -1, item.attributes,
                    item.storage});
  return list;
}

std::string to_bytes(const std::vector<Description>& descriptions)
{
  json list = json::array();
  for (const auto& each : descriptions)
    list.push_back({each.name, static_cast<int>(each.dtype), values(each.global), each.text_bytes,
                    to_json(each.attributes), each.storage.deflate, each.storage.error_bound});
  const auto bytes = json::to_msgpack(list);
  return {bytes.begin(), bytes.end()};
}

std::vector<Description> from_bytes(const std::string& bytes)
{
  std::vector<Description> list;
  for (const auto& each : json::from_msgpack(bytes))
    list.push_back({each[0].get<std::string>(),
                    static_cast<Dtype>(each[1].get<int>()),
                    Extents{each[2].get<std::vector<std::int64_t>>()},
                    each[3].get<std::int64_t>(),
                    attributes_of(each[4]),
                    {each[5].get<int>(), each[6].get<double>()}});
  return list;
}

void merge(std::vector<Description>& all, const std::vector<Description>& more)
{
  for (const auto& each : more) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const auto& known) { return known.name == each.name; });
    if (found == all.end()) {
      all.push_back(each);
      continue;
    }
    if (found->dtype != each.dtype || found->global != each.global ||
        found->text_bytes != each.text_bytes)
      throw Error{"ranks do not agree about '" + each.name + "' of a checkpoint",
                  std::string(to_string(found->dtype)) + " " + to_string(found->global) + " and " +
                      to_string(each.dtype) + " " + to_string(each.global)};
  }
}

std::string now()
{
  const std::time_t moment = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&moment, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

}  // namespace cardan::checkpoint

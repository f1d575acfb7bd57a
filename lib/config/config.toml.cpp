#include <cardan/config.hpp>

#include "config/value.toml.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace cardan {

/// A parsed file.
struct Config::Tree {
  std::string name;
  std::string text;
  toml::table root;
};

/// One table of it, which may be missing, and what was asked of it.
struct Config::Node {
  const toml::table* table = nullptr;
  std::string path;
  std::set<std::string> asked;
  bool all_asked = false;
  std::map<std::string, std::shared_ptr<Node>> children;

  [[nodiscard]] const toml::node* value(const std::string& key) const
  {
    return table ? table->get(key) : nullptr;
  }
  /// The table below this one; the same node each time, so that what was asked adds up.
  std::shared_ptr<Node> child(const std::string& key)
  {
    auto& node = children[key];
    if (!node) {
      node = std::make_shared<Node>();
      if (const auto* below = value(key)) node->table = below->as_table();
      node->path = path.empty() ? key : path + "." + key;
    }
    return node;
  }
  /// How messages name this table.
  [[nodiscard]] std::string where() const
  {
    return path.empty() ? "at the top level" : "in [" + path + "]";
  }
};

namespace {

using Position = std::pair<unsigned, unsigned>;

Position position(const toml::source_region& region)
{
  return {static_cast<unsigned>(region.begin.line), static_cast<unsigned>(region.begin.column)};
}

std::string at(const std::string& name, unsigned line)
{
  return line > 0 ? name + ":" + std::to_string(line) + ": " : name + ": ";
}

std::string not_toml(const std::string& name, const toml::parse_error& error)
{
  const auto [line, column] = position(error.source());
  return Error{at(name, line) + "not valid TOML",
               "column " + std::to_string(column) + ": " + std::string(error.description())}
      .what();
}

/// toml++ throws, or returns what it would throw, as its package was built.
toml::table parsed(const std::string& text, const std::string& name)
{
#if TOML_EXCEPTIONS
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    throw Error{not_toml(name, error)};
  }
#else
  toml::parse_result result = toml::parse(text, name);
  if (!result) throw Error{not_toml(name, result.error())};
  return std::move(result).table();
#endif
}

std::string joined(const std::vector<std::string>& words)
{
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? "none" : text;
}

/// `unknown WHAT (known: ...). Did you mean '...'?`
Error unknown_word(const std::string& start, const std::string& word,
                   const std::vector<std::string>& known)
{
  const std::string near = nearest(word, known);
  return Error{start, "known: " + joined(known),
               near.empty() ? "" : "Did you mean '" + near + "'?"};
}

/// The keys of a table and where they stand, in the order of the file.
std::vector<std::pair<Position, std::string>> sorted_keys(const toml::table* table)
{
  std::vector<std::pair<Position, std::string>> keys;
  if (table)
    for (const auto& [key, value] : *table)
      keys.emplace_back(position(key.source()), std::string(key.str()));
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace

Config Config::from_file(const std::string& path)
{
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string reason;
  if (!file)
    reason = std::strerror(errno);
  else if (std::filesystem::is_directory(path))
    reason = std::strerror(EISDIR);
  if (!reason.empty())
    throw Error{"cannot read run file '" + path + "'", reason,
                "Give its path as the program's first argument, or start in its folder."};
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return from_text(text, path);
}

Config Config::from_text(const std::string& text, const std::string& name)
{
  auto tree = std::make_shared<Tree>(Tree{name, text, parsed(text, name)});
  auto node = std::make_shared<Node>();
  node->table = &tree->root;
  return Config{std::move(tree), std::move(node)};
}

Config::Config()
    : Config(std::make_shared<Tree>(Tree{"run file", {}, {}}), std::make_shared<Node>())
{}

Config::Config(std::shared_ptr<Tree> tree, std::shared_ptr<Node> node)
    : tree_(std::move(tree)), node_(std::move(node))
{}

bool Config::has(const std::string& key) const
{
  ask(key);
  return node_->value(key) != nullptr;
}

std::vector<std::string> Config::keys() const
{
  std::vector<std::string> names;
  for (auto& [where, key] : sorted_keys(node_->table)) names.push_back(std::move(key));
  return names;
}

template <class T>
T Config::get(const std::string& key) const
{
  ask(key);
  const auto* value = node_->value(key);
  if (value == nullptr) {
    // The key may be there with a slip of the pen, which nobody has asked for.
    std::vector<std::string> strange;
    for (const auto& present : keys())
      if (node_->asked.count(present) == 0) strange.push_back(present);
    const std::string near = nearest(key, strange);
    const unsigned line = node_->table ? position(node_->table->source()).first : 0;
    throw Error{at(tree_->name, node_->path.empty() ? 0 : line) + "missing key '" + key + "' " +
                    node_->where(),
                "it has no default", near.empty() ? "" : "Is '" + near + "' meant to be it?"};
  }
  std::string reason;
  if (auto read = config::read<T>(*value, reason)) return *std::move(read);
  throw error(key, reason);
}

template bool Config::get(const std::string&) const;
template int Config::get(const std::string&) const;
template std::int64_t Config::get(const std::string&) const;
template double Config::get(const std::string&) const;
template std::string Config::get(const std::string&) const;
template Seconds Config::get(const std::string&) const;
template std::vector<std::int64_t> Config::get(const std::string&) const;
template std::vector<double> Config::get(const std::string&) const;
template std::vector<std::string> Config::get(const std::string&) const;

std::string Config::choice(const std::string& key, const std::vector<std::string>& known,
                           const std::string& fallback) const
{
  auto word = get<std::string>(key, fallback);
  if (!has(key) || std::find(known.begin(), known.end(), word) != known.end()) return word;
  const auto line = position(node_->value(key)->source()).first;
  const std::string where = node_->path.empty() ? "" : " " + node_->where();
  throw unknown_word(at(tree_->name, line) + "unknown " + key + " '" + word + "'" + where, word,
                     known);
}

Config Config::table(const std::string& key) const
{
  if (has(key) && !node_->value(key)->is_table()) throw error(key, "must be a table");
  return Config{tree_, node_->child(key)};
}

void Config::ask(const std::string& key) const
{
  node_->asked.insert(key);
}

void Config::ask_all(const std::string& key) const
{
  ask(key);
  node_->child(key)->all_asked = true;
}

void Config::reject_unknown() const
{
  const std::vector<Error> all = unknown();
  if (!all.empty()) throw Error{all.front()};
}

std::vector<Error> Config::unknown() const
{
  std::vector<std::pair<Position, Error>> found;
  const auto walk = [&](const auto& self, Node& node) -> void {
    if (node.all_asked) return;
    for (const auto& [where, key] : sorted_keys(node.table)) {
      const auto* below = node.table->get_as<toml::table>(key);
      if (node.asked.count(key) > 0) {
        if (below) self(self, *node.child(key));
      } else {
        const bool headed = below && !below->is_inline();
        const std::string what =
            headed ? "table [" + node.child(key)->path + "]" : "key '" + key + "' " + node.where();
        found.emplace_back(where, unknown_word(at(tree_->name, where.first) + "unknown " + what,
                                               key, {node.asked.begin(), node.asked.end()}));
      }
    }
  };
  walk(walk, *node_);
  // In the order of the file, so that the first slip is told first.
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Error> errors;
  errors.reserve(found.size());
  for (auto& each : found) errors.push_back(std::move(each.second));
  return errors;
}

Error Config::error(const std::string& key, const std::string& reason,
                    const std::string& remedy) const
{
  const auto* value = node_->value(key);
  if (value == nullptr)
    return Error{at(tree_->name, 0) + "key '" + key + "' is missing " + node_->where(), reason,
                 remedy};
  return Error{
      at(tree_->name, position(value->source()).first) + key + " = " + config::shown(*value),
      reason, remedy};
}

const std::string& Config::text() const
{
  return tree_->text;
}

const std::string& Config::name() const
{
  return tree_->name;
}

}  // namespace cardan

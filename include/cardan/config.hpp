/// A table of the run file, read by key. C++17, so that Torch sources can include it.
#pragma once

#include <cardan/error.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cardan {

/// A time span; written in run files as `"5 ms"`, `"2 s"`, `"1 min"`, or a number of seconds.
struct Seconds {
  double value = 0;
};

/// A table of a run file. Copies share the table. Every key that is asked for counts as known; a
/// key that nobody asks for is an error with its line and the nearest known one (`reject_unknown`).
class Config {
 public:
  /// Reads a file; throws where it is missing or not TOML, naming file and line.
  static Config from_file(const std::string& path);
  /// Parses text; `name` stands for the file in messages.
  static Config from_text(const std::string& text, const std::string& name);
  /// An empty table: every key has its fallback.
  Config();

  /// Whether the key stands in this table; asks for it.
  [[nodiscard]] bool has(const std::string& key) const;
  /// The keys that stand in this table, in the file's order; asks for none.
  [[nodiscard]] std::vector<std::string> keys() const;

  /// The value of a key; T is bool, int64_t, int, double, std::string, Seconds or a vector of
  /// int64_t, double or string (a single value is a vector of one). Throws with file and line where
  /// missing or of another type.
  template <class T>
  [[nodiscard]] T get(const std::string& key) const;
  /// The same, with a value for a missing key.
  template <class T>
  [[nodiscard]] T get(const std::string& key, const T& fallback) const
  {
    return has(key) ? get<T>(key) : fallback;
  }
  /// A string out of a list; anything else is an error that suggests the nearest. A missing key
  /// gives the fallback.
  [[nodiscard]] std::string choice(const std::string& key, const std::vector<std::string>& known,
                                   const std::string& fallback) const;
  /// A table inside this one; empty where missing. Throws where the key holds something else.
  [[nodiscard]] Config table(const std::string& key) const;

  /// Declares a key as known without reading it; the keys of a table below must still be asked for.
  void ask(const std::string& key) const;
  /// Declares a key as known, and everything below it.
  void ask_all(const std::string& key) const;
  /// Throws for the first key, here and in tables below, that nobody asked for.
  void reject_unknown() const;
  /// What that would say of each such key, in the file's order.
  [[nodiscard]] std::vector<Error> unknown() const;

  /// An error about a key's value: `run.toml:7: cells = -4 (must be positive)`.
  [[nodiscard]] Error error(const std::string& key, const std::string& reason,
                            const std::string& remedy = {}) const;
  /// The whole file's text and name.
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] const std::string& name() const;

 private:
  struct Tree;
  struct Node;
  Config(std::shared_ptr<Tree> tree, std::shared_ptr<Node> node);
  std::shared_ptr<Tree> tree_;
  std::shared_ptr<Node> node_;
};

/// The nearest of `known` to a mistyped word, or an empty string where none is near.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

}  // namespace cardan

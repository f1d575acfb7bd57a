/// What ranks hold of snapshots, in memory: packed for others, and read as a checkpoint is.
#pragma once

#include "checkpoint/snapshot.hpp"
#include "checkpoint/source.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cardan::checkpoint {

/// Appends an item as bytes; attributes and storage stay behind.
void pack(const Item& item, std::vector<std::byte>& bytes);
/// All items of such bytes.
std::vector<Item> unpack(const std::vector<std::byte>& bytes);

/// The first two parts of a name: `models/kinetics`.
std::string owner_of(const std::string& name);

/// Arrays by name, each in the parts that ranks have of it.
class Held {
 public:
  void add(Item item) { parts_[item.name].push_back(std::move(item)); }
  [[nodiscard]] const std::map<std::string, std::vector<Item>>& parts() const { return parts_; }
  [[nodiscard]] bool has_owner(const std::string& owner) const;

 private:
  std::map<std::string, std::vector<Item>> parts_;
};

/// Reads what is held; what is held of no owner is read from `before`, where that is not null. Both
/// have to outlive it.
std::unique_ptr<Source> source_of(const Held& held, const Source* before);

}  // namespace cardan::checkpoint

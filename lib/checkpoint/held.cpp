#include "checkpoint/held.hpp"

#include "channel/patch.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <cstring>

namespace cardan::checkpoint {

namespace {

void put(std::vector<std::byte>& bytes, const void* data, std::size_t size)
{
  const auto* first = static_cast<const std::byte*>(data);
  bytes.insert(bytes.end(), first, first + size);
}

template <class T>
void put(std::vector<std::byte>& bytes, T value)
{
  put(bytes, &value, sizeof value);
}

class Cursor {
 public:
  explicit Cursor(const std::vector<std::byte>& bytes) : bytes_(bytes) {}
  [[nodiscard]] bool more() const { return at_ < bytes_.size(); }
  const std::byte* take(std::size_t size)
  {
    if (size > bytes_.size() - at_) throw Error{"what was held of a split is cut short"};
    at_ += size;
    return bytes_.data() + at_ - size;
  }
  template <class T>
  T get()
  {
    T value{};
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }

 private:
  const std::vector<std::byte>& bytes_;
  std::size_t at_ = 0;
};

void put(std::vector<std::byte>& bytes, const Extents& extents)
{
  put(bytes, std::int64_t{extents.rank()});
  for (int i = 0; i < extents.rank(); ++i) put(bytes, extents[i]);
}

Extents extents_of(Cursor& cursor)
{
  Extents extents = Extents::filled(static_cast<int>(cursor.get<std::int64_t>()), 0);
  for (int i = 0; i < extents.rank(); ++i) extents[i] = cursor.get<std::int64_t>();
  return extents;
}

/// How far a part's element lies from its first one.
std::int64_t offset_in(const Box& part, const Box& shared)
{
  const Extents strides = row_major(part.count);
  std::int64_t offset = 0;
  for (int i = 0; i < strides.rank(); ++i)
    offset += (shared.offset[i] - part.offset[i]) * strides[i];
  return offset;
}

class HeldSource : public Source {
 public:
  HeldSource(const Held& held, const Source* before) : held_(held), before_(before) {}

  [[nodiscard]] const std::string& path() const noexcept override { return path_; }
  [[nodiscard]] bool has(const std::string& name) const override
  {
    if (elsewhere(name)) return before_->has(name);
    return find(name) != held_.parts().end() || is_group(name);
  }
  [[nodiscard]] bool is_group(const std::string& name) const override
  {
    if (elsewhere(name)) return before_->is_group(name);
    const auto next = held_.parts().lower_bound(name + "/");
    return next != held_.parts().end() && next->first.compare(0, name.size() + 1, name + "/") == 0;
  }
  [[nodiscard]] std::vector<std::string> names(const std::string& group) const override
  {
    if (elsewhere(group)) return before_->names(group);
    const std::string begin = group == "/" ? "" : group + "/";
    std::vector<std::string> names;
    for (auto next = held_.parts().lower_bound(begin);
         next != held_.parts().end() && next->first.compare(0, begin.size(), begin) == 0; ++next) {
      const auto end = next->first.find('/', begin.size());
      std::string name =
          next->first.substr(begin.size(), end == std::string::npos ? end : end - begin.size());
      if (names.empty() || names.back() != name) names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  [[nodiscard]] Extents shape(const std::string& name) const override
  {
    if (elsewhere(name)) return before_->shape(name);
    return first(name).box.global;
  }
  [[nodiscard]] Dtype stored(const std::string& name) const override
  {
    if (elsewhere(name)) return before_->stored(name);
    return first(name).dtype;
  }
  void read(const std::string& name, Dtype dtype, const Box& box, void* data) const override
  {
    if (elsewhere(name)) {
      before_->read(name, dtype, box, data);
      return;
    }
    if (first(name).dtype != dtype)
      throw Error{std::string("it is of ") + to_string(first(name).dtype) + ", asked is for " +
                  to_string(dtype)};
    const std::int64_t element = size_of(dtype);
    std::int64_t found = 0;
    for (const Item& part : find(name)->second) {
      const Box shared = intersection(part.box, box);
      if (shared.empty()) continue;
      found += shared.count.product();
      channel::copy(channel::patch_in(part.box.count, shared.count, element),
                    part.data.data() + offset_in(part.box, shared) * element,
                    channel::patch_in(box.count, shared.count, element),
                    static_cast<std::byte*>(data) + offset_in(box, shared) * element);
    }
    if (found != box.count.product()) throw Error{"a part of it is not there"};
  }
  [[nodiscard]] std::string text(const std::string& name) const override
  {
    if (elsewhere(name)) return before_->text(name);
    const Item& item = first(name);
    if (!item.text) throw Error{"it is no text"};
    return {reinterpret_cast<const char*>(item.data.data()), item.data.size()};
  }

 private:
  /// Whether nothing of the name's owner is held here.
  [[nodiscard]] bool elsewhere(const std::string& name) const
  {
    return before_ != nullptr && !held_.has_owner(owner_of(name));
  }
  [[nodiscard]] std::map<std::string, std::vector<Item>>::const_iterator find(
      const std::string& name) const
  {
    return held_.parts().find(name);
  }
  [[nodiscard]] const Item& first(const std::string& name) const
  {
    const auto found = find(name);
    if (found == held_.parts().end()) throw Error{"there is none"};
    return found->second.front();
  }

  const Held& held_;
  const Source* before_;
  std::string path_ = "the split before";
};

}  // namespace

void pack(const Item& item, std::vector<std::byte>& bytes)
{
  put(bytes, static_cast<std::int64_t>(item.name.size()));
  put(bytes, item.name.data(), item.name.size());
  put(bytes, std::int64_t{static_cast<int>(item.dtype)});
  put(bytes, std::int64_t{item.text ? 1 : 0});
  for (const auto* extents : {&item.box.global, &item.box.offset, &item.box.count})
    put(bytes, *extents);
  put(bytes, static_cast<std::int64_t>(item.data.size()));
  put(bytes, item.data.data(), item.data.size());
}

std::vector<Item> unpack(const std::vector<std::byte>& bytes)
{
  std::vector<Item> items;
  Cursor cursor{bytes};
  while (cursor.more()) {
    Item item;
    const auto letters = static_cast<std::size_t>(cursor.get<std::int64_t>());
    item.name.assign(reinterpret_cast<const char*>(cursor.take(letters)), letters);
    item.dtype = static_cast<Dtype>(cursor.get<std::int64_t>());
    item.text = cursor.get<std::int64_t>() != 0;
    for (auto* extents : {&item.box.global, &item.box.offset, &item.box.count})
      *extents = extents_of(cursor);
    const auto size = static_cast<std::size_t>(cursor.get<std::int64_t>());
    item.data = Memory{cursor.take(size), size};
    items.push_back(std::move(item));
  }
  return items;
}

std::string owner_of(const std::string& name)
{
  const auto first = name.find('/');
  return first == std::string::npos ? name : name.substr(0, name.find('/', first + 1));
}

bool Held::has_owner(const std::string& owner) const
{
  if (parts_.count(owner) > 0) return true;
  const auto next = parts_.lower_bound(owner + "/");
  return next != parts_.end() && owner_of(next->first) == owner;
}

std::unique_ptr<Source> source_of(const Held& held, const Source* before)
{
  return std::make_unique<HeldSource>(held, before);
}

}  // namespace cardan::checkpoint

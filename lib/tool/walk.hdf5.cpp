#include "tool/file.hdf5.hpp"

#include <cardan/error.hpp>

#include <set>
#include <utility>

namespace cardan::tool {

namespace {

/// More than any run leaves; a damaged file may claim any number.
constexpr std::size_t most_entries = 1000000;
std::string filter_name(H5Z_filter_t filter)
{
  switch (filter) {
    case H5Z_FILTER_DEFLATE: return "deflate";
    case H5Z_FILTER_SHUFFLE: return "shuffle";
    case H5Z_FILTER_FLETCHER32: return "fletcher32";
    case H5Z_FILTER_SZIP: return "szip";
    case H5Z_FILTER_NBIT: return "nbit";
    case H5Z_FILTER_SCALEOFFSET: return "scaleoffset";
    default: return "filter " + std::to_string(filter);
  }
}

void describe_layout(hid_t dataset, Entry& entry)
{
  const auto layout = h5::own<OwnProperties>(H5Dget_create_plist(dataset));
  if (H5Pget_layout(layout.get()) == H5D_CHUNKED) {
    std::vector<hsize_t> chunk(entry.shape.size());
    h5::expect(H5Pget_chunk(layout.get(), static_cast<int>(chunk.size()), chunk.data()));
    entry.chunk.assign(chunk.begin(), chunk.end());
    for (auto& extent : entry.chunk)
      if (extent < 1) throw Error{"a chunk of it has no size"};
  }
  const int filters = H5Pget_nfilters(layout.get());
  for (int i = 0; i < filters; ++i) {
    unsigned flags = 0;
    unsigned settings = 0;
    std::size_t values = 0;
    entry.filters.push_back(filter_name(H5Pget_filter2(
        layout.get(), static_cast<unsigned>(i), &flags, &values, nullptr, 0, nullptr, &settings)));
  }
}

void describe_array(hid_t dataset, Entry& entry)
{
  entry.kind = Entry::Kind::array;
  const auto type = h5::own<OwnType>(H5Dget_type(dataset));
  const auto space = h5::own<OwnSpace>(H5Dget_space(dataset));
  entry.type = type_name(type.get());
  entry.dtype = dtype_of(type.get());
  entry.text = H5Tget_class(type.get()) == H5T_STRING;
  entry.shape = extents(space.get());
  entry.element = static_cast<std::int64_t>(H5Tget_size(type.get()));
  std::int64_t bytes = entry.element;
  for (const auto extent : entry.shape)
    if (extent < 0 || __builtin_mul_overflow(bytes, extent, &bytes))
      throw Error{"it claims to have more elements than can be counted"};
  entry.bytes = bytes;
  entry.stored = static_cast<std::int64_t>(H5Dget_storage_size(dataset));
  describe_layout(dataset, entry);
}

std::vector<Attribute> read_attributes(hid_t object)
{
  H5O_info_t info{};
  h5::expect(H5Oget_info(object, &info));
  std::vector<Attribute> attributes;
  for (hsize_t i = 0; i < info.num_attrs; ++i) attributes.push_back(read_attribute(object, i));
  return attributes;
}

class Walk {
 public:
  explicit Walk(std::vector<Entry>& entries) : entries_(entries) {}

  void group(hid_t group, const std::string& path)
  {
    Entry entry;
    entry.path = path;
    entry.kind = Entry::Kind::group;
    entry.type = "group";
    entry.attributes = read_attributes(group);
    add(std::move(entry));
    H5O_info_t info{};
    h5::expect(H5Oget_info(group, &info));
    if (!groups_.insert(info.addr).second) return;  // seen under another name
    H5G_info_t links{};
    h5::expect(H5Gget_info(group, &links));
    // Arrays first, then the groups below.
    std::vector<std::string> below;
    for (hsize_t i = 0; i < links.nlinks; ++i) {
      const std::string name = name_of(group, i);
      if (!member(group, name, joined(path, name))) below.push_back(name);
    }
    for (const auto& name : below) {
      const auto object = h5::own<OwnObject>(H5Oopen(group, name.c_str(), H5P_DEFAULT));
      this->group(object.get(), joined(path, name));
    }
  }

 private:
  static std::string name_of(hid_t group, hsize_t index)
  {
    const ssize_t length =
        H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, nullptr, 0, H5P_DEFAULT);
    h5::expect(length);
    std::string name(static_cast<std::size_t>(length), '\0');
    h5::expect(H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, name.data(),
                                  name.size() + 1, H5P_DEFAULT));
    return name;
  }

  static std::string joined(const std::string& path, const std::string& name)
  {
    return path.empty() ? name : path + "/" + name;
  }

  /// False where it is a group, which is left for later.
  bool member(hid_t group, const std::string& name, const std::string& path)
  {
    try {
      H5L_info_t link{};
      h5::expect(H5Lget_info(group, name.c_str(), &link, H5P_DEFAULT));
      if (link.type != H5L_TYPE_HARD) {
        Entry entry;
        entry.path = path;
        entry.kind = Entry::Kind::link;
        entry.type = link.type == H5L_TYPE_SOFT ? "link" : "external link";
        add(std::move(entry));
        return true;
      }
      const auto object = h5::own<OwnObject>(H5Oopen(group, name.c_str(), H5P_DEFAULT));
      const H5I_type_t kind = H5Iget_type(object.get());
      if (kind == H5I_GROUP) return false;
      Entry entry;
      entry.path = path;
      entry.type = "named type";
      entry.attributes = read_attributes(object.get());
      if (kind == H5I_DATASET) describe_array(object.get(), entry);
      add(std::move(entry));
      return true;
    } catch (const Error& error) {
      throw Error{"'" + path + "' is damaged", error.what()};
    }
  }

  void add(Entry entry)
  {
    if (entries_.size() >= most_entries) throw Error{"it claims to have more than a million names"};
    entries_.push_back(std::move(entry));
  }

  std::vector<Entry>& entries_;
  std::set<haddr_t> groups_;
};

}  // namespace

void walk(hid_t root, std::vector<Entry>& entries)
{
  Walk{entries}.group(root, "");
}

}  // namespace cardan::tool

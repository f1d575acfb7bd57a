#include "checkpoint/table.hpp"

#include <cardan/error.hpp>

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace cardan::checkpoint {

namespace {

constexpr std::size_t reason_bytes = 256;
constexpr std::uint64_t magic = 0x6e6f7274656c6261;  // of a table

struct Descriptor {
  int number;
  explicit Descriptor(int opened) : number(opened) {}
  ~Descriptor()
  {
    if (number >= 0) ::close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

bool read_at(int descriptor, void* data, std::size_t bytes, std::int64_t offset)
{
  auto* to = static_cast<char*>(data);
  while (bytes > 0) {
    const ssize_t count = ::pread(descriptor, to, bytes, offset);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    to += count;
    offset += count;
    bytes -= static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

int open_file(const std::string& path, int flags)
{
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  if (descriptor < 0) throw Error{std::strerror(errno), path};
  return descriptor;
}

void write_at(int descriptor, const void* data, std::size_t bytes, std::int64_t offset)
{
  const auto* from = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t count = ::pwrite(descriptor, from, bytes, offset);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw Error{std::strerror(count < 0 ? errno : ENOSPC)};
    from += count;
    offset += count;
    bytes -= static_cast<std::size_t>(count);
  }
}

void flush_file(int descriptor)
{
  // A file system without it (EINVAL) keeps what it can.
  if (::fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP)
    throw Error{std::strerror(errno)};
}

void flush_folder_of(const std::string& path)
{
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const Descriptor folder{
      open_file(parent.empty() ? "." : parent.string(), O_RDONLY | O_DIRECTORY)};
  flush_file(folder.number);
}

void Table::create(const std::string& path, const std::vector<Place>& places, int ranks)
{
  nlohmann::json list = nlohmann::json::array();
  for (const auto& place : places) list.push_back({place.name, place.offset, place.bytes});
  const auto text = nlohmann::json::to_msgpack(list);
  const std::array<std::uint64_t, 3> head{magic, static_cast<std::uint64_t>(text.size()),
                                          static_cast<std::uint64_t>(ranks)};
  const std::string unfinished = path + ".new";
  try {
    const Descriptor file{open_file(unfinished, O_WRONLY | O_CREAT | O_TRUNC)};
    write_at(file.number, head.data(), sizeof head, 0);
    write_at(file.number, text.data(), text.size(), sizeof head);
    Table table;
    table.places_ = places;
    const auto end =
        static_cast<std::int64_t>(sizeof head + text.size()) + ranks * table.row_bytes();
    // Rows begin as zeros: nobody is done.
    if (::ftruncate(file.number, end) != 0) throw Error{std::strerror(errno), unfinished};
    std::filesystem::rename(unfinished, path);
  } catch (...) {
    ::unlink(unfinished.c_str());
    throw;
  }
}

std::optional<Table> Table::open(const std::string& path)
{
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.number < 0) return std::nullopt;
  std::array<std::uint64_t, 3> head{};
  if (!read_at(file.number, head.data(), sizeof head, 0) || head[0] != magic) return std::nullopt;
  std::vector<std::uint8_t> text(head[1]);
  if (!read_at(file.number, text.data(), text.size(), sizeof head)) return std::nullopt;
  Table table;
  table.path_ = path;
  table.ranks_ = static_cast<int>(head[2]);
  table.first_row_ = static_cast<std::int64_t>(sizeof head + text.size());
  for (const auto& each : nlohmann::json::from_msgpack(text))
    table.places_.push_back(
        {each[0].get<std::string>(), each[1].get<std::int64_t>(), each[2].get<std::int64_t>()});
  return table;
}

std::int64_t Table::row_bytes() const
{
  return static_cast<std::int64_t>(sizeof(std::uint64_t) * (1 + places_.size()) + reason_bytes);
}

// The state is written last: whoever reads `done` reads the sums that belong to it.
void Table::write(int rank, const Row& row) const
{
  const Descriptor file{open_file(path_, O_WRONLY)};
  const std::int64_t at = first_row_ + rank * row_bytes();
  std::array<char, reason_bytes> reason{};
  row.reason.copy(reason.data(), reason.size() - 1);
  std::vector<std::uint64_t> sums = row.sums;
  sums.resize(places_.size());
  const auto after = at + static_cast<std::int64_t>(sizeof(std::uint64_t));
  write_at(file.number, sums.data(), sums.size() * sizeof(std::uint64_t), after);
  write_at(file.number, reason.data(), reason.size(),
           after + static_cast<std::int64_t>(sums.size() * sizeof(std::uint64_t)));
  const auto state = static_cast<std::uint64_t>(row.state);
  write_at(file.number, &state, sizeof state, at);
}

// Opened anew each time: over NFS that is what makes others' writes visible.
Row Table::read(int rank) const
{
  const Descriptor file{open_file(path_, O_RDONLY)};
  const std::int64_t at = first_row_ + rank * row_bytes();
  std::uint64_t state = 0;
  if (!read_at(file.number, &state, sizeof state, at)) throw Error{"it is cut short", path_};
  Row row;
  row.state = static_cast<Row::State>(state);
  if (row.state == Row::State::writing) return row;
  row.sums.resize(places_.size());
  std::array<char, reason_bytes> reason{};
  const auto after = at + static_cast<std::int64_t>(sizeof state);
  if (!read_at(file.number, row.sums.data(), row.sums.size() * sizeof(std::uint64_t), after) ||
      !read_at(file.number, reason.data(), reason.size(),
               after + static_cast<std::int64_t>(row.sums.size() * sizeof(std::uint64_t))))
    throw Error{"it is cut short", path_};
  row.reason.assign(reason.data());
  return row;
}

}  // namespace cardan::checkpoint

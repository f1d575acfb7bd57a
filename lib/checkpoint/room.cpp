#include "checkpoint/room.hpp"

#include "checkpoint/table.hpp"

#include <cardan/error.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace cardan::checkpoint {

namespace {

struct Descriptor {
  int number;
  explicit Descriptor(int opened) : number(opened) {}
  ~Descriptor() { ::close(number); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

void copy_piece(int from, int to, std::int64_t begin, std::int64_t end)
{
  constexpr std::int64_t most = 1 << 20;
  std::vector<char> piece(static_cast<std::size_t>(std::min(end - begin, most)));
  while (begin < end) {
    const auto wanted = static_cast<std::size_t>(std::min(end - begin, most));
    const ssize_t count = ::pread(from, piece.data(), wanted, begin);
    if (count <= 0) throw Error{std::strerror(count < 0 ? errno : EIO)};
    write_at(to, piece.data(), static_cast<std::size_t>(count), begin);
    begin += count;
  }
}

}  // namespace

void reserve(const std::string& path, std::int64_t bytes)
{
  const Descriptor file{open_file(path, O_WRONLY | O_CREAT)};
  if (bytes <= 0 || ::fallocate(file.number, FALLOC_FL_KEEP_SIZE, 0, bytes) == 0) return;
  const int failure = errno;
  if (failure == ENOSPC || failure == EDQUOT || failure == EFBIG)
    throw Error{std::strerror(failure), std::to_string(bytes) + " bytes are needed"};
}

void give_back(const std::string& path)
{
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0 || ::truncate(path.c_str(), facts.st_size) != 0)
    throw Error{std::strerror(errno)};
}

MemoryFile::MemoryFile() : descriptor_(::memfd_create("cardan-checkpoint", MFD_CLOEXEC))
{
  if (descriptor_ < 0) throw Error{"cannot make a file in memory", std::strerror(errno)};
}

MemoryFile::~MemoryFile()
{
  ::close(descriptor_);
}

void MemoryFile::take_place_of(int descriptor) const
{
  if (::dup2(descriptor_, descriptor) < 0) throw Error{std::strerror(errno)};
}

void MemoryFile::copy(const std::string& to) const
{
  struct stat facts {};
  if (::fstat(descriptor_, &facts) != 0) throw Error{std::strerror(errno)};
  const Descriptor file{open_file(to, O_WRONLY | O_CREAT | O_TRUNC)};
  reserve(to, facts.st_size);
  if (::ftruncate(file.number, facts.st_size) != 0) throw Error{std::strerror(errno)};
  for (off_t end = 0;;) {
    const off_t begin = ::lseek(descriptor_, end, SEEK_DATA);
    if (begin < 0) break;  // only holes are left
    end = ::lseek(descriptor_, begin, SEEK_HOLE);
    copy_piece(descriptor_, file.number, begin, end);
  }
}

}  // namespace cardan::checkpoint

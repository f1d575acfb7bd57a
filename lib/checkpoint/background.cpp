#include "checkpoint/background.hpp"

#include "checkpoint/checksum.hpp"
#include "checkpoint/rounding.hpp"
#include "checkpoint/table.hpp"

#include <cardan/error.hpp>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>

namespace cardan::checkpoint {

namespace {

/// Elements are summed up and written in pieces that stay in the cache, and end at multiples of
/// their size: the kernel caches a file in huge pages where it can. The disk begins with them while
/// more are written.
constexpr std::int64_t piece_bytes = 4 << 20;
constexpr std::int64_t eager_bytes = 16 << 20;

/// Closes a descriptor; what was written was flushed before.
struct File {
  int descriptor;
  /// Written, but perhaps not on its way to the disk: bytes, and where they begin and end.
  std::int64_t pending = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;

  explicit File(const std::string& path) : descriptor(open_file(path, O_WRONLY)) {}
  ~File() { ::close(descriptor); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// Offsets ascend within an array.
  void write(const std::byte* data, std::int64_t bytes, std::int64_t offset)
  {
    write_at(descriptor, data, static_cast<std::size_t>(bytes), offset);
    if (pending == 0) begin = offset;
    begin = std::min(begin, offset);
    end = std::max(end, offset + bytes);
    pending += bytes;
    if (pending < eager_bytes) return;
    // A hint: flushing follows. Where there are gaps, others may still write to the same pages.
    if (pending == end - begin)
      static_cast<void>(::sync_file_range(descriptor, begin, pending, SYNC_FILE_RANGE_WRITE));
    pending = 0;
    end = 0;
  }
};

}  // namespace

Background::~Background()
{
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  work_.items.clear();
  Memory::release_unused();
}

void Background::begin(Work work)
{
  if (thread_.joinable()) thread_.join();
  work_ = std::move(work);
  // What this checkpoint did not take of an earlier one's, the next will hardly want.
  Memory::release_unused();
  failure_.clear();
  stop_reason_.clear();
  stop_ = false;
  state_ = State::busy;
  // Signals are the program's: they are not to interrupt this thread.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

std::string Background::take()
{
  if (thread_.joinable()) thread_.join();
  state_ = State::idle;
  work_.items.clear();
  return std::exchange(failure_, {});
}

void Background::give_up(const std::string& reason)
{
  stop_reason_ = reason;
  stop_ = true;
}

template <class Ready>
void Background::wait_for(Ready&& ready, const char* problem) const
{
  using std::chrono::milliseconds;
  using std::chrono::steady_clock;
  const auto end = steady_clock::now() + std::chrono::duration<double>(work_.patience);
  constexpr int eager = 20;
  for (int turn = 0; !ready(); ++turn) {
    if (stop_) throw Error{stop_reason_.empty() ? "the run ends" : stop_reason_};
    if (steady_clock::now() > end)
      throw Error{problem, std::to_string(static_cast<int>(work_.patience)) + " s have passed"};
    std::this_thread::sleep_for(milliseconds(turn < eager ? 1 : 10));
  }
}

void Background::run()
{
  try {
    write();
    if (work_.completes) complete();
  } catch (const std::exception& error) {
    failure_ = error.what();
    try {
      // Those who complete the file learn of it.
      if (const auto table = Table::open(table_of(work_.path)))
        table->write(work_.rank, {Row::State::failed, {}, failure_});
    } catch (const std::exception&) {
      // They give up when their patience ends.
    }
    if (work_.completes) {
      std::error_code none;
      std::filesystem::remove(part_of(work_.path), none);
      std::filesystem::remove(table_of(work_.path), none);
    }
  }
  state_ = State::ended;
}

void Background::write() const
{
  std::optional<Table> table;
  wait_for([&] { return (table = Table::open(table_of(work_.path))).has_value(); },
           "the file was not made");
  Row row{Row::State::done, std::vector<std::uint64_t>(table->places().size()), {}};
  File file{part_of(work_.path)};
  for (const auto& item : work_.items) {
    const auto place = std::find_if(table->places().begin(), table->places().end(),
                                    [&](const Place& each) { return each.name == item.name; });
    if (place == table->places().end()) throw Error{"'" + item.name + "' has no place in the file"};
    const Box box = item.elements();
    const std::int64_t size = item.element();
    std::uint64_t& sum = row.sums[static_cast<std::size_t>(place - table->places().begin())];
    for_each_run(box, [&](std::int64_t first, std::int64_t offset, std::int64_t count) {
      for (std::int64_t done = 0; done < count;) {
        const std::int64_t to = place->offset + (first + done) * size;
        const std::int64_t some =
            std::clamp<std::int64_t>((piece_bytes - to % piece_bytes) / size, 1, count - done);
        const std::byte* from = item.data.data() + (offset + done) * size;
        sum += checksum(from, size, first + done, some);
        if (place->offset >= 0) file.write(from, some * size, to);
        done += some;
      }
    });
  }
  // A rank on its own flushes once, when the checksums stand too.
  if (table->ranks() > 1 || !work_.completes) flush_file(file.descriptor);
  table->write(work_.rank, row);
}

/// The last steps: all are done, the checksums stand, the file is on the disk; then it gets its
/// name.
void Background::complete()
{
  const std::string part = part_of(work_.path);
  const auto table = Table::open(table_of(work_.path));
  if (!table) throw Error{"the list of its parts is gone"};
  std::vector<std::uint64_t> sums(table->places().size());
  for (int rank = 0; rank < table->ranks(); ++rank) {
    Row row;
    wait_for(
        [&] {
          row = table->read(rank);
          return row.state != Row::State::writing;
        },
        "a rank has not written its part");
    if (row.state == Row::State::failed)
      throw Error{"rank " + std::to_string(rank) + ": " + row.reason};
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += row.sums[i];
  }
  {
    const File file{part};
    const Place& place = table->places().back();
    write_at(file.descriptor, sums.data(), static_cast<std::size_t>(place.bytes), place.offset);
    flush_file(file.descriptor);
  }
  std::filesystem::rename(part, work_.path);
  flush_folder_of(work_.path);
  std::filesystem::remove(table_of(work_.path));
  kept_.push_back(work_.sequence);
  series_.point_to(work_.sequence);
  remove_old();
}

void Background::remove_old()
{
  while (kept_.size() > static_cast<std::size_t>(keep_)) {
    std::error_code none;
    std::filesystem::remove(series_.path(kept_.front()), none);
    kept_.erase(kept_.begin());
  }
}

}  // namespace cardan::checkpoint

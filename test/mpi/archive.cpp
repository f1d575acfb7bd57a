#include <cardan/archive.hpp>
#include <cardan/error.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <mpi.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using cardan::Archive;
using cardan::Box;
using cardan::Extents;
using cardan::Field;

namespace fs = std::filesystem;

namespace {

int rank()
{
  int value = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &value);
  return value;
}

int size()
{
  int value = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &value);
  return value;
}

/// A folder that all ranks know, removed when the last of them has left it.
class Folder {
 public:
  Folder()
  {
    std::array<char, 4096> name{};
    const std::string pattern = (fs::temp_directory_path() / "cardan-archive-XXXXXX").string();
    pattern.copy(name.data(), name.size() - 1);
    if (rank() == 0) REQUIRE(::mkdtemp(name.data()) != nullptr);
    MPI_Bcast(name.data(), static_cast<int>(name.size()), MPI_CHAR, 0, MPI_COMM_WORLD);
    path_ = name.data();
  }
  ~Folder()
  {
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank() == 0) fs::remove_all(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  /// What lies in the folder, seen by all ranks at the same moment.
  [[nodiscard]] bool has(const std::string& name) const
  {
    MPI_Barrier(MPI_COMM_WORLD);
    const bool found = fs::exists(path_ / name);
    MPI_Barrier(MPI_COMM_WORLD);
    return found;
  }

 private:
  fs::path path_;
};

/// What `work` throws on this rank, after a check that it is the same on all; empty where nothing.
template <class Work>
std::string same_message(Work&& work)
{
  std::string mine;
  try {
    work();
  } catch (const cardan::Error& error) {
    mine = error.what();
    CHECK(error.reach() == cardan::Reach::everywhere);
  }
  std::array<char, 1024> first{};
  mine.copy(first.data(), first.size() - 1);
  MPI_Bcast(first.data(), static_cast<int>(first.size()), MPI_CHAR, 0, MPI_COMM_WORLD);
  CHECK(mine == first.data());
  return mine;
}

bool contains(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

/// This rank's box when dimension `d` is cut into parts that grow with the rank: rank 0's is empty,
/// and so are more of them where there are few elements.
Box uneven(const Extents& global, int d)
{
  Box box{global, Extents::filled(global.rank(), 0), global};
  const std::int64_t all = std::int64_t{size()} * (size() - 1) / 2;
  const auto until = [&](std::int64_t r) {
    return all ? global[d] * (r * (r - 1) / 2) / all : (r > 0 ? global[d] : 0);
  };
  box.offset[d] = until(rank());
  box.count[d] = until(rank() + 1) - until(rank());
  return box;
}

/// Cut as evenly as it goes.
Box even(const Extents& global, int d)
{
  Box box{global, Extents::filled(global.rank(), 0), global};
  box.offset[d] = global[d] * rank() / size();
  box.count[d] = global[d] * (rank() + 1) / size() - box.offset[d];
  return box;
}

enum class Layout { row_major, column_major, halo, backwards };
constexpr std::array<Layout, 4> layouts{Layout::row_major, Layout::column_major, Layout::halo,
                                        Layout::backwards};

/// A three-dimensional array in some layout, with a margin in which nothing may be written.
template <class T>
struct Array {
  Array(const Box& box, Layout layout) : box_(box)
  {
    const Extents& n = box.count;
    strides_ = layout == Layout::column_major ? cardan::column_major(n) : cardan::row_major(n);
    if (layout == Layout::halo) {
      strides_ = cardan::row_major({n[0] + 2, n[1] + 2, n[2] + 2});
      origin_ = strides_[0] + strides_[1] + strides_[2];
    }
    if (layout == Layout::backwards && n[0] > 0) {
      origin_ = strides_[0] * (n[0] - 1);
      strides_[0] = -strides_[0];
    }
    data_.assign(static_cast<std::size_t>((n[0] + 2) * (n[1] + 2) * (n[2] + 2)), T{-7});
  }

  [[nodiscard]] Field field()
  {
    return Field(data_.data() + origin_, box_.count, strides_).in(box_);
  }
  template <class Visit>
  void each(Visit&& visit)
  {
    for (std::int64_t i = 0; i < box_.count[0]; ++i)
      for (std::int64_t j = 0; j < box_.count[1]; ++j)
        for (std::int64_t k = 0; k < box_.count[2]; ++k)
          visit(number(i, j, k),
                data_[static_cast<std::size_t>(origin_ + i * strides_[0] + j * strides_[1] +
                                               k * strides_[2])]);
  }
  void fill()
  {
    each([](std::int64_t number, T& element) { element = static_cast<T>(number); });
  }
  /// Every element has its number, and no other was touched.
  [[nodiscard]] bool right()
  {
    bool right = true;
    each([&](std::int64_t number, T& element) {
      right = right && element == static_cast<T>(number);
      element = T{-7};
    });
    for (const T element : data_) right = right && element == T{-7};
    return right;
  }

 private:
  /// One more than the position in the global array, in row-major order.
  [[nodiscard]] std::int64_t number(std::int64_t i, std::int64_t j, std::int64_t k) const
  {
    const Extents& n = box_.global;
    return 1 + ((box_.offset[0] + i) * n[1] + box_.offset[1] + j) * n[2] + box_.offset[2] + k;
  }

  Box box_;
  Extents strides_;
  std::int64_t origin_ = 0;
  std::vector<T> data_;
};

template <class T>
void write(Archive& archive, const std::string& name, const Box& box, Layout layout)
{
  Array<T> array(box, layout);
  array.fill();
  archive.write(name, array.field());
}

template <class T>
void check_read(Archive& archive, const std::string& name, const Box& box, Layout layout)
{
  Array<T> array(box, layout);
  archive.read(name, array.field());
  CHECK(array.right());
}

const Extents global{9, 5, 3};

std::string temperature(int layout)
{
  return "fields/temperature" + std::to_string(layout);
}

}  // namespace

TEST_CASE("arrays of any layout are read back by another decomposition")
{
  const Folder folder;
  const std::string path = folder.file("arrays.h5");
  Archive archive(MPI_COMM_WORLD, path, Archive::Mode::create);
  for (int i = 0; i < 4; ++i)
    write<double>(archive, temperature(i), uneven(global, i % 3),
                  layouts[static_cast<std::size_t>(i)]);
  write<float>(archive, "float32", uneven(global, 0), Layout::row_major);
  write<std::int32_t>(archive, "deep/er/int32", even(global, 2), Layout::column_major);
  write<std::int64_t>(archive, "deep/er/int64", even(global, 0), Layout::halo);
  archive.close();

  Archive file(MPI_COMM_WORLD, path, Archive::Mode::read);
  for (int i = 0; i < 4; ++i)
    for (int d = 0; d < 3; ++d) {
      CHECK(file.shape(temperature(i)) == global);
      check_read<double>(file, temperature(i), even(global, d),
                         layouts[static_cast<std::size_t>(3 - i)]);
      check_read<double>(file, temperature(i), uneven(global, d), Layout::row_major);
    }
  check_read<float>(file, "float32", even(global, 1), Layout::column_major);
  check_read<std::int32_t>(file, "deep/er/int32", uneven(global, 1), Layout::halo);
  check_read<std::int64_t>(file, "deep/er/int64", uneven(global, 1), Layout::backwards);
  // Another dtype than the file's, and all of it on every rank.
  check_read<double>(file, "deep/er/int32", even(global, 0), Layout::column_major);
  check_read<std::int32_t>(file, temperature(0), even(global, 0), Layout::row_major);
  check_read<float>(file, "deep/er/int64", {global, {0, 0, 0}, global}, Layout::row_major);
  file.close();
}

TEST_CASE("an array may have no elements, and a value no dimensions")
{
  const Folder folder;
  const std::string path = folder.file("empty.h5");
  Archive archive(MPI_COMM_WORLD, path, Archive::Mode::create);
  write<double>(archive, "nothing", even({0, 5, 3}, 1), Layout::row_major);
  const std::vector<double> value{2.5};
  archive.write("value", Field(value.data(), Extents{}).in(Box{}));
  archive.close();

  Archive file(MPI_COMM_WORLD, path, Archive::Mode::read);
  CHECK(file.shape("nothing") == Extents{0, 5, 3});
  CHECK(file.shape("value") == Extents{});
  check_read<double>(file, "nothing", even({0, 5, 3}, 2), Layout::row_major);
  std::vector<double> back{0};
  file.read("value", Field(back.data(), Extents{}).in(Box{}));
  CHECK(back == value);
}

TEST_CASE("series, texts and attributes are rank 0's")
{
  const Folder folder;
  const std::string path = folder.file("small.h5");
  const std::vector<double> error{1.0, 0.5, rank() + 0.25};
  // Ranks may even differ in how many values they hold.
  const std::vector<std::int64_t> cells(static_cast<std::size_t>(4 + rank()), 10 + rank());
  Archive archive(MPI_COMM_WORLD, path, Archive::Mode::create);
  archive.series("steps/error", std::span<const double>(error));
  archive.series("steps/cells", std::span<const std::int64_t>(cells));
  archive.series("steps/none", std::span<const double>());
  archive.text("run_file", "[ranks]\nml = " + std::to_string(rank()) + "\n# \u03b1\u03b2\n");
  archive.text("nothing", "");
  archive.text("long", std::string(200000, 'x'));
  archive.attribute("/", "cardan", std::string("0.1.0"));
  archive.attribute("/", "cardan", std::string("0.2.0 \u03b1"));
  archive.attribute("/", "empty", std::string());
  archive.attribute("steps", "seed", std::int64_t{42} + rank());
  archive.attribute("steps/error", "tolerance", 1e-3 + rank());
  CHECK(archive.has("steps"));
  CHECK(archive.has("steps/error"));
  CHECK_FALSE(archive.has("steps/wrong"));
  CHECK_FALSE(archive.has("wrong/error"));
  CHECK_FALSE(archive.has("run_file/error"));
  CHECK(archive.shape("steps/cells") == Extents{4});
  archive.close();

  Archive file(MPI_COMM_WORLD, path, Archive::Mode::read);
  CHECK(file.has("run_file"));
  CHECK(file.shape("steps/none") == Extents{0});
  std::vector<double> back(3);
  file.read("steps/error", Field(back).in({{3}, {0}, {3}}));
  CHECK(back == std::vector{1.0, 0.5, 0.25});
  std::vector<std::int64_t> counts(4);
  file.read("steps/cells", Field(counts).in({{4}, {0}, {4}}));
  CHECK(counts == std::vector<std::int64_t>{10, 10, 10, 10});
  file.close();

  // What another program reads.
  if (rank() == 0 && std::system("command -v h5dump > /dev/null") == 0) {
    const std::string dump = folder.file("dump.txt");
    REQUIRE(std::system(("h5dump " + path + " > " + dump + " 2>&1").c_str()) == 0);
    std::ifstream stream(dump);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    CHECK(contains(text, "[ranks]"));
    CHECK(contains(text, "ml = 0"));
    CHECK(contains(text, "H5T_CSET_UTF8"));
    CHECK(contains(text, "\"0.2.0 "));
    CHECK_FALSE(contains(text, "0.1.0"));
    CHECK(contains(text, "(0): 42"));
    CHECK(contains(text, "(0): 0.001"));
    CHECK(contains(text, "(0): 1, 0.5, 0.25"));
    CHECK(contains(text, "H5T_IEEE_F64LE"));
    CHECK(contains(text, "H5T_STD_I64LE"));
  }
}

TEST_CASE("a file has its name when it is whole")
{
  const Folder folder;
  const std::string path = folder.file("whole.h5");
  {
    Archive archive(MPI_COMM_WORLD, path, Archive::Mode::create);
    write<double>(archive, "a", even(global, 0), Layout::row_major);
    CHECK(folder.has("whole.h5.part"));
    CHECK_FALSE(folder.has("whole.h5"));
  }
  CHECK_FALSE(folder.has("whole.h5.part"));
  CHECK_FALSE(folder.has("whole.h5"));

  for (const char* name : {"first", "second"}) {
    Archive archive(MPI_COMM_WORLD, path, Archive::Mode::create);
    archive.text(name, name);
    archive.close();
    CHECK(folder.has("whole.h5"));
    CHECK_FALSE(folder.has("whole.h5.part"));
  }
  {
    Archive unfinished(MPI_COMM_WORLD, path, Archive::Mode::create);
    unfinished.text("third", "third");
  }
  Archive file(MPI_COMM_WORLD, path, Archive::Mode::read);
  CHECK(file.has("second"));
  CHECK_FALSE(file.has("first"));
  CHECK_FALSE(file.has("third"));
}

TEST_CASE("an archive moves, and a moved-from one says so")
{
  const Folder folder;
  Archive first(MPI_COMM_WORLD, folder.file("first.h5"), Archive::Mode::create);
  Archive second(MPI_COMM_WORLD, folder.file("second.h5"), Archive::Mode::create);
  second = std::move(first);
  CHECK_FALSE(folder.has("second.h5.part"));
  second.text("a", "b");
  second.close();
  CHECK(folder.has("first.h5"));
  // NOLINTNEXTLINE(bugprone-use-after-move): that is what is tested.
  CHECK_THROWS_WITH_AS(first.close(), "an archive was used after it was moved from", cardan::Error);
  CHECK(contains(same_message([&] { second.text("c", "d"); }), "(rank 0: the file was closed)"));
  CHECK(contains(same_message([&] { second.close(); }), "(rank 0: the file was closed)"));
}

TEST_CASE("a subgroup of ranks writes a file of its own")
{
  const Folder folder;
  MPI_Comm half = MPI_COMM_NULL;
  MPI_Comm_split(MPI_COMM_WORLD, rank() % 2, rank(), &half);
  const std::string name = "half" + std::to_string(rank() % 2) + ".h5";
  {
    Archive archive(half, folder.file(name), Archive::Mode::create);
    // The duplicate lives on without the communicator that it was made from.
    MPI_Comm_free(&half);
    archive.text("a", "b");
    archive.close();
  }
  CHECK(folder.has(name));
}

TEST_CASE("a file that cannot be made is the same error on all ranks")
{
  const Folder folder;
  const std::string missing = folder.file("no/where.h5");
  CHECK(same_message([&] { Archive(MPI_COMM_WORLD, missing, Archive::Mode::create); }) ==
        "cannot create HDF5 file '" + missing +
            "' (rank 0: No such file or directory). "
            "Does its folder exist, may it be written, and do all nodes see it?");
  const std::string taken = folder.file("");
  CHECK(contains(same_message([&] { Archive(MPI_COMM_WORLD, taken, Archive::Mode::create); }),
                 "(rank 0: Is a directory)"));
  // Not even root writes here.
  CHECK(contains(same_message([] { Archive(MPI_COMM_WORLD, "/proc/x.h5", Archive::Mode::create); }),
                 "cannot create HDF5 file '/proc/x.h5' (rank 0: "));
  CHECK(contains(same_message([] { Archive(MPI_COMM_WORLD, "", Archive::Mode::create); }),
                 "(rank 0: its name is empty)"));
}

TEST_CASE("a file that cannot be read is the same error on all ranks")
{
  const Folder folder;
  const std::string missing = folder.file("missing.h5");
  CHECK(same_message([&] { Archive(MPI_COMM_WORLD, missing, Archive::Mode::read); }) ==
        "cannot open HDF5 file '" + missing +
            "' (rank 0: No such file or directory). "
            "Is its name right, is it a whole HDF5 file, and do all nodes see it?");

  const std::string other = folder.file("other.h5");
  if (rank() == 0) std::ofstream(other) << "no HDF5";
  MPI_Barrier(MPI_COMM_WORLD);
  CHECK(contains(same_message([&] { Archive(MPI_COMM_WORLD, other, Archive::Mode::read); }),
                 "(rank 0: "));

  const std::string cut = folder.file("cut.h5");
  {
    Archive archive(MPI_COMM_WORLD, cut, Archive::Mode::create);
    write<double>(archive, "a", even(global, 0), Layout::row_major);
    archive.close();
  }
  if (rank() == 0) fs::resize_file(cut, fs::file_size(cut) / 2);
  MPI_Barrier(MPI_COMM_WORLD);
  CHECK(contains(same_message([&] { Archive(MPI_COMM_WORLD, cut, Archive::Mode::read); }),
                 "truncated"));
}

TEST_CASE("one rank's wrong call is everybody's error, and the archive goes on")
{
  const Folder folder;
  const std::string path = folder.file("wrong.h5");
  Archive archive(MPI_COMM_WORLD, path, Archive::Mode::create);
  const int last = size() - 1;
  const std::string who = "rank " + std::to_string(last);

  const Extents wrong = rank() == last ? Extents{9, 5, 4} : global;
  const std::string shape =
      same_message([&] { write<double>(archive, "a", even(wrong, 0), Layout::row_major); });
  if (last > 0)
    CHECK(shape == who + " is to write 'a' as float64 (9, 5, 4) to '" + path +
                       "' (rank 0 is to write 'a' as float64 (9, 5, 3) to '" + path +
                       "'). All ranks make the same calls on an archive.");

  const std::string dtype = same_message([&] {
    if (rank() == last)
      write<float>(archive, "b", even(global, 0), Layout::row_major);
    else
      write<double>(archive, "b", even(global, 0), Layout::row_major);
  });
  CHECK(contains(dtype, last > 0 ? who + " is to write 'b' as float32" : ""));

  const std::string boxless = same_message([&] {
    Array<double> array(even(global, 0), Layout::row_major);
    const std::vector<double> batch(3);
    archive.write("c", rank() == last ? Field(batch) : array.field());
  });
  CHECK(contains(boxless,
                 last > 0 ? who + " is to write 'c' as float64 to" : "its field has no box"));

  const std::string call = same_message([&] {
    if (rank() == last)
      archive.text("d", "d");
    else
      (void)archive.has("d");
  });
  CHECK(contains(call, last > 0 ? who + " is to write text 'd' to" : ""));

  write<double>(archive, "fine", even(global, 0), Layout::row_major);
  CHECK(contains(
      same_message([&] { write<double>(archive, "fine", even(global, 0), Layout::row_major); }),
      "(rank 0: this name was written before)"));
  CHECK(same_message([&] { archive.text("fine/below", "x"); }) != "");
  for (const char* name : {"", "/a", "a/", "a//b", "./a"}) {
    CAPTURE(name);
    CHECK(contains(same_message([&] { archive.text(name, "x"); }),
                   "cannot name anything in an HDF5 file (a name is such as 'a' or 'a/b/c')"));
  }
  CHECK(contains(same_message([&] { archive.attribute("nowhere", "a", 1.0); }),
                 "(rank 0: the file has nothing of this name)"));
  CHECK(contains(same_message([&] { archive.attribute("/", "", 1.0); }),
                 "(rank 0: an attribute needs a name)"));
  archive.text("text", "text");
  archive.attribute("fine", "unit", std::string("K"));
  archive.close();

  Archive file(MPI_COMM_WORLD, path, Archive::Mode::read);
  check_read<double>(file, "fine", even(global, 1), Layout::row_major);
  // Each rank's own box is wrong in its own way: the lowest rank's error is told.
  CHECK(contains(
      same_message([&] {
        check_read<double>(file, "fine", even({9, 5, 4}, 0), Layout::row_major);
      }),
      "cannot read 'fine' from '" + path + "' (rank 0: its shape is (9, 5, 3) but the box is ["));
  CHECK(contains(same_message([&] {
                   check_read<double>(file, "fine",
                                      even(rank() == last ? Extents{9, 5, 4} : global, 0),
                                      Layout::row_major);
                 }),
                 "(" + who + ": its shape is (9, 5, 3) but the box is ["));
  CHECK(contains(same_message([&] {
                   check_read<double>(file, "missing", even(global, 0), Layout::row_major);
                 }),
                 "(rank 0: the file has no array of this name)"));
  CHECK(contains(same_message([&] { (void)file.shape("text"); }),
                 "(rank 0: its elements are no numbers)"));
  CHECK(contains(same_message([&] {
                   const std::vector<double> constant(
                       static_cast<std::size_t>(even({9}, 0).count[0]));
                   std::vector<double> variable = constant;
                   file.read("fine", rank() == last ? Field(constant).in(even({9}, 0))
                                                    : Field(variable).in(even({9}, 0)));
                 }),
                 "(" + who + ": a field made from const data is to be written"));
  CHECK(contains(same_message([&] { file.text("new", "x"); }),
                 "(rank 0: the file was opened for reading)"));
  check_read<double>(file, "fine", uneven(global, 2), Layout::halo);
}

TEST_CASE("a full disk is the same error on all ranks, and the archive goes on")
{
  const Folder folder;
  // A limit on what rank 0 may write stands for the disk's end; it counts where space can be
  // reserved.
  int reserves = 0;
  if (rank() == 0) {
    const int descriptor = ::open(folder.file("probe").c_str(), O_WRONLY | O_CREAT, 0600);
    reserves = ::fallocate(descriptor, 0, 0, 4096) == 0 ? 1 : 0;
    ::close(descriptor);
  }
  MPI_Bcast(&reserves, 1, MPI_INT, 0, MPI_COMM_WORLD);
  if (reserves == 0) return;

  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto action = std::signal(SIGXFSZ, SIG_IGN);
  if (rank() == 0) {
    const rlimit small{1 << 20, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  const std::string path = folder.file("full.h5");
  Archive archive(MPI_COMM_WORLD, path, Archive::Mode::create);
  const Extents large{64, 64, 64};
  CHECK(same_message([&] { write<double>(archive, "large", even(large, 0), Layout::row_major); }) ==
        "cannot write 'large' as float64 (64, 64, 64) to '" + path +
            "' (rank 0: File too large (2097152 bytes are needed))");
  CHECK_FALSE(archive.has("large"));
  write<double>(archive, "small", even(global, 0), Layout::row_major);
  archive.close();
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, action);

  Archive file(MPI_COMM_WORLD, path, Archive::Mode::read);
  CHECK_FALSE(file.has("large"));
  check_read<double>(file, "small", uneven(global, 0), Layout::row_major);
}

TEST_CASE("the build tells what it is made of")
{
  std::string names;
  for (const auto& entry : cardan::build_information()) {
    CAPTURE(entry.first);
    CHECK_FALSE(entry.second.empty());
    names += entry.first + " ";
  }
  CHECK(names == "cardan git_commit compiler build_type mpi hdf5 fmt toml++ ");
}

// Archives of C.

#include "c/array.hpp"
#include "c/boundary.hpp"

#include <cardan/archive.hpp>

struct cardan_archive : cardan::c::Shell<cardan::Archive> {};

namespace {

using cardan::c::needed;
using cardan::c::text_of;
using cardan::c::translate;

cardan::Archive& behind(cardan_archive* archive)
{
  return cardan::c::state_of(archive, "archive");
}

}  // namespace

cardan_status cardan_archive_open(MPI_Comm comm, const char* path, cardan_archive_mode mode,
                                  cardan_archive** archive)
{
  return translate([&] {
    needed(archive, "archive") = nullptr;
    cardan::c::check_mpi(comm);
    const auto how = cardan::c::enumerated<cardan::Archive::Mode>(mode, CARDAN_READ, "mode");
    *archive = cardan::c::make<cardan_archive>(
        std::make_unique<cardan::Archive>(comm, text_of(path, "path"), how));
  });
}

cardan_status cardan_archive_open_fint(MPI_Fint comm, const char* path, cardan_archive_mode mode,
                                       cardan_archive** archive)
{
  return cardan_archive_open(cardan::c::comm_of(comm), path, mode, archive);
}

cardan_status cardan_archive_write(cardan_archive* archive, const char* name,
                                   const cardan_array* array)
{
  return translate([&] {
    auto& open = behind(archive);
    const std::string called = text_of(name, "name");
    open.write(called, cardan::c::field_of(nullptr, called, array));
  });
}

cardan_status cardan_archive_read(cardan_archive* archive, const char* name,
                                  const cardan_array* array)
{
  return translate([&] {
    auto& open = behind(archive);
    const std::string called = text_of(name, "name");
    open.read(called, cardan::c::field_of(nullptr, called, array));
  });
}

cardan_status cardan_archive_shape(cardan_archive* archive, const char* name, int* rank,
                                   int64_t* shape)
{
  return translate([&] {
    const cardan::Extents found = behind(archive).shape(text_of(name, "name"));
    std::int64_t* values = &needed(shape, "shape");
    needed(rank, "rank") = found.rank();
    for (int i = 0; i < found.rank(); ++i) values[i] = found[i];
  });
}

cardan_status cardan_archive_has(cardan_archive* archive, const char* name, int* has)
{
  return translate(
      [&] { needed(has, "has") = behind(archive).has(text_of(name, "name")) ? 1 : 0; });
}

cardan_status cardan_archive_series(cardan_archive* archive, const char* name, const double* values,
                                    size_t count)
{
  return translate([&] {
    if (count > 0) needed(values, "values");
    behind(archive).series(text_of(name, "name"), std::span<const double>(values, count));
  });
}

cardan_status cardan_archive_text(cardan_archive* archive, const char* name, const char* text)
{
  return translate([&] { behind(archive).text(text_of(name, "name"), text_of(text, "text")); });
}

cardan_status cardan_archive_attribute_text(cardan_archive* archive, const char* object,
                                            const char* key, const char* value)
{
  return translate([&] {
    behind(archive).attribute(text_of(object, "object"), text_of(key, "key"),
                              text_of(value, "value"));
  });
}

cardan_status cardan_archive_attribute_real(cardan_archive* archive, const char* object,
                                            const char* key, double value)
{
  return translate(
      [&] { behind(archive).attribute(text_of(object, "object"), text_of(key, "key"), value); });
}

cardan_status cardan_archive_attribute_integer(cardan_archive* archive, const char* object,
                                               const char* key, int64_t value)
{
  return translate(
      [&] { behind(archive).attribute(text_of(object, "object"), text_of(key, "key"), value); });
}

cardan_status cardan_archive_close(cardan_archive** archive)
{
  return translate([&] { cardan::c::take(archive, "archive")->close(); });
}

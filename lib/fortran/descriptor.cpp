#include "descriptor.hpp"

#include <algorithm>
#include <cstring>

namespace cardan::fortran {

namespace {

/// The address of an element of a rank-1 array, or of a scalar.
std::byte* element(const CFI_cdesc_t& array, std::int64_t i)
{
  const std::int64_t step = array.rank > 0 ? array.dim[0].sm : 0;
  return static_cast<std::byte*>(array.base_addr) + i * step;
}

std::int64_t read(const CFI_cdesc_t& from, const char* what, std::int64_t i)
{
  const auto as = [&](auto value) {
    std::memcpy(&value, element(from, i), sizeof value);
    return static_cast<std::int64_t>(value);
  };
  if (is_integer(from)) {
    if (from.elem_len == 1) return as(std::int8_t{});
    if (from.elem_len == 2) return as(std::int16_t{});
    if (from.elem_len == 4) return as(std::int32_t{});
    if (from.elem_len == 8) return as(std::int64_t{});
  }
  refuse(std::string("'") + what + "' is not an integer of 1 to 8 bytes");
}

using Descriptor = CFI_CDESC_T(CARDAN_MAX_RANK + 1);
constexpr std::int64_t view_magic = 0x6361726461ca11ed;

/// What kinds of elements a field can have.
bool find_dtype(const CFI_cdesc_t& from, cardan_dtype& dtype)
{
  if (from.type == CFI_type_float) {
    dtype = CARDAN_FLOAT32;
  } else if (from.type == CFI_type_double) {
    dtype = CARDAN_FLOAT64;
  } else if (is_integer(from)) {
    if (from.elem_len == 1) dtype = CARDAN_INT8;
    if (from.elem_len == 2) dtype = CARDAN_INT16;
    if (from.elem_len == 4) dtype = CARDAN_INT32;
    if (from.elem_len == 8) dtype = CARDAN_INT64;
    return from.elem_len <= 8;
  } else {
    return false;
  }
  return true;
}

std::string shape_of(const CFI_cdesc_t& array)
{
  std::string text = "(";
  for (int i = 0; i < array.rank; ++i)
    text += (i > 0 ? ", " : "") + std::to_string(array.dim[i].extent);
  return text + ")";
}

/// The number of a list's elements; a scalar is a list of one.
std::int64_t count_of(const CFI_cdesc_t& list, const char* what)
{
  if (list.rank > 1)
    refuse(std::string("'") + what + "' has " + std::to_string(list.rank) +
           " dimensions (it must be a list)");
  if (list.rank == 1 && list.dim[0].extent < 0)
    refuse(std::string("'") + what + "' is an array of assumed size (pass a section with bounds)");
  return list.rank == 1 ? list.dim[0].extent : 1;
}

void read_extents(const std::string& name, const CFI_cdesc_t& from, const char* what, int rank,
                  std::int64_t* to)
{
  const std::int64_t count = count_of(from, what);
  if (count != rank)
    refuse("field '" + name + "' has " + std::to_string(rank) + " dimensions and " +
           std::to_string(count) + " values in '" + what + "' (there must be as many)");
  for (int i = 0; i < rank; ++i) to[i] = read(from, what, i);
}

/// The descriptor that a `type(cardan_view)` keeps, or the array's own.
const CFI_cdesc_t* behind(const CFI_cdesc_t* array, Descriptor& room)
{
  View view{};
  if (array->base_addr == nullptr || array->rank != 0 || array->elem_len != sizeof view ||
      array->type == CFI_type_char)
    return array;
  std::memcpy(&view, array->base_addr, sizeof view);
  if (view.magic != view_magic) return array;
  auto* kept = reinterpret_cast<CFI_cdesc_t*>(&room);
  kept->base_addr = view.data;
  kept->elem_len = static_cast<std::size_t>(view.elem_len);
  kept->rank = static_cast<CFI_rank_t>(view.rank);
  kept->type = static_cast<CFI_type_t>(view.type);
  for (int i = 0; i < view.rank; ++i) kept->dim[i] = {0, view.extent[i], view.step[i]};
  return kept;
}

}  // namespace

View view_of(const CFI_cdesc_t& array, const CFI_cdesc_t& first)
{
  View view{view_magic, first.base_addr, static_cast<std::int64_t>(first.elem_len),
            first.type, array.rank,      {},
            {}};
  const auto* begin = static_cast<const std::byte*>(array.base_addr);
  const auto* component = static_cast<const std::byte*>(first.base_addr);
  const bool inside = begin != nullptr && component >= begin && first.rank == 0 &&
                      component + first.elem_len <= begin + array.elem_len;
  if (!inside || array.rank > CARDAN_MAX_RANK) view.rank = -1;
  for (int i = 0; i < view.rank; ++i) {
    view.extent[i] = array.dim[i].extent;
    view.step[i] = array.dim[i].sm;
  }
  return view;
}

void check(cardan_status status)
{
  if (status != CARDAN_OK) throw Failure{status, cardan_last_error()};
}

void refuse(const std::string& message)
{
  throw Failure{CARDAN_MISUSE, message};
}

bool is_integer(const CFI_cdesc_t& from)
{
  return from.type == CFI_type_int8_t || from.type == CFI_type_int16_t ||
         from.type == CFI_type_int32_t || from.type == CFI_type_int64_t;
}

bool is_text(const CFI_cdesc_t& from)
{
  return from.type == CFI_type_char;
}

std::string text(const CFI_cdesc_t* from)
{
  if (from == nullptr || from->base_addr == nullptr) return {};
  if (!is_text(*from) || from->rank != 0) refuse("an argument is not the text that it must be");
  std::string value(static_cast<const char*>(from->base_addr), from->elem_len);
  value.erase(value.find_last_not_of(' ') + 1);
  return value;
}

std::int64_t integer(const CFI_cdesc_t* from, const char* what)
{
  if (from->rank != 0) refuse(std::string("'") + what + "' is an array (it must be one integer)");
  return read(*from, what, 0);
}

std::int64_t integer_or(const CFI_cdesc_t* from, const char* what, std::int64_t fallback)
{
  return from != nullptr ? integer(from, what) : fallback;
}

std::vector<std::int64_t> integers(const CFI_cdesc_t* from, const char* what)
{
  std::vector<std::int64_t> values(static_cast<std::size_t>(count_of(*from, what)));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = read(*from, what, static_cast<std::int64_t>(i));
  return values;
}

void set_integer(const CFI_cdesc_t* to, const char* what, std::int64_t value, std::int64_t i)
{
  if (!is_integer(*to)) refuse(std::string("'") + what + "' is not an integer of 1 to 8 bytes");
  const auto as = [&](auto narrow) {
    narrow = static_cast<decltype(narrow)>(value);
    if (narrow != value)
      refuse(std::string("'") + what + "' is too small for " + std::to_string(value));
    std::memcpy(element(*to, i), &narrow, sizeof narrow);
  };
  if (to->elem_len == 1) as(std::int8_t{});
  if (to->elem_len == 2) as(std::int16_t{});
  if (to->elem_len == 4) as(std::int32_t{});
  if (to->elem_len == 8) as(std::int64_t{});
}

bool logical_or(const CFI_cdesc_t* from, bool fallback)
{
  if (from == nullptr) return fallback;
  // The lowest byte holds the lowest bit.
  return (static_cast<const unsigned char*>(from->base_addr)[0] & 1U) != 0;
}

void set_logical(const CFI_cdesc_t* to, bool value)
{
  if (to == nullptr) return;
  std::memset(to->base_addr, 0, to->elem_len);
  static_cast<unsigned char*>(to->base_addr)[0] = value ? 1 : 0;
}

MPI_Fint communicator(const CFI_cdesc_t* from)
{
  const bool fits =
      from->rank == 0 && from->elem_len == sizeof(MPI_Fint) &&
      (is_integer(*from) || from->type == CFI_type_struct || from->type == CFI_type_other);
  if (!fits)
    refuse("the communicator is neither a type(MPI_Comm) nor an integer of the default kind");
  MPI_Fint comm = 0;
  std::memcpy(&comm, from->base_addr, sizeof comm);
  return comm;
}

void set_text(const CFI_cdesc_t* to, const std::string& value)
{
  if (to == nullptr || !is_text(*to)) return;
  auto* begin = static_cast<char*>(to->base_addr);
  const std::size_t length = std::min(to->elem_len, value.size());
  std::copy_n(value.data(), length, begin);
  std::memset(begin + length, ' ', to->elem_len - length);
}

cardan_array array_of(const std::string& name, const CFI_cdesc_t* array, const CFI_cdesc_t* global,
                      const CFI_cdesc_t* offset, const CFI_cdesc_t* axes, std::string& named)
{
  Descriptor room;
  const CFI_cdesc_t* from = behind(array, room);
  cardan_array result{};
  if (from->rank < 0)
    refuse("field '" + name +
           "' is a view of an array and of what is not a part of its first element. "
           "Make it with cardan_view(array, array(1)%component).");
  if (from->base_addr == nullptr)
    refuse("field '" + name + "' has no array (it is not allocated, or not associated)");
  result.data = from->base_addr;
  result.rank = static_cast<unsigned char>(from->rank);
  if (!find_dtype(*from, result.dtype))
    refuse("field '" + name +
           "' has elements of a type that cannot be streamed (known: real32, real64, and integers "
           "of 8 to 64 bits)");
  if (from->rank > CARDAN_MAX_RANK)
    refuse("field '" + name + "' has " + std::to_string(from->rank) + " dimensions (" +
           std::to_string(CARDAN_MAX_RANK) + " at most)");
  const auto length = static_cast<CFI_index_t>(from->elem_len);
  for (int i = 0; i < from->rank; ++i) {
    const CFI_dim_t& dim = from->dim[i];
    if (dim.extent < 0)
      refuse("field '" + name +
             "' is an array of assumed size (its last extent is not known). Pass a section with "
             "bounds.");
    if (dim.extent > 1 && dim.sm % length != 0)
      refuse("field '" + name + "' of shape " + shape_of(*from) + " has elements " +
             std::to_string(dim.sm) + " bytes apart (that must be a multiple of their " +
             std::to_string(length) + " bytes)");
    result.shape[i] = dim.extent;
    result.strides[i] = dim.sm / length;
  }
  if ((global == nullptr) != (offset == nullptr))
    refuse("field '" + name + "' is given 'global' or 'offset' alone (a box has both)");
  if (global != nullptr) {
    result.boxed = 1;
    read_extents(name, *global, "global", from->rank, result.global);
    read_extents(name, *offset, "offset", from->rank, result.offset);
  }
  // Not before: what stands before it is no text, so its length is right.
  named = text(axes);
  result.axes = named.c_str();
  return result;
}

}  // namespace cardan::fortran

// A session: its steps, the simulation's own keys.

#include "handle.hpp"

#include <cstring>

namespace cardan::fortran {

namespace {

std::int64_t count_of(const CFI_cdesc_t& value)
{
  if (value.rank > 1) refuse("'value' is neither a scalar nor a list");
  return value.rank == 1 ? value.dim[0].extent : 1;
}

void get_text(cardan_session* session, const char* table, const char* key, CFI_cdesc_t* value)
{
  if (value->rank != 0) refuse("'value' is a list of texts (one text can be read)");
  // What no text begins with shows that the key is missing.
  std::string room(value->elem_len + 1, '\1');
  check(cardan_config_text(session, table, key, room.data(), room.size()));
  if (room.front() != '\1') set_text(value, room.substr(0, room.find('\0')));
}

void get_integers(cardan_session* session, const char* table, const char* key,
                  const CFI_cdesc_t* value)
{
  std::vector<std::int64_t> list = integers(value, "value");
  static_cast<void>(count_of(*value));
  check(value->rank == 0 ? cardan_config_integer(session, table, key, list.data())
                         : cardan_config_integers(session, table, key, list.data(), list.size()));
  for (std::size_t i = 0; i < list.size(); ++i)
    set_integer(value, key, list[i], static_cast<std::int64_t>(i));
}

void get_reals(cardan_session* session, const char* table, const char* key,
               const CFI_cdesc_t* value)
{
  const bool single = value->type == CFI_type_float;
  const std::int64_t count = count_of(*value);
  const auto element = [&](std::int64_t i) {
    return static_cast<std::byte*>(value->base_addr) + (value->rank > 0 ? i * value->dim[0].sm : 0);
  };
  std::vector<double> list;
  for (std::int64_t i = 0; i < count; ++i) {
    float narrow = 0;
    double wide = 0;
    std::memcpy(single ? static_cast<void*>(&narrow) : &wide, element(i), value->elem_len);
    list.push_back(single ? static_cast<double>(narrow) : wide);
  }
  check(value->rank == 0 ? cardan_config_real(session, table, key, list.data())
                         : cardan_config_reals(session, table, key, list.data(), list.size()));
  for (std::int64_t i = 0; i < count; ++i) {
    const double wide = list[static_cast<std::size_t>(i)];
    const auto narrow = static_cast<float>(wide);
    std::memcpy(element(i), single ? static_cast<const void*>(&narrow) : &wide, value->elem_len);
  }
}

void get_logical(cardan_session* session, const char* table, const char* key, CFI_cdesc_t* value)
{
  const bool possible = value->rank == 0 && value->elem_len <= 8 &&
                        value->type != CFI_type_struct && value->type != CFI_type_cptr &&
                        value->type != CFI_type_float_Complex;
  if (!possible) refuse("'value' is neither an integer, a real, a logical nor a text");
  int found = logical_or(value, false) ? 1 : 0;
  check(cardan_config_logical(session, table, key, &found));
  set_logical(value, found != 0);
}

}  // namespace

// a: step
CARDAN_FORTRAN_VERB(step)
{
  verb(stat, errmsg,
       [&] { check(cardan_session_step(opened(variable).session, integer(a, "step"))); });
}

// a: table, b: key, c: value
CARDAN_FORTRAN_VERB(get)
{
  verb(stat, errmsg, [&] {
    cardan_session* session = opened(variable).session;
    const std::string table = text(a);
    const std::string key = text(b);
    if (is_text(*c))
      get_text(session, table.c_str(), key.c_str(), c);
    else if (is_integer(*c))
      get_integers(session, table.c_str(), key.c_str(), c);
    else if (c->type == CFI_type_float || c->type == CFI_type_double)
      get_reals(session, table.c_str(), key.c_str(), c);
    else
      get_logical(session, table.c_str(), key.c_str(), c);
  });
}

}  // namespace cardan::fortran

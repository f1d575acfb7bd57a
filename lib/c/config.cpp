// The simulation's own tables of the run file, in C.

#include "c/handles.hpp"

#include <cstring>

namespace cardan::c {

namespace {

/// Gives the key's value to `take`, where it stands in the table.
template <class T, class Take>
cardan_status read(cardan_session* session, const char* table, const char* name, const Take& take)
{
  return translate([&] {
    const Config config = state_of(session, "session").session.config(text_of(table, "table"));
    const std::string key = text_of(name, "key");
    if (config.has(key)) take(config, key, config.get<T>(key));
  });
}

template <class T>
cardan_status read_list(cardan_session* session, const char* table, const char* key, T* values,
                        std::size_t count)
{
  return read<std::vector<T>>(
      session, table, key,
      [&](const Config& config, const std::string& name, const std::vector<T>& list) {
        if (list.size() != count)
          throw config.error(name, "must have " + std::to_string(count) + " values, and has " +
                                       std::to_string(list.size()));
        if (count > 0) std::copy(list.begin(), list.end(), &needed(values, "values"));
      });
}

template <class T, class Value>
cardan_status read_one(cardan_session* session, const char* table, const char* key, Value* value)
{
  return read<T>(session, table, key, [&](const Config&, const std::string&, const T& found) {
    needed(value, "value") = static_cast<Value>(found);
  });
}

}  // namespace

}  // namespace cardan::c

using cardan::c::read_list;
using cardan::c::read_one;

cardan_status cardan_config_integer(cardan_session* session, const char* table, const char* key,
                                    int64_t* value)
{
  return read_one<std::int64_t>(session, table, key, value);
}

cardan_status cardan_config_real(cardan_session* session, const char* table, const char* key,
                                 double* value)
{
  return read_one<double>(session, table, key, value);
}

cardan_status cardan_config_logical(cardan_session* session, const char* table, const char* key,
                                    int* value)
{
  return read_one<bool>(session, table, key, value);
}

cardan_status cardan_config_text(cardan_session* session, const char* table, const char* key,
                                 char* value, size_t size)
{
  return cardan::c::read<std::string>(
      session, table, key,
      [&](const cardan::Config& config, const std::string& name, const std::string& text) {
        if (text.size() + 1 > size)
          throw config.error(
              name, "has " + std::to_string(text.size()) + " characters",
              "The program has room for " + std::to_string(size > 0 ? size - 1 : 0) + ".");
        std::memcpy(&cardan::c::needed(value, "value"), text.c_str(), text.size() + 1);
      });
}

cardan_status cardan_config_reals(cardan_session* session, const char* table, const char* key,
                                  double* values, size_t count)
{
  return read_list(session, table, key, values, count);
}

cardan_status cardan_config_integers(cardan_session* session, const char* table, const char* key,
                                     int64_t* values, size_t count)
{
  return read_list(session, table, key, values, count);
}

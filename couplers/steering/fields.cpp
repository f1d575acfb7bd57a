#include "couplers/steering/fields.hpp"

#include "channel/patch.hpp"
#include "couplers/steering/client.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <cstring>

namespace cardan::steering {

void check_fields(const std::string& name, std::span<const NamedField> fields,
                  const Features& declared, const char* what)
{
  if (fields.size() != declared.size())
    throw Error{fmt::format("a {} of '{}' has {} field{}", what, name, fields.size(),
                            fields.size() == 1 ? "" : "s"),
                fmt::format("declared are {}", declared.size())};
  for (std::size_t f = 0; f < fields.size(); ++f) {
    const auto& [given, field] = fields[f];
    const Feature& feature = declared[f];
    if (given == feature.name && suits(field, feature)) continue;
    throw Error{
        fmt::format("a {} of '{}' has '{}': {} {}{}", what, name, given, to_string(field.dtype()),
                    to_string(field.shape()), field.box() ? " with a box" : ""),
        fmt::format("declared is '{}': {} {}", feature.name, to_string(feature.dtype),
                    to_string(Extents{feature.shape})),
        "Give the fields in the order of their declaration."};
  }
}

void store(const std::byte* dense, const Field& field)
{
  const channel::Patch to = channel::patch_of(field, false);
  auto* target = static_cast<std::byte*>(field.writable());
  if (to.dense())
    std::memcpy(target, dense, static_cast<std::size_t>(to.bytes()));
  else
    channel::copy(channel::patch_in(to.count, to.count, to.element), dense, to, target);
}

}  // namespace cardan::steering

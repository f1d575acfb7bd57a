/// The fields of a call against those that were declared, and into them.
#pragma once

#include <cardan/field.hpp>
#include <cardan/model.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace cardan::steering {

/// Throws unless they are the declared ones, in that order. `what` of `name` they are: "report".
void check_fields(const std::string& name, std::span<const NamedField> fields,
                  const Features& declared, const char* what);

/// Copies dense numbers into a field of any strides.
void store(const std::byte* dense, const Field& field);

}  // namespace cardan::steering

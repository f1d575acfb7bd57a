/// Arrays of C as fields, and back.
#pragma once

#include "c/boundary.hpp"

#include <cardan/session.hpp>

#include <string>
#include <vector>

namespace cardan::c {

/// The field of an array, with its axes in the run file's order; `session` may be null.
Field field_of(const Session* session, const std::string& name, const cardan_array* array);
/// Which dimensions of a field in the run file's order its owner, who names `axes`, indexes first,
/// second and so on.
Extents owners_order(const Session* session, const std::string& name, const Field& field,
                     const std::string& axes);
/// A field as an array in memory that Cardan owns.
cardan_array array_of(const Field& field);
FieldSpec spec_of(const NamedField& field);

/// Arrays that are bound to names, in an order that is fixed when a name is first used. The names
/// stay where they are, since fields refer to them.
class Bound {
 public:
  Bound() = default;
  /// Only these names, in this order; `what` is their kind in messages: "surrogate 'k'", "input".
  Bound(const std::vector<std::string>& names, const std::string& owner, const std::string& what);
  Bound(const Bound&) = delete;
  Bound& operator=(const Bound&) = delete;

  /// From now on only the names that there are.
  void fix(const std::string& owner, const std::string& what);
  void bind(const Session* session, const char* name, const cardan_array* array);
  /// Throws where a name that was given to the constructor has no array.
  [[nodiscard]] std::span<const NamedField> fields() const;
  [[nodiscard]] std::vector<FieldSpec> specs() const;
  /// The axes that the name's array was bound with; empty where it has none.
  [[nodiscard]] std::string axes(std::string_view name) const;

 private:
  [[nodiscard]] std::size_t place_of(const char* name) const;

  bool open_ = true;
  std::string owner_;
  std::string what_;
  std::vector<std::unique_ptr<std::string>> names_;
  std::vector<NamedField> fields_;
  std::vector<std::string> axes_;
  std::vector<bool> bound_;
  std::size_t unbound_ = 0;
};

}  // namespace cardan::c

/// Cardan as a contestant: a channel for the field, and a small one back for the decisions.
#pragma once

#include "layout.hpp"
#include "sources.hpp"
#include "way.hpp"

#include <cardan/channel.hpp>

#include <memory>
#include <vector>

namespace bench {

/// `put` copies a ready array; `claim` builds the field in the slot.
enum class Mode { put, claim };
const char* to_string(Mode mode);

/// Both channels, shared by the modes so that each has its windows once.
struct Link {
  cardan::Channel field;
  cardan::Channel decisions;
};

/// What this rank sends or receives: on producers the field once for each ready array.
struct Ends {
  std::vector<cardan::NamedField> fields;
  std::vector<cardan::FieldSpec> produced;
  std::vector<cardan::FieldSpec> consumed;
};

/// Ends of a one-dimensional array without gaps. Borrows the sources.
Ends make_ends(const Team& team, const Layout& layout, const Sources& sources);

/// Collective.
std::shared_ptr<Link> make_link(const Team& team, const Layout& layout, const Ends& ends,
                                cardan::TransportKind transport);

/// Not collective: another mode of the same link.
std::unique_ptr<Way> make_coupled(const Layout& layout, const Ends& ends,
                                  std::shared_ptr<Link> link, Mode mode);

}  // namespace bench

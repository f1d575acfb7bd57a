/// The two references that MPI alone offers. Both borrow the sources.
#pragma once

#include "layout.hpp"
#include "sources.hpp"
#include "way.hpp"

#include <memory>

namespace bench {

/// Collective: MPI_Put and flush into one of two slots, then an 8-byte flag by MPI_Put and flush;
/// credit comes back in the same way.
std::unique_ptr<Way> make_raw_put(const Team& team, const Layout& layout, const Sources& sources);

/// MPI_Isend and MPI_Irecv with two buffers.
std::unique_ptr<Way> make_send(const Team& team, const Layout& layout, const Sources& sources);

}  // namespace bench

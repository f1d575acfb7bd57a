#include "channel/transport.hpp"

namespace cardan {

const char* to_string(TransportKind kind) noexcept
{
  switch (kind) {
    case TransportKind::automatic: return "auto";
    case TransportKind::shared: return "shared";
    case TransportKind::rma: return "rma";
    case TransportKind::two_sided: return "two_sided";
    case TransportKind::mixed: return "mixed";
  }
  return "unknown";
}

}  // namespace cardan

namespace cardan::channel {

bool Move::dense() const noexcept
{
  return from.dense() && to.dense() && from_step == to_step && to_step == to.bytes();
}

}  // namespace cardan::channel

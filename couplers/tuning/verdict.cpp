#include <cardan/tuning.hpp>

namespace cardan {

const char* to_string(TuningVerdict verdict) noexcept
{
  switch (verdict) {
    case TuningVerdict::begin: return "begin";
    case TuningVerdict::go_on: return "go_on";
    case TuningVerdict::pause: return "pause";
    case TuningVerdict::promote: return "promote";
    case TuningVerdict::stop: return "stop";
    case TuningVerdict::clone: return "clone";
    case TuningVerdict::finish: return "finish";
  }
  return "?";
}

}  // namespace cardan

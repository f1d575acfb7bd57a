#include "couplers/reduction/entropy.hpp"
#include "couplers/reduction/bytes.hpp"

#include <zstd.h>

namespace cardan::reduction {

struct Entropy::Implementation {
  explicit Implementation(int l) : level(l) {}
  ~Implementation()
  {
    ZSTD_freeCCtx(writer);
    ZSTD_freeDCtx(reader);
  }
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  int level;
  ZSTD_CCtx* writer = nullptr;
  ZSTD_DCtx* reader = nullptr;
};

Entropy::Entropy(int level) : implementation_(std::make_unique<Implementation>(level)) {}
Entropy::~Entropy() = default;
Entropy::Entropy(Entropy&&) noexcept = default;

std::size_t Entropy::compress(std::span<const std::byte> from, std::span<std::byte> to)
{
  auto& [level, writer, reader] = *implementation_;
  if (writer == nullptr) writer = ZSTD_createCCtx();
  if (writer == nullptr) throw Error{"zstd has no context to compress with", "out of memory"};
  const std::size_t made =
      ZSTD_compressCCtx(writer, to.data(), to.size(), from.data(), from.size(), level);
  return ZSTD_isError(made) != 0U ? 0 : made;
}

void Entropy::expand(std::span<const std::byte> from, std::span<std::byte> to)
{
  auto& [level, writer, reader] = *implementation_;
  if (reader == nullptr) reader = ZSTD_createDCtx();
  if (reader == nullptr) throw Error{"zstd has no context to expand with", "out of memory"};
  const std::size_t made =
      ZSTD_decompressDCtx(reader, to.data(), to.size(), from.data(), from.size());
  if (ZSTD_isError(made) != 0U) Reader::damaged(ZSTD_getErrorName(made));
  if (made != to.size()) Reader::damaged("they expand to less than they say");
}

}  // namespace cardan::reduction

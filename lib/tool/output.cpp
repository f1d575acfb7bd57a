#include "tool/output.hpp"

#include "tool/guard.hpp"

#include <cardan/error.hpp>

#include <unistd.h>
#include <cerrno>
#include <cstring>

namespace cardan::tool {

Output::Output(const std::string& path) : path_(path == "-" ? "" : path), file_(stdout)
{
  if (path_.empty()) return;
  part_ = path_ + ".part";
  file_ = std::fopen(part_.c_str(), "wbe");
  if (file_ == nullptr) fail();
}

Output::~Output()
{
  if (path_.empty() || part_.empty()) return;
  if (file_ != nullptr) std::fclose(file_);
  unlink(part_.c_str());
}

void Output::fail() const
{
  throw Error{"cannot write " + (path_.empty() ? "to standard output" : "'" + path_ + "'"),
              std::strerror(errno)};
}

void Output::write(const std::string& text)
{
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail();
}

void Output::finish()
{
  if (path_.empty()) return flush();
  const int written = std::fflush(file_);
  if (written != 0) fail();
  const int closed = std::fclose(file_);
  file_ = nullptr;
  if (closed != 0 || std::rename(part_.c_str(), path_.c_str()) != 0) fail();
  part_.clear();
}

}  // namespace cardan::tool

/// Reading what may be damaged, so that nothing worse comes of it than a message.
#pragma once

#include <functional>
#include <string>

namespace cardan::tool {

/// Exit statuses: as asked, no (different, damaged, wrong), and trouble.
enum Status { good = 0, no = 1, trouble = 2 };

/// Runs `work` in a child process, whose status it returns: HDF5 may crash on a damaged file, or
/// ask for all the memory there is, or never end. An exception is one line on standard error and
/// `trouble`; so is a crash, with `damaged` as its status and `what` in its message.
int guarded(const std::string& what, int damaged, const std::function<int()>& work);

/// In the child: there was progress; without any for a minute of computing, the child is ended.
void alive();

/// What is written to standard output; throws, with the reason, where it cannot be. The last call
/// flushes.
void print(const std::string& text);
void flush();

}  // namespace cardan::tool

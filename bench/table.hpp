/// Results for people, and how far the work is.
#pragma once

#include "statistics.hpp"

#include <optional>
#include <string>

namespace bench {

/// A line of the table of ways; ratios are empty where a way is its own reference.
struct Row {
  std::string pattern;
  std::string transport;
  std::string mode;
  std::string ranks;
  std::string bytes;
  double seconds = 0;
  double gigabytes = 0;
  std::optional<Summary> to_limit;
  std::optional<Summary> to_raw;
};

void print_head();
void print_row(const Row& row);

/// `0.71 us`, `16.3 ms`
std::string print_seconds(double seconds);

/// What is being done, on standard error: rewritten in place on a terminal, else a line each.
void show_progress(const std::string& what);
/// Takes a line that is rewritten in place away, before something else is printed.
void clear_progress();

}  // namespace bench

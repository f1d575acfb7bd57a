#include "core/said.hpp"

namespace cardan::torch_module {

std::string said(const std::string& what)
{
  std::string text = what;
  for (const char* end : {"\nException raised from", "\nframe #", " (Could this error message",
                          ", please report a bug", " (no backtrace available)"})
    text = text.substr(0, text.find(end));
  if (text.rfind("[enforce fail at ", 0) == 0) text = text.substr(text.find("] . ") + 4);
  // A traceback ends with the name of the exception and its message.
  if (text.find("TorchScript interpreter") != std::string::npos)
    for (const char* end : {"\nRuntimeError: ", "\nbuiltins.", "\ntorch.jit.Error: "})
      if (const auto at = text.rfind(end); at != std::string::npos) text = text.substr(at + 1);
  // In one line: a log's line is a message.
  std::string line;
  for (const char letter : text) {
    const bool space = letter == '\n' || letter == '\r' || letter == '\t' || letter == ' ';
    if (!space) line += letter;
    if (space && !line.empty() && line.back() != ' ') line += ' ';
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '.')) line.pop_back();
  return line;
}

}  // namespace cardan::torch_module

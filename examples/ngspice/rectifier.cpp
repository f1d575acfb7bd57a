#include "rectifier.hpp"

#include <ngspice/sharedspice.h>

#include <algorithm>
#include <cstring>
#include <sstream>
#include <stdexcept>

namespace {

/// Values of the last analysis; valid until the next.
const double* values(std::string name, int& count)
{
  const auto* vector = ngGet_Vec_Info(name.data());
  if (vector == nullptr || vector->v_realdata == nullptr || vector->v_length < 2)
    throw std::runtime_error("ngspice has no values of " + name);
  count = vector->v_length;
  return vector->v_realdata;
}

}  // namespace

// What ngspice would print comes here instead: "stdout ..." and "stderr ...".
Rectifier::Rectifier(const std::string& netlist)
{
  const auto say = [](char* text, int, void* self) {
    if (std::strncmp(text, "stderr ", 7) == 0)
      static_cast<Rectifier*>(self)->said_ += std::string("\n  ") + (text + 7);
    return 0;
  };
  const auto leave = [](int, NG_BOOL, NG_BOOL, int, void*) { return 0; };
  if (ngSpice_Init(say, nullptr, leave, nullptr, nullptr, nullptr, this) != 0)
    throw std::runtime_error("ngspice could not be opened");
  command("source " + netlist);
}

void Rectifier::command(const std::string& text)
{
  std::string words = text;
  said_.clear();
  const bool failed = ngSpice_Command(words.data()) != 0;
  // It goes on after some errors, such as a device that is not there.
  if (failed || said_.find("Error") != std::string::npos)
    throw std::runtime_error("ngspice failed at '" + text + "':" + said_);
}

Response Rectifier::run(const Design& design)
{
  const auto [amplitude, resistance, capacitance, load] = design;
  std::ostringstream source;
  source << "alter @vs[sin] = [ 0 " << amplitude << " 50 ]";
  command(source.str());
  command("alter rs = " + std::to_string(resistance));
  command("alter c1 = " + std::to_string(capacitance) + "u");
  command("alter rl = " + std::to_string(load));
  command("tran 100u 200m 160m uic");

  int count = 0;
  const double* time = values("time", count);
  const double* voltage = values("p", count);
  // ngspice chooses its own time steps.
  double integral = 0;
  for (int i = 1; i < count; ++i)
    integral += (time[i] - time[i - 1]) * (voltage[i] + voltage[i - 1]) / 2;
  const auto [least, largest] = std::minmax_element(voltage, voltage + count);
  const Response response{integral / (time[count - 1] - time[0]), *largest - *least};
  command("destroy all");
  return response;
}

#include "melt.hpp"

#include <sstream>
#include <stdexcept>

#define LAMMPS_LIB_MPI
#include <lammps/library.h>

void Melt::Close::operator()(void* lammps) const
{
  lammps_close(lammps);
}

Melt::Melt(MPI_Comm comm, const std::string& script, const std::map<std::string, double>& variables,
           double cutoff, std::int64_t neighbours)
    : cutoff_(cutoff), most_(neighbours)
{
  // An error of LAMMPS ends the job; why, is in its log.
  std::vector<std::string> words{"melt", "-screen", "none", "-log", "log.lammps"};
  for (const auto& [name, value] : variables) {
    std::ostringstream text;
    text << value;
    words.insert(words.end(), {"-var", name, text.str()});
  }
  std::vector<char*> arguments;
  arguments.reserve(words.size());
  for (auto& word : words) arguments.push_back(word.data());
  lammps_.reset(lammps_open(static_cast<int>(arguments.size()), arguments.data(), comm, nullptr));
  if (!lammps_) throw std::runtime_error("LAMMPS could not be opened");
  lammps_file(lammps_.get(), script.c_str());
  look_around();
}

void Melt::run(std::int64_t steps)
{
  const std::string command = "run " + std::to_string(steps) + " pre no post no";
  lammps_command(lammps_.get(), command.c_str());
  look_around();
}

std::int64_t Melt::all() const
{
  return static_cast<std::int64_t>(lammps_get_natoms(lammps_.get()));
}

std::int64_t Melt::atoms() const
{
  return lammps_extract_setting(lammps_.get(), "nlocal");
}

// LAMMPS lists a pair once where both atoms are this rank's own. The others' indices are those of
// images, and of atoms of neighbouring ranks.
void Melt::look_around()
{
  void* lammps = lammps_.get();
  energies_ = static_cast<double*>(
      lammps_extract_compute(lammps, "energies", LMP_STYLE_ATOM, LMP_TYPE_VECTOR));
  forces_ = *static_cast<double**>(lammps_extract_atom(lammps, "f"));
  const auto* positions = static_cast<double**>(lammps_extract_atom(lammps, "x"));
  const auto own = static_cast<int>(atoms());
  seen_.assign(static_cast<std::size_t>(3 * most_ * own), 0.0);
  counts_.assign(static_cast<std::size_t>(own), 0);
  const int list = lammps_find_pair_neighlist(lammps, "lj/cut", 1, 0, 0);
  for (int i = 0; i < lammps_neighlist_num_elements(lammps, list); ++i) {
    int atom = 0;
    int count = 0;
    int* others = nullptr;
    lammps_neighlist_element_neighbors(lammps, list, i, &atom, &count, &others);
    for (int j = 0; j < count; ++j) {
      see(atom, others[j], positions);
      if (others[j] < own) see(others[j], atom, positions);
    }
  }
}

void Melt::see(int atom, int other, double* const* positions)
{
  double apart[3];
  double square = 0;
  for (int d = 0; d < 3; ++d) {
    apart[d] = positions[other][d] - positions[atom][d];
    square += apart[d] * apart[d];
  }
  if (square >= cutoff_ * cutoff_) return;
  auto& count = counts_[static_cast<std::size_t>(atom)];
  if (count == most_)
    throw std::runtime_error("an atom has more than " + std::to_string(most_) +
                             " neighbours: raise [melt] neighbours in the run file");
  double* to = &seen_[static_cast<std::size_t>(3 * (most_ * atom + count++))];
  for (int d = 0; d < 3; ++d) to[d] = apart[d];
}

#include "couplers/ensemble/frame.hpp"

namespace cardan::ensemble {

Features report_fields(const EnsembleShape& shape)
{
  return {{"kind", Dtype::int32, {}},
          {"objective", Dtype::float64, {}},
          {"descriptor", Dtype::float64, {shape.descriptor}},
          {"state", Dtype::float64, {shape.state}}};
}

Features decision_fields(const EnsembleShape& shape)
{
  return {{"action", Dtype::int32, {}},
          {"from_member", Dtype::int32, {}},
          {"from_segment", Dtype::int64, {}},
          {"seed", Dtype::int64, {}},
          {"score", Dtype::float64, {}},
          {"weight", Dtype::float64, {}},
          {"state", Dtype::float64, {shape.state}}};
}

// Team t has the members from t * members / teams on, rounded down.
int Deal::team_of(int member) const
{
  const auto end = (static_cast<std::int64_t>(member) + 1) * teams() - 1;
  return static_cast<int>(end / members);
}

std::vector<int> Deal::members_of(int team) const
{
  const auto first = [this](std::int64_t t) { return static_cast<int>(t * members / teams()); };
  std::vector<int> mine;
  if (team < 0 || team >= teams()) return mine;
  for (int member = first(team); member < first(team + 1); ++member) mine.push_back(member);
  return mine;
}

int Deal::team(int rank) const
{
  const int mine = rank / ranks_per_member;
  return mine < teams() ? mine : -1;
}

}  // namespace cardan::ensemble

#include "figures.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace reduce {

namespace {

using Error = double (*)(const Episode&);

double max_error(const Episode& episode)
{
  return episode.judged.max_error;
}

std::optional<double> interpolated(const Episodes& points, double bits, Error error)
{
  if (!points.empty() && bits < points.front()->bits()) return error(*points.front());
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const double low = points[i]->bits();
    const double high = points[i + 1]->bits();
    if (bits < low || bits > high || !(high > low)) continue;
    const double share = (bits - low) / (high - low);
    return std::exp((1 - share) * std::log(error(*points[i])) +
                    share * std::log(error(*points[i + 1])));
  }
  return std::nullopt;
}

std::optional<double> quotient(double own, const std::optional<double>& other)
{
  if (!other || !(*other > 0)) return std::nullopt;
  return own / *other;
}

double total(const std::vector<double>& values, std::size_t from, std::size_t to)
{
  double sum = 0;
  for (std::size_t i = from; i < to; ++i) sum += values[i];
  return sum;
}

}  // namespace

Episodes of_kind(const std::vector<Episode>& episodes, const std::string& kind)
{
  Episodes found;
  for (const auto& episode : episodes)
    if (episode.plan.kind == kind) found.push_back(&episode);
  return found;
}

double rms_error(const Episode& episode)
{
  const auto numbers = static_cast<double>(episode.judged.numbers);
  return std::sqrt(episode.judged.square_sum / numbers);
}

std::vector<Comparison> at_equal_bytes(const Episodes& rate)
{
  Episodes uniform;
  for (const auto* episode : rate)
    if (episode->plan.encoder == "none") uniform.push_back(episode);
  std::sort(uniform.begin(), uniform.end(),
            [](const auto* a, const auto* b) { return a->bits() < b->bits(); });
  std::vector<Comparison> all;
  for (const auto* episode : rate) {
    if (episode->plan.encoder == "none") continue;
    const double bits = episode->bits();
    all.push_back({episode->plan.encoder, episode->plan.eps, bits,
                   quotient(rms_error(*episode), interpolated(uniform, bits, rms_error)),
                   quotient(max_error(*episode), interpolated(uniform, bits, max_error)),
                   !uniform.empty() && bits < uniform.front()->bits()});
  }
  return all;
}

std::vector<Comparison> best_of(const std::vector<Comparison>& all)
{
  std::map<double, Comparison, std::greater<>> best;
  for (const auto& one : all) {
    if (!one.rms) continue;
    const auto [place, added] = best.try_emplace(one.eps, one);
    if (!added && *one.rms < *place->second.rms) place->second = one;
  }
  std::vector<Comparison> list;
  list.reserve(best.size());
  for (const auto& [eps, one] : best) list.push_back(one);
  return list;
}

Spread spread_of(std::vector<double> values)
{
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    const double place = share * static_cast<double>(values.size() - 1);
    const auto low = static_cast<std::size_t>(place);
    const auto high = std::min(low + 1, values.size() - 1);
    return values[low] + (place - static_cast<double>(low)) * (values[high] - values[low]);
  };
  return {at(0.05), at(0.5), at(0.95)};
}

Cost cost_of(const Episodes& runs)
{
  Cost cost;
  std::vector<double> puts;
  std::vector<double> putting;
  std::vector<double> solving;
  std::vector<double> ratios;
  for (const auto* run : runs) {
    const std::size_t count = run->putting.size();
    for (std::size_t i = 0; i < count; ++i) puts.push_back(run->putting[i] / run->solving[i]);
    putting.insert(putting.end(), run->putting.begin(), run->putting.end());
    solving.insert(solving.end(), run->solving.begin(), run->solving.end());
    cost.fractions.push_back(total(run->putting, 0, count) / total(run->solving, 0, count));
    ratios.push_back(run->ratio());
  }
  cost.fraction = spread_of(cost.fractions).median;
  cost.of_puts = spread_of(puts);
  cost.putting = spread_of(putting);
  cost.solving = spread_of(solving);
  cost.ratio = spread_of(ratios).median;
  return cost;
}

Drift drift_of(const Episode& episode)
{
  Drift drift{episode.plan.encoder, episode.plan.retrain};
  const auto change = static_cast<std::size_t>(episode.plan.change_after);
  const std::size_t quarter = std::max<std::size_t>(1, change / 4);
  const std::size_t end = episode.raw.size();
  const auto see = [&](std::size_t from, double& ratio, double& share) {
    const double moved = total(episode.moved, from, from + quarter);
    ratio = total(episode.raw, from, from + quarter) / moved;
    share = total(episode.latent, from, from + quarter) / moved;
  };
  see(change - quarter, drift.before, drift.latent_before);
  see(change, drift.after, drift.latent_after);
  see(end - quarter, drift.end, drift.latent_end);
  return drift;
}

}  // namespace reduce

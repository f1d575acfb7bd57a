#include "coupled.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace bench {

namespace {

constexpr std::int64_t words = std::tuple_size_v<Decision>;

/// The decisions of `count` consumers from the first one on, in an array of all of them.
cardan::FieldSpec decisions_of(const Team& team, std::int64_t first, std::int64_t count)
{
  const cardan::Box box{{words * team.consumers}, {words * first}, {words * count}};
  return {"decision", cardan::Dtype::int64, box.count, box};
}

class Coupled : public Way {
 public:
  Coupled(const Layout& layout, const Ends& ends, std::shared_ptr<Link> link)
      : layout_(layout), fields_(ends.fields), link_(std::move(link))
  {}

  void send(std::int64_t step) override
  {
    const auto array = static_cast<std::size_t>(step % Values::arrays);
    link_->field.put(step, {&fields_[array], 1});
  }

  void await(std::span<Decision> decisions) override
  {
    const auto arrival = link_->decisions.peek();
    std::memcpy(decisions.data(), arrival->field("decision").data(), decisions.size_bytes());
  }

  std::uint64_t receive(std::int64_t step, const Read& read) override
  {
    const auto arrival = link_->field.peek();
    const cardan::Field field = arrival->field("u");
    const std::uint64_t sum = read({static_cast<const std::int64_t*>(field.data()),
                                    static_cast<std::size_t>(layout_.mine.count)},
                                   values(step));
    // A right sum under a wrong step is wrong too.
    return arrival->step() == step ? sum : ~sum;
  }

  void answer(std::int64_t step, const Decision& decision) override
  {
    answer_ = decision;
    link_->decisions.put(step, {&answer_field_, 1});
  }

 protected:
  Layout layout_;
  std::vector<cardan::NamedField> fields_;
  std::shared_ptr<Link> link_;

 private:
  Decision answer_{};
  cardan::NamedField answer_field_{"decision", cardan::Field(std::span<std::int64_t>(answer_))};
};

class Claimed : public Coupled {
 public:
  using Coupled::Coupled;

  [[nodiscard]] Values values(std::int64_t step) const override { return Values::built(step); }

  void send(std::int64_t step) override
  {
    auto claim = link_->field.claim(step);
    values(step).fill(claim->span<std::int64_t>("u"), layout_.mine.first);
    claim->publish();
  }

  double time_send(std::int64_t step) override
  {
    const double begin = now();
    auto claim = link_->field.claim(step);
    const auto slot = claim->span<std::int64_t>("u");
    const double claimed = now();
    values(step).fill(slot, layout_.mine.first);
    const double built = now();
    claim->publish();
    return now() - built + (claimed - begin);
  }
};

}  // namespace

const char* to_string(Mode mode)
{
  return mode == Mode::put ? "put" : "claim";
}

Ends make_ends(const Team& team, const Layout& layout, const Sources& sources)
{
  Ends ends;
  const cardan::Box box{{layout.global}, {layout.mine.first}, {layout.mine.count}};
  const cardan::FieldSpec spec{"u", cardan::Dtype::int64, box.count, box};
  if (!team.produces()) {
    ends.consumed = {spec};
    return ends;
  }
  ends.produced = {spec};
  for (std::int64_t i = 0; i < Values::arrays; ++i)
    ends.fields.push_back({"u", cardan::Field(sources.array(i)).in(box)});
  return ends;
}

std::shared_ptr<Link> make_link(const Team& team, const Layout& layout, const Ends& ends,
                                cardan::TransportKind transport)
{
  cardan::ChannelOptions options;
  options.name = "field";
  options.transport = transport;
  cardan::ChannelOptions back = options;
  back.name = "decisions";
  std::vector<cardan::FieldSpec> decided;
  std::vector<cardan::FieldSpec> awaited;
  if (team.produces())
    awaited = {decisions_of(team, layout.lanes.front().peer,
                            static_cast<std::int64_t>(layout.lanes.size()))};
  else
    decided = {decisions_of(team, team.consumer(), 1)};
  return std::make_shared<Link>(
      Link{cardan::Channel(team.comm, options, ends.produced, ends.consumed),
           cardan::Channel(team.comm, back, decided, awaited)});
}

std::unique_ptr<Way> make_coupled(const Layout& layout, const Ends& ends,
                                  std::shared_ptr<Link> link, Mode mode)
{
  if (mode == Mode::claim) return std::make_unique<Claimed>(layout, ends, std::move(link));
  return std::make_unique<Coupled>(layout, ends, std::move(link));
}

}  // namespace bench

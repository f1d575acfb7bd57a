// Surrogates of C: arrays are bound by name, and asked with.

#include "c/array.hpp"
#include "c/handles.hpp"

#include "couplers/closure/settings.hpp"
#include "session/implementation.hpp"

#include <numeric>

namespace cardan::c {

namespace {

struct SurrogateState {
  SurrogateState(Session& its, const std::string& name, const closure::SurrogateSettings& settings)
      : session(its),
        surrogate(its.surrogate(name)),
        inputs(settings.inputs, "surrogate '" + name + "'", "input"),
        outputs(settings.outputs, "surrogate '" + name + "'", "output"),
        grid(settings.grid.has_value())
  {
    stamp.loss = stamp.validation_loss = std::numeric_limits<double>::quiet_NaN();
  }

  Session& session;
  Surrogate surrogate;
  Bound inputs;
  Bound outputs;
  std::span<const std::int64_t> untrusted;
  Stamp stamp;
  /// How samples are numbered for the caller, and room for their numbers.
  bool grid;
  std::int64_t first = 0;
  bool column_major = false;
  std::vector<std::int64_t> numbers;
  std::vector<std::int64_t> places;
  std::vector<std::int64_t> taught;

  [[nodiscard]] bool numbers_alike() const { return first == 0 && !(grid && column_major); }

  /// Numbers what is not trusted as the caller does.
  void number()
  {
    numbers.assign(untrusted.begin(), untrusted.end());
    if (grid && column_major) {
      const auto& [name, field] = inputs.fields()[0];
      const Extents& shape = field.shape();
      const Extents order = owners_order(&session, std::string{name}, field, inputs.axes(name));
      // A box of one dimension, and one whose owner's first index is the last here, are so already.
      if (shape.rank() == 2 && order[0] == 0) turn(shape[0], shape[1]);
    }
    for (auto& sample : numbers) sample += first;
  }

  /// Says what is wrong with a number in the caller's own numbers.
  void check_taught() const
  {
    const std::int64_t held = inputs.fields()[0].field.samples();
    for (const auto sample : taught)
      if (sample < 0 || sample >= held)
        throw Error{
            "sample " + std::to_string(sample + first) + " is observed",
            "there are " + std::to_string(first) + " to " + std::to_string(first + held - 1)};
  }

  /// Numbers cells by columns; they ascend in that order too.
  void turn(std::int64_t rows, std::int64_t columns)
  {
    places.assign(static_cast<std::size_t>(columns) + 1, 0);
    const auto column = [&](std::int64_t cell) { return static_cast<std::size_t>(cell % columns); };
    for (const auto cell : untrusted) ++places[column(cell) + 1];
    std::partial_sum(places.begin(), places.end(), places.begin());
    for (const auto cell : untrusted)
      numbers[static_cast<std::size_t>(places[column(cell)]++)] =
          cell / columns + cell % columns * rows;
  }
};

std::unique_ptr<SurrogateState> open_surrogate(Session& session, const std::string& name)
{
  // The session knows best what is wrong with a name.
  static_cast<void>(session.surrogate(name));
  return std::make_unique<SurrogateState>(
      session, name, closure::read_surrogate(session.implementation().context.run_file, name));
}

}  // namespace

}  // namespace cardan::c

struct cardan_surrogate : cardan::c::Shell<cardan::c::SurrogateState> {};

namespace {

using cardan::c::needed;
using cardan::c::translate;

cardan::c::SurrogateState& behind(cardan_surrogate* surrogate)
{
  return cardan::c::state_of(surrogate, "surrogate");
}

}  // namespace

cardan_status cardan_surrogate_open(cardan_session* session, const char* name,
                                    cardan_surrogate** surrogate)
{
  return translate([&] {
    needed(surrogate, "surrogate") = nullptr;
    auto& state = cardan::c::simulation_of(session);
    *surrogate = cardan::c::make<cardan_surrogate>(
        cardan::c::open_surrogate(state.session, cardan::c::text_of(name, "name")));
    state.opened.push_back(*surrogate);
  });
}

cardan_status cardan_surrogate_close(cardan_surrogate** surrogate)
{
  return translate([&] { cardan::c::take(surrogate, "surrogate").reset(); });
}

cardan_status cardan_surrogate_input(cardan_surrogate* surrogate, const char* name,
                                     const cardan_array* array)
{
  return translate([&] {
    auto& state = behind(surrogate);
    state.inputs.bind(&state.session, name, array);
  });
}

cardan_status cardan_surrogate_output(cardan_surrogate* surrogate, const char* name,
                                      const cardan_array* array)
{
  return translate([&] {
    auto& state = behind(surrogate);
    state.outputs.bind(&state.session, name, array);
  });
}

cardan_status cardan_surrogate_numbering(cardan_surrogate* surrogate, int64_t first,
                                         int column_major)
{
  return translate([&] {
    auto& state = behind(surrogate);
    state.first = first;
    state.column_major = column_major != 0;
  });
}

cardan_status cardan_surrogate_predict(cardan_surrogate* surrogate, int* trusted)
{
  return translate([&] {
    auto& state = behind(surrogate);
    int& whole = needed(trusted, "trusted");
    state.untrusted = {};
    const cardan::Answer answer =
        state.surrogate.predict(state.inputs.fields(), state.outputs.fields());
    state.untrusted = answer.untrusted();
    state.stamp = answer.stamp();
    whole = answer ? 1 : 0;
  });
}

cardan_status cardan_surrogate_untrusted(cardan_surrogate* surrogate, const int64_t** samples,
                                         int64_t* count)
{
  return translate([&] {
    auto& state = behind(surrogate);
    const std::int64_t*& list = needed(samples, "samples");
    needed(count, "count") = static_cast<std::int64_t>(state.untrusted.size());
    if (!state.numbers_alike()) state.number();
    list = state.numbers_alike() ? state.untrusted.data() : state.numbers.data();
  });
}

cardan_status cardan_surrogate_observe(cardan_surrogate* surrogate)
{
  return translate([&] {
    auto& state = behind(surrogate);
    state.surrogate.observe(state.inputs.fields(), state.outputs.fields());
  });
}

cardan_status cardan_surrogate_observe_samples(cardan_surrogate* surrogate, const int64_t* samples,
                                               int64_t count)
{
  return translate([&] {
    auto& state = behind(surrogate);
    if (count < 0) throw cardan::c::Misuse{"a negative number of samples is to be observed"};
    if (count > 0) needed(samples, "samples");
    std::span<const std::int64_t> listed{samples, static_cast<std::size_t>(count)};
    if (state.first != 0) {
      state.taught.assign(listed.begin(), listed.end());
      for (auto& sample : state.taught) sample -= state.first;
      listed = state.taught;
      state.check_taught();
    }
    state.surrogate.observe(state.inputs.fields(), state.outputs.fields(), listed);
  });
}

cardan_status cardan_surrogate_counters(cardan_surrogate* surrogate, cardan_counters* counters)
{
  return translate([&] {
    const cardan::Counters& from = behind(surrogate).surrogate.counters();
    needed(counters, "counters") = {from.asked,        from.trusted,      from.not_ready,
                                    from.late,         from.unsure,       from.outside,
                                    from.not_a_number, from.out_of_range, from.observed,
                                    from.dropped,      from.quarantined};
  });
}

cardan_status cardan_surrogate_stamp(cardan_surrogate* surrogate, cardan_stamp* stamp)
{
  return translate([&] {
    const cardan::Stamp& from = behind(surrogate).stamp;
    needed(stamp, "stamp") = {from.version, from.age_steps, from.loss, from.validation_loss,
                              from.trained_steps};
  });
}

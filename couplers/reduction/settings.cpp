#include "couplers/reduction/settings.hpp"

#include "config/range.hpp"

#include <algorithm>
#include <cmath>

namespace cardan::reduction {

namespace {

using config::not_negative;
using config::positive;

//= [reduction.NAME]
Encoder read_encoder(const Config& table)
{
  //= what becomes of a block before it is quantised: itself; singular vectors (`fit`); a linear or
  //= convolutional autoencoder that ML ranks train in the run
  const std::string encoder = table.choice("encoder", {"none", "svd", "linear", "conv"}, "none");
  if (encoder == "svd") return Encoder::svd;
  if (encoder == "linear") return Encoder::linear;
  if (encoder == "conv") return Encoder::conv;
  return Encoder::none;
}

//= [reduction.NAME]
void read_codec(const Config& table, Settings& settings)
{
  const Settings usual;
  //= 8 | edges of a block along the grid's dimensions, or one for all
  settings.block = table.get<std::vector<std::int64_t>>("block", usual.block);
  if (settings.block.empty() || settings.block.size() > 3 ||
      std::any_of(settings.block.begin(), settings.block.end(),
                  [](std::int64_t edge) { return edge < 1; }))
    throw table.error("block", "must be one to three positive numbers");
  //= 1e-3 | the most that a number may change: one bound for each field, or one for all; 0: none
  // changes
  settings.eps = table.get<std::vector<double>>("eps", usual.eps);
  if (settings.eps.empty() || std::any_of(settings.eps.begin(), settings.eps.end(), [](double eps) {
        return !(eps >= 0) || !std::isfinite(eps);
      }))
    throw table.error("eps", "must be finite, and not negative");
  //= `eps` in units of the field's range on a rank, its largest number less its least, in each put
  settings.relative = table.get<bool>("relative", usual.relative);
  settings.encoder = read_encoder(table);
  //= numbers that an encoder makes of a block
  settings.latent = positive(table, "latent", table.get<std::int64_t>("latent", usual.latent));
  //= of `encoder = "conv"`: numbers that the convolution makes of each patch of a block
  settings.channels =
      positive(table, "channels", table.get<std::int64_t>("channels", usual.channels));
  //= what latents and residuals are packed with
  static_cast<void>(table.choice("entropy", {"zstd"}, "zstd"));
  //= 1 | of `"zstd"`, 1 to 19: higher is smaller and slower
  settings.codec.level = table.get<int>("level", usual.codec.level);
  if (settings.codec.level < 1 || settings.codec.level > 19)
    throw table.error("level", "must be from 1 to 19");
  //= true | a field whose numbers take fewer bytes without the encoder goes without it, in each put
  settings.codec.fall_back = table.get<bool>("fall_back", usual.codec.fall_back);
}

/// Whether the key holds a word, which then leaves it to the controller, instead of a number.
bool automatic(const Config& table, const char* key)
{
  if (!table.has(key)) return false;
  try {
    static_cast<void>(table.get<std::string>(key));
  } catch (const std::exception&) {
    return false;
  }
  static_cast<void>(table.choice(key, {"auto"}, "auto"));
  return true;
}

//= [reduction.NAME]
void read_stream(const Config& table, Settings& settings)
{
  const Settings usual;
  settings.automatic_stride = automatic(table, "stride");
  if (!settings.automatic_stride)
    settings.stride =
        //= every so manieth put is sent; `"auto"`: the controller chooses, by `cost`
        positive(table, "stride", table.get<std::int64_t>("stride", usual.stride));
  settings.automatic_still = automatic(table, "still");
  settings.still = 1;
  if (!settings.automatic_still)
    //= blocks that differ by at most `eps` from what the receiver has are not sent; what is sent
    //= keeps (1 - `still`) of `eps`, half of it at least, so that there is room for that; 0: all
    //= are sent; `"auto"`: the controller chooses, by `quantity_error`
    settings.still = not_negative(table, "still", table.get<double>("still", usual.still));
  if (settings.still > 1)
    throw table.error("still", "must be at most 1", "What is left out must keep the bound too.");
  //= where the receiver is behind: a put waits for it, until `[run] deadline`; `"drop"`: it is left
  //= out and counted
  settings.wait_when_full = table.choice("full", {"wait", "drop"}, "wait") == "wait";
  //= puts of one rank under way to its receiver, at most 64
  settings.depth = positive(table, "depth", table.get<int>("depth", usual.depth));
  if (settings.depth > 64) throw table.error("depth", "at most 64 can be under way");
  //= where blocks are encoded: in the simulation's process; `"near"`: on an ML rank of its node
  if (table.choice("place", {"inside", "near"}, "inside") == "near")
    throw table.error("place", "encoding on a near rank cannot be had yet",
                      "Set place = \"inside\".");
  //= 0: all ML ranks | ML ranks that fields go to, and that share the reservoir
  settings.receivers =
      not_negative(table, "receivers", table.get<int>("receivers", usual.receivers));
  //= "": nothing | what reconstructed fields are given to: a name given to `register_receiver`
  settings.receiver = table.get<std::string>("receiver", usual.receiver);
  //= the receiver compares the bits of what it reconstructs with the sender's, and ends the run
  //= where they differ; `false`: such puts are only counted
  settings.verify = table.get<bool>("verify", usual.verify);
}

//= [reduction.NAME]
void read_controller(const Config& table, Settings& settings)
{
  const Settings usual;
  //= "": nothing | what must stay right of the fields: `"sum"`, `"energy"`, `"gradient"`, or a name
  // given = to `register_quantity`
  settings.quantity = table.get<std::string>("quantity", usual.quantity);
  //= the most that the quantity of all ranks' fields may change, relative to itself
  settings.quantity_error =
      positive(table, "quantity_error", table.get<double>("quantity_error", usual.quantity_error));
  //= how far the controller may tighten `eps`, as a part of it
  settings.eps_least =
      positive(table, "eps_least", table.get<double>("eps_least", usual.eps_least));
  if (settings.eps_least > 1) throw table.error("eps_least", "must be at most 1");
  //= with `stride = "auto"`: the most time that a rank spends in puts, as a part of the time
  //= between two that are sent
  settings.cost = positive(table, "cost", table.get<double>("cost", usual.cost));
}

//= [reduction.NAME.train]
TrainSettings read_train(const Config& table)
{
  TrainSettings train;
  //= new blocks in the reservoir after which the encoder is trained further
  train.every = positive(table, "every", table.get<std::int64_t>("every", train.every));
  //= 512: as `every` | blocks before it is trained for the first time; until then there is none
  train.warmup = positive(table, "warmup", table.get<std::int64_t>("warmup", train.every));
  //= optimiser steps each time
  train.steps = positive(table, "steps", table.get<std::int64_t>("steps", train.steps));
  //= 5 times `steps` | optimiser steps the first time
  train.first = positive(table, "first", table.get<std::int64_t>("first", 5 * train.steps));
  //= blocks of a step, drawn from the reservoir
  train.batch = positive(table, "batch", table.get<std::int64_t>("batch", train.batch));
  //= optimiser steps between two looks for what has come
  train.slice = positive(table, "slice", table.get<std::int64_t>("slice", train.slice));
  return train;
}

}  // namespace

const char* to_string(Encoder encoder) noexcept
{
  switch (encoder) {
    case Encoder::none: return "none";
    case Encoder::svd: return "svd";
    case Encoder::linear: return "linear";
    case Encoder::conv: return "conv";
  }
  return "none";
}

std::vector<std::string> names(const Config& run_file)
{
  return run_file.table("reduction").keys();
}

//= [reduction.NAME]
Settings read_settings(const Config& run_file, const std::string& name)
{
  const Config table = run_file.table("reduction").table(name);
  const Settings usual;
  Settings settings;
  settings.name = name;
  read_codec(table, settings);
  read_stream(table, settings);
  read_controller(table, settings);
  //= blocks of each field that each receiving rank keeps for training
  settings.reservoir =
      positive(table, "reservoir", table.get<std::int64_t>("reservoir", usual.reservoir));
  //= blocks of a put, chosen at random, that go into the reservoir
  settings.samples =
      not_negative(table, "samples", table.get<std::int64_t>("samples", usual.samples));
  settings.train = read_train(table.table("train"));
  if (settings.receiver.empty() && table.has("options"))
    throw table.error("options", "they are a receiver's, and there is none",
                      "Write receiver = \"KIND\".");
  return settings;
}

void leave_to_others(const Config& run_file, const std::string& name)
{
  const Config table = run_file.table("reduction").table(name);
  table.ask_all("options");
  const Config training = run_file.table("training").table(name);
  training.ask("loss");
  training.ask("delta");
  training.ask("last_layer");
  training.ask_all("optimizer");
}

}  // namespace cardan::reduction

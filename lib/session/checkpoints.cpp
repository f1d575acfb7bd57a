#include "session/checkpoints.hpp"

#include "checkpoint/layout.hpp"
#include "checkpoint/rounding.hpp"
#include "support/log.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cardan {

Checkpoints::Checkpoints(Context& context, const CheckpointSettings& settings,
                         const std::string& restart)
    : context_(context), settings_(settings), begin_(MPI_Wtime()), last_time_(begin_)
{
  find_restart(restart);
  if (!settings_.file.empty()) open_writer();
}

Checkpoints::~Checkpoints()
{
  for (const auto& [reason, count] : failures_)
    if (count > 0) log(fmt::format("{} more checkpoints were not written ({})", count, reason));
  if (wishing_ != MPI_REQUEST_NULL && mpi::alive()) MPI_Request_free(&wishing_);
}

bool Checkpoints::speaks() const
{
  return mpi::rank(context_.everyone.get()) == context_.first(&Roles::simulation);
}

// An ML rank makes the files where there is one: it has no step that waits for it.
void Checkpoints::open_writer()
{
  MPI_Comm everyone = context_.everyone.get();
  const int listener = context_.first(&Roles::simulation);
  checkpoint::WriterSettings writer;
  writer.file = settings_.file;
  writer.keep = settings_.keep;
  writer.patience = std::max(60.0, 10 * context_.settings.deadline);
  writer.listener = listener;
  writer.owner = listener;
  for (const auto role : {&Roles::inference, &Roles::training})
    if (context_.count(role) > 0) writer.owner = context_.first(role);
  writer_ = std::make_unique<checkpoint::Writer>(everyone, writer);
  mpi::together(everyone, context_.deadline(), [&] {
    if (!speaks() && mpi::rank(everyone) != writer.owner) return;
    try {
      writer_->series().expect_writable();
    } catch (const Error& error) {
      throw context_.run_file.table("checkpoint")
          .error("file", error.what(), "Does its folder exist, and may it be written?");
    }
  });
  std::int64_t last = 0;
  if (speaks()) {
    writer_->series().clear_unfinished();
    const auto numbers = writer_->series().numbers();
    if (!numbers.empty()) last = numbers.back();
  }
  mpi::check(MPI_Bcast(&last, 1, MPI_INT64_T, listener, everyone), "MPI_Bcast");
  next_ = last + 1;
  if (oldest_ == 0) oldest_ = restart_ ? 1 : next_;
  if ((restart_ || split_) && mpi::rank(everyone) == writer.owner) {
    auto numbers = writer_->series().numbers();
    std::erase_if(numbers, [&](std::int64_t number) { return number < oldest_; });
    writer_->adopt(std::move(numbers));
  }
  if (!settings_.signals.empty()) signals_.emplace(settings_.signals);
}

/// Collective over the simulation ranks: a batch becomes a global array of all ranks' samples, one
/// rank's after the other's.
bool Checkpoints::protect(const std::string& name, const Field& field,
                          const ProtectOptions& options)
{
  MPI_Comm part = context_.part.get();
  const bool alone = options.replicated || field.shape().rank() == 0;
  mpi::together(part, context_.deadline(), [&] {
    for (const auto& known : protected_)
      if (known.name == name) throw Error{"field '" + name + "' is protected twice"};
    static_cast<void>(field.shape().product() > 0 ? field.writable() : nullptr);
  });
  // Everybody's, whatever it is: ranks that differ are told, and do not wait for each other.
  enum Kind : std::int64_t { same, batch, boxed };
  const Kind kind = alone ? same : field.box() ? boxed : batch;
  const std::array<std::int64_t, 2> mine{
      kind, kind == boxed ? field.box()->count.product() : field.samples()};
  const auto ranks = static_cast<std::size_t>(mpi::size(part));
  const auto me = static_cast<std::size_t>(mpi::rank(part));
  std::vector<std::array<std::int64_t, 2>> all(ranks);
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(
      MPI_Iallgather(mine.data(), 2, MPI_INT64_T, all.data(), 2, MPI_INT64_T, part, &request),
      "MPI_Iallgather");
  mpi::wait(request, context_.deadline(), "the parts of a protected field");
  std::int64_t before = 0;
  std::int64_t total = 0;
  for (std::size_t r = 0; r < ranks; ++r) {
    if (all[r][0] != kind)
      throw Error::everywhere("field '" + name +
                              "' is protected with a box, as a batch, or as the same on all ranks: "
                              "ranks do not agree which.");
    if (r < me) before += all[r][1];
    total += all[r][1];
  }
  mpi::together(part, context_.deadline(), [&] {
    if (kind == boxed && total != field.box()->global.product())
      throw Error{
          fmt::format(
              "the boxes of protected field '{}' have {} elements, the global array {} has {}",
              name, total, to_string(field.box()->global), field.box()->global.product()),
          "ranks' boxes leave a gap, or overlap",
          "Set ProtectOptions::replicated where all ranks hold the same."};
  });
  Field whole = field;
  if (kind == batch) {
    Extents global = field.shape();
    global[0] = total;
    Extents offset = Extents::filled(global.rank(), 0);
    offset[0] = before;
    whole = field.in({global, offset, field.shape()});
  }
  const bool writes = kind != same || me == 0;
  checkpoint::Attributes attributes;
  if (!options.axes.empty()) attributes.emplace_back("axes", options.axes);
  if (!options.units.empty()) attributes.emplace_back("units", options.units);
  const auto storage = settings_.fields.find(name);
  if (protected_.empty()) loops_before_ = context_.loop;
  protected_.push_back({name, whole, std::move(attributes),
                        storage != settings_.fields.end() ? storage->second : checkpoint::Storage{},
                        writes});
  if (split_) return follow(name, whole);
  if (!restart_) return false;
  const std::string path = "fields/" + name;
  mpi::together(part, context_.deadline(), [&] {
    if (!restart_->has(path))
      throw Error{"cannot restore field '" + name + "' from '" + restart_->path() + "'",
                  "the checkpoint has no such field"};
    restart_->read(path, whole);
  });
  return true;
}

std::int64_t Checkpoints::first_step(std::int64_t count) const
{
  if (split_ ? protects_ && protected_.empty() : !restart_ || protected_.empty()) return 0;
  if (loop() > restart_loop_) return 0;
  return loop() < restart_loop_ ? count : std::min(count, restart_step_);
}

checkpoint::Snapshot Checkpoints::snapshot(std::int64_t done) const
{
  checkpoint::Snapshot taken;
  for (const auto& each : protected_)
    if (each.writes) taken.add("fields/" + each.name, each.field, each.attributes, each.storage);
  if (add_clients) add_clients(taken);
  if (!speaks()) return taken;
  taken.add("session/step", done);
  taken.add("session/loop", loop());
  taken.add("session/seed", context_.settings.seed);
  taken.add("run/file", context_.run_file.text());
  return taken;
}

void Checkpoints::write(std::int64_t done)
{
  if (!writer_) return;
  for (const auto& work : before_) work();
  // One at a time: a disk that is slower than the steps holds them back.
  const auto patience = mpi::Deadline::in(10 * std::max(60.0, context_.settings.deadline));
  if (!mpi::wait_until(
          [&] {
            poll();
            return idle();
          },
          patience))
    throw Late{"a checkpoint was not written in time"};
  checkpoint::Facts facts{next_++, done, checkpoint::now()};
  if (tell) tell(facts.sequence);
  auto items = snapshot(done).take();
  bool compressed = false;
  for (auto& item : items) {
    checkpoint::round_within(item.storage.error_bound, item.dtype, item.box.count.product(),
                             item.data.data());
    compressed = compressed || item.storage.deflate > 0;
  }
  if (compressed) {
    try {
      checkpoint::write_compressed(
          context_.part.get(), checkpoint::part_of(writer_->series().path(facts.sequence)), items);
    } catch (const std::exception&) {
      // The same on all ranks. What hinders it hinders the rest of the file too, which says so.
      compressed = false;
    }
  }
  last_written_ = done;
  last_time_ = MPI_Wtime();
  ++outstanding_;
  writer_->begin(facts, std::move(items), compressed);
  // Where no ML rank makes the file, this one does.
  mpi::wait_until(
      [&] {
        poll();
        return writer_->made();
      },
      context_.deadline());
  if (!settings_.async) finish();
}

void Checkpoints::write(std::int64_t sequence, checkpoint::Snapshot snapshot)
{
  writer_->begin({sequence, 0, ""}, snapshot.take(), false);
}

void Checkpoints::poll()
{
  if (!writer_) return;
  writer_->poll();
  hear();
}

void Checkpoints::hear()
{
  while (const auto outcome = writer_->outcome()) {
    --outstanding_;
    newest_failed_ = !outcome->failure.empty();
    const std::string path = writer_->series().path(outcome->sequence);
    if (newest_failed_)
      tell_failure(path, outcome->failure);
    else
      written_.push_back(path);
  }
}

/// A disk stays full for many checkpoints: each reason is said once, and counted from there on.
void Checkpoints::tell_failure(const std::string& path, std::string reason)
{
  // The same reason of another file is the same.
  for (auto at = reason.find(path); at != std::string::npos; at = reason.find(path))
    reason.replace(at, path.size(), "it");
  const auto [known, first] = failures_.try_emplace(reason, 0);
  if (!first)
    ++known->second;
  else
    log("the checkpoint ", path, " was not written (", reason,
        "); the ones before it are whole, and the run goes on");
}

bool Checkpoints::finish()
{
  if (!writer_ || context_.part.get() == MPI_COMM_NULL) return true;
  const auto patience = mpi::Deadline::in(10 * std::max(60.0, context_.settings.deadline));
  const bool ended = mpi::wait_until(
      [&] {
        poll();
        return idle() && (!speaks() || outstanding_ == 0);
      },
      patience);
  int good = ended && !newest_failed_ ? 1 : 0;
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(
      MPI_Iallreduce(MPI_IN_PLACE, &good, 1, MPI_INT, MPI_MIN, context_.part.get(), &request),
      "MPI_Iallreduce");
  mpi::wait(request, patience, "the end of a checkpoint");
  return good != 0;
}

}  // namespace cardan

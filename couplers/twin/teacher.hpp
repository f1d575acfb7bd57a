/// Who trains a twin's model: the first twin rank itself when it is idle, or a rank of its own that
/// it sends samples to.
#pragma once

#include "couplers/twin/trainer.hpp"
#include "mpi/comm.hpp"

#include <mpi.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <vector>

namespace cardan::twin {

/// As the first twin rank sees it.
class Teacher {
 public:
  virtual ~Teacher() = default;
  virtual void teach(const Batch& inputs, const Batch& targets) = 0;
  /// Does something for it that takes less than `left` seconds as far as one knows; says whether
  /// there was anything to do and time for it.
  virtual bool work(double left) = 0;
  /// A version that is newer than what was taken before, and its state; false: there is none.
  virtual bool take(Version& version, std::vector<std::byte>& state) = 0;
  [[nodiscard]] virtual std::int64_t steps() const = 0;
  /// No more samples come; then whether nothing is under way any more.
  virtual void end() {}
  [[nodiscard]] virtual bool ended() { return true; }
  virtual void abandon() noexcept {}
};

/// Trains here, as long as there is time.
class IdleTeacher : public Teacher {
 public:
  /// `period`: seconds between two observations, of which it may take half where what it does takes
  /// longer: it would never be done otherwise; infinite: it takes its time.
  IdleTeacher(Trainer trainer, std::int64_t slice, double period)
      : trainer_(std::move(trainer)), slice_(slice), most_(0.5 * period)
  {}
  void teach(const Batch& inputs, const Batch& targets) override
  {
    trainer_.teach(inputs, targets);
  }
  bool work(double left) override;
  bool take(Version& version, std::vector<std::byte>& state) override;
  [[nodiscard]] std::int64_t steps() const override { return trainer_.steps(); }

 private:
  Trainer trainer_;
  std::int64_t slice_;
  double most_;
  std::uint32_t taken_ = 0;
  /// Seconds that a step took, and a piece of a publication: the longest lately.
  double step_ = 0;
  double publication_ = 0;
};

/// What a trainer of its own sends back, before the model's state.
struct News {
  Version version;
  std::int64_t last = 0;
};

/// The trainer has a rank of its own: samples go there, versions come back. Neither end ever waits.
class FarTeacher : public Teacher {
 public:
  /// `pair`: this rank and the trainer's, in this order.
  FarTeacher(mpi::Comm pair, const Signature& signature, std::size_t state_bytes);
  void teach(const Batch& inputs, const Batch& targets) override;
  bool work(double left) override;
  bool take(Version& version, std::vector<std::byte>& state) override;
  [[nodiscard]] std::int64_t steps() const override { return newest_.steps; }
  void end() override;
  [[nodiscard]] bool ended() override;
  void abandon() noexcept override { static_cast<void>(pair_.leave()); }

 private:
  struct Sent {
    std::vector<std::byte> bytes;
    MPI_Request request = MPI_REQUEST_NULL;
  };
  void listen();
  void send(std::vector<std::byte> bytes);

  mpi::Comm pair_;
  Signature signature_;
  std::list<Sent> under_way_;
  std::vector<std::byte> arriving_;
  MPI_Request listening_ = MPI_REQUEST_NULL;
  Version newest_;
  std::vector<std::byte> state_;
  bool fresh_ = false;
  bool last_ = false;
};

/// The rank of a trainer of its own.
class FarTrainer {
 public:
  FarTrainer(mpi::Comm pair, Trainer trainer, const Signature& signature, std::int64_t slice);
  /// Takes samples in, or trains, or sends a version; says whether there was anything.
  bool poll();
  [[nodiscard]] bool ended() const { return told_ && sending_ == MPI_REQUEST_NULL; }
  void abandon() noexcept { static_cast<void>(pair_.leave()); }

 private:
  bool hear();
  void send(bool last);

  mpi::Comm pair_;
  Trainer trainer_;
  Signature signature_;
  std::int64_t slice_;
  std::vector<std::byte> arrived_;
  std::vector<const std::byte*> x_;
  std::vector<const std::byte*> y_;
  std::vector<std::byte> news_;
  MPI_Request sending_ = MPI_REQUEST_NULL;
  std::uint32_t sent_ = 0;
  bool over_ = false;
  bool told_ = false;
};

}  // namespace cardan::twin

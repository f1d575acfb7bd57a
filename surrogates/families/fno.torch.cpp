#include "families/fno.torch.hpp"

#include "families/grid.torch.hpp"

#include <algorithm>

namespace cardan::families {

namespace {

struct Settings {
  std::int64_t width;
  std::int64_t depth;
  std::vector<std::int64_t> modes;
  Activation activation;
  bool coordinates;
};

/// How many of the frequencies 0, 1, ... below `modes` a grid of so many points has.
std::int64_t positive(std::int64_t modes, std::int64_t points)
{
  return std::min(modes, points / 2 + 1);
}

/// How many of the frequencies -1, -2, ... above -`modes` it has beside those.
std::int64_t negative(std::int64_t modes, std::int64_t points)
{
  return std::min(modes - 1, (points - 1) / 2);
}

// The two ways of SpectralConvolution, as TorchScript.
const char* const script_on_line = R"(
def forward(self, x):
    points = x.size(2)
    kept = min(MODES0, points // 2 + 1)
    matrices = torch.complex(torch.select(self.weights, -1, 0), torch.select(self.weights, -1, 1))
    low = torch.narrow(torch.fft_rfft(x), 2, 0, kept)
    weights = torch.narrow(matrices, 0, 0, kept)
    return torch.fft_irfft(torch.einsum("bik,kio->bok", [low, weights]), points)
)";
const char* const script_on_plane = R"(
def both_ends(self, x, dimension: int, first: int, last: int):
    end = torch.narrow(x, dimension, x.size(dimension) - last, last)
    return torch.cat([torch.narrow(x, dimension, 0, first), end], dimension)

def forward(self, x):
    rows = x.size(2)
    columns = x.size(3)
    above = min(MODES0, rows // 2 + 1)
    below = min(MODES0 - 1, (rows - 1) // 2)
    kept = min(MODES1, columns // 2 + 1)
    matrices = torch.complex(torch.select(self.weights, -1, 0), torch.select(self.weights, -1, 1))
    all = torch.narrow(torch.fft_rfft2(x), 3, 0, kept)
    low = self.both_ends(all, 2, above, below)
    weights = self.both_ends(torch.narrow(matrices, 1, 0, kept), 0, above, below)
    out = torch.einsum("bihk,hkio->bohk", [low, weights])
    none = torch.zeros([out.size(0), out.size(1), rows - above - below, kept], dtype=out.dtype, device=out.device)
    spectrum = torch.cat([torch.narrow(out, 2, 0, above), none, torch.narrow(out, 2, above, below)], 2)
    return torch.fft_irfft2(spectrum, [rows, columns])
)";

/// The lowest Fourier coefficients times a complex matrix over the channels for each. The weights
/// (modes, in, out, 2) in one dimension, (2 modes - 1, modes, in, out, 2) in two: frequencies 0, 1,
/// ..., -2, -1 along the first dimension, none below zero along the second.
class SpectralConvolution : public Network {
 public:
  SpectralConvolution(std::int64_t width, const std::vector<std::int64_t>& modes) : modes_(modes)
  {
    std::vector<std::int64_t> extents{modes.back(), width, width, 2};
    if (modes.size() == 2) extents.insert(extents.begin(), 2 * modes[0] - 1);
    const double scale = 1.0 / static_cast<double>(width * width);
    weights_ = register_parameter("weights", scale * at::rand(extents));
  }

  at::Tensor forward(const at::Tensor& x) override
  {
    return modes_.size() == 1 ? on_line(x) : on_plane(x);
  }

  [[nodiscard]] std::string script() const override
  {
    std::string text = modes_.size() == 1 ? script_on_line : script_on_plane;
    for (std::size_t d = 0; d < modes_.size(); ++d) {
      const std::string key = "MODES" + std::to_string(d);
      for (auto at = text.find(key); at != std::string::npos; at = text.find(key))
        text.replace(at, key.size(), std::to_string(modes_[d]));
    }
    return text;
  }

 private:
  at::Tensor on_line(const at::Tensor& x)
  {
    const std::int64_t points = x.size(2);
    const std::int64_t kept = positive(modes_[0], points);
    const at::Tensor low = at::fft_rfft(x).narrow(2, 0, kept);
    const at::Tensor weights = matrices().narrow(0, 0, kept);
    return at::fft_irfft(at::einsum("bik,kio->bok", {low, weights}), points);
  }

  at::Tensor on_plane(const at::Tensor& x)
  {
    const std::int64_t rows = x.size(2);
    const std::int64_t columns = x.size(3);
    const std::int64_t above = positive(modes_[0], rows);
    const std::int64_t below = negative(modes_[0], rows);
    const std::int64_t kept = positive(modes_[1], columns);
    const at::Tensor all = at::fft_rfft2(x).narrow(3, 0, kept);
    const at::Tensor low = both_ends(all, 2, above, below);
    const at::Tensor weights = both_ends(matrices().narrow(1, 0, kept), 0, above, below);
    const at::Tensor out = at::einsum("bihk,hkio->bohk", {low, weights});
    const at::Tensor none =
        at::zeros({out.size(0), out.size(1), rows - above - below, kept}, out.options());
    const at::Tensor spectrum =
        at::cat({out.narrow(2, 0, above), none, out.narrow(2, above, below)}, 2);
    return at::fft_irfft2(spectrum, at::OptionalIntArrayRef({rows, columns}));
  }

  /// Not a view: weights that lie at an odd place of a flat vector could not be viewed as complex.
  [[nodiscard]] at::Tensor matrices() const
  {
    return at::complex(weights_.select(-1, 0), weights_.select(-1, 1));
  }

  static at::Tensor both_ends(const at::Tensor& x, std::int64_t dimension, std::int64_t first,
                              std::int64_t last)
  {
    return at::cat(
        {x.narrow(dimension, 0, first), x.narrow(dimension, x.size(dimension) - last, last)},
        dimension);
  }

  std::vector<std::int64_t> modes_;
  at::Tensor weights_;
};

class Fno : public Network {
 public:
  Fno(const NetworkShape& shape, std::int64_t dimensions, const Settings& settings)
      : dimensions_(dimensions),
        activation_(settings.activation),
        coordinates_(settings.coordinates)
  {
    const auto pointwise = [&](const std::string& name, std::int64_t in, std::int64_t out) {
      return register_module(name,
                             std::make_shared<Convolution>(dimensions, in, out, 1, Padding::zeros));
    };
    const std::int64_t width = settings.width;
    lift_ = pointwise("lift", shape.in + (coordinates_ ? dimensions : 0), width);
    for (std::int64_t i = 0; i < settings.depth; ++i) {
      const std::string number = std::to_string(i);
      spectral_.push_back(register_module(
          "spectral" + number, std::make_shared<SpectralConvolution>(width, settings.modes)));
      local_.push_back(pointwise("local" + number, width, width));
    }
    widen_ = pointwise("widen", width, 2 * width);
    last_ = pointwise("last", 2 * width, shape.out);
  }

  at::Tensor forward(const at::Tensor& samples) override
  {
    at::Tensor x = lift_->forward(coordinates_ ? with_coordinates(samples) : samples);
    for (std::size_t i = 0; i < spectral_.size(); ++i) {
      x = spectral_[i]->forward(x) + local_[i]->forward(x);
      if (i + 1 < spectral_.size()) x = activate(x, activation_);
    }
    return last_->forward(activate(widen_->forward(x), activation_));
  }

  [[nodiscard]] std::string script() const override
  {
    std::string text = "def forward(self, x):\n";
    if (coordinates_) text += families::with_coordinates(dimensions_);
    text += "    x = self.lift.forward(x)\n";
    for (std::size_t i = 0; i < spectral_.size(); ++i) {
      const std::string number = std::to_string(i);
      text +=
          "    x = self.spectral" + number + ".forward(x) + self.local" + number + ".forward(x)\n";
      if (i + 1 < spectral_.size()) text += "    x = " + activated("x", activation_) + "\n";
    }
    return text + "    x = " + activated("self.widen.forward(x)", activation_) +
           "\n    return self.last.forward(x)\n";
  }

 private:
  std::shared_ptr<Convolution> lift_;
  std::vector<std::shared_ptr<SpectralConvolution>> spectral_;
  std::vector<std::shared_ptr<Convolution>> local_;
  std::shared_ptr<Convolution> widen_;
  std::shared_ptr<Convolution> last_;
  std::int64_t dimensions_;
  Activation activation_;
  bool coordinates_;
};

//= [surrogate.NAME.model] callers
std::vector<std::int64_t> read_modes(const Config& model, const std::vector<std::int64_t>& size)
{
  std::vector<std::int64_t> fallback;
  for (const auto points : size) fallback.push_back(positive(16, points));
  //= 16, or all where there are fewer | Fourier coefficients that are kept, the constant included:
  //= one number, or one for each dimension; at most (extent / 2) + 1
  auto modes = model.get<std::vector<std::int64_t>>("modes", fallback);
  if (modes.size() == 1) modes.resize(size.size(), modes[0]);
  if (modes.size() != size.size())
    throw model.error("modes", "the grid has " + std::to_string(size.size()) + " dimension(s)",
                      "Give one number, or one for each dimension.");
  for (std::size_t d = 0; d < size.size(); ++d) {
    const std::int64_t most = size[d] / 2 + 1;
    if (modes[d] < 1 || modes[d] > most)
      throw model.error(
          "modes", "a grid of " + std::to_string(size[d]) + " points has " + std::to_string(most),
          "Use 1 to " + std::to_string(most) + ".");
  }
  return modes;
}

}  // namespace

//= [surrogate.NAME.model] fno
std::shared_ptr<Network> make_fno(const Config& model, const NetworkShape& shape)
{
  const std::int64_t dimensions = dimensions_of(model, shape);
  //= channels
  const Settings settings{read_count(model, "width", 32),
                          //= Fourier layers
                          read_count(model, "depth", 4), read_modes(model, shape.size),
                          read_activation(model, "gelu"), read_coordinates(model, true)};
  return std::make_shared<Fno>(shape, dimensions, settings);
}

}  // namespace cardan::families

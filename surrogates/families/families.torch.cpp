#include "families/families.torch.hpp"

#include "families/autoencoder.torch.hpp"
#include "families/cnn.torch.hpp"
#include "families/conv_autoencoder.torch.hpp"
#include "families/deeponet.torch.hpp"
#include "families/fno.torch.hpp"
#include "families/masked_transformer.torch.hpp"
#include "families/pooled_cnn.torch.hpp"
#include "families/resnet_mlp.torch.hpp"
#include "families/unet.torch.hpp"
#include "families/vae.torch.hpp"

namespace cardan::families {

const std::vector<Family>& families()
{
  using Layout = NetworkShape::Layout;
  static const std::vector<Family> all{
      {"resnet_mlp", Layout::rows, make_resnet_mlp},
      {"cnn", Layout::image, make_cnn},
      {"unet", Layout::image, make_unet},
      {"fno", Layout::image, make_fno},
      {"deeponet", Layout::rows, make_deeponet},
      {"autoencoder", Layout::rows, make_autoencoder},
      {"vae", Layout::rows, make_vae},
      {"conv_autoencoder", Layout::rows, make_conv_autoencoder},
      {"pooled_cnn", Layout::rows, make_pooled_cnn},
      {"masked_transformer", Layout::rows, make_masked_transformer},
  };
  return all;
}

}  // namespace cardan::families

/// A transformer that fills in what is masked.
#pragma once

#include <cardan/torch.hpp>

#include <memory>

namespace cardan::families {

/// Rows to rows, of one or two input features: the token of each of `sites` sites (+1 or -1; 0:
/// masked), and `f` numbers that are known of each site, one site after the other (couplings to its
/// neighbours, say). The answer has one number for each site, or several channels of them, channel
/// by channel. `model = { kind = "masked_transformer", width = 32, depth = 2, heads = 4, normalise
/// = false }`: an encoder whose sites all see each other, with the norm before each part (Vaswani
/// et al., "Attention is all you need", 2017; Xiong et al., "On layer normalization in the
/// transformer architecture", 2020). With `loss = "masked_logistic"` the answer is the logit of +1
/// at the masked sites, given the others (Devlin et al., "BERT", 2019). Throws where the parts do
/// not fit, or where `heads` does not divide `width`.
std::shared_ptr<Network> make_masked_transformer(const Config& model, const NetworkShape& shape);

}  // namespace cardan::families

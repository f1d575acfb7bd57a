/// From a checkpoint to a file that PyTorch loads.
#pragma once

#include <cardan/model.hpp>

#include <string>

namespace cardan::checkpoint {

/// What `models/NAME/signature` says: `{"inputs": [{"name", "dtype", "shape"}], "outputs": [...]}`.
/// Throws where it is something else.
Signature parse_signature(const std::string& json);

/// Writes the version of a surrogate's model that is published in a checkpoint, as Model::save
/// does: networks as TorchScript. Not collective; blocking; loads the model's module. The run file
/// is the checkpoint's own; files that it names are looked for beside the checkpoint, then in the
/// working directory. Throws where there is no such model or no version of it yet, or where its
/// kind has no file.
void export_model(const std::string& checkpoint, const std::string& model, const std::string& to);

}  // namespace cardan::checkpoint

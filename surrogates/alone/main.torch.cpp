// The main of the tests without MPI.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <torch/cuda.h>

#include <cstdlib>
#include <iostream>
#include <string>

int main(int argc, char** argv)
{
  const char* device = std::getenv("CARDAN_TEST_DEVICE");
  if (device != nullptr && std::string(device) == "cuda" && !torch::cuda::is_available()) {
    std::cout << "skipped: CARDAN_TEST_DEVICE is cuda, and LibTorch finds no GPU (no driver, or a "
                 "LibTorch without CUDA)\n";
    // What tells ctest that there was nothing to test with (SKIP_RETURN_CODE).
    return 77;
  }
  doctest::Context context{argc, argv};
  return context.run();
}

"""TorchScript files against PyTorch: torchscript.py TEST_PROGRAM [CASE]. Writes models with PyTorch, lets the program
predict, train and save with them, and loads with PyTorch what it saved."""
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
# What tells ctest that there was nothing to test with (SKIP_RETURN_CODE).
SKIPPED = 77


def main():
    try:
        import torch
    except ImportError as error:
        print(f"skipped: there is no PyTorch for {sys.executable} ({error}); install python3-torch")
        sys.exit(SKIPPED)
    print(f"PyTorch {torch.__version__}, {sys.executable}")
    with tempfile.TemporaryDirectory(prefix="cardan-test-") as folder:
        os.environ["CARDAN_TEST_CASES"] = folder
        for words in ([sys.executable, HERE / "write_cases.py", folder],
                      [sys.executable, HERE / "write_bad_files.py", folder],
                      sys.argv[1:],
                      [sys.executable, HERE / "check_saved.py", folder]):
            done = subprocess.run([str(word) for word in words], check=False)
            if done.returncode == SKIPPED:
                sys.exit(SKIPPED)
            if done.returncode != 0:
                sys.exit(f"failed with status {done.returncode}: {' '.join(map(str, words))}")


if __name__ == "__main__":
    main()

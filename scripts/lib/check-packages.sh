# shellcheck shell=bash
# What scripts/test-packages runs inside a clean Debian, in a folder with README's first example; the packages are in
# /srv/packages.
set -euo pipefail

step() { printf '== %s\n' "$*"; }

# quietly COMMAND...: says what it said only if it failed
quietly()
{
  local status=0
  "$@" >/tmp/said 2>&1 </dev/null || status=$?
  if ((status != 0)); then
    tail -n 40 /tmp/said
    printf 'failed with status %s: %s\n' "$status" "$*"
    exit 1
  fi
}

# demand TEXT COMMAND...: it ends well, and says the text
demand()
{
  local text=$1
  shift
  quietly "$@"
  if ! grep -qF -- "$text" /tmp/said; then
    cat /tmp/said
    printf 'did not say "%s": %s\n' "$text" "$*"
    exit 1
  fi
}

install() { quietly apt-get -y -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 --no-install-recommends install "$@"; }

# What the caller has set for builds of his own is no matter of a stranger.
unset "${!CMAKE_@}"
export DEBIAN_FRONTEND=noninteractive OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
  PRTE_ALLOW_RUN_AS_ROOT=1 PRTE_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_plm_rsh_agent=/bin/false \
  PRTE_MCA_plm_ssh_agent=/bin/false OMP_NUM_THREADS=1
printf 'force-unsafe-io\n' >/etc/dpkg/dpkg.cfg.d/unsafe-io
grep -qsw localhost /etc/hosts || printf '127.0.0.1 localhost\n' >>/etc/hosts
mapfile -t names < <(for deb in /srv/packages/*.deb; do dpkg-deb -f "$deb" Package; done)

step "the packages: ${names[*]}"
quietly apt-get -o Acquire::Retries=3 update
install /srv/packages/*.deb
# shellcheck disable=SC2016  # dpkg-query expands
for name in "${names[@]}"; do demand "install ok installed" dpkg-query -W -f '${Status}' "$name"; done

step "the programs"
demand "cardan 0." cardan --version
demand '"mpi": "Open MPI' cardan --version --json
demand "/cardan/torch.so" cardan --version --json
demand "cardan-ml 0." cardan-ml --version

step "README's first example, with g++ and pkg-config"
install g++ pkg-config
# shellcheck disable=SC2046  # words
quietly g++ -std=c++20 -Wall main.cpp -o reactor $(pkg-config --cflags --libs cardan)
mpirun=(timeout 120 mpirun --oversubscribe --bind-to none)
demand "1 simulation and 1 ML ranks" "${mpirun[@]}" -n 2 ./reactor reactor.toml
demand "2 simulation and 1 ML ranks" "${mpirun[@]}" -n 2 ./reactor reactor.toml : -n 1 cardan-ml reactor.toml

step "the same with CMake"
install cmake make
quietly cmake -S . -B build
quietly cmake --build build
demand "1 simulation and 1 ML ranks" "${mpirun[@]}" -n 2 build/reactor reactor.toml

step "the manual pages"
install man-db
demand "--json" man --pager=cat cardan
demand "run_file" man --pager=cat cardan-ml

step "without LibTorch"
quietly apt-get -y purge libcardan-torch
demand '"module": null' cardan --version --json
if "${mpirun[@]}" -n 2 ./reactor reactor.toml >/tmp/said 2>&1 || ! grep -q "cannot load the module 'torch'" /tmp/said; then
  cat /tmp/said
  echo "a model without its module is no error with a reason"
  exit 1
fi

step "purged"
quietly apt-get -y purge cardan-tools libcardan-dev libcardan0
# man keeps pages that it has set.
left=$(find / -xdev \( -path /srv -o -path /proc -o -path /var/cache/man \) -prune -o -iname '*cardan*' ! -name .made-by-cardan -print)
if [[ -n $left ]]; then
  printf 'left behind:\n%s\n' "$left"
  exit 1
fi
if ldconfig -p | grep cardan; then
  echo "ldconfig still knows it"
  exit 1
fi

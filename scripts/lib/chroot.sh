# shellcheck shell=bash
# Trees of a Debian release: made by debootstrap from the mirror that apt is configured with, entered, and removed. As root.
# To be sourced after common.sh, with $root naming the repository. Its functions read `release` (a codename), `chroot` (the
# tree), `inside` (the folder there in which commands run) and `mirror` (empty: what apt has).
# shellcheck disable=SC2154  # the scripts that source this set them
: "${root:?}"

# Where debootstrap and chroot are, which not every root's PATH names.
PATH=$PATH:/usr/sbin:/sbin
marker=.made-by-cardan
mirror=

# Prints the first of the mirrors that apt is configured with that has the release.
find_mirror()
{
  local candidate mirrors found
  # shellcheck disable=SC2016  # apt-get expands
  mapfile -t mirrors < <(if [[ -n $mirror ]]; then printf '%s\n' "${mirror%/}"; else
    apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null | sort -u
  fi)
  if ((${#mirrors[@]} == 0)); then
    die 3 "apt is configured with no mirror (or there is no apt); name one: --mirror URL"
  fi
  found=$(mktemp)
  for candidate in "${mirrors[@]}"; do
    if /usr/lib/apt/apt-helper download-file "$candidate/dists/$release/Release" "$found" >/dev/null 2>&1 &&
      grep -qx 'Origin: Debian' "$found" && grep -qx "Codename: $release" "$found"; then
      rm -f -- "$found"
      printf '%s\n' "$candidate"
      return
    fi
  done
  rm -f -- "$found"
  die 3 "no Debian $release at ${mirrors[*]} (or no network); name another mirror: --mirror URL"
}

# Is the folder a tree of the release?
is_release() { grep -qsx "VERSION_CODENAME=$release" "$1/etc/os-release"; }

# What a command mounts in a name space of its own is gone when it ends, however it ends.
in_own_mounts() { unshare --mount --propagation private -- "$@"; }

# Made beside its place and then moved there, so that what stands there is whole.
make_chroot()
{
  local from include=() partial=$chroot.partial
  command -v debootstrap >/dev/null || die 3 "no debootstrap; as root, run: apt-get install debootstrap"
  from=$(find_mirror) || exit
  if [[ -e $partial ]]; then remove_tree "$partial"; fi
  mkdir -- "$partial"
  touch -- "$partial/$marker"
  # A minimal tree does not know whom to trust.
  if [[ $from == https:* ]]; then include=(--include=ca-certificates); fi
  run_logged "making a Debian $release of $from in $chroot" "$(log_folder)/$release.log" \
    in_own_mounts debootstrap --variant=minbase "${include[@]}" "$release" "$partial" "$from" ||
    die 4 "debootstrap failed (the reason stands above)"
  rmdir -- "$chroot" 2>/dev/null || true
  mv -T -- "$partial" "$chroot"
}

# remove_tree FOLDER: made by these scripts, and with nothing mounted in it.
remove_tree()
{
  local mounted
  [[ -e $1/$marker ]] || die 1 "$1 was not made by scripts of Cardan (it has no $marker); remove it yourself"
  mounted=$(awk -v below="$1/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | tr '\n' ' ')
  if [[ -n $mounted ]]; then die 1 "not removed, something is mounted in it; unmount first: $mounted"; fi
  # The marker goes last, lest half a tree is left that cannot be removed.
  find "$1" -xdev -mindepth 1 ! -path "$1/$marker" -delete
  rm -r --one-file-system -- "$1"
}

# Runs a command in the tree's /srv/cardan, with the environment of nobody but what steers builds, tests and networks.
enter_chroot()
{
  local name environment=(HOME=/root LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin)
  while IFS= read -r name; do
    case $name in
      TERM | COLUMNS | CMAKE_* | CTEST_* | NINJA_STATUS | CARDAN_SETUP | *_proxy | *_PROXY)
        environment+=("$name=${!name}")
        ;;
    esac
  done < <(compgen -e)
  # What resolves names here resolves them there.
  cp -L --remove-destination -- /etc/resolv.conf "$chroot/etc/resolv.conf" 2>/dev/null || true
  # shellcheck disable=SC2016  # the inner shell expands
  in_own_mounts bash -euc '
    for folder in proc sys dev; do mount --rbind "/$folder" "$1/$folder"; done
    exec env -i "${@:2}"' enter "$chroot" \
    "${environment[@]}" chroot "$chroot" bash -euc 'cd -- "$0"; exec "$@"' "$inside" "$@" 9>&-
}

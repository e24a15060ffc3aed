# shellcheck shell=bash
# find_own_mounts: sets own_mounts to the words that run a command with mounts of its own, which nobody else sees:
# "${own_mounts[@]}" COMMAND... It fails where the system doesn't allow that.
find_own_mounts() {
  own_mounts=(unshare --mount --propagation private)
  [ "$(id -u)" -eq 0 ] || own_mounts+=(--map-root-user)
  "${own_mounts[@]}" true 2>/dev/null && return
  # In a chroot "/" is no mount point that could be made private. But whoever enters a namespace by its file, be it his own,
  # stands at its real root, and there it can: nsenter does so for the length of one command.
  # shellcheck disable=SC2016  # for the inner shell
  own_mounts=(unshare --mount --propagation unchanged bash -c
    'nsenter --mount=/proc/self/ns/mnt mount --make-rprivate / && exec "$@"' own_mounts)
  "${own_mounts[@]}" true 2>/dev/null
}

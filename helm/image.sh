#!/bin/sh
# Makes the content of an image: programs in /usr/bin, the libraries that they are linked to where they look for them, and
# the authorities of the system.
#   image.sh FOLDER PROGRAM...
set -eu
image=$1
shift
mkdir -p "$image/usr/bin" "$image/etc/ssl/certs" "$image/etc/outrigger" "$image/tmp"
chmod 1777 "$image/tmp"
printf 'root:x:0:0::/:/\noutrigger:x:15100:15100::/:/\n' >"$image/etc/passwd"
printf 'root:x:0:\noutrigger:x:15100:\n' >"$image/etc/group"
[ ! -f /etc/ssl/certs/ca-certificates.crt ] || cp -L /etc/ssl/certs/ca-certificates.crt "$image/etc/ssl/certs/"
for program in "$@"; do
  install -s -m 0755 "$program" "$image/usr/bin/"
  # Lines of ldd: `name => /path (address)`, or `/path (address)` for the loader itself.
  ldd "$program" | sed -n 's/^.* => \(\/[^ ]*\) .*$/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*$/\1/p' | while read -r library; do
    mkdir -p "$image$(dirname "$library")"
    cp -L "$library" "$image$library"
  done
done

#!/bin/sh
# Installs the peers that bench-peers measures against, from Debian, where they are missing and root or sudo permits it. No service
# is started by that: neither a PostgreSQL cluster nor a web server is left running that was not there before.
set -eu

POSTGIS=postgresql-15-postgis-3 # of Debian 12

packages=
ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1 || packages="$packages $POSTGIS"
for program in nginx wrk; do
	PATH=$PATH:/usr/sbin command -v $program >/dev/null || packages="$packages $program"
done
[ -n "$packages" ] || exit 0

root=
if [ "$(id -u)" -ne 0 ]; then
	root="sudo -n"
fi
if ! command -v apt-get >/dev/null || ! $root true 2>/dev/null; then
	echo "bench-peers needs PostgreSQL with PostGIS, nginx and wrk, and may not install what is missing: apt-get install$packages (Debian 12)" >&2
	exit 1
fi

echo "installing$packages"
# Debian starts the services of a package unless a policy forbids it.
$root env DEBIAN_FRONTEND=noninteractive PACKAGES="$packages" sh -eu -c '
	policy=/usr/sbin/policy-rc.d
	if [ ! -e $policy ]; then
		trap "rm -f $policy" EXIT
		trap "exit 130" INT TERM
		printf "#!/bin/sh\nexit 101\n" >$policy
		chmod 755 $policy
	fi
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends $PACKAGES >/dev/null
'

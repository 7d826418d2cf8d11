# Sourced by bin/up and bin/test: names in $python the first interpreter that really works.
# Version managers leave commands on the path that exist and fail, so each one is tried by
# running it.

python=
found=
for candidate in python3.13 python3.12 python3 python3.11; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    status=0
    "$candidate" -c '
import sys
if sys.version_info < (3, 11):
    sys.exit(3)
try:
    import ensurepip, venv
except ImportError:
    sys.exit(4)
' >/dev/null 2>&1 || status=$?
    case $status in
        0) python=$candidate; break ;;
        3) found="$found
  $candidate is older than 3.11" ;;
        4) found="$found
  $candidate comes without venv and pip (Debian and Ubuntu keep them in a package of their own)" ;;
    esac
done

if [ -z "$python" ]; then
    cat >&2 <<MESSAGE
Andon needs Python 3.11 or newer, with venv, and nothing else. None was found here.$found

To install one:
  Debian, Ubuntu   apt-get install python3 python3-venv
  Fedora, RHEL     dnf install python3.13   (or python3.12)
  Alpine is not supported: the embedded PostgreSQL needs glibc
  elsewhere        https://www.python.org/downloads/
MESSAGE
    exit 1
fi
